// SPDX-License-Identifier: BSL-1.0
// A real proxy for tests.
#include "squid.hpp"

#include <vector>

namespace brio_test {

namespace {

constexpr const char* common = R"(
pid_filename none
cache deny all
coredump_dir none
visible_hostname squid.test
max_filedescriptors 1024
pinger_enable off
netdb_filename none
dns_nameservers 127.0.0.1
dns_retransmit_interval 1 second
dns_timeout 1 second
forwarded_for delete
logformat short %rm %ru %>Hs
acl never port 1
http_access deny never
)";

constexpr const char* password = R"(
auth_param basic children 1 startup=1
auth_param basic realm brio
acl known proxy_auth REQUIRED
http_access allow known
http_access deny all
)";

} // namespace

squid::squid(access who) { start(who, nullptr); }
squid::squid(const certificates& of, access who) { start(who, &of); }

void squid::start(access who, const certificates* of) {
    // As root it works as its own user.
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    write_file(folder_ / "hosts", "127.0.0.1 localhost site.test\n");
    write_file(folder_ / "users", "ada:$apr1$zKG2zilF$V3wcmv560FZ/fwLog2ISw.\n");
    const std::string program = program_path("squid", "squid");
    const auto arguments = [&] {
        write_file(folder_ / "squid.conf", configuration(who));
        return std::vector<std::string>{program, "-N", "-n", service(), "-f", folder_ / "squid.conf"};
    };
    std::vector<std::uint16_t*> ports{&port_};
    if (of) {
        write_file(folder_ / "certificate.pem", read_file(of->good()));
        write_file(folder_ / "key.pem", read_file(of->key()));
        ports.push_back(&secure_);
    }
    process_ = start_on_free_ports(ports, arguments, folder_ / "cache.log");
}

// Its own way to end takes seconds; killed, it leaves shared memory behind.
squid::~squid() {
    process_.reset();
    for (const char* part : {"-cf__metadata.shm", "-cf__queues.shm", "-cf__readers.shm"}) {
        std::error_code ignored;
        std::filesystem::remove("/dev/shm/" + service() + part, ignored);
    }
}

std::string squid::log() const { return std::filesystem::exists(folder_ / "access.log") ? read_file(folder_ / "access.log") : ""; }

std::string squid::configuration(access who) const {
    const std::string here = folder_.path().string();
    std::string text = "http_port 127.0.0.1:" + std::to_string(port_) + "\ncache_log " + here + "/cache.log\nhosts_file " + here + "/hosts\n";
    if (secure_ != 0) {
        text += "https_port 127.0.0.1:" + std::to_string(secure_) + " tls-cert=" + here + "/certificate.pem tls-key=" + here + "/key.pem\n";
    }
    text += common;
    text += "access_log stdio:" + here + "/access.log logformat=short\n";
    if (who == access::open) return text + "http_access allow all\n";
    return text + "auth_param basic program /usr/lib/squid/basic_ncsa_auth " + here + "/users" + password;
}

} // namespace brio_test

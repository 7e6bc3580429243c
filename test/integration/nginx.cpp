// SPDX-License-Identifier: BSL-1.0
// A real web server for tests.
#include "nginx.hpp"

#include "server_program.hpp"

#include <unistd.h>

#include <csignal>
#include <vector>

namespace brio_test {

namespace {

constexpr const char* head = R"(
pid nginx.pid;
error_log error.log;
master_process off;
events { worker_connections 1024; }
http {
    access_log off;
    default_type application/octet-stream;
    types { text/html html; }
    client_body_temp_path temp; proxy_temp_path temp;
    fastcgi_temp_path temp; uwsgi_temp_path temp; scgi_temp_path temp;
    sendfile on;
)";

constexpr const char* locations = R"(
        root www;
        location /slow/ { alias www/; limit_rate 200k; }
        location /basic/ { alias www/; auth_basic brio; auth_basic_user_file users; }
        location /store/ { alias www/; dav_methods PUT; create_full_put_path on; client_max_body_size 8m; }
        location /three/ { alias www/; keepalive_requests 3; }
        location /gzip/ { alias www/; gzip on; gzip_types *; gzip_min_length 0; }
        location = /hop/0 { return 200 "arrived"; }
        location ~ ^/hop/1$ { return 302 /hop/0; }
        location ~ ^/hop/2$ { return 301 /hop/1; }
        location ~ ^/hop/3$ { return 307 /hop/2; }
        location = /loop { return 302 /loop; }
        location = /status/404 { return 404; }
        location = /status/500 { return 500; }
        location = /status/503 { add_header Retry-After 1 always; return 503; }
        location = /echo { return 200 "$http_x_echo"; }
)";

// Of one port, both addresses.
std::string listen(std::uint16_t port, const std::string& more = {}) {
    std::string text;
    for (const std::string host : {"127.0.0.1", "[::1]"}) {
        if (host == "[::1]" && !has_ipv6_loopback()) continue;
        text += "        listen " + host + ":" + std::to_string(port) + more + ";\n";
    }
    return text;
}

std::string tls_server(std::uint16_t port, const certificates& of, const std::filesystem::path& certificate) {
    return "    server {\n" + listen(port, " ssl") + "        ssl_certificate " + certificate.string() + ";\n        ssl_certificate_key " +
           of.key().string() +
           ";\n        ssl_protocols TLSv1.3;\n        add_header X-Protocol $ssl_protocol;\n"
           "        add_header X-Resumed $ssl_session_reused;" +
           locations + "    }\n";
}

} // namespace

nginx::nginx() { start(nullptr); }
nginx::nginx(const certificates& of) { start(&of); }

void nginx::start(const certificates* of) {
    std::filesystem::create_directories(www());
    write_file(folder_ / "users", "ada:{SHA}W8r/fyL/UzygmbNAjq2HbA67qac=\n");
    std::vector<std::uint16_t*> ports{&plain_};
    if (of) ports.insert(ports.end(), {&good_, &expired_, &wrong_host_, &foreign_});
    const std::string program = program_path("nginx", "nginx-light");
    process_ = start_on_free_ports(ports, [&] {
        write_file(folder_ / "nginx.conf", configuration(of));
        return std::vector<std::string>{program, "-p", folder_.path().string(), "-c", (folder_ / "nginx.conf").string(),
                                        "-e", (folder_ / "error.log").string(), "-g", "daemon off;"};
    }, folder_ / "error.log");
}

std::string nginx::configuration(const certificates* of) const {
    std::string text = ::getuid() == 0 ? "user root;\n" : "";
    text += head;
    text += "    server {\n" + listen(plain_) + locations +
            "        location = /to-tls { return 302 " + tls_url() + "/hop/0; }\n    }\n";
    if (of) {
        text += tls_server(good_, *of, of->good()) + tls_server(expired_, *of, of->expired()) +
                tls_server(wrong_host_, *of, of->wrong_host()) + tls_server(foreign_, *of, of->foreign());
    }
    return text + "}\n";
}

void nginx::kill() {
    process_->signal(SIGKILL);
    process_->wait();
}

} // namespace brio_test

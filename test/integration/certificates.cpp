// SPDX-License-Identifier: BSL-1.0
// A private certificate authority, by the openssl program.
#include "certificates.hpp"

#include "server_program.hpp"

namespace brio_test {

namespace {

constexpr const char* localhost = "DNS:localhost,IP:127.0.0.1";

std::string openssl() { return program_path("openssl", "openssl"); }

} // namespace

certificates::certificates() {
    make_authority("ca");
    make_authority("other");
    run_program({openssl(), "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-keyout", key().string(), "-out", (folder_ / "server.csr").string(), "-subj",
                 "/CN=brio test server"});
    sign("good", "ca", localhost, 30);
    sign("expired", "ca", localhost, -1);
    sign("wrong_host", "ca", "DNS:elsewhere.example", 30);
    sign("foreign", "other", localhost, 30);
    run_program({openssl(), "req", "-x509", "-key", key().string(), "-out", self_signed().string(), "-days", "30", "-subj",
                 "/CN=brio test server", "-addext", std::string("subjectAltName=") + localhost});
}

void certificates::make_authority(const std::string& name) const {
    run_program({openssl(), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                 "-nodes", "-keyout", (folder_ / (name + ".key")).string(), "-out",
                 (folder_ / (name + ".pem")).string(), "-days", "30", "-subj",
                 "/CN=brio test authority " + name});
}

void certificates::sign(const std::string& name, const std::string& authority, const std::string& hosts,
                        int days) const {
    const std::string extensions = (folder_ / (name + ".ext")).string();
    write_file(extensions, "subjectAltName=" + hosts + "\n");
    run_program({openssl(), "x509", "-req", "-in", (folder_ / "server.csr").string(), "-CA",
                 (folder_ / (authority + ".pem")).string(), "-CAkey",
                 (folder_ / (authority + ".key")).string(), "-CAcreateserial", "-out",
                 (folder_ / (name + ".pem")).string(), "-days", std::to_string(days), "-extfile",
                 extensions});
}

} // namespace brio_test

// SPDX-License-Identifier: BSL-1.0
// A real web server for tests.
#include "nginx.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>

namespace brio_test {

using namespace std::chrono_literals;

namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool accepts(std::uint16_t port) {
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    const bool connected = ::connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(s);
    return connected;
}

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

std::string tls_server(std::uint16_t port, const certificates& of, const std::filesystem::path& certificate) {
    return "    server {\n        listen 127.0.0.1:" + std::to_string(port) +
           " ssl;\n        ssl_certificate " + certificate.string() + ";\n        ssl_certificate_key " +
           of.key().string() +
           ";\n        ssl_protocols TLSv1.3;\n        add_header X-Protocol $ssl_protocol;\n"
           "        add_header X-Resumed $ssl_session_reused;" +
           locations + "    }\n";
}

} // namespace

std::uint16_t free_port() {
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(s, reinterpret_cast<const sockaddr*>(&address), size);
    ::getsockname(s, reinterpret_cast<sockaddr*>(&address), &size);
    ::close(s);
    return ntohs(address.sin_port);
}

nginx::nginx() { start(nullptr); }
nginx::nginx(const certificates& of) { start(&of); }

void nginx::start(const certificates* of) {
    std::filesystem::create_directories(www());
    for (int attempt = 0; attempt < 5; ++attempt) {
        // Somebody else may take one of the ports first: then nginx ends at once, and new ones are tried.
        for (std::uint16_t* port : {&plain_, &good_, &expired_, &wrong_host_, &foreign_}) *port = free_port();
        write_file(folder_ / "nginx.conf", configuration(of));
        process_ = std::make_unique<child_process>(std::vector<std::string>{
            BRIO_NGINX, "-p", folder_.path().string(), "-c", (folder_ / "nginx.conf").string(), "-e",
            (folder_ / "error.log").string(), "-g", "daemon off;"});
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (process_->running() && std::chrono::steady_clock::now() < deadline) {
            if (accepts(plain_) &&
                (!of || (accepts(good_) && accepts(expired_) && accepts(wrong_host_) && accepts(foreign_))))
                return;
            std::this_thread::sleep_for(2ms);
        }
    }
    throw std::runtime_error("nginx does not start: " + process_->errors());
}

std::string nginx::configuration(const certificates* of) const {
    std::string text = ::getuid() == 0 ? "user root;\n" : "";
    text += head;
    text += "    server {\n        listen 127.0.0.1:" + std::to_string(plain_) + ";" + locations +
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

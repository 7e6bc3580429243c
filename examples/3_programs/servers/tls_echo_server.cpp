// SPDX-License-Identifier: BSL-1.0
// The echo server over TLS. usage: tls_echo_server CERTIFICATE KEY [PORT [HOST]]
//   openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 1 -subj /CN=localhost -addext subjectAltName=DNS:localhost
//   tls_echo_server cert.pem key.pem 7443 &
//   openssl s_client -connect localhost:7443 -CAfile cert.pem -quiet
#include "serve.hpp"

namespace {

// [tls]
brio::awaitable<> echo(brio::stream client) {
    std::cout << client.peer_address() << " speaks " << client.tls()->version() << std::endl;
    while (auto line = co_await client.next_line()) co_await client.write(*line + "\n");
    client.close();
    co_await client.wait_closed();
}

brio::awaitable<> serve(std::string certificate, std::string key, std::string host, std::uint16_t port) {
    brio::server_options options;
    options.tls(brio::tls_context::server(certificate, key), brio::tls_options().handshake_timeout(std::chrono::seconds(10)));
    brio::server server = co_await brio::start_server(echo, std::move(host), port, options);
    std::cout << "listening on " << server.addresses().front() << std::endl;
    co_await server.serve_forever();
}
// [/tls]

} // namespace

int main(int count, char** words) {
    if (count < 3) {
        std::cerr << "usage: tls_echo_server CERTIFICATE KEY [PORT [HOST]]\n";
        return 2;
    }
    return run_program([&] {
        return serve(words[1], words[2], word(count, words, 4, "127.0.0.1"), port_of(word(count, words, 3, "7443")));
    });
}

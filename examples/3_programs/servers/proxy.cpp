// SPDX-License-Identifier: BSL-1.0
// Forwards connections to another host. usage: proxy PORT TARGET_HOST TARGET_PORT
// However large what passes: a fast sender is held back by a slow receiver, so memory stays the same.
#include "serve.hpp"

#include <vector>

namespace {

// [pump]
// One direction. Awaiting the write is the back-pressure: nothing more is read while the other side takes nothing.
brio::awaitable<> pump(brio::stream& from, brio::stream& to) {
    std::vector<char> room(64 * 1024);
    while (const std::size_t size = co_await from.read_into(std::span(room))) co_await to.write(std::string_view(room.data(), size));
    to.write_eof(); // the other direction goes on
}

class forwarder {
public:
    forwarder(std::string host, std::uint16_t port) : host_(std::move(host)), port_(port) {}

    brio::awaitable<> serve(brio::stream client) const {
        const std::string name = client.peer_address().to_string();
        try {
            brio::stream target = co_await brio::open_connection(host_, port_);
            const auto both = [&](brio::task_group& group) -> brio::awaitable<> {
                group.create_task(pump(client, target));
                co_await pump(target, client);
            };
            co_await brio::with_task_group(both); // one direction breaks: so does the other
        } catch (const std::exception& e) {
            std::cerr << name << ": " << e.what() << "\n";
            client.abort();
        }
    }

private:
    std::string host_;
    std::uint16_t port_;
};
// [/pump]

brio::awaitable<> serve(std::uint16_t port, std::string host, std::uint16_t target_port) {
    const forwarder forward(std::move(host), target_port);
    const auto handler = [&forward](brio::stream client) { return forward.serve(std::move(client)); };
    brio::server server = co_await brio::start_server(handler, "127.0.0.1", port);
    std::cout << "listening on " << server.addresses().front() << std::endl;
    co_await server.serve_forever();
}

} // namespace

int main(int count, char** words) {
    if (count != 4) {
        std::cerr << "usage: proxy PORT TARGET_HOST TARGET_PORT\n";
        return 2;
    }
    return run_program([&] { return serve(port_of(words[1]), words[2], port_of(words[3])); });
}

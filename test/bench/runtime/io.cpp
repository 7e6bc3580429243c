// SPDX-License-Identifier: BSL-1.0
// Streams, as a user writes them.
#include "io.hpp"

#include <brio/brio.hpp>

#include <array>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

namespace {

using brio::awaitable;
using brio::stream;

awaitable<> echo(stream peer) {
    std::array<char, 65536> bytes;
    while (const std::size_t n = co_await peer.read_into(bytes)) co_await peer.write(std::string_view(bytes.data(), n));
}

awaitable<> talk(std::uint16_t port, long trips, long& done) {
    stream peer = co_await brio::open_connection("127.0.0.1", port);
    std::array<char, 64> out{};
    for (long i = 0; i < trips; ++i) {
        std::memset(out.data(), static_cast<int>(i), out.size());
        co_await peer.write(std::string_view(out.data(), out.size()));
        const std::string in = co_await peer.read_exactly(out.size());
        if (std::memcmp(in.data(), out.data(), out.size()) != 0) die("echo", i, 0);
        ++done;
    }
}

awaitable<> echo_trips(context& c, int connections, long& done) {
    brio::server listening = co_await brio::start_server(echo, "127.0.0.1", 0);
    std::vector<awaitable<>> clients;
    for (int i = 0; i < connections; ++i) clients.push_back(talk(listening.port(), c.n / connections, done));
    c.start();
    co_await brio::gather(std::move(clients));
    c.stop();
    listening.close();
    co_await listening.wait_closed();
}

void echo_over(context& c, int connections) {
    long done = 0;
    brio::run(echo_trips(c, connections, done));
    check("trips", done, c.n);
}

awaitable<> swallow(stream& peer, long long& got) {
    std::array<char, 65536> bytes;
    while (const std::size_t n = co_await peer.read_into(bytes)) got += static_cast<long long>(n);
}

awaitable<> pour(std::uint16_t port, long long total) {
    stream peer = co_await brio::open_connection("127.0.0.1", port);
    const std::string block(65536, 'x');
    for (long long sent = 0; sent < total; sent += static_cast<long long>(block.size())) co_await peer.write(block);
    peer.close();
    co_await peer.wait_closed();
}

class sink {
public:
    explicit sink(long long& got) : got_(&got) {}
    awaitable<> operator()(stream peer) const { return take(std::move(peer), *got_); }

private:
    static awaitable<> take(stream peer, long long& got) { co_await swallow(peer, got); }
    long long* got_;
};

awaitable<> one_way(context& c, long long total, long long& got) {
    brio::server listening = co_await brio::start_server(sink(got), "127.0.0.1", 0);
    c.start();
    co_await pour(listening.port(), total);
    listening.close();
    co_await listening.wait_closed();
    c.stop();
}

}  // namespace

void w14a(context& c) { echo_over(c, 1); }
void w14b(context& c) { echo_over(c, 200); }

void w14c(context& c) {
    const long long total = static_cast<long long>(c.n) << 20;
    long long got = 0;
    brio::run(one_way(c, total, got));
    check("bytes", static_cast<long>(got), static_cast<long>(total));
    c.operations = static_cast<long>(total / 65536);
    c.note("MiB_per_s", static_cast<double>(c.n) / c.wall);
}

}  // namespace bench

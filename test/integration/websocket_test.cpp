// SPDX-License-Identifier: BSL-1.0
// WebSockets against those of Python (websockets) and Node (ws): in both roles, plain and compressed, through TLS.
#include "certificates.hpp"
#include "real_time.hpp"

#include <brio/brio.hpp>

#include <string>
#include <tuple>

namespace http = brio::http;
using namespace brio_test;
using namespace std::chrono_literals;
using brio::awaitable;
using brio::command;
using brio::process;
using kind = http::websocket_message::kind;

namespace {

constexpr int count = 10'000;

// As in websocket_peer.py and websocket_peer.cjs.
http::websocket_message message(int i) {
    const int size = i * 7919 % 300 * (i % 1000 == 999 ? 200 : 1);
    if (i % 2 == 1) {
        std::string bytes;
        for (int k = 0; k < size; ++k) bytes += static_cast<char>((i + k * 31) & 255);
        return http::websocket_message(kind::binary, std::move(bytes));
    }
    std::string text = std::to_string(i) + ":";
    for (int k = 0; k < size; ++k) text += "é€x";
    return http::websocket_message(kind::text, std::move(text));
}

http::websocket_options speaking(bool deflate) { return http::websocket_options().protocol("brio.v1").compress(deflate); }

// Interpreter, tls, deflate.
class websocket_peers : public testing::TestWithParam<std::tuple<std::string, bool, bool>> {
protected:
    [[nodiscard]] bool through_tls() const { return std::get<1>(GetParam()); }
    [[nodiscard]] bool deflate() const { return std::get<2>(GetParam()); }
    [[nodiscard]] command peer(const std::string& mode) const {
        const bool node = std::get<0>(GetParam()) == "node";
        return command(node ? BRIO_NODE : BRIO_PYTHON, std::string(BRIO_PEERS "/websocket_peer.") + (node ? "cjs" : "py"), mode,
                       deflate() ? "DEFLATE" : "PLAIN");
    }

    const certificates of;
};

awaitable<> send_all(http::websocket& to) {
    for (int i = 0; i < count; ++i) co_await to.send(message(i));
}

awaitable<> talk_to_echo(http::websocket& ws) {
    auto sending = brio::create_task(send_all(ws));
    for (int i = 0; i < count; ++i) {
        const http::websocket_message got = co_await ws.receive();
        if (got == message(i)) continue;
        ADD_FAILURE() << "message " << i << " differs, of " << got.data.size() << " bytes";
        break;
    }
    co_await sending.join();
    co_await ws.ping();
    co_await ws.close(4321, "enough");
    EXPECT_EQ(ws.close_code(), 4321U);
}

awaitable<> echo(http::websocket ws) {
    EXPECT_EQ(ws.protocol(), "brio.v1");
    while (auto got = co_await ws.next()) co_await ws.send(std::move(*got));
    EXPECT_EQ(ws.close_code(), 4321U);
    EXPECT_EQ(ws.close_reason(), "enough");
}

} // namespace

TEST_P(websocket_peers, our_client_and_their_server) {
    in_real_time([&]() -> awaitable<> {
        command what = peer("server");
        if (through_tls()) what.arg(of.good()).arg(of.key());
        process server = co_await brio::create_subprocess_exec(what.stdout_to(brio::stdio::pipe).kill_on_drop());
        const auto port = co_await server.stdout_stream().next_line();
        BRIO_ASSERT_TRUE(port.has_value());
        http::session client(http::session_options().ca_file(of.authority()));
        const std::string scheme(through_tls() ? "wss" : "ws");
        http::websocket ws = co_await client.websocket(scheme + "://127.0.0.1:" + *port + "/", speaking(deflate()));
        EXPECT_EQ(ws.protocol(), "brio.v1");
        EXPECT_EQ(ws.is_compressed(), deflate());
        co_await talk_to_echo(ws);
        server.kill();
        co_await server.wait();
    });
}

TEST_P(websocket_peers, their_client_and_our_server) {
    in_real_time([&]() -> awaitable<> {
        http::server_options how;
        if (through_tls()) how.tls(brio::tls_context::server(of.good(), of.key()));
        http::server server(how);
        server.websocket("/", echo, speaking(deflate()));
        server.listen();
        std::string url = server.url() + "/";
        url.replace(0, 4, "ws");
        command what = peer("client");
        what.arg(url).arg(std::to_string(count));
        if (through_tls()) what.arg(of.authority());
        brio::run_process_options limits;
        limits.timeout(50s);
        const brio::process_result done = co_await brio::run_process(what, limits);
        EXPECT_EQ(done.returncode(), 0) << done.err();
        EXPECT_EQ(done.out(), "all compared\n");
        co_await server.close();
    });
}

// What must be found out without waiting, when nobody receives.
TEST(websocket_tls, one_who_only_sends_hears_of_the_end) {
    const certificates of;
    in_real_time([&]() -> awaitable<> {
        http::server server(http::server_options().tls(brio::tls_context::server(of.good(), of.key())));
        server.websocket("/", [](http::websocket ws) -> awaitable<> {
            co_await ws.receive();
            co_await ws.close(4000, "enough");
        });
        server.listen();
        http::session client(http::session_options().ca_file(of.authority()));
        http::websocket ws = co_await client.websocket(server.url());
        std::optional<http::websocket_closed> end;
        for (int i = 0; i < 1000 && !end; ++i) {
            try {
                co_await ws.send("anybody?");
            } catch (const http::websocket_closed& e) {
                end = e;
            }
            co_await brio::sleep(5ms);
        }
        BRIO_ASSERT_TRUE(end.has_value());
        EXPECT_EQ(end->code(), 4000U);
        EXPECT_EQ(end->reason(), "enough");
        co_await server.close();
        co_await client.close();
    });
}

TEST(websocket_tls, a_peer_that_sends_too_much_hears_why) {
    const certificates of;
    in_real_time([&]() -> awaitable<> {
        http::server server(http::server_options().tls(brio::tls_context::server(of.good(), of.key())));
        server.websocket("/", [](http::websocket ws) -> awaitable<> { co_await ws.receive(); }, http::websocket_options().max_message(1000));
        server.listen();
        http::session client(http::session_options().ca_file(of.authority()));
        http::websocket ws = co_await client.websocket(server.url(), http::websocket_options().compress(false));
        auto sending = brio::create_task(ws.send(std::string(2'000'000, 'x')));
        const auto end = co_await ws.next();
        EXPECT_FALSE(end.has_value());
        EXPECT_EQ(ws.close_code(), 1009U);
        co_await sending.join();
        co_await server.close();
        co_await client.close();
    });
}

INSTANTIATE_TEST_SUITE_P(all, websocket_peers, testing::Combine(testing::Values("python", "node"), testing::Bool(), testing::Bool()),
                         [](const auto& one) {
                             return std::get<0>(one.param) + (std::get<1>(one.param) ? "_tls" : "_tcp") + (std::get<2>(one.param) ? "_deflate" : "_plain");
                         });

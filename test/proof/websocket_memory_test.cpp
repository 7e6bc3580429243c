// SPDX-License-Identifier: BSL-1.0
// WebSockets, with each of their allocations failing, alone and with all after it: what comes out is std::bad_alloc or the end
// of the connection, messages that get through are whole, nothing hangs, nothing is left.
#include "http/scripted_server.hpp"
#include "http/websocket_pair.hpp"
#include "proof/failing_malloc.hpp"

#include <brio/detail/describe.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <cstdint>

namespace {

using namespace http_test;
using brio::awaitable;
using brio::detail::scheduler;
using http::detail::ws_connection;

// Whose allocations fail: those of one task, or of all but one.
const brio::detail::task_state* chosen = nullptr;
const brio::detail::task_state* running() noexcept {
    const scheduler* const here = scheduler::current();
    return here ? here->current_task : nullptr;
}
bool is_chosen() noexcept { return running() == chosen; }
bool is_another() noexcept { return running() && running() != chosen; }

struct shortage_plan {
    shortage_plan(int first, bool for_good) noexcept : n(first), lasting(for_good) {}
    int n;
    bool lasting;
};

// From now on, in the tasks that are meant, wherever they are resumed.
class shortage {
public:
    explicit shortage(shortage_plan plan, bool of_others = false) {
        chosen = running();
        brio_test::failing_counts = of_others ? &is_another : &is_chosen;
        brio_test::failing_lasts = plan.lasting;
        brio_test::failed = false;
        brio_test::countdown = plan.n;
    }
    shortage(const shortage&) = delete;
    shortage& operator=(const shortage&) = delete;
    ~shortage() {
        brio_test::countdown = 0;
        brio_test::failing_lasts = false;
        brio_test::failing_counts = nullptr;
    }
};

class spared {
public:
    spared() noexcept : before_(std::exchange(brio_test::countdown, 0)) {}
    spared(const spared&) = delete;
    spared& operator=(const spared&) = delete;
    ~spared() { brio_test::countdown = before_; }

private:
    int before_;
};

// The test's own connection has always enough memory.
class spared_transport final : public brio::detail::transport {
public:
    explicit spared_transport(transport_ptr over) : over_(std::move(over)) { ++open; }
    ~spared_transport() override { --open; }
    static inline int open = 0;

    bool try_read(void* data, std::size_t size, brio::detail::io_result& result) noexcept override {
        const spared now;
        return over_->try_read(data, size, result);
    }
    bool try_write(std::string_view data, brio::detail::io_result& result) noexcept override {
        const spared now;
        return over_->try_write(data, result);
    }
    void start_read(void* data, std::size_t size, brio::detail::io_handler handler) override {
        const spared now;
        over_->start_read(data, size, std::move(handler));
    }
    void start_write(std::string_view data, brio::detail::io_handler handler) override {
        const spared now;
        over_->start_write(data, std::move(handler));
    }
    void cancel() noexcept override {
        const spared now;
        over_->cancel();
    }
    void close() noexcept override {
        const spared now;
        over_->close();
    }
    [[nodiscard]] bool is_quiet() noexcept override { return over_->is_quiet(); }
    [[nodiscard]] bool can_write_eof() const noexcept override { return over_->can_write_eof(); }
    [[nodiscard]] boost::system::error_code write_eof() noexcept override {
        const spared now;
        return over_->write_eof();
    }

private:
    transport_ptr over_;
};

const std::string& large() {
    static const std::string text = [] {
        std::string made;
        // Of so many letters that it can be packed, but without the long search that digits alone would be.
        std::uint32_t x = 1;
        while (made.size() < 300'000) made += static_cast<char>('0' + ((x = x * 1664525U + 1013904223U) >> 26));
        return made;
    }();
    return text;
}

// Two ends, of which one meets the shortage.
struct trial {
    trial(ws_role role, bool deflate) {
        transport_ptr near = std::make_unique<spared_transport>(std::move(over.near));
        transport_ptr far = std::make_unique<spared_transport>(std::move(over.far));
        mine = websocket_over(std::move(role == ws_role::client ? near : far), role, http::websocket_options(), deflate);
        const ws_role other = role == ws_role::client ? ws_role::server : ws_role::client;
        theirs = websocket_over(std::move(role == ws_role::client ? far : near), other, http::websocket_options(), deflate);
    }
    io_test::memory_connection over;
    http::websocket mine;
    http::websocket theirs;
    std::vector<std::string> arrived;  // over there
    std::string end = "nothing";
};

using step = awaitable<> (*)(trial&);

// What the shortage makes of it.
awaitable<> with_shortage(trial& t, step what, shortage_plan plan) {
    try {
        const shortage now(plan);
        co_await what(t);
        t.end = "value";
    } catch (const std::bad_alloc&) {
        t.end = "bad_alloc";
    } catch (const http::websocket_closed&) {
        t.end = "closed";
    } catch (const http::connection_lost&) {
        t.end = "closed";
    } catch (const std::exception& e) {
        t.end = e.what();
    }
}

// A connection that has survived is as good as before.
awaitable<> go_on(trial& t, step what) {
    if (!t.mine.is_open()) co_return;
    try {
        co_await what(t);
        co_await t.mine.close();
    } catch (const http::error& e) {
        ADD_FAILURE() << "a connection that was open: " << e.what();
    }
}

awaitable<> play(trial& t, step what, shortage_plan plan) {
    co_await with_shortage(t, what, plan);
    if (t.end != "value") co_await go_on(t, what);
    t.mine = http::websocket();
}

// The other side sends something, and takes everything until the end.
awaitable<> other_side(trial& t, bool sends) {
    try {
        if (sends) {
            co_await t.theirs.send(large());
            co_await t.theirs.send(large());
        }
        while (auto got = co_await t.theirs.next()) t.arrived.push_back(std::move(got->data));
    } catch (const http::error&) {
    }
    t.theirs = http::websocket();
}

// Each allocation of `what` fails once; in how many runs one did.
awaitable<int> sweep(ws_role role, bool deflate, bool lasting, step what, bool other_sends) {
    for (int n = 1;; ++n) {
        BRIO_ASSERT_LT(n, 500);
        std::string end;
        {
            trial t(role, deflate);
            auto there = brio::create_task(other_side(t, other_sends));
            auto here = brio::create_task(play(t, what, shortage_plan(n, lasting)));
            co_await brio::wait_for(brio::gather(here, there), 1h);
            for (const std::string& one : t.arrived) EXPECT_TRUE(one == large()) << n << ": " << one.size();
            end = t.end;
        }
        EXPECT_TRUE(end == "value" || (brio_test::failed && (end == "bad_alloc" || end == "closed"))) << n << ": " << end;
        co_await brio::testing::advance(1h);
        EXPECT_EQ(spared_transport::open, 0) << n;
        if (brio::all_tasks().size() > 1) ADD_FAILURE() << n << ":\n" << brio::format_tasks(brio::get_running_loop());
        EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U) << n;
        if (!brio_test::failed) co_return n - 1;
    }
}

awaitable<> sweep_all(step what, bool other_sends, int at_least) {
    for (const ws_role role : {ws_role::client, ws_role::server}) {
        for (const bool deflate : {false, true}) {
            for (const bool lasting : {false, true}) {
                const int failures = co_await sweep(role, deflate, lasting, what, other_sends);
                EXPECT_GE(failures, at_least) << (role == ws_role::client) << deflate << lasting;
            }
        }
    }
}

awaitable<> receive_one(trial& t) {
    const http::websocket_message got = co_await t.mine.receive();
    EXPECT_TRUE(got.data == large()) << got.data.size();
}
awaitable<> send_one(trial& t) { co_await t.mine.send(large()); }
awaitable<> ping_once(trial& t) { co_await t.mine.ping(); }
awaitable<> close_it(trial& t) { co_await t.mine.close(1000, "a reason that is too long to be stored in a small place"); }

class quiet {
public:
    quiet() : before_(brio::set_log_sink([](brio::log_level, std::string_view) {})) {
        brio::get_running_loop().set_exception_handler([](const brio::error_context&) {});
    }
    quiet(const quiet&) = delete;
    quiet& operator=(const quiet&) = delete;
    ~quiet() {
        brio::get_running_loop().set_exception_handler({});
        brio::set_log_sink(std::move(before_));
    }

private:
    brio::log_sink before_;
};

BRIO_TEST(websocket_memory, receiving_a_large_message) { co_await sweep_all(receive_one, true, 5); }
BRIO_TEST(websocket_memory, sending_a_large_message) { co_await sweep_all(send_one, false, 3); }
BRIO_TEST(websocket_memory, a_ping) { co_await sweep_all(ping_once, false, 1); }
BRIO_TEST(websocket_memory, closing) { co_await sweep_all(close_it, false, 1); }

// ---- the handshake

std::string upgrade(const std::string& request) {
    const std::string name = "Sec-WebSocket-Key: ";
    const std::size_t key = request.find(name) + name.size();
    return "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
           http::detail::ws_accept_for(request.substr(key, 24)) + "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
}

awaitable<bool> is_back_to(std::size_t tasks, std::size_t descriptors) {
    const auto is_back = [=] { return brio::all_tasks().size() <= tasks && open_descriptors() <= descriptors; };
    co_return co_await eventually(is_back);
}

awaitable<std::string> shake_hands(const std::string& url, shortage_plan plan) {
    http::session session;
    try {
        const shortage now(plan);
        http::websocket ws = co_await session.websocket(url);
        const http::websocket_message got = co_await ws.receive();
        EXPECT_EQ(got.data, "hello");
        co_return "value";
    } catch (const std::bad_alloc&) {
        co_return "bad_alloc";
    } catch (const http::error& e) {
        co_return std::string("http error: ") + e.what();
    } catch (const std::exception& e) {
        co_return std::string("other: ") + e.what();
    }
}

awaitable<> client_sweep(const std::string& url, bool lasting) {
    const std::size_t tasks = brio::all_tasks().size();
    co_await shake_hands(url, shortage_plan(0, false));
    const std::size_t descriptors = open_descriptors();
    for (int n = 1;; ++n) {
        BRIO_ASSERT_LT(n, 2000);
        const std::string end = co_await brio::wait_for(shake_hands(url, shortage_plan(n, lasting)), 10s);
        const bool was_short = brio_test::failed;
        EXPECT_TRUE(end == "value" || (was_short && !end.starts_with("other"))) << n << ": " << end;
        EXPECT_TRUE(co_await is_back_to(tasks, descriptors)) << n << ": " << brio::all_tasks().size() << " tasks";
        if (!was_short) break;
    }
}

BRIO_TEST_REAL_TIME(websocket_memory, a_client_that_connects) {
    const quiet silence;
    scripted_server server([](peer& client) -> awaitable<> {
        const std::string request = co_await client.request();
        if (request.empty()) co_return;
        co_await client.send(upgrade(request) + text_frame("hello"));
        co_await client.until_closed();
    });
    co_await client_sweep(server.url(), false);
    co_await client_sweep(server.url(), true);
    co_await server.stop();
}

awaitable<std::string> visit(std::uint16_t port, shortage_plan plan) {
    brio::stream io = co_await brio::open_connection("127.0.0.1", port);
    const std::string request = "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n";
    std::string all;
    try {
        const shortage now(plan, true);
        io.write(request + masked_frame(0x81, "hello"));
        while (!all.ends_with("hello")) {
            const std::string piece = co_await io.read(1000);
            if (piece.empty()) break;
            all += piece;
        }
    } catch (const std::system_error&) {
        all += "(reset)";
    }
    io.abort();
    co_return all;
}

bool is_fine(const std::string& got) { return got.starts_with("HTTP/1.1 101 ") && got.ends_with("hello"); }

awaitable<> server_sweep(http::server& server, bool lasting) {
    const std::string normal = co_await visit(server.port(), shortage_plan(0, false));
    EXPECT_TRUE(is_fine(normal)) << normal;
    for (int n = 1;; ++n) {
        BRIO_ASSERT_LT(n, 2000);
        const std::string got = co_await brio::wait_for(visit(server.port(), shortage_plan(n, lasting)), 10s);
        const bool was_short = brio_test::failed;
        EXPECT_TRUE(was_short || is_fine(got)) << n << ": " << got;
        EXPECT_TRUE(co_await eventually([&server] { return server.connections() == 0; })) << n;
        if (!was_short) break;
    }
    const std::string after = co_await visit(server.port(), shortage_plan(0, false));
    EXPECT_TRUE(is_fine(after)) << after;
}

BRIO_TEST_REAL_TIME(websocket_memory, a_server_that_is_connected_to) {
    const quiet silence;
    http::server server;
    const auto echo = [](http::websocket ws) -> awaitable<> {
        while (auto message = co_await ws.next()) co_await ws.send(std::move(*message));
    };
    server.websocket("/", echo, http::websocket_options().close_timeout(50ms)); // this client says no goodbye
    server.listen();
    co_await server_sweep(server, false);
    co_await server_sweep(server, true);
    co_await server.close();
}

}  // namespace

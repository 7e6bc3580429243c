// SPDX-License-Identifier: BSL-1.0
// Happy eyeballs: several addresses, some of them silent or refusing.
#include "http/error_of.hpp"
#include "http/fake_resolver.hpp"
#include "http/scripted_server.hpp"
#include "io/black_hole.hpp"
#include "io/connect.hpp"
#include "io/resolver.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <sys/socket.h>

namespace {

using namespace http_test;
namespace http = brio::http;
namespace names = http_test::fake_resolver;
using brio::detail::connect_any;
using brio::detail::connected;
using brio::detail::endpoint;
using brio::detail::no_deadline;
using io_test::black_hole;

endpoint of(const black_hole& hole) { return endpoint(hole.where().data(), hole.where().size()); }
endpoint at(const std::string& address, std::uint16_t port) { return tcp::endpoint(asio::ip::make_address(address), port); }

// With its first socket the loop opens descriptors of its own.
void warm_up() { const tcp::socket first(brio::get_running_loop().context(), tcp::v4()); }

std::uint16_t dead_port() {
    tcp::acceptor once(brio::get_running_loop().context(), tcp::endpoint(asio::ip::address_v4::loopback(), 0));
    return once.local_endpoint().port();
}

bool has_v6() {
    try {
        tcp::acceptor probe(brio::get_running_loop().context(), tcp::endpoint(asio::ip::address_v6::loopback(), 0));
        return true;
    } catch (const boost::system::system_error&) {
        return false;
    }
}

}  // namespace

BRIO_TEST_REAL_TIME(connect, one_address) {
    scripted_server server(silent());
    std::vector<endpoint> one(1, at("127.0.0.1", server.port()));
    const connected made = co_await connect_any(one, no_deadline);
    EXPECT_TRUE(made.peer);
    const bool seen = co_await eventually([&] { return server.connections() == 1; });
    EXPECT_TRUE(seen);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(connect, a_refusal_goes_on_at_once_and_all_refusals_are_told) {
    scripted_server server(silent());
    const std::uint16_t dead = dead_port();
    std::vector<endpoint> some{at("127.0.0.1", dead), at("127.0.0.2", dead), at("127.0.0.1", server.port())};
    const stopwatch watch;
    const connected made = co_await connect_any(some, no_deadline);
    EXPECT_TRUE(made.peer);
    EXPECT_LT(watch.elapsed(), 450ms) << "two waits would be half a second";
    some.pop_back();
    const connected none = co_await connect_any(some, no_deadline);
    EXPECT_FALSE(none.peer);
    EXPECT_TRUE(contains(none.error, "127.0.0.1:" + std::to_string(dead)) && contains(none.error, "127.0.0.2")) << none.error;
    const connected nothing = co_await connect_any(std::vector<endpoint>(), no_deadline);
    EXPECT_FALSE(nothing.peer);
    EXPECT_FALSE(nothing.error.empty());
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(connect, H_093_silent_addresses_are_passed_every_quarter_of_a_second) {
    black_hole hole;
    scripted_server server(silent());
    std::vector<endpoint> addresses(4, of(hole));
    addresses.push_back(at("127.0.0.1", server.port()));
    const std::size_t descriptors = open_descriptors();
    const stopwatch watch;
    {
        const connected made = co_await connect_any(addresses, std::chrono::steady_clock::now() + 5s);
        EXPECT_TRUE(made.peer);
        EXPECT_GE(watch.elapsed(), 980ms);
        EXPECT_LT(watch.elapsed(), 1500ms);
        const bool losers_closed = co_await eventually([&] { return open_descriptors() <= descriptors + 2; });
        EXPECT_TRUE(losers_closed);
    }
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(connect, H_093_a_deadline_ends_all_attempts) {
    warm_up();
    black_hole hole;
    const std::size_t descriptors = open_descriptors();
    for (const std::size_t count : {1u, 3u, 40u}) {
        std::vector<endpoint> addresses(count, of(hole));
        const stopwatch watch;
        const connected none = co_await connect_any(addresses, std::chrono::steady_clock::now() + 300ms);
        EXPECT_FALSE(none.peer);
        EXPECT_EQ(none.ec, asio::error::timed_out) << count;
        EXPECT_GE(watch.elapsed(), 299ms);
        EXPECT_LT(watch.elapsed(), 600ms) << count;
        EXPECT_EQ(open_descriptors(), descriptors);
    }
}

// As over a network: these are not there at the first look.
BRIO_TEST_REAL_TIME(connect, an_answer_that_comes_later_is_waited_for) {
    black_hole hole;
    std::vector<endpoint> one(1, of(hole));
    brio::task<connected> waiting = brio::create_task(connect_any(one, no_deadline));
    co_await brio::sleep(20ms);
    EXPECT_FALSE(waiting.done());
    const bool ended = co_await eventually([&] {
        hole.take_all();
        return waiting.done();
    });
    BRIO_ASSERT_TRUE(ended);
    const connected made = co_await waiting.join();
    BRIO_ASSERT_TRUE(made.peer != nullptr);
    const auto sent = co_await brio::detail::write_operation(*made.peer, "hello", no_deadline);
    EXPECT_EQ(sent.bytes, 5u);
}

BRIO_TEST_REAL_TIME(connect, a_refusal_that_comes_later_says_so) {
    black_hole hole;
    std::vector<endpoint> one(1, of(hole));
    brio::task<connected> waiting = brio::create_task(connect_any(one, no_deadline));
    co_await brio::sleep(20ms);
    EXPECT_FALSE(waiting.done());
    hole.close();
    const connected none = co_await waiting.join();
    EXPECT_FALSE(none.peer);
    EXPECT_EQ(none.ec, asio::error::connection_refused);
}

BRIO_TEST_REAL_TIME(connect, cancelling_closes_every_attempt) {
    warm_up();
    black_hole hole;
    const std::size_t descriptors = open_descriptors();
    std::vector<endpoint> addresses(5, of(hole));
    brio::task<connected> racing = brio::create_task(connect_any(addresses, no_deadline));
    co_await brio::sleep(300ms);
    EXPECT_GT(open_descriptors(), descriptors);
    const stopwatch watch;
    racing.cancel();
    co_await brio::gather(brio::return_exceptions, racing);
    EXPECT_TRUE(racing.cancelled());
    EXPECT_LT(watch.elapsed(), 5s);
    EXPECT_EQ(open_descriptors(), descriptors);
}

BRIO_TEST_REAL_TIME(connect, H_094_a_silent_ipv6_address_costs_a_quarter_of_a_second) {
    if (!has_v6()) {
        mark_skipped("no IPv6 here");
        co_return;
    }
    black_hole hole("::1");
    scripted_server server(silent());
    std::vector<endpoint> addresses{of(hole), of(hole), of(hole), of(hole), at("127.0.0.1", server.port())};
    const stopwatch watch;
    const connected made = co_await connect_any(addresses, no_deadline);
    BRIO_ASSERT_TRUE(made.peer != nullptr);
    EXPECT_GE(watch.elapsed(), 240ms);
    EXPECT_LT(watch.elapsed(), 900ms) << "the families take turns";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(connect, H_094_a_refused_ipv6_address_costs_nothing) {
    names::reset();
    scripted_server server(always(ok("v4")));
    names::add("both.test", {"::1", "127.0.0.1"});
    names::add("six.test", {"::1"});
    http::session s;
    const stopwatch watch;
    const http::response r = co_await s.get("http://both.test:" + std::to_string(server.port()) + "/");
    EXPECT_EQ(r.body(), "v4");
    EXPECT_LT(watch.elapsed(), 245ms);
    const auto e = co_await error_of<http::connect_error>(s.get("http://six.test:" + std::to_string(server.port()) + "/"));
    EXPECT_EQ(e.phase(), http::phase::connect);
    EXPECT_TRUE(contains(text_of(e), "[::1]:")) << e.what();
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(connect, H_093_the_session_says_connect_when_nobody_answers) {
    names::reset();
    black_hole hole;
    names::add("hole.test", {"127.0.0.1", "127.0.0.1", "127.0.0.1"});
    http::session s;
    for (const std::string& host : {std::string("127.0.0.1"), std::string("hole.test")}) {
        const stopwatch watch;
        const auto e = co_await error_of<http::timeout>(
            s.get("http://" + host + ":" + std::to_string(hole.port()) + "/", http::options().connect_timeout(150ms)));
        EXPECT_EQ(e.phase(), http::phase::connect);
        EXPECT_GE(watch.elapsed(), 149ms);
        EXPECT_LT(watch.elapsed(), 5s);
        EXPECT_EQ(s.stats().open, 0u);
    }
}

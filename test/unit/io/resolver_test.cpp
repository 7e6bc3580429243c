// SPDX-License-Identifier: BSL-1.0
// Name look-up: caching, coalescing, cancelling, failing. getaddrinfo is ours (fake_resolver).
#include "http/error_of.hpp"
#include "http/fake_resolver.hpp"
#include "http/scripted_server.hpp"
#include "io/resolver.hpp"
#include "unit/core/capture.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <netdb.h>

namespace {

using namespace http_test;
namespace names = http_test::fake_resolver;
namespace http = brio::http;
using brio::detail::resolve;
using brio::detail::resolved;

}  // namespace

BRIO_TEST_REAL_TIME(resolver, digits_are_not_looked_up) {
    names::reset();
    const resolved v4 = co_await resolve("127.0.0.1", 80);
    const resolved v6 = co_await resolve("::1", 80);
    EXPECT_EQ(v4.addresses.size(), 1u);
    EXPECT_EQ(v6.addresses.size(), 1u);
    EXPECT_EQ(names::calls(), 0u);
}

BRIO_TEST_REAL_TIME(resolver, localhost_is_the_loopback_without_asking_anybody) {
    names::reset();
    names::fail("localhost", EAI_NONAME);
    const resolved plain = co_await resolve("localhost", 80);
    const resolved below = co_await resolve("app.localhost", 80);
    EXPECT_EQ(plain.addresses.size(), 2u);
    EXPECT_EQ(below.addresses.size(), 2u);
    EXPECT_EQ(names::calls(), 0u);
}

BRIO_TEST_REAL_TIME(resolver, H_092_failures_are_told_and_kept_for_a_second) {
    names::reset();
    names::fail("gone.test", EAI_NONAME);
    names::fail("broken.test", EAI_AGAIN);
    names::add("empty.test", {});
    http::session s;
    for (const char* host : {"gone.test", "broken.test", "empty.test"}) {
        const auto e = co_await error_of<http::connect_error>(s.get("http://" + std::string(host) + "/"));
        EXPECT_EQ(e.phase(), http::phase::resolve);
        EXPECT_TRUE(contains(text_of(e), host)) << e.what();
    }
    const std::size_t before = names::calls("broken.test");
    co_await error_of<http::connect_error>(s.get("http://broken.test/"));
    EXPECT_EQ(names::calls("broken.test"), before);
    co_await brio::sleep(1050ms);
    co_await error_of<http::connect_error>(s.get("http://broken.test/"));
    EXPECT_EQ(names::calls("broken.test"), before + 1);
    EXPECT_EQ(s.stats().open, 0u);
}

BRIO_TEST_REAL_TIME(resolver, H_092_a_slow_lookup_is_a_timeout_of_that_phase) {
    names::reset();
    names::add("slow.test", {"127.0.0.1"}, 1s);
    http::session s;
    const stopwatch watch;
    const auto e = co_await error_of<http::timeout>(s.get("http://slow.test/", http::options().connect_timeout(60ms)));
    EXPECT_EQ(e.phase(), http::phase::resolve);
    EXPECT_LT(watch.elapsed(), 900ms);
    const auto total = co_await error_of<http::timeout>(s.get("http://slow.test/", http::options().timeout(40ms)));
    EXPECT_EQ(total.phase(), http::phase::total);
    EXPECT_EQ(names::calls("slow.test"), 1u) << "the second joined the look-up of the first";
    co_await eventually([] { return brio::all_tasks().size() == 1; });
}

BRIO_TEST_REAL_TIME(resolver, H_096_a_hundred_requests_make_one_lookup) {
    names::reset();
    names::add("shared.test", {"127.0.0.1"}, 50ms);
    scripted_server server(always(ok("x")));
    http::session s;
    const std::string url = "http://shared.test:" + std::to_string(server.port()) + "/";
    std::vector<brio::task<http::response>> calls;
    for (int i = 0; i < 100; ++i) calls.push_back(brio::create_task(s.get(url)));
    co_await brio::sleep(10ms);
    calls[0].cancel();
    calls[57].cancel();
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (i == 0 || i == 57) continue;
        const http::response r = co_await calls[i].join();
        EXPECT_EQ(r.body(), "x");
    }
    EXPECT_EQ(names::calls("shared.test"), 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(resolver, H_096_cancelling_all_is_quick_and_leaves_nothing) {
    names::reset();
    names::add("slow.test", {"127.0.0.1"}, 1s);
    http::session s;
    std::vector<brio::task<http::response>> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(brio::create_task(s.get("http://slow.test:1/")));
    co_await brio::sleep(20ms);
    const stopwatch watch;
    for (const auto& call : calls) call.cancel();
    co_await brio::gather(brio::return_exceptions, std::move(calls));
    EXPECT_LT(watch.elapsed(), 900ms);
    EXPECT_EQ(s.stats().open, 0u);
    const bool ended = co_await eventually([] { return brio::all_tasks().size() == 1; });
    EXPECT_TRUE(ended);
    const resolved again = co_await resolve("slow.test", 1);
    EXPECT_EQ(again.addresses.size(), 1u);
    EXPECT_EQ(names::calls("slow.test"), 1u) << "its result was kept";
}

BRIO_TEST_REAL_TIME(resolver, one_stuck_name_does_not_hold_the_others_up) {
    names::reset();
    names::add("stuck.test", {"127.0.0.1"}, 2s);
    names::add_prefix("host", {"127.0.0.1"});
    brio::task<resolved> stuck = brio::create_task(resolve("stuck.test", 1));
    const stopwatch watch;
    for (int i = 0; i < 100; ++i) {
        const resolved r = co_await resolve("host" + std::to_string(i), 1);
        EXPECT_EQ(r.addresses.size(), 1u);
    }
    EXPECT_LT(watch.elapsed(), 1900ms);
    EXPECT_FALSE(stuck.done());
    co_await stuck.join();
}

BRIO_TEST_REAL_TIME(resolver, H_089_a_session_closed_while_it_resolves) {
    names::reset();
    names::add("slow.test", {"127.0.0.1"}, 1s);
    auto s = std::make_unique<http::session>();
    brio::task<http::response> call = brio::create_task(s->get("http://slow.test/"));
    co_await brio::sleep(20ms);
    s.reset();
    const stopwatch watch;
    const auto e = co_await error_of<http::session_closed>(brio::detail::await_operation(call.join()));
    EXPECT_EQ(e.phase(), http::phase::closed);
    EXPECT_LT(watch.elapsed(), 900ms);
    co_await eventually([] { return brio::all_tasks().size() == 1; });
}

BRIO_TEST_REAL_TIME(resolver, DBG_8_slow_look_ups_are_logged_in_debug_mode) {
    names::reset();
    names::add("slow.test", {"127.0.0.1"}, 400ms);
    names::add("fast.test", {"127.0.0.1"});
    names::add("quiet.test", {"127.0.0.1"}, 400ms);
    brio_test::captured_log log;
    auto& loop = brio::get_running_loop();
    loop.set_debug(true);
    loop.set_slow_step_duration(300ms);
    co_await resolve("slow.test", 80);
    EXPECT_EQ(log.count("the look-up of the name slow.test:80 took "), 1U) << log.text();
    co_await resolve("fast.test", 80);
    EXPECT_EQ(log.count("fast.test"), 0U) << log.text();
    loop.set_debug(false);
    co_await resolve("quiet.test", 80);
    EXPECT_EQ(log.count("quiet.test"), 0U) << log.text();
}

TEST(resolver, a_loop_closes_though_a_lookup_is_stuck) {
    names::reset();
    names::add("stuck.test", {"127.0.0.1"}, 3000ms);
    const stopwatch watch;
    const auto body = []() -> brio::awaitable<> {
        brio::task<resolved> stuck = brio::create_task(resolve("stuck.test", 1));
        co_await brio::sleep(20ms);
    };
    brio::run(body());
    EXPECT_LT(watch.elapsed(), 2700ms);
}

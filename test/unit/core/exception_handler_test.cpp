// SPDX-License-Identifier: BSL-1.0
// The loop's exception handler, and debug mode: thread checks, slow steps.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cstdlib>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_errors;
using brio_test::captured_log;
using brio_test::contains;
using brio_test::thrown_by;

template <class X>
concept can_be_handler = requires(brio::loop& loop, X x) { loop.set_exception_handler(x); };

BRIO_TEST(exception_handler, LOOP_25_gets_message_and_exception) {
    auto& loop = brio::get_running_loop();
    captured_errors errors(loop);
    loop.call_soon([] { throw std::runtime_error("broken callback"); });
    co_await brio::sleep(0s);
    BRIO_ASSERT_EQ(errors.size(), 1U);
    EXPECT_TRUE(contains(errors[0].message(), "callback"));
    EXPECT_THROW(std::rethrow_exception(errors[0].exception()), std::runtime_error);
    EXPECT_EQ(errors[0].task_name(), "");
    EXPECT_TRUE(contains(errors[0].to_string(), "std::runtime_error: broken callback"));
    loop.set_exception_handler({});
}

BRIO_TEST(exception_handler, LOOP_25_none_restores_the_default_which_logs) {
    captured_log log;
    auto& loop = brio::get_running_loop();
    {
        captured_errors errors(loop);
        loop.set_exception_handler({});
        loop.call_soon([] { throw std::runtime_error("to the log"); });
        co_await brio::sleep(0s);
        EXPECT_EQ(errors.size(), 0U);
    }
    EXPECT_EQ(log.count("to the log"), 1U) << log.text();
    BRIO_ASSERT_EQ(log.size(), 1U);
    EXPECT_EQ(log.level(0), brio::log_level::error);
}

BRIO_TEST(exception_handler, LOOP_25_the_handler_in_force_can_be_asked_for) {
    auto& loop = brio::get_running_loop();
    EXPECT_FALSE(loop.get_exception_handler());
    captured_errors errors(loop);
    const auto before = loop.get_exception_handler();
    int seen = 0;
    loop.set_exception_handler([&](const brio::error_context& context) {
        ++seen;
        before(context);
    });
    loop.call_soon([] { throw std::runtime_error("for both"); });
    co_await brio::sleep(0s);
    EXPECT_EQ(seen, 1);
    EXPECT_EQ(errors.size(), 1U);
    loop.set_exception_handler({});
    EXPECT_FALSE(loop.get_exception_handler());
}

BRIO_TEST(exception_handler, LOOP_25_a_callback_that_throws_stops_nobody) {
    captured_errors errors(brio::get_running_loop());
    int calls = 0;
    auto& loop = brio::get_running_loop();
    loop.call_soon([] { throw 5; });
    loop.call_soon([&calls] { ++calls; });
    loop.call_later(1s, [] { throw std::runtime_error("timer"); });
    co_await brio::sleep(2s);
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(errors.size(), 2U);
    loop.set_exception_handler({});
}

BRIO_TEST(exception_handler, LOOP_26_a_handler_that_throws_is_survived) {
    captured_log log;
    auto& loop = brio::get_running_loop();
    loop.set_exception_handler([](const brio::error_context&) { throw std::logic_error("bad handler"); });
    loop.call_soon([] { throw std::runtime_error("the original"); });
    co_await brio::sleep(0s);
    EXPECT_EQ(log.count("bad handler"), 1U) << log.text();
    EXPECT_EQ(log.count("the original"), 1U) << log.text();
    loop.set_exception_handler({});
}

BRIO_TEST(exception_handler, LOOP_26_a_log_sink_that_throws_is_survived) {
    auto previous = brio::set_log_sink([](brio::log_level, std::string_view) { throw std::runtime_error("sink"); });
    brio::get_running_loop().call_soon([] { throw std::runtime_error("nobody sees this"); });
    co_await brio::sleep(0s);
    brio::set_log_sink(previous);
}

BRIO_TEST_FIFO(exception_handler, LOOP_26_a_handler_may_replace_itself) {
    auto& loop = brio::get_running_loop();
    std::string seen;
    loop.set_exception_handler([&](const brio::error_context&) {
        seen += "first ";
        loop.set_exception_handler([&seen](const brio::error_context&) { seen += "second "; });
        seen += "still here ";
    });
    loop.call_soon([] { throw 1; });
    loop.call_soon([] { throw 2; });
    co_await brio::sleep(0s);
    EXPECT_EQ(seen, "first still here second ");
    loop.set_exception_handler({});
}

BRIO_TEST(exception_handler, LOOP_27_only_callables_are_handlers) {
    static_assert(!can_be_handler<int>);
    static_assert(!can_be_handler<void (*)(int)>);
    static_assert(can_be_handler<void (*)(const brio::error_context&)>);
    co_return;
}

TEST(debug, DBG_1_RUN_11_on_by_environment_by_run_and_by_set_debug) {
    const auto in_run = [](brio::run_options options) {
        return brio::run([]() -> awaitable<bool> { co_return brio::get_running_loop().debug(); }(), std::move(options));
    };
    ::unsetenv("BRIO_DEBUG");
    EXPECT_FALSE(in_run(brio::run_options()));
    EXPECT_TRUE(in_run(brio::run_options().debug(true)));
    ::setenv("BRIO_DEBUG", "1", 1);
    EXPECT_TRUE(in_run(brio::run_options()));
    EXPECT_FALSE(in_run(brio::run_options().debug(false)));
    ::setenv("BRIO_DEBUG", "0", 1);
    EXPECT_FALSE(in_run(brio::run_options()));
    ::setenv("BRIO_DEBUG", "", 1);
    EXPECT_FALSE(in_run(brio::run_options()));
    ::unsetenv("BRIO_DEBUG");
    brio::loop loop;
    loop.set_debug(true);
    EXPECT_TRUE(loop.debug());
}

// A step that blocks for `length`. What counts as slow is longer than a busy machine takes a process off its processor.
void block(brio::loop::duration length) { std::this_thread::sleep_for(length); }

BRIO_TEST_REAL_TIME(debug, DBG_2_a_slow_task_step_is_logged_with_name_and_time) {
    captured_log log;
    auto& loop = brio::get_running_loop();
    loop.set_debug(true);
    EXPECT_EQ(loop.slow_step_duration(), 100ms);
    loop.set_slow_step_duration(200ms);
    auto task = create_task([]() -> awaitable<> {
        co_await brio::sleep(0s);
        block(220ms);
    });
    task.set_name("sluggish");
    co_await task.join();
    EXPECT_EQ(log.count("sluggish"), 1U) << log.text();
    EXPECT_TRUE(contains(log.text(), " ms")) << log.text();
    EXPECT_TRUE(contains(log.text(), "exception_handler_test.cpp:")) << log.text();
}

BRIO_TEST_REAL_TIME(debug, DBG_2_a_slow_callback_is_logged) {
    captured_log log;
    auto& loop = brio::get_running_loop();
    loop.set_debug(true);
    loop.set_slow_step_duration(200ms);
    loop.call_soon([] { block(220ms); });
    co_await brio::sleep(0s);
    EXPECT_EQ(log.count("callback"), 1U) << log.text();
}

BRIO_TEST_REAL_TIME(debug, DBG_2_a_slow_step_after_a_raw_asio_wait_is_logged_too) {
    captured_log log;
    auto& loop = brio::get_running_loop();
    loop.set_debug(true);
    loop.set_slow_step_duration(200ms);
    const auto body = [&loop]() -> awaitable<> {
        boost::asio::steady_timer timer(loop.context(), 1ms);
        co_await timer.async_wait(boost::asio::use_awaitable);
        block(220ms);
    };
    auto task = create_task(body(), "raw");
    co_await task.join();
    EXPECT_EQ(log.count("task raw"), 1U) << log.text();
}

BRIO_TEST_REAL_TIME(debug, DBG_2_nothing_is_measured_without_debug_mode) {
    captured_log log;
    auto& loop = brio::get_running_loop();
    loop.set_debug(false);
    loop.set_slow_step_duration(1ms);
    loop.call_soon([] { block(5ms); });
    co_await brio::sleep(0s);
    EXPECT_EQ(log.size(), 0U) << log.text();
}

BRIO_TEST_REAL_TIME(debug, DBG_3_calls_from_a_wrong_thread_are_errors_in_debug_mode) {
    auto& loop = brio::get_running_loop();
    loop.set_debug(true);
    std::string soon;
    std::string later;
    std::string at;
    std::string safe;
    std::thread other([&] {
        soon = thrown_by([&loop] { loop.call_soon([] {}); });
        later = thrown_by([&loop] { loop.call_later(1s, [] {}); });
        at = thrown_by([&loop] { loop.call_at(loop.time(), [] {}); });
        safe = thrown_by([&loop] { loop.call_soon_threadsafe([] {}); });
    });
    other.join();
    EXPECT_TRUE(contains(soon, "use call_soon_threadsafe")) << soon;
    EXPECT_TRUE(contains(later, "loop_error")) << later;
    EXPECT_TRUE(contains(at, "loop_error")) << at;
    EXPECT_EQ(safe, "nothing");
    co_await brio::sleep(0s);
}

BRIO_TEST(debug, DBG_6_error_reports_carry_the_place_of_creation) {
    captured_errors errors(brio::get_running_loop());
    create_task(
        [](std::string text) -> awaitable<> {
            throw std::runtime_error(text);
            co_return;
        }("x"),
        "broken");
    co_await brio::sleep(1s);
    BRIO_ASSERT_EQ(errors.size(), 1U);
    EXPECT_TRUE(contains(errors[0].to_string(), "task broken, created at exception_handler_test.cpp:"))
        << errors[0].to_string();
    brio::get_running_loop().set_exception_handler({});
}

}  // namespace

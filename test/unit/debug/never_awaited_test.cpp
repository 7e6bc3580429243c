// SPDX-License-Identifier: BSL-1.0
// Debug mode: operations that were made and forgotten.
#include "unit/core/capture.hpp"

#include <brio/io/pipe.hpp>
#include <brio/io/stream.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_log;
using brio_test::contains;

class debugging {
public:
    debugging() { brio::get_running_loop().set_debug(true); }
    debugging(const debugging&) = delete;
    debugging& operator=(const debugging&) = delete;
    ~debugging() { brio::get_running_loop().set_debug(false); }
};

constexpr const char* complaint = "an operation was never awaited; it was made at never_awaited_test.cpp:";

BRIO_TEST(never_awaited, DBG_5_an_operation_is_reported_with_its_place_and_task) {
    const debugging on;
    captured_log log;
    const auto forget = []() -> awaitable<> {
        const auto forgotten = brio::sleep(1h);
        co_return;
    };
    const unsigned line = __LINE__ - 3;
    co_await create_task(forget, "careless").join();
    BRIO_ASSERT_EQ(log.size(), 1U) << log.text();
    EXPECT_EQ(log.level(0), brio::log_level::warning);
    EXPECT_TRUE(contains(log.text(), complaint + std::to_string(line) + ", in a step of task careless (created at ")) << log.text();
    EXPECT_TRUE(contains(log.text(), ": co_await it")) << log.text();
}

// Drops what `make` makes, and says whether that was reported.
template <class F>
awaitable<bool> is_reported(F make, const char* where = complaint) {
    captured_log log;
    const auto drop = [make]() -> awaitable<> {
        static_cast<void>(make());
        co_return;
    };
    co_await create_task(drop).join();
    co_return log.size() == 1 && log.count(where) == 1;
}

BRIO_TEST(never_awaited, DBG_5_every_kind_of_operation) {
    const debugging on;
    brio::event event;
    brio::lock lock;
    brio::semaphore semaphore;
    brio::condition condition;
    brio::barrier barrier(2);
    brio::queue<std::string> queue;
    const auto one_item = [](brio::yielder<int> yield) -> awaitable<> { co_await yield(1); };
    auto generator = brio::make_generator<int>(one_item);
    auto task = create_task(brio::sleep(0s));
    EXPECT_TRUE(co_await is_reported([&] { return event.wait(); }));
    EXPECT_TRUE(co_await is_reported([&] { return lock.acquire(); }));
    EXPECT_TRUE(co_await is_reported([&] { return semaphore.acquire(); }));
    EXPECT_TRUE(co_await is_reported([&] { return condition.acquire(); }));
    EXPECT_TRUE(co_await is_reported([&] { return condition.wait(); }));
    EXPECT_TRUE(co_await is_reported([&] { return condition.wait_for([] { return true; }); }));
    EXPECT_TRUE(co_await is_reported([&] { return barrier.wait(); }));
    EXPECT_TRUE(co_await is_reported([&] { return queue.put("lost"); }));
    EXPECT_TRUE(co_await is_reported([&] { return queue.get(); }));
    EXPECT_TRUE(co_await is_reported([&] { return queue.join(); }));
    EXPECT_TRUE(co_await is_reported([&] { return task.join(); }));
    EXPECT_TRUE(co_await is_reported([&] { return generator.next(); }));
    EXPECT_TRUE(co_await is_reported([&] { return generator.close(); }));
    EXPECT_TRUE(co_await is_reported([&] { return brio::sleep_until(brio::get_running_loop().time()); }));
    EXPECT_TRUE(co_await is_reported([&] { return brio::wait_for(task, 1s); }));
    EXPECT_TRUE(co_await is_reported([&] { return brio::with_timeout(1s, task); }));
    EXPECT_TRUE(co_await is_reported([&] { return brio::wait(task, brio::first_completed); }));
    EXPECT_TRUE(co_await is_reported([&] { return brio::shield(task); }));
    EXPECT_TRUE(co_await is_reported([&] { return brio::gather(task, task); }));
    EXPECT_TRUE(co_await is_reported([&] { return brio::race(task, task); }));
    EXPECT_TRUE(co_await is_reported([&] { return brio::to_thread([] {}); }));
    EXPECT_TRUE(co_await is_reported([&] { return brio::gather(task, task, task, task, task); }, "it was made at an unknown place"));
    co_await generator.close();
}

BRIO_TEST(never_awaited, DBG_5_in_a_callback_and_in_a_step_after_an_operation_of_asios) {
    const debugging on;
    captured_log log;
    brio::get_running_loop().call_soon([] { static_cast<void>(brio::sleep(1h)); });
    co_await brio::sleep(0s);
    EXPECT_EQ(log.count(", in a step of a callback: co_await it"), 1U) << log.text();
    boost::asio::steady_timer timer(brio::get_running_loop().context(), 0ms);
    co_await timer.async_wait(boost::asio::use_awaitable);
    { const auto forgotten = brio::sleep(1h); }
    co_await timer.async_wait(boost::asio::use_awaitable);
    EXPECT_EQ(log.count(complaint), 2U) << log.text();
}

awaitable<> never_begun(int) { co_return; }

BRIO_TEST(never_awaited, DBG_5_what_was_awaited_or_given_away_is_not_reported) {
    const debugging on;
    captured_log log;
    brio::queue<int> queue;
    queue.put_nowait(1);
    co_await queue.get();                                       // at once
    co_await brio::sleep(1ms);                                  // after a suspension
    auto later = queue.put(2);
    co_await std::move(later);
    auto moved = queue.get();
    auto elsewhere = std::move(moved);                          // whoever has it now
    co_await std::move(elsewhere);
    std::optional<brio::detail::sleep_operation> kept(brio::sleep(1h));
    kept.reset();
    co_await brio::gather(brio::sleep(1ms), brio::sleep(1ms));
    co_await brio::race(brio::sleep(1ms), brio::sleep(1h));
    auto cancelled = create_task(queue.get());                  // it never begins
    cancelled.cancel();
    EXPECT_THROW(co_await brio::wait_for(queue.get(), 0s), brio::timeout_error);
    EXPECT_THROW(co_await brio::wait_for(queue.get(), 1ms), brio::timeout_error);
    static_cast<void>(never_begun(1));                          // coroutines cannot tell
    EXPECT_EQ(log.size(), 0U) << log.text();
}

// As in asyncio: it was made, and nobody came to await it.
BRIO_TEST(never_awaited, DBG_5_what_an_error_or_a_cancel_drops_is_reported_too) {
    const debugging on;
    captured_log log;
    const auto fail = [](bool cancel) -> awaitable<> {
        const auto not_reached = brio::sleep(1h);
        if (!cancel) throw std::runtime_error("on purpose");
        co_await brio::sleep(1h);
    };
    auto failing = create_task(fail(false));
    auto stopped = create_task(fail(true));
    co_await brio::sleep(0s);
    stopped.cancel();
    co_await brio::wait(failing, stopped);
    EXPECT_THROW(failing.result(), std::runtime_error);
    EXPECT_EQ(log.count(complaint), 2U) << log.text();
}

BRIO_TEST(never_awaited, DBG_5_a_wait_that_a_pending_cancel_did_not_let_begin_was_awaited) {
    const debugging on;
    captured_log log;
    const auto stops_itself = []() -> awaitable<> {
        brio::current_task().cancel();
        co_await brio::sleep(1h);
    };
    co_await brio::wait(create_task(stops_itself), brio::first_completed);
    EXPECT_EQ(log.size(), 0U) << log.text();
}

BRIO_TEST(never_awaited, DBG_5_also_when_slow_steps_are_not_measured) {
    const debugging on;
    brio::get_running_loop().set_slow_step_duration(0s);
    captured_log log;
    co_await brio::sleep(0s);
    { const auto forgotten = brio::sleep(1h); }
    co_await brio::sleep(0s);
    EXPECT_EQ(log.count(complaint), 1U) << log.text();
    EXPECT_EQ(log.size(), 1U) << log.text();
    brio::get_running_loop().set_slow_step_duration(100ms);
}

BRIO_TEST(never_awaited, DBG_5_without_debug_mode_nothing_is_said) {
    captured_log log;
    static_cast<void>(brio::sleep(1h));
    co_await brio::sleep(0s);
    brio::get_running_loop().set_debug(true);  // what came before is not its
    co_await brio::sleep(0s);
    brio::get_running_loop().set_debug(false);
    EXPECT_EQ(log.size(), 0U) << log.text();
}

BRIO_TEST(never_awaited, DBG_5_a_write_without_drain_is_no_mistake) {
    const debugging on;
    std::array<int, 2> ends{};
    BRIO_ASSERT_EQ(::pipe2(ends.data(), O_CLOEXEC), 0);
    brio::stream from = brio::connect_read_pipe(ends[0]);
    brio::stream to = brio::connect_write_pipe(ends[1]);
    captured_log log;
    const auto write = [&to]() -> awaitable<> {
        to.write("x");
        co_return;
    };
    co_await create_task(write).join();
    to.close();
    EXPECT_EQ(co_await from.read(), "x");
    EXPECT_EQ(log.count("never awaited"), 0U) << log.text();
}

TEST(never_awaited, DBG_5_nor_outside_of_a_loop_or_when_one_ends) {
    captured_log log;
    brio::event event;
    static_cast<void>(event.wait());
    {
        brio::loop loop;
        loop.set_debug(true);
        static_cast<void>(event.wait());
        const auto suspended_between = [&event]() -> awaitable<> {
            const auto later = event.wait();
            co_await brio::sleep(1h);
        };
        loop.call_soon([suspended_between] { create_task(suspended_between); });
        loop.call_later(1ms, [&loop] { loop.stop(); });
        loop.run_forever();
    }
    EXPECT_EQ(log.count("never awaited"), 0U) << log.text();
}

}  // namespace

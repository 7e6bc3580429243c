// SPDX-License-Identifier: BSL-1.0
// Contexts given to callbacks and to runs.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::invalid_state_error;

const brio::context_var<int> number("number", 0);

int read() { return number.get(); }
void write(int value) { number.set(value); }

awaitable<int> exchange(int value) {
    const int before = number.get();
    number.set(value);
    co_return before;
}

BRIO_TEST_FIFO(callback_context, a_context_given_is_used_itself) {
    brio::loop& loop = brio::get_running_loop();
    const brio::context shared = brio::copy_context();
    loop.call_soon(shared, &write, 1);
    co_await brio::sleep(0s);
    EXPECT_EQ(shared.run(&read), 1);
    loop.call_later(1ms, shared, &write, 2);
    co_await brio::sleep(1ms);
    EXPECT_EQ(shared.run(&read), 2);
    loop.call_at(loop.time() + 1ms, shared, &write, 3);
    co_await brio::sleep(1ms);
    EXPECT_EQ(shared.run(&read), 3);
    loop.call_soon_threadsafe(shared, &write, 4);
    co_await brio::sleep(0s);
    EXPECT_EQ(shared.run(&read), 4);
    EXPECT_EQ(number.get(), 0);
}

BRIO_TEST_FIFO(callback_context, what_one_callback_sets_the_next_one_sees) {
    brio::loop& loop = brio::get_running_loop();
    brio::context shared;
    std::vector<int> seen;
    const auto step = [&seen](int value) {
        seen.push_back(number.get());
        number.set(value);
    };
    loop.call_soon(shared, step, 1);
    loop.call_soon(std::move(shared), step, 2);  // a context that was moved from is still one
    loop.call_soon(shared.copy(), step, 3);
    co_await brio::sleep(0s);
    EXPECT_EQ(seen, (std::vector<int>{0, 1, 0}));
    EXPECT_EQ(shared.run(&read), 2);
}

BRIO_TEST_FIFO(callback_context, a_function_may_take_a_context_as_its_argument) {
    const brio::context shared;
    shared.run(&write, 8);
    int seen = 0;
    brio::get_running_loop().call_soon([&seen](const brio::context& given) { seen = given.run(&read) * 10 + number.get(); }, shared);
    co_await brio::sleep(0s);
    EXPECT_EQ(seen, 80);
}

BRIO_TEST_REAL_TIME(callback_context, another_thread_gives_a_context_to_the_loop) {
    brio::loop& loop = brio::get_running_loop();
    brio::promise<int> seen;
    auto told = seen.get_future();
    const brio::context theirs;
    std::thread([&] {
        theirs.run(&write, 5);
        loop.call_soon_threadsafe(theirs, [&seen] { seen.set_value(number.get()); });
    }).join();
    EXPECT_EQ(co_await told.join(), 5);
}

BRIO_TEST_FIFO(callback_context, a_handle_knows_the_context_of_its_callback) {
    brio::loop& loop = brio::get_running_loop();
    const brio::context shared;
    const brio::handle given = loop.call_soon(shared, &write, 1);
    EXPECT_EQ(given.context(), shared);
    number.set(6);
    const brio::timer_handle copied = loop.call_later(1ms, &write, 7);
    number.set(8);
    EXPECT_EQ(copied.context().run(&read), 6);
    EXPECT_FALSE(copied.context() == brio::current_context());
    co_await brio::sleep(1ms);
    EXPECT_EQ(copied.context().run(&read), 7) << "what it set";
    EXPECT_EQ(copied.when(), loop.time());
    EXPECT_EQ(number.get(), 8);
    number.set(0);
}

BRIO_TEST(callback_context, empty_handles_say_so) {
    brio::timer_handle none;
    EXPECT_FALSE(none);
    none.cancel();
    EXPECT_FALSE(none.cancelled());
    EXPECT_THROW(static_cast<void>(none.context()), invalid_state_error);
    EXPECT_THROW(static_cast<void>(none.when()), invalid_state_error);
    none = brio::get_running_loop().call_later(1h, [] {});
    EXPECT_TRUE(none);
    none.cancel();
    EXPECT_TRUE(none.cancelled());
    co_return;
}

BRIO_TEST_FIFO(callback_context, TASK_34_done_callbacks_may_be_given_one_too) {
    const brio::context shared;
    auto task = create_task(exchange(3));
    task.add_done_callback(shared, [](const brio::task_handle&) { number.set(number.get() + 4); });
    co_await task.join();
    task.add_done_callback(shared, [](const brio::task_handle&) { number.set(number.get() + 40); });
    co_await brio::sleep(0s);
    EXPECT_EQ(shared.run(&read), 44);
    EXPECT_EQ(number.get(), 0);
}

BRIO_TEST_FIFO(callback_context, TASK_39_the_exception_handler_runs_in_the_context_given) {
    int seen = -1;
    brio::loop& loop = brio::get_running_loop();
    loop.set_exception_handler([&seen](const brio::error_context&) { seen = number.get(); });
    const brio::context shared;
    shared.run(&write, 9);
    loop.call_soon(shared, [] { throw std::runtime_error("on purpose"); });
    co_await brio::sleep(0s);
    loop.set_exception_handler({});
    EXPECT_EQ(seen, 9);
}

TEST(runner_context, the_runs_of_one_runner_share_a_context) {
    auto token = number.set(1);
    {
        brio::runner runner;
        EXPECT_EQ(runner.run(exchange(2)), 1) << "it begins as a copy of the thread's";
        EXPECT_EQ(runner.run(exchange(3)), 2);
        EXPECT_EQ(number.get(), 1);
        brio::runner other;
        EXPECT_EQ(other.run(exchange(4)), 1);
    }
    number.reset(token);
}

TEST(runner_context, a_run_may_be_given_another_one) {
    brio::runner runner;
    const brio::context shared;
    EXPECT_EQ(runner.run(exchange(5), shared), 0);
    EXPECT_EQ(shared.run(&read), 5);
    EXPECT_EQ(runner.run(exchange(6)), 0) << "the runner's own";
    EXPECT_EQ(runner.run(exchange(7), shared), 5);
    runner.close();
    EXPECT_THROW(runner.run(exchange(8), shared), brio::loop_error);
    EXPECT_EQ(shared.run(&read), 7);
}

TEST(runner_context, a_hook_that_throws_leaves_no_loop_behind) {
    int calls = 0;
    brio::runner runner(brio::run_options().on_loop([&calls](brio::loop&) {
        if (++calls == 1) throw std::runtime_error("not yet");
    }));
    EXPECT_THROW(runner.run(exchange(1)), std::runtime_error);
    EXPECT_EQ(runner.run(exchange(1)), 0);
    EXPECT_EQ(calls, 2);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Loops in threads of their own: values, errors and cancels that go over, and the end of it all.
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"
#include "unit/thread/gate.hpp"

#include <brio/testing/test.hpp>
#include <brio/thread/loop_pool.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::loop_pool;
using brio_test::end_of;
using brio_test::gate;

awaitable<int> add(int a, int b) {
    co_await brio::sleep(1ms);
    co_return a + b;
}
awaitable<std::thread::id> where_am_i() {
    co_await brio::sleep(0s);
    co_return std::this_thread::get_id();
}
awaitable<> fail(std::string text) {
    co_await brio::sleep(0s);
    throw std::runtime_error(text);
}

// Opens a gate when it waits, and says in `seen` how that ended.
awaitable<> wait_for_ever(gate* begun, std::string* seen) {
    begun->open();
    try {
        co_await brio::sleep(1h);
    } catch (const brio::cancelled_error& e) {
        *seen = "cancelled(" + e.message() + ")";
        throw;
    }
}

// The gate is another thread's.
awaitable<> opened(gate* target) {
    while (!target->is_open()) co_await brio::sleep(1ms);
}

BRIO_TEST_REAL_TIME(loop_pool, run_gives_the_value_of_a_coroutine_or_a_function) {
    const loop_pool pool(2);
    EXPECT_EQ(co_await pool.run(add, 2, 3), 5);
    EXPECT_EQ(co_await pool.run([](std::string text) { return text + "!"; }, "word"), "word!");
    co_await pool.run([] {});
    auto owned = co_await pool.run([](std::unique_ptr<int> x) { return x; }, std::make_unique<int>(7));
    EXPECT_EQ(*owned, 7);
}

BRIO_TEST_REAL_TIME(loop_pool, or_throws_its_error) {
    const loop_pool pool(2);
    EXPECT_EQ(co_await end_of(pool.run(fail, "over there")), "over there");
    EXPECT_EQ(co_await end_of(pool.run([]() -> int { throw std::runtime_error("plain"); })), "plain");
}

BRIO_TEST_REAL_TIME(loop_pool, each_loop_has_a_thread_and_they_take_turns) {
    const loop_pool pool(3);
    EXPECT_EQ(pool.size(), 3u);
    std::vector<std::thread::id> ids;
    for (int i = 0; i < 6; ++i) ids.push_back(co_await pool.run(where_am_i));
    EXPECT_EQ(std::set<std::thread::id>(ids.begin(), ids.end()).size(), 3u);
    EXPECT_TRUE(std::equal(ids.begin(), ids.begin() + 3, ids.begin() + 3));
    EXPECT_EQ(std::count(ids.begin(), ids.end(), std::this_thread::get_id()), 0);
    const auto first = co_await pool.on(0).run(where_am_i);
    EXPECT_EQ(co_await pool.on(0).run(where_am_i), first);
    EXPECT_NE(co_await pool.on(1).run(where_am_i), first);
    EXPECT_THROW(static_cast<void>(pool.on(3)), std::out_of_range);
}

BRIO_TEST_REAL_TIME(loop_pool, on_loop_is_called_in_each_thread) {
    std::vector<std::thread::id> ids(2);
    const loop_pool pool(brio::loop_pool_options().size(2).on_loop([&ids](brio::loop&, std::size_t index) {
        ids.at(index) = std::this_thread::get_id();
    }));
    EXPECT_EQ(co_await pool.on(0).run(where_am_i), ids[0]);
    EXPECT_EQ(co_await pool.on(1).run(where_am_i), ids[1]);
    std::atomic<bool> called{false};
    pool.on(1).get_loop().call_soon_threadsafe([&called] { called = true; });
    while (!called) co_await brio::sleep(1ms);
}

TEST(loop_pool, what_on_loop_throws_leaves_the_constructor) {
    const auto make = [] {
        loop_pool pool(brio::loop_pool_options().size(3).on_loop([](brio::loop&, std::size_t index) {
            if (index == 1) throw std::runtime_error("not this one");
        }));
    };
    EXPECT_EQ(brio_test::thrown_by(make), "std::runtime_error: not this one");
}

TEST(loop_pool, as_many_loops_as_processors) {
    const loop_pool pool;
    EXPECT_EQ(pool.size(), loop_pool::default_size());
    EXPECT_GE(pool.size(), 1u);
}

TEST(loop_pool, spawn_from_a_thread_without_a_loop) {
    const loop_pool pool(2);
    EXPECT_EQ(pool.spawn(add, 1, 2).get(), 3);
    const auto failed = pool.spawn(fail, "over there");
    EXPECT_EQ(brio_test::thrown_by([&failed] { failed.get(); }), "std::runtime_error: over there");
    gate begun;
    std::string seen;
    const auto waiting = pool.spawn(wait_for_ever, &begun, &seen);
    EXPECT_TRUE(begun.wait());
    EXPECT_FALSE(waiting.wait_for(1ms));
    EXPECT_FALSE(waiting.done());
    waiting.cancel("enough");
    EXPECT_EQ(brio_test::thrown_by([&waiting] { waiting.get(); }), "brio::cancelled_error: enough");
    EXPECT_EQ(seen, "cancelled(enough)");
}

BRIO_TEST_REAL_TIME(loop_pool, a_spawned_task_can_be_joined_once_from_any_loop) {
    const loop_pool pool(2);
    const auto task = pool.on(0).spawn(add, 1, 2);
    const auto other_loop = [](const brio::remote_task<int>* joined) -> awaitable<int> { co_return co_await joined->join(); };
    EXPECT_EQ(co_await pool.on(1).run(other_loop, &task), 3);
    const auto done = pool.spawn(add, 4, 4);
    while (!done.done()) co_await brio::sleep(1ms);
    EXPECT_EQ(co_await done.join(), 8);
}

BRIO_TEST_REAL_TIME(loop_pool, two_joins_at_once_are_refused) {
    const loop_pool pool(1);
    gate begun;
    std::string seen;
    const auto task = pool.spawn(wait_for_ever, &begun, &seen);
    auto first = create_task(task.join());
    co_await brio::sleep(1ms);
    const std::string text = co_await end_of(task.join());
    EXPECT_TRUE(brio_test::contains(text, "joined by two tasks at once")) << text;
    first.cancel();
    EXPECT_EQ(co_await end_of(first.join()), "cancelled");
}

BRIO_TEST_REAL_TIME(loop_pool, get_in_the_tasks_own_loop_would_wait_for_itself) {
    const loop_pool pool(1);
    const auto body = [](const loop_pool* here) -> awaitable<std::string> {
        const auto task = here->spawn(add, 1, 1);
        std::string text = brio_test::thrown_by([&task] { static_cast<void>(task.get()); });
        co_await task.join();  // its own loop's: that is all right
        co_return text;
    };
    const std::string text = co_await pool.run(body, &pool);
    EXPECT_TRUE(brio_test::contains(text, "would wait for itself")) << text;
}

BRIO_TEST_REAL_TIME(loop_pool, cancelled_before_it_starts_it_never_begins) {
    const loop_pool pool(1);
    std::atomic<bool> begun{false};
    const auto body = [](std::atomic<bool>* flag) { *flag = true; };
    auto waiting = create_task(pool.run(body, &begun));
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    co_await pool.run([] {});  // whatever was on its way has arrived
    EXPECT_FALSE(begun);
}

BRIO_TEST_REAL_TIME(loop_pool, cancelling_the_awaiter_cancels_the_task_over_there) {
    const loop_pool pool(1);
    gate begun;
    std::string seen;
    auto waiting = create_task(pool.run(wait_for_ever, &begun, &seen));
    co_await opened(&begun);
    waiting.cancel("enough");
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(enough)");
    EXPECT_EQ(seen, "cancelled(enough)");  // it has ended by then
}

BRIO_TEST_REAL_TIME(loop_pool, a_task_that_cancels_itself_over_there_is_seen_here) {
    const loop_pool pool(1);
    const auto body = []() -> awaitable<> {
        brio::current_task().cancel("by itself");
        co_await brio::sleep(1h);
    };
    EXPECT_EQ(co_await end_of(pool.run(body)), "cancelled(by itself)");
}

BRIO_TEST_REAL_TIME(loop_pool, one_that_swallows_the_cancel_gives_its_value) {
    const loop_pool pool(1);
    gate begun;
    const auto body = [](gate* open) -> awaitable<int> {
        open->open();
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
        }
        co_return 42;
    };
    auto waiting = create_task(pool.run(body, &begun));
    co_await opened(&begun);
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "42");
}

// What the cancel was too late for is delivered, and the cancel stays for the next suspension.
awaitable<> run_then_sleep(const loop_pool* pool, gate* begun, gate* go_on, std::string* log) {
    const auto block = [](gate* here, gate* further) {
        here->open();
        further->wait();
        return 7;
    };
    *log += std::to_string(co_await pool->run(block, begun, go_on));
    co_await brio::sleep(1h);
    *log += " not reached";
}

BRIO_TEST_REAL_TIME(loop_pool, a_cancel_that_comes_too_late_over_there_stays_here) {
    const loop_pool pool(1);
    gate begun;
    gate go_on;
    std::string log;
    auto waiting = create_task(run_then_sleep(&pool, &begun, &go_on, &log));
    co_await opened(&begun);
    waiting.cancel();  // the function blocks its loop: it ends before it can hear of this
    go_on.open();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
    EXPECT_EQ(log, "7");
}

BRIO_TEST_REAL_TIME(loop_pool, a_timeout_here_stops_the_task_there) {
    const loop_pool pool(1);
    gate begun;
    std::string seen;
    EXPECT_EQ(co_await end_of(brio::wait_for(pool.run(wait_for_ever, &begun, &seen), 10ms)), "timeout");
    EXPECT_EQ(seen.substr(0, 9), "cancelled");
}

BRIO_TEST_REAL_TIME(loop_pool, run_on_all_gives_the_values_in_order) {
    std::vector<std::thread::id> ids(4);
    const loop_pool pool(brio::loop_pool_options().size(4).on_loop([&ids](brio::loop&, std::size_t index) {
        ids.at(index) = std::this_thread::get_id();
    }));
    EXPECT_EQ(co_await pool.run_on_all(where_am_i), ids);
    std::atomic<int> calls{0};
    co_await pool.run_on_all([](std::atomic<int>* count) { ++*count; }, &calls);
    EXPECT_EQ(calls, 4);
    int sum = 0;
    for (const auto& each : pool.spawn_on_all(add, 1, 1)) sum += co_await each.join();
    EXPECT_EQ(sum, 8);
}

// Fails in one thread, waits in the others.
awaitable<> fail_in(std::thread::id bad, std::atomic<int>* cancelled) {
    if (std::this_thread::get_id() == bad) throw std::runtime_error("port taken");
    try {
        co_await brio::sleep(1h);
    } catch (const brio::cancelled_error&) {
        ++*cancelled;
        throw;
    }
}

BRIO_TEST_REAL_TIME(loop_pool, run_on_all_stops_the_others_when_one_fails) {
    const loop_pool pool(3);
    const auto bad = co_await pool.on(1).run(where_am_i);
    std::atomic<int> cancelled{0};
    EXPECT_EQ(co_await end_of(pool.run_on_all(fail_in, bad, &cancelled)), "{port taken}");
    EXPECT_LE(cancelled, 2);  // those that had begun
    auto waiting = create_task(pool.run_on_all(fail_in, std::thread::id(), &cancelled));
    co_await brio::sleep(1ms);
    waiting.cancel();
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled");
}

TEST(loop_pool, its_threads_take_no_signals) {
    const loop_pool pool(1);
    const auto blocked = [] {
        sigset_t now;
        ::pthread_sigmask(SIG_SETMASK, nullptr, &now);
        return std::string(sigismember(&now, SIGTERM) ? "term " : "") + (sigismember(&now, SIGSEGV) ? "segv" : "");
    };
    EXPECT_EQ(pool.spawn(blocked).get(), "term ");
}

// Each call goes on to the next loop, to the given depth.
awaitable<int> hop(const loop_pool* pool, int depth) {
    if (depth == 0) co_return 0;
    co_return 1 + co_await pool->run(hop, pool, depth - 1);
}

BRIO_TEST_REAL_TIME(loop_pool, many_calls_that_call_other_loops) {
    const loop_pool pool(4);
    std::vector<brio::task<int>> calls;
    for (int i = 0; i < 200; ++i) calls.push_back(create_task(pool.run(hop, &pool, 10)));
    for (const auto& each : calls) EXPECT_EQ(co_await each.join(), 10);
}

BRIO_TEST_REAL_TIME(loop_pool, cancels_at_any_moment) {
    const loop_pool pool(4);
    int values = 0;
    int cancelled = 0;
    for (int round = 0; round < 300; ++round) {
        auto waiting = create_task(pool.run(hop, &pool, 5));
        for (int turns = round % 17; turns > 0; --turns) co_await brio::sleep(0s);
        if (round % 3 == 0) co_await brio::sleep(std::chrono::microseconds(round % 50));
        waiting.cancel();
        if (round % 2) waiting.cancel();
        ++(co_await end_of(waiting.join()) == "5" ? values : cancelled);
    }
    EXPECT_EQ(values + cancelled, 300);
    EXPECT_GT(cancelled, 0);
}

TEST(loop_pool, cancelled_at_each_await) {
    static const loop_pool pool(2);
    for (const auto& each : pool.spawn_on_all(add, 1, 1)) each.get();  // their descriptors are there now
    const brio::testing::scenario_report report = brio::testing::cancel_at_each_await([]() -> awaitable<> {
        EXPECT_EQ(co_await pool.run(hop, &pool, 2), 2);
        brio::testing::cancel_point();
        auto second = create_task(pool.run(add, 1, 1));
        const auto third = pool.spawn(add, 2, 2);
        EXPECT_EQ(co_await second.join(), 2);
        EXPECT_EQ(co_await third.join(), 4);
    }, brio::testing::scenario_options().allow_leftovers());
    EXPECT_GT(report.injected, 5u);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// thread_pool: its threads, its queue, its end.
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"
#include "unit/thread/gate.hpp"
#include "unit/thread/pool_call.hpp"

#include <brio/testing/test.hpp>

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::run_in_executor;
using brio::thread_pool;
using brio_test::end_of;
using brio_test::gate;
using brio_test::open_at_exit;
using brio_test::settle;

TEST(thread_pool, its_size) {
    EXPECT_EQ(thread_pool(3).max_threads(), 3U);
    EXPECT_EQ(thread_pool(0).max_threads(), 1U);
    EXPECT_EQ(thread_pool().max_threads(), thread_pool::default_size());
    EXPECT_GE(thread_pool::default_size(), 5U);
    EXPECT_LE(thread_pool::default_size(), 32U);
}

BRIO_TEST(thread_pool, THR_6_uses_no_more_threads_than_it_may) {
    thread_pool pool(3);
    std::mutex mutex;
    std::set<std::thread::id> threads;
    std::atomic<int> inside = 0;
    std::atomic<int> most = 0;
    auto work = [&] {
        const int now = ++inside;
        for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::sleep_for(1ms);
        --inside;
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
    };
    std::vector<awaitable<>> calls;
    for (int i = 0; i < 30; ++i) {
        calls.push_back([](thread_pool& on, auto& call) -> awaitable<> { co_await run_in_executor(on, std::ref(call)); }(pool, work));
    }
    co_await brio::gather(std::move(calls));
    EXPECT_LE(most, 3);
    EXPECT_LE(threads.size(), 3U);
}

BRIO_TEST(thread_pool, an_idle_thread_is_used_again) {
    thread_pool pool(8);
    std::set<std::thread::id> threads;
    for (int i = 0; i < 10; ++i) {
        threads.insert(co_await run_in_executor(pool, [] { return std::this_thread::get_id(); }));
        co_await brio::to_thread([] { std::this_thread::sleep_for(2ms); });  // it gets back to its queue meanwhile
    }
    EXPECT_LE(threads.size(), 2U);
}

BRIO_TEST(thread_pool, a_single_thread_works_in_the_order_of_the_calls) {
    thread_pool pool(1);
    std::string order;
    auto append = [&order](char name) { order += name; };
    std::vector<brio::task<>> tasks;
    for (char name = 'a'; name <= 'h'; ++name) tasks.push_back(create_task(run_in_executor(pool, append, name)));
    co_await brio::gather(tasks);
    EXPECT_EQ(order, "abcdefgh");
}

BRIO_TEST(thread_pool, threads_that_are_needed_at_once_are_there) {
    thread_pool pool(4);
    std::atomic<int> arrived = 0;
    auto meet = [&arrived] {
        ++arrived;
        for (int i = 0; i < 20000 && arrived < 4; ++i) std::this_thread::sleep_for(1ms);
        return arrived.load();
    };
    const auto got = co_await brio::gather(run_in_executor(pool, meet), run_in_executor(pool, meet),
                                           run_in_executor(pool, meet), run_in_executor(pool, meet));
    EXPECT_EQ(got, std::tuple(4, 4, 4, 4));
}

BRIO_TEST(thread_pool, a_call_that_waits_for_a_later_one_does_not_hold_it_up) {
    thread_pool pool(2);
    for (int round = 0; round < 50; ++round) {
        gate go_on;
        const open_at_exit guard(go_on);
        auto wait = [&go_on] { return go_on.wait(); };
        auto open = [&go_on] { go_on.open(); };
        auto waiting = create_task(run_in_executor(pool, wait));
        auto opening = create_task(run_in_executor(pool, open));
        EXPECT_TRUE(co_await waiting.join());
        co_await opening.join();
    }
}

template <class Pool>
concept an_executor = requires(Pool& pool) { run_in_executor(pool, [] {}); };

TEST(thread_pool, THR_9_only_a_thread_pool_will_do) {
    static_assert(an_executor<thread_pool>);
    static_assert(!an_executor<int>);
    static_assert(!std::is_copy_constructible_v<thread_pool>);
}

BRIO_TEST(thread_pool, THR_10_after_shutdown_submissions_are_an_error) {
    thread_pool pool(2);
    EXPECT_EQ(co_await run_in_executor(pool, [] { return 1; }), 1);
    pool.shutdown();
    pool.shutdown();
    bool called = false;
    std::string text = co_await end_of(run_in_executor(pool, [&called] { called = true; }));
    EXPECT_NE(text.find("shut down"), text.npos) << text;
    EXPECT_FALSE(called);
    auto task = create_task(run_in_executor(pool, [] {}));
    EXPECT_THROW(co_await task.join(), brio::loop_error);
    co_await brio::sleep(1s);  // and the task that caught the error is well
}

BRIO_TEST(thread_pool, THR_10_what_has_not_begun_is_abandoned_and_its_waiter_told) {
    thread_pool pool(1);
    gate go_on;
    gate begun;
    bool called = false;
    const open_at_exit guard(go_on);
    auto running = create_task(run_in_executor(pool, [&] {
        begun.open();
        return go_on.wait();
    }));
    auto queued = create_task(run_in_executor(pool, [&called] { called = true; }));
    co_await settle();
    EXPECT_TRUE(begun.wait());
    brio::thread_pool opener(1);
    auto opening = create_task(run_in_executor(opener, [&go_on] {
        std::this_thread::sleep_for(5ms);
        go_on.open();
    }));
    co_await settle();
    pool.shutdown();  // waits for what runs
    EXPECT_TRUE(co_await running.join());
    EXPECT_THROW(co_await queued.join(), brio::loop_error);
    EXPECT_FALSE(called);
    co_await opening.join();
}

// A process, or the library that they come from, may end right after.
TEST(thread_pool, its_threads_have_ended_with_all_that_is_theirs_when_shutdown_returns) {
    static std::atomic<int> ended = 0;
    struct of_a_thread {
        ~of_a_thread() {
            std::this_thread::sleep_for(30ms);
            ++ended;
        }
        int jobs = 0;
    };
    thread_pool pool(2);
    gate both;
    std::atomic<int> begun = 0;
    const auto job = [&](brio_test::pool_call& self) {
        thread_local of_a_thread mine;
        ++mine.jobs;
        if (++begun == 2) both.open();
        both.wait();
        delete &self;
    };
    for (int i = 0; i < 2; ++i) pool.submit(*new brio_test::pool_call(job));
    both.wait();
    pool.shutdown();
    EXPECT_EQ(ended, 2);
}

// cpython#111358: a stuck thread must not hold up the end for ever.
TEST(thread_pool, a_stuck_thread_is_left_behind_after_the_grace) {
    static gate begun;  // these outlive the thread, whatever happens
    static gate go_on;
    static gate finished;
    std::vector<std::string> lines;
    const brio::log_sink before =
        brio::set_log_sink([&lines](brio::log_level, std::string_view text) { lines.emplace_back(text); });
    {
        thread_pool pool(1);
        brio::run([&]() -> awaitable<> {
            auto task = create_task(run_in_executor(pool, [] {
                begun.open();
                go_on.wait();
                finished.open();
            }));
            co_await brio::sleep(0s);
            EXPECT_TRUE(begun.wait());
            task.cancel();
        });
        const auto begin = std::chrono::steady_clock::now();
        pool.shutdown(10ms);
        const auto took = std::chrono::steady_clock::now() - begin;
        EXPECT_GE(took, 10ms);
        EXPECT_LT(took, 10s);
        go_on.open();
    }
    brio::set_log_sink(before);
    EXPECT_TRUE(finished.wait());
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_NE(lines[0].find("left behind"), std::string::npos) << lines[0];
}

TEST(thread_pool, one_pool_serves_several_loops) {
    thread_pool pool(2);
    auto work = [&pool](int base) {
        return brio::run([&pool, base]() -> awaitable<int> {
            int sum = 0;
            for (int i = 0; i < 50; ++i) sum += co_await run_in_executor(pool, [](int n) { return n; }, base + i);
            co_return sum;
        });
    };
    int first = 0;
    std::thread other([&] { first = work(0); });
    const int second = work(1000);
    other.join();
    EXPECT_EQ(first, 49 * 50 / 2);
    EXPECT_EQ(second, 50 * 1000 + 49 * 50 / 2);
}

// In both: whoever waited wrongly would report a thread that was left behind.
TEST(thread_pool, a_grace_without_end_waits_for_what_runs) {
    brio_test::captured_log log;
    thread_pool pool(1);
    gate begun;
    gate may_end;
    std::atomic<bool> ended = false;
    const auto job = [&](brio_test::pool_call& call) {
        begun.open();
        may_end.wait();
        ended = true;
        delete &call;
    };
    pool.submit(*new brio_test::pool_call(job));
    EXPECT_TRUE(begun.wait());
    std::thread opener([&pool, &may_end] {
        brio_test::wait_until_closed(pool);
        may_end.open();
    });
    pool.shutdown(std::chrono::steady_clock::duration::max());
    EXPECT_TRUE(ended);
    EXPECT_EQ(log.count("left behind"), 0U) << log.text();
    opener.join();
}

TEST(thread_pool, one_that_is_shut_down_by_its_own_thread_does_not_wait_for_itself) {
    brio_test::captured_log log;
    gate done;
    {
        thread_pool pool(2);
        const auto job = [&](brio_test::pool_call& call) {
            pool.shutdown(2s);
            done.open();
            delete &call;
        };
        pool.submit(*new brio_test::pool_call(job));
        EXPECT_TRUE(done.wait());
    }
    EXPECT_EQ(log.count("left behind"), 0U) << log.text();
}

}  // namespace

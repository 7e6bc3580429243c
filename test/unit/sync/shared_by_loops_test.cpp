// SPDX-License-Identifier: BSL-1.0
// Primitives where they do not belong: tasks of two loops in one, and awaits outside of any task.
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <functional>
#include <string>

namespace {

using brio::awaitable;
using brio_test::text_of;

brio::run_options plain() { return brio::run_options().handle_sigint(false); }

// What a task of a second loop gets for `make_wait()` while a task of a first loop waits there. One thread drives both.
template <class MakeWait>
std::string wait_in_two_loops(MakeWait make_wait, const std::function<void()>& then = nullptr) {
    std::string end = "no error";
    brio::runner first(plain());
    auto begin = [&]() -> awaitable<brio::task<>> {
        auto waiting = brio::create_task([&]() -> awaitable<> { static_cast<void>(co_await make_wait()); });
        co_await brio_test::settle();
        co_return waiting;
    };
    auto waiting = first.run(begin());
    {
        brio::runner second(plain());
        auto join_in = [&]() -> awaitable<> {
            try {
                static_cast<void>(co_await make_wait());
            } catch (const brio::loop_error& e) {
                end = e.what();
            }
        };
        second.run(join_in());
    }
    if (then) then();
    auto finish = [&]() -> awaitable<> {
        waiting.cancel();
        static_cast<void>(co_await brio_test::end_of(waiting.join()));
    };
    first.run(finish());
    return end;
}

const std::string hint =
    ": a task of another loop waits there already; tasks of different loops cannot share it, talk with "
    "call_soon_threadsafe";

TEST(shared_by_loops, tasks_of_two_loops_cannot_wait_in_one_primitive) {
    brio::event event;
    const auto event_wait = [&] { return event.wait(); };
    EXPECT_EQ(wait_in_two_loops(event_wait), "event.wait()" + hint);
    brio::semaphore semaphore(0);
    const auto semaphore_acquire = [&] { return semaphore.acquire(); };
    EXPECT_EQ(wait_in_two_loops(semaphore_acquire), "semaphore.acquire()" + hint);
    brio::barrier barrier(3);
    const auto barrier_wait = [&] { return barrier.wait(); };
    EXPECT_EQ(wait_in_two_loops(barrier_wait), "barrier.wait()" + hint);
    brio::queue<int> empty;
    const auto empty_get = [&] { return empty.get(); };
    EXPECT_EQ(wait_in_two_loops(empty_get), "queue.get()" + hint);
    brio::queue<int> full(1);
    full.put_nowait(1);
    const auto full_put = [&] { return full.put(1); };
    EXPECT_EQ(wait_in_two_loops(full_put), "queue.put()" + hint);
    brio::lock lock;
    auto held = lock.try_acquire();
    const auto lock_acquire = [&] { return lock.acquire(); };
    EXPECT_EQ(wait_in_two_loops(lock_acquire), "lock.acquire()" + hint);
}

TEST(shared_by_loops, a_condition_keeps_its_lock_when_the_wait_cannot_begin) {
    brio::condition changed;
    const auto make_wait = [&changed] {
        changed.try_acquire()->detach();
        return changed.wait();
    };
    const auto release = [&changed] {
        EXPECT_TRUE(changed.locked());
        changed.release();
    };
    EXPECT_EQ(wait_in_two_loops(make_wait, release), "condition.wait()" + hint);
    EXPECT_TRUE(changed.locked()) << "the first wait has taken it again";
}

TEST(shared_by_loops, one_loop_after_the_other_is_fine) {
    brio::semaphore permits(1);
    brio::barrier meeting(2);
    auto body = [&]() -> awaitable<> {
        const auto guard = co_await permits.acquire();
        auto other = brio::create_task(meeting.wait());
        co_await brio_test::settle();
        static_cast<void>(co_await meeting.wait());
        co_await other.join();
    };
    for (int i = 0; i < 2; ++i) brio::run(body(), plain());
    EXPECT_EQ(permits.value(), 1);
}

// What a coroutine that is no brio task gets from `make_wait()`.
template <class MakeWait>
std::string wait_without_a_loop(MakeWait make_wait) {
    boost::asio::io_context context;
    std::string end = "still waiting";
    auto body = [&]() -> awaitable<> {
        static_cast<void>(co_await make_wait());
        end = "done";
    };
    boost::asio::co_spawn(context, body, [&end](std::exception_ptr error) {
        if (error) end = text_of(error);
    });
    context.run();
    return end;
}

TEST(shared_by_loops, a_wait_outside_of_a_loop_is_an_error_and_changes_nothing) {
    const std::string need = " needs a running event loop: call it from a task inside brio::run()";
    brio::semaphore permits(0);
    EXPECT_EQ(wait_without_a_loop([&] { return permits.acquire(); }), "semaphore.acquire()" + need);
    permits.release();
    EXPECT_EQ(permits.value(), 1);
    brio::barrier meeting(2);
    EXPECT_EQ(wait_without_a_loop([&] { return meeting.wait(); }), "barrier.wait()" + need);
    EXPECT_EQ(meeting.n_waiting(), 0U);
    brio::condition changed;
    auto held = changed.try_acquire();
    EXPECT_EQ(wait_without_a_loop([&] { return changed.wait(); }), "condition.wait()" + need);
    EXPECT_TRUE(changed.locked());
    held->unlock();
    EXPECT_FALSE(changed.locked());
    brio::priority_queue<int> q;
    EXPECT_EQ(wait_without_a_loop([&] { return q.get(); }), "queue.get()" + need);
}

}  // namespace

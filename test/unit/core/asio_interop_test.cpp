// SPDX-License-Identifier: BSL-1.0
// Raw Asio inside brio tasks: whose step it is, how it is cancelled, what must not go wrong.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/local/connect_pair.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <atomic>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using asio::local::stream_protocol;
using boost::system::system_error;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_errors;
using brio_test::contains;

asio::io_context& context() { return brio::get_running_loop().context(); }

awaitable<> raw_wait(brio::loop::duration length) {
    asio::steady_timer timer(context(), length);
    co_await timer.async_wait(asio::use_awaitable);
}

BRIO_TEST_REAL_TIME(asio_interop, current_task_is_right_after_use_awaitable) {
    const auto self = brio::current_task();
    asio::steady_timer timer(context(), 1ms);
    co_await timer.async_wait(asio::use_awaitable);
    EXPECT_EQ(brio::current_task(), self);
    co_await brio::sleep(0s);
    EXPECT_EQ(brio::current_task(), self);
}

BRIO_TEST_REAL_TIME(asio_interop, current_task_is_right_after_deferred) {
    const auto self = brio::current_task();
    asio::steady_timer timer(context(), 1ms);
    co_await timer.async_wait(asio::deferred);
    EXPECT_EQ(brio::current_task(), self);
    co_await asio::post(co_await asio::this_coro::executor, asio::deferred);
    EXPECT_EQ(brio::current_task(), self);
    co_await asio::post(context(), asio::deferred);
    EXPECT_EQ(brio::current_task(), self);
}

BRIO_TEST_REAL_TIME(asio_interop, many_tasks_with_raw_waits_keep_apart) {
    int wrong = 0;
    const auto body = [&wrong](int rounds) -> awaitable<> {
        const auto self = brio::current_task();
        for (int i = 0; i < rounds; ++i) {
            co_await raw_wait(std::chrono::microseconds(100 * (i % 3)));
            if (brio::current_task() != self) ++wrong;
            co_await brio::sleep(0s);
            if (brio::current_task() != self) ++wrong;
        }
    };
    std::vector<awaitable<>> tasks;
    for (int i = 0; i < 20; ++i) tasks.push_back(body(5 + i));
    co_await brio::gather(std::move(tasks));
    EXPECT_EQ(wrong, 0);
}

BRIO_TEST_REAL_TIME(asio_interop, CAN_23_a_raw_wait_is_cancelled_by_cancel) {
    auto task = create_task(raw_wait(1h));
    co_await brio::sleep(1ms);
    EXPECT_TRUE(task.cancel("raw"));
    std::string message;
    try {
        co_await task.join();
    } catch (const brio::cancelled_error& e) {
        message = e.message();
    }
    EXPECT_EQ(message, "raw");
    EXPECT_TRUE(task.cancelled());
}

BRIO_TEST_REAL_TIME(asio_interop, deferred_is_cancelled_by_cancel) {
    auto task = create_task([]() -> awaitable<> {
        asio::steady_timer timer(context(), 1h);
        co_await timer.async_wait(asio::deferred);
    });
    co_await brio::sleep(1ms);
    task.cancel();
    EXPECT_THROW(co_await task.join(), brio::cancelled_error);
}

BRIO_TEST_REAL_TIME(asio_interop, operation_aborted_without_a_request_is_a_failure) {
    asio::steady_timer timer(context(), 1h);
    auto task = create_task([&timer]() -> awaitable<> { co_await timer.async_wait(asio::use_awaitable); });
    co_await brio::sleep(1ms);
    timer.cancel();
    EXPECT_THROW(co_await task.join(), system_error);
    EXPECT_FALSE(task.cancelled());
}

BRIO_TEST_REAL_TIME(asio_interop, operation_aborted_caught_is_followed_by_cancelled_error) {
    std::string trace;
    auto task = create_task([&trace]() -> awaitable<> {
        try {
            co_await raw_wait(1h);
        } catch (const system_error& e) {
            trace += e.code() == asio::error::operation_aborted ? "aborted " : "other ";
        }
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
            trace += "cancelled ";
        }
        co_await brio::sleep(1ms);
        co_await raw_wait(1ms);
        trace += "went on";
    });
    co_await brio::sleep(1ms);
    task.cancel();
    co_await task.join();
    EXPECT_EQ(trace, "aborted cancelled went on");
}

BRIO_TEST_REAL_TIME(asio_interop, CAN_10_self_cancel_then_a_raw_wait_is_interrupted) {
    auto task = create_task([]() -> awaitable<> {
        brio::current_task().cancel();
        co_await raw_wait(1h);
    });
    EXPECT_THROW(co_await task.join(), brio::cancelled_error);
    EXPECT_TRUE(task.cancelled());
}

BRIO_TEST_WITH(asio_interop, a_cancel_between_completion_and_resumption_keeps_the_result, brio::testing::case_options().real_time().fifo()) {
    bool completed = false;
    auto task = create_task([&completed]() -> awaitable<> {
        co_await asio::post(context(), asio::use_awaitable);  // has no cancellation: it completes whatever happens
        completed = true;
        co_await brio::sleep(1h);
    });
    co_await brio::sleep(0s);
    task.cancel();
    EXPECT_THROW(co_await task.join(), brio::cancelled_error);
    EXPECT_TRUE(completed);
}

BRIO_TEST_REAL_TIME(asio_interop, a_socket_made_in_one_task_works_in_another) {
    struct pair {
        explicit pair(asio::io_context& target) : a(target), b(target) { asio::local::connect_pair(a, b); }
        stream_protocol::socket a;
        stream_protocol::socket b;
    };
    auto maker = create_task([]() -> awaitable<std::shared_ptr<pair>> { co_return std::make_shared<pair>(context()); });
    const auto sockets = co_await maker.join();
    maker = {};
    auto reader = create_task([&sockets]() -> awaitable<std::string> {
        const auto self = brio::current_task();
        std::string text(5, ' ');
        co_await asio::async_read(sockets->b, asio::buffer(text), asio::use_awaitable);
        EXPECT_EQ(brio::current_task(), self);
        co_return text;
    });
    auto writer = create_task([&sockets]() -> awaitable<> {
        co_await asio::async_write(sockets->a, asio::buffer("he", 2), asio::use_awaitable);
        co_await brio::sleep(1ms);
        co_await asio::async_write(sockets->a, asio::buffer("llo", 3), asio::use_awaitable);
    });
    EXPECT_EQ(co_await reader.join(), "hello");
    co_await writer.join();
}

BRIO_TEST_REAL_TIME(asio_interop, a_socket_on_a_tasks_executor_may_outlive_the_task) {
    std::optional<stream_protocol::socket> a;
    std::optional<stream_protocol::socket> b;
    auto maker = create_task([&]() -> awaitable<> {
        auto executor = co_await asio::this_coro::executor;
        a.emplace(executor);
        b.emplace(executor);
        asio::local::connect_pair(*a, *b);
    });
    co_await maker.join();
    maker = {};
    const auto self = brio::current_task();
    co_await asio::async_write(*a, asio::buffer("x", 1), asio::use_awaitable);
    char byte = 0;
    co_await asio::async_read(*b, asio::buffer(&byte, 1), asio::use_awaitable);
    EXPECT_EQ(byte, 'x');
    EXPECT_EQ(brio::current_task(), self);
}

BRIO_TEST_REAL_TIME(asio_interop, posts_from_other_threads_reach_the_tasks_executor) {
    const auto self = brio::current_task();
    const auto executor = co_await asio::this_coro::executor;
    std::atomic<int> calls{0};
    std::atomic<bool> wrong{false};
    brio::event all;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, executor] {
            for (int k = 0; k < 100; ++k) {
                asio::post(executor, [&] {
                    if (brio::current_task() != self) wrong = true;
                    if (++calls == 400) all.set();
                });
            }
        });
    }
    co_await all.wait();
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(calls, 400);
    EXPECT_FALSE(wrong);
}

BRIO_TEST_REAL_TIME(asio_interop, an_executor_kept_beyond_the_tasks_life_still_runs_functions) {
    asio::any_io_executor kept;
    auto task = create_task([&kept]() -> awaitable<> { kept = co_await asio::this_coro::executor; });
    co_await task.join();
    task = {};
    int calls = 0;
    bool had_task = true;
    for (int i = 0; i < 3; ++i) {
        asio::post(kept, [&] {
            ++calls;
            had_task = static_cast<bool>(brio::current_task());
        });
    }
    co_await brio::sleep(1ms);
    EXPECT_EQ(calls, 3);
    EXPECT_FALSE(had_task) << "the task is over";
    std::thread([&] { asio::post(kept, [&calls] { ++calls; }); }).join();
    co_await brio::sleep(1ms);
    EXPECT_EQ(calls, 4);
}

BRIO_TEST_REAL_TIME(asio_interop, an_exception_of_a_posted_function_does_not_end_the_task) {
    captured_errors errors(brio::get_running_loop());
    auto task = create_task([]() -> awaitable<int> {
        asio::post(co_await asio::this_coro::executor, [] { throw std::runtime_error("posted"); });
        co_await brio::sleep(2ms);
        co_return 5;
    });
    EXPECT_EQ(co_await task.join(), 5);
    EXPECT_EQ(errors.size(), 1U);
    EXPECT_TRUE(contains(errors.text(), "posted")) << errors.text();
    brio::get_running_loop().set_exception_handler({});
}

// An asynchronous operation whose initiating function throws.
template <class Token>
auto async_broken(Token&& token) {
    return asio::async_initiate<Token, void()>([](auto&&) { throw std::runtime_error("cannot begin"); }, token);
}

BRIO_TEST_REAL_TIME(asio_interop, an_initiation_that_throws_ends_only_that_task) {
    int live = 0;
    bool went_on = false;
    auto task = create_task([&]() -> awaitable<> {
        const brio_test::counted here(live);
        co_await brio::sleep(0s);
        co_await async_broken(asio::use_awaitable);
        went_on = true;
    });
    auto neighbour = create_task([]() -> awaitable<int> {
        co_await brio::sleep(2ms);
        co_return 3;
    });
    std::string text;
    try {
        co_await task.join();
    } catch (const std::runtime_error& e) {
        text = e.what();
    }
    EXPECT_EQ(text, "cannot begin");
    EXPECT_FALSE(went_on);
    EXPECT_EQ(co_await neighbour.join(), 3);
    co_await brio::sleep(1ms);
    EXPECT_EQ(live, 0) << "the coroutine's frame leaked";
}

BRIO_TEST_REAL_TIME(asio_interop, the_same_after_a_raw_wait) {
    int live = 0;
    auto task = create_task([&live]() -> awaitable<> {
        const brio_test::counted here(live);
        co_await raw_wait(1ms);
        co_await async_broken(asio::deferred);
    });
    EXPECT_THROW(co_await task.join(), std::runtime_error);
    task = {};
    co_await brio::sleep(1ms);
    EXPECT_EQ(live, 0);
}

BRIO_TEST_REAL_TIME(asio_interop, a_co_spawned_coroutine_that_awaits_a_brio_operation_gets_loop_error) {
    std::string text;
    brio::event done;
    asio::co_spawn(
        context(),
        [&]() -> awaitable<> {
            try {
                co_await brio::sleep(1ms);
            } catch (const brio::loop_error& e) {
                text = e.what();
            }
            co_await raw_wait(1ms);
            done.set();
        },
        asio::detached);
    co_await done.wait();
    EXPECT_TRUE(contains(text, "outside of a brio task")) << text;
    EXPECT_TRUE(contains(text, "create_task")) << text;
}

BRIO_TEST_REAL_TIME(asio_interop, a_coroutine_co_spawned_on_the_tasks_executor_is_not_the_task) {
    std::string text;
    brio::event done;
    asio::co_spawn(
        co_await asio::this_coro::executor,
        [&]() -> awaitable<> {
            try {
                co_await brio::sleep(1ms);
            } catch (const brio::loop_error& e) {
                text = e.what();
            }
            done.set();
        },
        asio::detached);
    co_await done.wait();
    EXPECT_TRUE(contains(text, "outside of a brio task")) << text;
}

BRIO_TEST_REAL_TIME(asio_interop, awaitable_operators_work_on_raw_operations) {
    using namespace asio::experimental::awaitable_operators;
    const auto self = brio::current_task();
    const auto winner = co_await (raw_wait(1ms) || raw_wait(1h));
    EXPECT_EQ(winner.index(), 0U);
    EXPECT_EQ(brio::current_task(), self);
    co_await (raw_wait(1ms) && raw_wait(2ms));
    EXPECT_EQ(brio::current_task(), self);
}

asio::awaitable<int> plain_asio() {
    asio::steady_timer timer(co_await asio::this_coro::executor, 1ms);
    co_await timer.async_wait(asio::use_awaitable);
    co_return 6;
}

TEST(asio_interop, any_asio_awaitable_can_be_run) { EXPECT_EQ(brio::run(plain_asio()), 6); }

BRIO_TEST_REAL_TIME(asio_interop, any_asio_awaitable_can_be_spawned_gathered_and_limited) {
    auto task = create_task(plain_asio());
    const auto both = co_await brio::gather(plain_asio(), task);
    EXPECT_EQ(std::get<0>(both) + std::get<1>(both), 12);
    EXPECT_EQ(co_await brio::wait_for(plain_asio(), 5s), 6);
    EXPECT_EQ(co_await brio::with_timeout(5s, plain_asio), 6);
    EXPECT_EQ(co_await plain_asio(), 6);
}

BRIO_TEST_REAL_TIME(asio_interop, a_deadline_interrupts_a_raw_wait) {
    EXPECT_THROW(co_await brio::wait_for(raw_wait(1h), 2ms), brio::timeout_error);
}

BRIO_TEST_REAL_TIME(asio_interop, leftovers_in_raw_waits_are_cancelled_by_the_shutdown) {
    bool stopped = false;
    auto other = brio::to_thread([&stopped] {
        brio::run([&stopped]() -> awaitable<> {
            create_task([&stopped]() -> awaitable<> {
                try {
                    co_await raw_wait(1h);
                } catch (const system_error&) {
                    stopped = true;
                    throw;
                }
            });
            co_await brio::sleep(1ms);
        });
    });
    co_await std::move(other);
    EXPECT_TRUE(stopped);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// run and runner: values, errors, leftovers, closing.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>
#include <brio/testing/virtual_clock.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_log;
using brio_test::contains;
using brio_test::thrown_by;

template <class X>
concept runnable = requires(X x) { brio::run(std::move(x)); };

awaitable<int> answer() { co_return 42; }
awaitable<int> sum(int a, std::unique_ptr<int> b) {
    co_await brio::sleep(0s);
    co_return a + *b;
}
awaitable<> fail(const char* text) {
    co_await brio::sleep(0s);
    throw std::runtime_error(text);
}

TEST(run, RUN_1_gives_mains_value) {
    EXPECT_EQ(brio::run(answer()), 42);
    EXPECT_EQ(brio::run(answer), 42);
    EXPECT_EQ(brio::run(sum, 40, std::make_unique<int>(2)), 42);
    const auto unique = brio::run([]() -> awaitable<std::unique_ptr<int>> { co_return std::make_unique<int>(7); });
    EXPECT_EQ(*unique, 7);
}

TEST(run, RUN_2_an_exception_leaves_run_unchanged) {
    EXPECT_EQ(thrown_by([] { brio::run(fail("the text")); }), "std::runtime_error: the text");
    EXPECT_EQ(thrown_by([] { brio::run([]() -> awaitable<> { throw 5; co_return; }); }),
              "an exception that is no std::exception");
}

TEST(run, RUN_2_cancelled_error_leaves_run_too) {
    EXPECT_THROW(brio::run([]() -> awaitable<> {
        brio::current_task().cancel("by itself");
        co_await brio::sleep(1s);
    }), brio::cancelled_error);
}

TEST(run, RUN_3_what_cannot_be_awaited_does_not_compile) {
    static_assert(!runnable<int>);
    static_assert(!runnable<int (*)()>);
    static_assert(runnable<awaitable<int>>);
    static_assert(runnable<awaitable<int> (*)()>);
}

TEST(run, RUN_4_takes_any_awaitable) {
    brio::event ready;
    ready.set();
    brio::run(ready.wait());
    brio::queue<int> numbers;
    numbers.put_nowait(3);
    EXPECT_EQ(brio::run(numbers.get()), 3);
    EXPECT_EQ(brio::run(boost::asio::awaitable<int>(answer())), 42);
}

TEST(run, RUN_6_inside_a_running_loop_it_fails_and_nothing_begins) {
    bool began = false;
    const auto inner = [&began]() -> awaitable<> {
        began = true;
        co_return;
    };
    const std::string error = brio::run([&]() -> awaitable<std::string> {
        std::string text = thrown_by([&] { brio::run(inner()); });
        co_await brio::sleep(0s);  // the outer loop is unharmed
        co_return text;
    });
    EXPECT_TRUE(contains(error, "loop_error")) << error;
    EXPECT_TRUE(contains(error, "co_await the coroutine instead")) << error;
    EXPECT_FALSE(began);
}

TEST(run, RUN_8_leftovers_are_cancelled_and_awaited) {
    std::string trace;
    const int value = brio::run([&trace]() -> awaitable<int> {
        create_task([&trace]() -> awaitable<> {
            bool stopped = false;
            try {
                co_await brio::sleep(1h);
            } catch (const brio::cancelled_error&) {
                stopped = true;
            }
            co_await brio::sleep(1ms);
            if (stopped) trace += "cleaned up";
        });
        co_await brio::sleep(0s);
        co_return 42;
    });
    EXPECT_EQ(value, 42);
    EXPECT_EQ(trace, "cleaned up");
}

TEST(run, RUN_8_also_when_main_fails) {
    bool stopped = false;
    EXPECT_THROW(brio::run([&stopped]() -> awaitable<> {
        create_task([&stopped]() -> awaitable<> {
            try {
                co_await brio::sleep(1h);
            } catch (const brio::cancelled_error&) {
                stopped = true;
            }
        });
        co_await brio::sleep(0s);
        throw std::runtime_error("main");
    }), std::runtime_error);
    EXPECT_TRUE(stopped);
}

TEST(run, RUN_8_a_task_that_main_created_last_has_begun_before_it_is_cancelled) {
    std::string seen;
    brio::run([&seen]() -> awaitable<> {
        brio::create_task([&seen]() -> awaitable<> {
            seen += "began ";
            try {
                co_await brio::sleep(1h);
            } catch (const brio::cancelled_error&) {
                seen += "cancelled";
                throw;
            }
        });
        co_return;
    });
    EXPECT_EQ(seen, "began cancelled");
}

TEST(run, RUN_8_a_task_made_during_the_shutdown_is_cancelled_too) {
    bool stopped = false;
    const auto begin = std::chrono::steady_clock::now();
    brio::run([&stopped]() -> awaitable<> {
        create_task([&stopped]() -> awaitable<> {
            try {
                co_await brio::sleep(1h);
            } catch (const brio::cancelled_error&) {
                create_task([&stopped]() -> awaitable<> {
                    try {
                        co_await brio::sleep(5s);
                    } catch (const brio::cancelled_error&) {
                        stopped = true;
                        throw;
                    }
                });
            }
            co_await brio::sleep(1ms);
        });
        co_await brio::sleep(0s);
    });
    EXPECT_TRUE(stopped) << "run waited for a task that nobody asked to stop";
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s);
}

TEST(run, RUN_9_errors_of_leftovers_go_to_the_exception_handler) {
    std::string message;
    std::string task;
    std::string place;
    const int value = brio::run([&]() -> awaitable<int> {
        brio::get_running_loop().set_exception_handler([&](const brio::error_context& context) {
            message = context.message();
            task = context.task_name();
            place = context.created_at();
            EXPECT_TRUE(contains(context.to_string(), "while stopping")) << context.to_string();
        });
        const auto leftover = []() -> awaitable<> {
            try {
                co_await brio::sleep(1h);
            } catch (const brio::cancelled_error&) {
                throw std::runtime_error("while stopping");
            }
        };
        create_task(leftover(), "bad leaver");
        co_await brio::sleep(0s);
        co_return 42;
    });
    EXPECT_EQ(value, 42);
    EXPECT_TRUE(contains(message, "shut")) << message;
    EXPECT_EQ(task, "bad leaver");
    EXPECT_TRUE(contains(place, "run_test.cpp:")) << place;
}

TEST(run, RUN_12_the_hook_sees_the_one_loop_that_runs) {
    int calls = 0;
    brio::loop* made = nullptr;
    brio::run(
        [](brio::loop*& expected) -> awaitable<> {
            EXPECT_EQ(&brio::get_running_loop(), expected);
            co_return;
        }(made),
        brio::run_options().on_loop([&](brio::loop& loop) {
            ++calls;
            made = &loop;
        }));
    EXPECT_EQ(calls, 1);
}

TEST(runner, RUN_15_a_closed_runner_has_no_loop) {
    brio::runner runner;
    EXPECT_EQ(runner.run(answer()), 42);
    runner.close();
    EXPECT_TRUE(contains(thrown_by([&runner] { runner.get_loop(); }), "closed"));
}

TEST(runner, RUN_16_close_without_a_run) {
    {
        brio::runner runner;
        runner.close();
        EXPECT_THROW(runner.get_loop(), brio::loop_error);
    }
    bool called = false;
    brio::runner runner;
    runner.get_loop().call_soon([&called] { called = true; });
    runner.close();
    EXPECT_FALSE(called);
}

TEST(runner, RUN_17_closing_twice_does_nothing_more) {
    brio::runner runner;
    runner.run(answer());
    runner.close();
    runner.close();
}

TEST(runner, RUN_18_a_closed_runner_runs_nothing) {
    brio::runner runner;
    runner.close();
    bool began = false;
    const auto body = [&began]() -> awaitable<> {
        began = true;
        co_return;
    };
    EXPECT_THROW(runner.run(body()), brio::loop_error);
    EXPECT_FALSE(began);
}

TEST(runner, several_runs_share_one_loop) {
    brio::runner runner;
    brio::task<int> carried;
    const auto first = [&carried]() -> awaitable<> {
        carried = create_task([]() -> awaitable<int> {
            co_await brio::sleep(1ms);
            co_return 9;
        });
        co_return;
    };
    const auto second = [&carried]() -> awaitable<int> { co_return co_await carried.join(); };
    runner.run(first());
    EXPECT_FALSE(carried.done());
    EXPECT_EQ(runner.run(second()), 9);
}

TEST(runner, the_destructor_closes) {
    bool stopped = false;
    {
        brio::runner runner;
        const auto body = [&stopped]() -> awaitable<> {
            create_task([&stopped]() -> awaitable<> {
                try {
                    co_await brio::sleep(1h);
                } catch (const brio::cancelled_error&) {
                    stopped = true;
                }
            });
            co_await brio::sleep(0s);
        };
        runner.run(body());
        EXPECT_FALSE(stopped);
    }
    EXPECT_TRUE(stopped);
}

TEST(run, RUN_30_leftovers_are_cancelled_once_and_awaited_without_a_limit) {
    brio::testing::virtual_clock clock;
    int seen = 0;
    bool ended = false;
    brio::run(
        [](int& cancels, bool& done) -> awaitable<> {
            create_task([&]() -> awaitable<> {
                for (int i = 0; i < 10; ++i) {
                    try {
                        co_await brio::sleep(1h);
                    } catch (const brio::cancelled_error&) {
                        ++cancels;
                    }
                }
                done = true;
            });
            co_await brio::sleep(0s);
        }(seen, ended),
        brio::run_options().on_loop([&clock](brio::loop& loop) { loop.scheduler().use_clock(&clock); }));
    EXPECT_EQ(seen, 1);
    EXPECT_TRUE(ended);
    EXPECT_EQ(clock.elapsed(), 9h);
}

TEST(run, a_deadlock_in_virtual_time_is_an_error_and_leaves_nothing_behind) {
    captured_log log;
    brio::testing::virtual_clock clock;
    int live = 0;
    const auto body = [&live]() -> awaitable<> {
        const brio_test::counted here(live);
        brio::event never;
        for (;;) {
            try {
                co_await never.wait();
            } catch (const brio::cancelled_error&) {  // will not go
            }
        }
    };
    // Without Ctrl-C, which could end the deadlock.
    auto options = brio::run_options().handle_sigint(false).on_loop(
        [&clock](brio::loop& loop) { loop.scheduler().use_clock(&clock); });
    EXPECT_THROW(brio::run(body(), options), brio::loop_error);
    EXPECT_EQ(live, 0);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// The ends of generators: closed, dropped, left behind (asyncio.md 2.31).
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <optional>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::generator;
using brio::make_generator;
using brio::yielder;
using brio_test::end_of;
using brio_test::settle;

// Yields for ever; cleans up for 20 ms when it is stopped.
awaitable<> with_cleanup(yielder<int> yield, std::string& log) {
    std::exception_ptr stopped;
    try {
        for (int i = 1;; ++i) co_await yield(i);
    } catch (const brio::generator_exit&) {
        log += "exit ";
        stopped = std::current_exception();
    } catch (const brio::cancelled_error&) {
        log += "cancel ";
        stopped = std::current_exception();
    }
    co_await brio::sleep(20ms);
    log += "clean ";
    std::rethrow_exception(stopped);
}

awaitable<> yields_in_cleanup(yielder<int> yield, std::string& log) {
    struct on_end {
        std::string& log;
        ~on_end() { log += "destroyed "; }
    } const end{log};
    bool stopped = false;
    try {
        co_await yield(1);
    } catch (const brio::generator_exit&) {
        stopped = true;
    }
    co_await brio::sleep(1ms);
    if (stopped) co_await yield(12);
    log += "never ";
}

BRIO_TEST(generator_close, AG_5_runs_the_clean_up_with_its_awaits) {
    std::string log;
    auto numbers = make_generator<int>(with_cleanup, std::ref(log));
    co_await numbers.next();
    const auto begin = brio::get_running_loop().time();
    co_await numbers.close();
    EXPECT_EQ(log, "exit clean ");
    EXPECT_EQ(brio::get_running_loop().time() - begin, 20ms);
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
}

BRIO_TEST(generator_close, AG_5_yielding_during_close_is_an_error) {
    std::string log;
    auto numbers = make_generator<int>(yields_in_cleanup, std::ref(log));
    co_await numbers.next();
    EXPECT_TRUE(brio_test::contains(co_await end_of(numbers.close()), "yielded while it was being closed"));
    EXPECT_EQ(log, "destroyed ");
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
    co_await numbers.close();
}

BRIO_TEST(generator_close, AG_6_an_exhausted_or_closed_one_is_left_alone) {
    std::string log;
    auto closed = make_generator<int>(with_cleanup, std::ref(log));
    co_await closed.next();
    co_await closed.close();
    co_await closed.close();
    EXPECT_EQ(log, "exit clean ");

    auto exhausted = make_generator<int>([](yielder<int> yield) -> awaitable<> { co_await yield(1); });
    co_await exhausted.next();
    co_await exhausted.next();
    co_await exhausted.close();
    EXPECT_EQ(co_await exhausted.next(), std::nullopt);

    auto failed = make_generator<int>([](yielder<int> yield) -> awaitable<> {
        co_await yield(1);
        throw std::runtime_error("broken");
    });
    co_await failed.next();
    EXPECT_EQ(co_await end_of(failed.next()), "broken");
    EXPECT_EQ(co_await end_of(failed.close()), "done");
}

BRIO_TEST(generator_close, one_that_has_not_begun_never_begins) {
    std::string log;
    auto numbers = make_generator<int>(with_cleanup, std::ref(log));
    co_await numbers.close();
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
    EXPECT_EQ(log, "");
}

BRIO_TEST(generator_close, a_body_may_answer_by_returning_or_by_an_error) {
    auto returns = make_generator<int>([](yielder<int> yield) -> awaitable<> {
        try {
            co_await yield(1);
        } catch (const brio::generator_exit&) {
        }
    });
    co_await returns.next();
    EXPECT_EQ(co_await end_of(returns.close()), "done");

    auto fails = make_generator<int>([](yielder<int> yield) -> awaitable<> {
        try {
            co_await yield(1);
        } catch (const brio::generator_exit&) {
            throw std::runtime_error("clean-up failed");
        }
    });
    co_await fails.next();
    EXPECT_EQ(co_await end_of(fails.close()), "clean-up failed");
    EXPECT_EQ(co_await end_of(fails.close()), "done");
}

BRIO_TEST(generator_close, handlers_of_ordinary_errors_do_not_catch_the_exit) {
    std::string log;
    auto numbers = make_generator<int>([&log](yielder<int> yield) -> awaitable<> {
        try {
            co_await yield(1);
        } catch (const std::exception&) {
            log += "caught";
        }
        log += "went on";
    });
    co_await numbers.next();
    co_await numbers.close();
    EXPECT_EQ(log, "");
}

BRIO_TEST(generator_close, a_cancel_is_thrown_inside_the_clean_up) {
    std::string log;
    auto numbers = make_generator<int>(with_cleanup, std::ref(log));
    co_await numbers.next();
    auto closer = create_task([&numbers]() -> awaitable<> { co_await numbers.close(); });
    co_await settle();
    closer.cancel();
    EXPECT_EQ(co_await end_of(closer.join()), "cancelled");
    EXPECT_EQ(log, "exit ");
    EXPECT_EQ(co_await numbers.next(), std::nullopt);
}

BRIO_TEST(generator_close, AG_1_one_dropped_half_way_is_closed_by_the_loop) {
    std::string log;
    {
        auto numbers = make_generator<int>(with_cleanup, std::ref(log));
        co_await numbers.next();
    }
    EXPECT_EQ(log, "");
    co_await brio::sleep(1ms);
    EXPECT_EQ(log, "exit ");
    co_await brio::sleep(20ms);
    EXPECT_EQ(log, "exit clean ");
}

BRIO_TEST(generator_close, AG_1_what_the_clean_up_of_a_dropped_one_throws_is_reported) {
    const brio_test::reports reports;
    {
        auto numbers = make_generator<int>([](yielder<int> yield) -> awaitable<> {
            try {
                co_await yield(1);
            } catch (const brio::generator_exit&) {
                throw std::runtime_error("clean-up failed");
            }
        });
        co_await numbers.next();
    }
    co_await settle();
    BRIO_ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0], "clean-up failed");
}

BRIO_TEST(generator_close, AG_1_assigning_over_a_half_iterated_one_drops_it) {
    std::string log;
    auto numbers = make_generator<int>(with_cleanup, std::ref(log));
    co_await numbers.next();
    numbers = make_generator<int>(with_cleanup, std::ref(log));
    co_await brio::sleep(30ms);
    EXPECT_EQ(log, "exit clean ");
    EXPECT_EQ(co_await numbers.next(), 1);
    co_await numbers.close();
}

BRIO_TEST(generator_close, one_dropped_while_another_task_waits_gives_that_its_item_and_is_closed_then) {
    std::string log;
    std::optional<generator<int>> numbers = make_generator<int>([&log](yielder<int> yield) -> awaitable<> {
        co_await brio::sleep(10ms);
        try {
            co_await yield(1);
        } catch (const brio::generator_exit&) {
            log += "exit";
        }
    });
    auto consumer = create_task([&numbers]() -> awaitable<std::optional<int>> { co_return co_await numbers->next(); });
    co_await settle();
    numbers.reset();
    EXPECT_EQ(co_await consumer.join(), 1);
    co_await settle();
    EXPECT_EQ(log, "exit");
}

TEST(generator_close, AG_1_the_end_of_run_closes_one_dropped_in_the_last_step) {
    std::string log;
    brio::run([&log]() -> awaitable<> {
        auto numbers = make_generator<int>(with_cleanup, std::ref(log));
        co_await numbers.next();
    });
    EXPECT_EQ(log, "exit clean ");
}

TEST(generator_close, AG_1_the_end_of_run_lets_a_clean_up_finish_that_has_begun) {
    std::string log;
    brio::run([&log]() -> awaitable<> {
        {
            auto numbers = make_generator<int>(with_cleanup, std::ref(log));
            co_await numbers.next();
        }
        co_await brio::sleep(1ms);
        EXPECT_EQ(log, "exit ");
    });
    EXPECT_EQ(log, "exit clean ");
}

TEST(generator_close, AG_1_the_end_of_run_closes_one_that_is_still_held) {
    std::string log;
    generator<int> held = make_generator<int>(with_cleanup, std::ref(log));
    brio::run([&held]() -> awaitable<> { co_await held.next(); });
    EXPECT_EQ(log, "exit clean ");
    EXPECT_EQ(brio::run(held.next()), std::nullopt);
}

TEST(generator_close, the_end_of_run_reports_what_a_clean_up_throws_and_what_it_leaves) {
    std::string log;
    brio_test::captured_log lines;
    generator<int> held = make_generator<int>([&log](yielder<int> yield) -> awaitable<> {
        try {
            co_await yield(1);
        } catch (const brio::generator_exit&) {
            create_task([&log]() -> awaitable<> {
                try {
                    co_await brio::sleep(1h);
                } catch (const brio::cancelled_error&) {
                    log += "cancelled";
                }
            });
            throw std::runtime_error("clean-up failed");
        }
    });
    brio::run([&held]() -> awaitable<> { co_await held.next(); });
    EXPECT_EQ(lines.count("clean-up failed"), 1U) << lines.text();
    EXPECT_EQ(lines.size(), 1U) << lines.text();
}

TEST(generator_close, one_dropped_between_two_runs_is_closed_by_the_end_of_the_runner) {
    std::string log;
    brio::runner runner;
    {
        generator<int> numbers = make_generator<int>(with_cleanup, std::ref(log));
        runner.run([&numbers]() -> awaitable<> { co_await numbers.next(); }());
    }
    EXPECT_EQ(log, "");
    runner.close();
    EXPECT_EQ(log, "exit clean ");
}

TEST(generator_close, a_leftover_task_that_waits_for_an_item_is_cancelled_inside_the_body) {
    std::string log;
    brio::run([&log]() -> awaitable<> {
        create_task([&log]() -> awaitable<> {
            auto numbers = make_generator<int>([&log](yielder<int> yield) -> awaitable<> {
                try {
                    co_await brio::sleep(1h);
                } catch (const brio::cancelled_error&) {
                    log += "cancel";
                    throw;
                }
                co_await yield(1);
            });
            co_await numbers.next();
        });
        co_await brio::sleep(0s);
    });
    EXPECT_EQ(log, "cancel");
}

brio::task_handle closer() {
    for (const auto& each : brio::all_tasks()) {
        if (each.name() == "closes a generator") return each;
    }
    return {};
}

// "Cancel all tasks" is an idiom: it must not leave a lock locked.
BRIO_TEST(generator_close, the_clean_up_of_a_dropped_one_begins_although_it_was_cancelled_before) {
    std::string log;
    brio::lock door;
    const auto body = [](yielder<int> yield, std::string& to, brio::lock& held) -> awaitable<> {
        const auto guard = co_await held.acquire();
        co_await with_cleanup(yield, to);
    };
    {
        auto numbers = make_generator<int>(body, std::ref(log), std::ref(door));
        co_await numbers.next();
    }
    BRIO_ASSERT_TRUE(closer());
    closer().cancel();
    const auto guard = co_await door.acquire();
    EXPECT_EQ(log, "exit ") << "the cancel meets the sleep of the clean-up";
}

BRIO_TEST(generator_close, the_clean_up_of_a_dropped_one_never_runs_inside_of_the_drop) {
    std::string log;
    brio::get_running_loop().set_eager_tasks(true);
    {
        auto numbers = make_generator<int>(with_cleanup, std::ref(log));
        co_await numbers.next();
    }
    EXPECT_EQ(log, "");
    co_await brio::sleep(30ms);
    EXPECT_EQ(log, "exit clean ");
    brio::get_running_loop().set_eager_tasks(false);
}

TEST(generator_close, a_task_factory_that_refuses_leaves_it_to_the_end) {
    std::string log;
    const auto main = [&log]() -> awaitable<> {
        brio::loop& loop = brio::get_running_loop();
        loop.set_task_factory([](brio::task_options&) { throw std::runtime_error("no more tasks"); });
        {
            auto numbers = make_generator<int>(with_cleanup, std::ref(log));
            co_await numbers.next();
        }
        loop.set_task_factory({});
        co_await settle();
        EXPECT_EQ(log, "");
    };
    brio::run(main);
    EXPECT_EQ(log, "exit clean ");
}

// A loop that is destroyed with everything pending: bodies go before those who wait for them.
TEST(generator_close, a_loop_that_ends_early_destroys_bodies_before_their_consumers) {
    struct note {
        std::string& log;
        std::string text;
        ~note() { log += text; }
    };
    std::string log;
    const brio_test::captured_log lines;
    const auto body = [](yielder<int> yield, std::string& to, brio::event& signal) -> awaitable<> {
        const note here{to, "body "};
        co_await yield(1);
        co_await signal.wait();
    };
    const auto consume = [&]() -> awaitable<> {
        const note here{log, "consumer "};
        brio::event never;
        auto waiting = make_generator<int>(body, std::ref(log), std::ref(never));
        auto doubled = brio::transform(std::move(waiting), [](int n) { return 2 * n; });
        while (auto item = co_await doubled.next()) EXPECT_EQ(*item, 2);
    };
    brio::event signal;
    generator<int> half_way = make_generator<int>(body, std::ref(log), std::ref(signal));
    {
        brio::loop loop;
        loop.call_soon([&] {
            create_task(consume);
            create_task([&]() -> awaitable<> { co_await half_way.next(); });
            brio::get_running_loop().call_later(1ms, [] { brio::get_running_loop().stop(); });
        });
        loop.run_forever();
        EXPECT_EQ(log, "");
    }
    EXPECT_EQ(log, "body consumer body ");
}

}  // namespace

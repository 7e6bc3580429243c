// SPDX-License-Identifier: BSL-1.0
// Every way in which a wait with a deadline can end: how the inner task ended x whether the deadline passed x whether
// the waiting task was cancelled. One table for wait_for and with_timeout.
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::end_of;

enum class inner_end { value, cancelled, error };

// Waits for 10 s or until it is interrupted, takes a second to tidy up, and ends as told.
awaitable<std::string> inner(inner_end how) {
    bool interrupted = false;
    try {
        co_await brio::sleep(10s);
    } catch (const brio::cancelled_error&) {
        interrupted = true;
    }
    if (interrupted) {
        try {
            co_await brio::sleep(1s);
        } catch (const brio::cancelled_error&) {  // the second of timer and outer cancel
        }
    }
    if (how == inner_end::error) throw std::runtime_error("error");
    if (how == inner_end::cancelled) throw brio::cancelled_error("inner");
    co_return "value";
}

struct row {
    inner_end how;
    bool expires;           // the deadline is at 5 s, else at 20 s
    bool cancelled_early;   // the waiting task is cancelled while the inner runs
    const char* expected;
};

// The inner hears of the outer cancel and answers for it, as a coroutine of the waiting task itself would: a value
// or an error of its own is its answer. Only an inner that ends cancelled lets the three facts differ.
const row table[] = {
    {inner_end::value, false, false, "value"},
    {inner_end::value, true, false, "value"},
    {inner_end::value, false, true, "value"},
    {inner_end::value, true, true, "value"},
    {inner_end::cancelled, false, false, "cancelled(inner)"},
    {inner_end::cancelled, true, false, "timeout"},
    {inner_end::cancelled, false, true, "cancelled(inner)"},
    {inner_end::cancelled, true, true, "cancelled(inner)"},
    {inner_end::error, false, false, "error"},
    {inner_end::error, true, false, "error"},
    {inner_end::error, false, true, "error"},
    {inner_end::error, true, true, "error"},
};

awaitable<std::string> end_with(bool scoped, inner_end how, std::chrono::seconds limit) {
    if (scoped) {
        auto body = [how]() -> awaitable<std::string> { co_return co_await inner(how); };
        co_return co_await end_of(brio::with_timeout(limit, body));
    }
    co_return co_await end_of(brio::wait_for(inner(how), limit));
}

awaitable<> check_table(bool scoped) {
    for (const row& r : table) {
        for (const auto cancel_at : {4800ms, 5200ms}) {  // before the deadline of an expiring row, and after it
            std::string seen;
            auto waiting = create_task([&]() -> awaitable<> {
                const std::string end = co_await end_with(scoped, r.how, r.expires ? 5s : 20s);
                seen = end;
            });
            if (r.cancelled_early) {
                co_await brio::sleep(cancel_at);
                EXPECT_TRUE(waiting.cancel());
            }
            EXPECT_EQ(co_await end_of(waiting.join()), "done");
            EXPECT_EQ(seen, r.expected) << "row " << (&r - table) << ", cancelled at " << cancel_at.count() << " ms";
            EXPECT_EQ(waiting.cancelling(), r.cancelled_early ? 1 : 0);
        }
    }
}

BRIO_TEST(outcome_table, wait_for_while_the_inner_runs) { co_await check_table(false); }
BRIO_TEST(outcome_table, with_timeout_while_the_inner_runs) { co_await check_table(true); }

// The cancel comes in the one turn between the end of the inner and the next step of the waiting task: the outcome is
// delivered first, and the cancel stays for the next suspension. It is never swallowed.
awaitable<> check_late_cancel(bool expires) {
    for (const inner_end how : {inner_end::value, inner_end::cancelled, inner_end::error}) {
        std::string seen;
        auto shared = create_task(inner(how));
        auto waiting = create_task([&]() -> awaitable<> {
            const auto limit = expires ? 5s : 20s;
            const std::string end = co_await end_of(brio::wait_for(shared, limit));
            seen = end;
            co_await brio::sleep(1h);
        });
        // Registered before `waiting` waits, so it runs when that is woken and has not run.
        shared.add_done_callback([&waiting](const brio::task_handle&) { waiting.cancel("late"); });
        EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(late)");
        const char* expected = expires ? "timeout" : "cancelled(inner)";
        if (how == inner_end::value) expected = "value";
        if (how == inner_end::error) expected = "error";
        EXPECT_EQ(seen, expected);
    }
}

BRIO_TEST(outcome_table, a_cancel_when_the_inner_has_ended_before_the_deadline) { co_await check_late_cancel(false); }
BRIO_TEST(outcome_table, a_cancel_when_the_inner_has_ended_at_the_deadline) { co_await check_late_cancel(true); }

// The request is passed on to an inner task whose result is there already: it does not hear of it any more, so the
// request comes back to the one that it was made to.
BRIO_TEST(outcome_table, a_cancel_passed_on_too_late_comes_back) {
    for (const char* way : {"join", "wait_for", "with_timeout"}) {
        brio::event signal;
        bool delivered = false;
        auto inner_task = create_task(signal.wait());
        auto waiting = create_task([&]() -> awaitable<> {
            const std::string how = way;
            if (how == "join") co_await inner_task.join();
            if (how == "wait_for") co_await brio::wait_for(inner_task, 1h);
            if (how == "with_timeout") co_await brio::with_timeout(1h, inner_task);
            delivered = true;
            co_await brio::sleep(2h);
        });
        co_await brio_test::settle();
        signal.set();            // the inner task is woken
        waiting.cancel("late");  // and the outer one not yet
        EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(late)") << way;
        EXPECT_TRUE(delivered) << way;
        EXPECT_FALSE(inner_task.cancelled()) << way;
    }
}

}  // namespace

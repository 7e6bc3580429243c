// SPDX-License-Identifier: BSL-1.0
// timeout: the object that holds a deadline (asyncio.md 2.10).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <optional>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::timeout;
using brio::with_timeout;
using brio_test::end_of;
using brio_test::settle;

auto now() { return brio::get_running_loop().time(); }

BRIO_TEST(timeout, TO_2_an_absolute_deadline) {
    const auto when = now() + 3s;
    timeout limit{std::optional(when)};
    EXPECT_EQ(limit.when(), when);
    EXPECT_EQ(co_await end_of(with_timeout(limit, brio::sleep(1h))), "timeout");
    EXPECT_EQ(now(), when);
    EXPECT_EQ(limit.when(), when);
    EXPECT_TRUE(limit.expired());
}

BRIO_TEST(timeout, TO_2_an_absolute_deadline_in_the_past) {
    timeout limit{std::optional(now() - 3s)};
    EXPECT_EQ(co_await end_of(with_timeout(limit, brio::sleep(1h))), "timeout");
    EXPECT_TRUE(limit.expired());
}

BRIO_TEST(timeout, TO_2_timeout_at_a_point_on_the_loops_clock) {
    const auto when = now() + 3s;
    EXPECT_EQ(co_await end_of(brio::timeout_at(when, brio::sleep(1h))), "timeout");
    EXPECT_EQ(now(), when);
    EXPECT_EQ(co_await brio::timeout_at(now() + 3s, brio_test::value_after(1s, 4)), 4);
    EXPECT_EQ(co_await end_of(brio::timeout_at(when, []() -> awaitable<> { co_await brio::sleep(1h); })), "timeout");
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
}

BRIO_TEST(timeout, TO_2_a_cancel_leaves_timeout_at_as_one) {
    auto waiting = create_task([]() -> awaitable<> { co_await brio::timeout_at(now() + 3s, brio::sleep(1h)); });
    co_await brio::sleep(1s);
    waiting.cancel("enough");
    EXPECT_EQ(co_await end_of(waiting.join()), "cancelled(enough)");
}

BRIO_TEST(timeout, TO_3_a_body_in_time_does_not_expire_it) {
    timeout limit(5s);
    co_await with_timeout(limit, brio::sleep(1s));
    EXPECT_FALSE(limit.expired());
    EXPECT_GT(*limit.when(), now());
    co_await brio::sleep(10s);
    EXPECT_FALSE(limit.expired()) << "its time is over with the body";
}

BRIO_TEST(timeout, TO_4_without_a_deadline_it_is_disabled) {
    timeout limit;
    EXPECT_FALSE(limit.when());
    co_await with_timeout(limit, brio::sleep(24h));
    EXPECT_FALSE(limit.expired());
    timeout none{std::optional<brio::loop::time_point>()};
    EXPECT_FALSE(none.when());
    co_await with_timeout(none, brio::sleep(1h));
    co_await brio::timeout_at(std::nullopt, brio::sleep(24h));
}

BRIO_TEST(timeout, TO_17_can_be_moved_from_another_task) {
    const auto begin = now();
    timeout limit(1s);
    auto later = create_task([&limit, begin]() -> awaitable<> {
        limit.reschedule(begin + 5s);
        EXPECT_EQ(limit.when(), begin + 5s);
        co_await brio::sleep(2s);
        limit.reschedule(begin + 3s);
    });
    EXPECT_EQ(co_await end_of(with_timeout(limit, brio::sleep(1h))), "timeout");
    EXPECT_EQ(now() - begin, 3s);
    EXPECT_EQ(limit.when(), begin + 3s);
    co_await later.join();
}

BRIO_TEST(timeout, TO_17_can_be_switched_off_and_on) {
    const auto begin = now();
    timeout limit(1s);
    auto body = [&limit]() -> awaitable<> {
        limit.reschedule(std::nullopt);
        co_await brio::sleep(10s);
        limit.reschedule(now() + 1s);
        co_await brio::sleep(1h);
    };
    EXPECT_EQ(co_await end_of(with_timeout(limit, body)), "timeout");
    EXPECT_EQ(now() - begin, 11s);
}

BRIO_TEST_FIFO(timeout, TO_17_moved_into_the_past_it_interrupts_the_next_suspension) {
    const auto begin = now();
    timeout limit(1h);
    bool went_on = false;
    auto body = [&]() -> awaitable<> {
        limit.reschedule(now() - 1s);
        co_await brio::sleep(0s);
        went_on = true;
    };
    EXPECT_EQ(co_await end_of(with_timeout(limit, body)), "timeout");
    EXPECT_FALSE(went_on);
    EXPECT_EQ(now(), begin);
}

BRIO_TEST(timeout, TO_17_not_once_it_has_expired_or_ended) {
    timeout expired(1s);
    EXPECT_EQ(co_await end_of(with_timeout(expired, brio::sleep(1h))), "timeout");
    EXPECT_THROW(expired.reschedule(now() + 1s), brio::invalid_state_error);
    timeout ended(5s);
    co_await with_timeout(ended, brio::sleep(1s));
    EXPECT_THROW(ended.reschedule(std::nullopt), brio::invalid_state_error);
}

BRIO_TEST(timeout, TO_17_before_it_is_used) {
    const auto begin = now();
    timeout limit;
    limit.reschedule(begin + 2s);
    EXPECT_EQ(co_await end_of(with_timeout(limit, brio::sleep(1h))), "timeout");
    EXPECT_EQ(now() - begin, 2s);
}

BRIO_TEST(timeout, TO_23_not_twice_one_after_the_other) {
    timeout limit(5s);
    co_await with_timeout(limit, brio::sleep(1s));
    bool started = false;
    auto body = [&started]() -> awaitable<> {
        started = true;
        co_return;
    };
    EXPECT_THROW(co_await with_timeout(limit, body), brio::invalid_state_error);
    co_await settle();
    EXPECT_FALSE(started);
}

BRIO_TEST(timeout, TO_23_not_twice_nested_and_the_first_stays_in_force) {
    const auto begin = now();
    timeout limit(5s);
    auto body = [&limit]() -> awaitable<> {
        EXPECT_THROW(co_await with_timeout(limit, brio::sleep(0s)), brio::invalid_state_error);
        co_await brio::sleep(1h);
    };
    EXPECT_EQ(co_await end_of(with_timeout(limit, body)), "timeout");
    EXPECT_EQ(now() - begin, 5s);
    EXPECT_TRUE(limit.expired());
}

BRIO_TEST(timeout, TO_23_an_operation_that_is_never_awaited_does_not_count) {
    timeout limit(5s);
    {
        const auto unused = with_timeout(limit, brio::sleep(1s));
        static_cast<void>(unused);
    }
    co_await with_timeout(limit, brio::sleep(1s));
    EXPECT_FALSE(limit.expired());
}

// A clock that a test moves on in the midst of a turn, as a real one does.
class moving_clock final : public brio::detail::clock_source {
public:
    [[nodiscard]] brio::detail::time_point now() const noexcept override { return now_; }
    bool advance_to(brio::detail::time_point deadline) noexcept override {
        now_ = std::max(now_, deadline);
        return true;
    }
    void move_on(brio::detail::duration by) { now_ += by; }

private:
    brio::detail::time_point now_{1h};
};

// Timers are looked at between any two turns.
class turn_by_turn final : public brio::detail::pick_order {
public:
    std::size_t pick(const brio::detail::ready_queue&) noexcept override { return 0; }
};

TEST(timeout, a_deadline_that_passes_when_the_body_has_ended_is_none) {
    moving_clock clock;
    turn_by_turn order;
    const auto end_then_move = [&clock](bool cancelled) -> awaitable<int> {
        co_await brio::sleep(1s);
        clock.move_on(1h);
        if (cancelled) throw brio::cancelled_error("by itself");
        co_return 3;
    };
    const auto main = [&]() -> awaitable<> {
        for (const bool cancelled : {false, true}) {
            timeout limit(10s);
            EXPECT_EQ(co_await end_of(with_timeout(limit, end_then_move(cancelled))), cancelled ? "cancelled(by itself)" : "3");
            EXPECT_FALSE(limit.expired());
            EXPECT_EQ(co_await end_of(brio::wait_for(end_then_move(cancelled), 10s)), cancelled ? "cancelled(by itself)" : "3");
        }
        EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
    };
    brio::run(main(), brio::run_options().handle_sigint(false).on_loop([&](brio::loop& made) {
        made.scheduler().use_clock(&clock);
        made.scheduler().use_order(&order);
    }));
}

TEST(timeout, a_relative_deadline_without_a_loop_is_an_error) {
    EXPECT_THROW(timeout(1s), brio::loop_error);
    EXPECT_NO_THROW(timeout());
}

}  // namespace

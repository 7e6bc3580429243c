// SPDX-License-Identifier: BSL-1.0
// shield: the waiter may be cancelled, what it waits for may not (asyncio.md 2.12).
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::gather;
using brio::shield;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }

BRIO_TEST(shield, SHD_1_passes_value_and_error_through) {
    EXPECT_EQ(co_await shield(value_after(1s, 42)), 42);
    EXPECT_EQ(co_await end_of(shield(error_after(1s, "inner"))), "inner");
    co_await shield(brio::sleep(1s));
    auto task = create_task(value_after(1s, 7));
    EXPECT_EQ(co_await shield(task), 7);
    EXPECT_EQ(task.result(), 7) << "a task keeps its value";
}

BRIO_TEST(shield, SHD_3_a_cancelled_outer_leaves_the_inner_alone) {
    auto inner = create_task(value_after(3s, 1));
    auto outer = create_task([&inner]() -> awaitable<int> { co_return co_await shield(inner); });
    co_await brio::sleep(1s);
    EXPECT_TRUE(outer.cancel("outer only"));
    EXPECT_EQ(co_await end_of(outer.join()), "cancelled(outer only)");
    EXPECT_EQ(inner.cancelling(), 0);
    EXPECT_FALSE(inner.done());
    EXPECT_EQ(co_await inner.join(), 1);
}

BRIO_TEST(shield, SHD_4_the_waiter_hears_of_its_cancel_at_once) {
    const auto begin = now();
    bool finished = false;
    auto inner = create_task([&finished]() -> awaitable<> {
        co_await brio::sleep(10s);
        finished = true;
    });
    auto outer = create_task([&inner]() -> awaitable<> { co_await shield(inner); });
    co_await brio::sleep(1s);
    outer.cancel();
    EXPECT_EQ(co_await end_of(outer.join()), "cancelled");
    EXPECT_EQ(now() - begin, 1s);
    EXPECT_FALSE(finished);
    co_await inner.join();
    EXPECT_TRUE(finished);
}

BRIO_TEST(shield, SHD_5_a_later_failure_that_nobody_reads_is_reported) {
    brio_test::reports reports;
    auto outer = create_task([]() -> awaitable<> { static_cast<void>(co_await shield(error_after(3s, "late"))); });
    co_await brio::sleep(1s);
    outer.cancel();
    EXPECT_EQ(co_await end_of(outer.join()), "cancelled");
    EXPECT_EQ(reports.size(), 0U);
    co_await brio::sleep(5s);
    BRIO_ASSERT_EQ(reports.size(), 1U);
    EXPECT_EQ(reports[0], "late");
}

// asyncio reports even a failure that somebody handles later (gh-156321).
BRIO_TEST(shield, SHD_5_a_later_failure_that_somebody_reads_is_not) {
    brio_test::reports reports;
    auto inner = create_task(error_after(3s, "late"));
    auto outer = create_task([&inner]() -> awaitable<> { static_cast<void>(co_await shield(inner)); });
    co_await brio::sleep(1s);
    outer.cancel();
    EXPECT_EQ(co_await end_of(outer.join()), "cancelled");
    co_await brio::sleep(5s);
    EXPECT_EQ(co_await end_of(inner.join()), "late");
    inner = {};
    co_await settle();
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(shield, SHD_6_reported_once_however_many_shields) {
    brio_test::reports reports;
    auto inner = create_task(error_after(3s, "late"));
    std::vector<brio::task<>> outers;
    for (int i = 0; i < 3; ++i) {
        outers.push_back(create_task([&inner]() -> awaitable<> { static_cast<void>(co_await shield(inner)); }));
    }
    co_await brio::sleep(1s);
    for (auto& outer : outers) outer.cancel();
    static_cast<void>(co_await gather(brio::return_exceptions, outers));
    inner = {};
    co_await brio::sleep(5s);
    EXPECT_EQ(reports.size(), 1U);
}

BRIO_TEST(shield, SHD_6_a_late_result_is_silent) {
    brio_test::reports reports;
    auto outer = create_task([]() -> awaitable<> { static_cast<void>(co_await shield(value_after(3s, 1))); });
    co_await brio::sleep(1s);
    outer.cancel();
    EXPECT_EQ(co_await end_of(outer.join()), "cancelled");
    co_await brio::sleep(5s);
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(shield, SHD_7_a_done_inner_does_not_suspend) {
    auto inner = create_task(value_after(1s, 5));
    auto failed = create_task(error_after(1s, "failed"));
    co_await brio::sleep(2s);
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    EXPECT_EQ(co_await shield(inner), 5);
    EXPECT_EQ(co_await end_of(shield(failed)), "failed");
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);  // the callback refers to this frame
}

BRIO_TEST(shield, SHD_8_a_shielded_gather_completes) {
    std::string log;
    auto add = [&log](std::chrono::seconds delay, char letter) -> awaitable<> {
        co_await brio::sleep(delay);
        log += letter;
    };
    auto outer = create_task([&add]() -> awaitable<> { co_await shield(gather(add(2s, 'a'), add(3s, 'b'))); });
    co_await brio::sleep(1s);
    outer.cancel();
    EXPECT_EQ(co_await end_of(outer.join()), "cancelled");
    EXPECT_EQ(log, "");
    co_await brio::sleep(5s);
    EXPECT_EQ(log, "ab");
}

BRIO_TEST(shield, SHD_10_it_keeps_the_inner_alive_by_itself) {
    const auto alive = std::make_shared<int>(0);
    bool finished = false;
    auto body = [](std::shared_ptr<int> held, bool& done) -> awaitable<> {
        co_await brio::sleep(3s);
        done = held != nullptr;
    };
    auto outer = create_task([&]() -> awaitable<> { co_await shield(body(alive, finished)); });
    co_await brio::sleep(1s);
    outer.cancel();
    EXPECT_EQ(co_await end_of(outer.join()), "cancelled");
    outer = {};
    co_await brio::sleep(5s);
    EXPECT_TRUE(finished);
    EXPECT_EQ(alive.use_count(), 1);
}

BRIO_TEST(shield, cancelling_the_inner_is_seen_outside) {
    auto inner = create_task(brio::sleep(1h));
    brio::get_running_loop().call_later(1s, [&inner] { inner.cancel("inner"); });
    EXPECT_EQ(co_await end_of(shield(inner)), "cancelled(inner)");
    EXPECT_EQ(brio::current_task().cancelling(), 0);
}

BRIO_TEST(shield, a_request_made_before_it_leaves_the_inner_running) {
    auto inner = create_task(value_after(2s, 1));
    auto outer = create_task([&inner]() -> awaitable<> {
        brio::current_task().cancel("early");
        static_cast<void>(co_await shield(inner));
    });
    EXPECT_EQ(co_await end_of(outer.join()), "cancelled(early)");
    EXPECT_EQ(co_await inner.join(), 1);
}

BRIO_TEST(shield, a_result_that_is_there_is_delivered_before_a_cancel) {
    auto inner = create_task(value_after(1s, 42));
    int got = 0;
    auto outer = create_task([&]() -> awaitable<> {
        got = co_await shield(inner);
        co_await brio::sleep(1h);
    });
    // Registered before `outer` waits, so it runs when that is woken and has not run.
    inner.add_done_callback([&outer](const brio::task_handle&) { outer.cancel(); });
    EXPECT_EQ(co_await end_of(outer.join()), "cancelled");
    EXPECT_EQ(got, 42);
}

BRIO_TEST(shield, move_only_values) {
    auto box = co_await shield([]() -> awaitable<std::unique_ptr<int>> {
        co_await brio::sleep(1s);
        co_return std::make_unique<int>(3);
    }());
    EXPECT_EQ(*box, 3);
}

TEST(shield, outside_of_a_loop_is_an_error) {
    EXPECT_THROW(static_cast<void>(shield(value_after(1s, 1))), brio::loop_error);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// The end of a loop: what its last objects begin while they go, and what outlives it.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_log;

/// Begins something when it goes, which holds the next one: a timer and a task in turn.
class link {
public:
    link(brio::loop& loop, int& live, int more) noexcept : loop_(&loop), live_(&live), more_(more) { ++live; }
    link(link&& other) noexcept : loop_(other.loop_), live_(std::exchange(other.live_, nullptr)), more_(other.more_) {}
    link& operator=(link&&) = delete;
    ~link();

private:
    brio::loop* loop_;
    int* live_;  // null once it was moved from
    int more_;
};

awaitable<> hold(link) { co_await brio::sleep(1h); }

link::~link() {
    if (!live_) return;
    --*live_;
    if (more_ == 0) return;
    link next(*loop_, *live_, more_ - 1);
    if (more_ % 2 == 0) {
        create_task(hold(std::move(next)));
    } else {
        loop_->call_later(1h, [](const link&) {}, std::move(next));
    }
}

TEST(loop_close, what_destructors_begin_goes_as_well_and_what_that_begins) {
    captured_log log;
    int live = 0;
    {
        brio::loop loop;
        loop.call_soon([](const link&) {}, link(loop, live, 9));
    }
    EXPECT_EQ(live, 0);
    EXPECT_EQ(log.count("a pending task was destroyed because its event loop ended"), 4U) << log.text();
}

TEST(loop_close, callbacks_of_a_future_that_outlived_its_loop) {
    std::optional<brio::promise<int>> source;
    std::optional<brio::future<int>> value;
    const auto body = [&]() -> awaitable<> {
        source.emplace();
        value.emplace(source->get_future());
        co_return;
    };
    brio::run(body);
    int seen = 0;
    const auto look = [&seen](const brio::task_handle& done) { seen += done.cancelled() ? 100 : 1; };
    EXPECT_THROW(value->add_done_callback(look), brio::loop_error) << "no loop could call it";
    const auto later = [&]() -> awaitable<> {
        value->add_done_callback(look);
        source->set_value(1);
        EXPECT_EQ(seen, 0) << "through the ready queue";
        co_await brio::sleep(0s);
    };
    brio::run(later);
    EXPECT_EQ(seen, 1);
}

// A task of a loop that does not run now: nobody could wake whoever waits for it in another one.
class other_loops_task {
public:
    other_loops_task() {
        const auto make = [this]() -> awaitable<> {
            const auto work = []() -> awaitable<int> {
                co_await brio::sleep(1ms);
                co_return 7;
            };
            task = create_task(work, "theirs");
            co_return;
        };
        loop.run_until_complete(make());
    }

    brio::loop loop;
    brio::task<int> task;
};

TEST(loop_close, LOOP_20_tasks_of_another_loop_cannot_be_waited_for) {
    other_loops_task other;
    const auto body = [&other]() -> awaitable<> {
        const brio::task_handle untyped = other.task;
        EXPECT_THROW(co_await other.task.join(), brio::loop_error);
        EXPECT_THROW(co_await brio::gather(other.task, brio::sleep(0s)), brio::loop_error);
        EXPECT_THROW(co_await brio::race(other.task, brio::sleep(0s)), brio::loop_error);
        EXPECT_THROW(co_await brio::wait(other.task, 1s), brio::loop_error);
        EXPECT_THROW(co_await brio::wait(untyped, 1s), brio::loop_error);
        EXPECT_THROW(co_await brio::wait_for(other.task, 1s), brio::loop_error);
        EXPECT_THROW(co_await brio::shield(other.task), brio::loop_error);
        EXPECT_THROW(co_await brio::with_timeout(1s, other.task), brio::loop_error);
        EXPECT_THROW(static_cast<void>(brio::format_call_graph(other.task)), brio::loop_error);
    };
    brio::run(body);
    EXPECT_EQ(other.loop.run_until_complete(other.task), 7);
    const auto join = [&other]() -> awaitable<int> { co_return co_await other.task.join(); };
    EXPECT_EQ(brio::run(join), 7) << "one that is done is a value";
}

BRIO_TEST(loop_close, a_deadline_before_all_time_is_due) {
    using time_point = brio::loop::time_point;
    bool called = false;
    brio::get_running_loop().call_at(time_point::min(), [&called] { called = true; });
    co_await brio::sleep_until(time_point::min());
    EXPECT_TRUE(called);
}

}  // namespace

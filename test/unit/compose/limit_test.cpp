// SPDX-License-Identifier: BSL-1.0
// gather(limit(n), range): how many run at once, order, errors, cancellation (as asyncio.md 2.7).
#include "unit/compose/lazy_and_eager.hpp"
#include "unit/compose/outcome.hpp"

#include <brio/testing/test.hpp>

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::gather;
using brio::limit;
using brio_test::end_of;
using brio_test::error_after;
using brio_test::settle;
using brio_test::slow_to_stop;
using brio_test::text_of;
using brio_test::value_after;

auto now() { return brio::get_running_loop().time(); }

/// Counts who runs.
class meter {
public:
    awaitable<int> run(std::chrono::seconds length, int value) {
        ++begun;
        most = std::max(most, ++running);
        struct leave {
            int& count;
            ~leave() { --count; }
        } const guard{running};
        co_await brio::sleep(length);
        co_return value;
    }
    std::vector<awaitable<int>> several(int count) {
        std::vector<awaitable<int>> all;
        for (int i = 0; i < count; ++i) all.push_back(run(std::chrono::seconds(1 + i % 3), i));
        return all;
    }

    int begun = 0;
    int running = 0;
    int most = 0;
};

BRIO_TEST(limit, no_more_than_that_run_at_once_and_the_values_keep_their_order) {
    meter m;
    const auto begin = now();
    const std::vector<int> got = co_await gather(limit(3), m.several(9));
    BRIO_ASSERT_EQ(got.size(), 9U);
    for (int i = 0; i < 9; ++i) EXPECT_EQ(got[static_cast<std::size_t>(i)], i);
    EXPECT_EQ(m.most, 3);
    EXPECT_EQ(now() - begin, 7s) << "3 takes the place of 0, 4 and 5 those of 1 and 3, 6 that of 2, 7 and 8 those of 4 and 6";
}

BRIO_TEST(limit, the_next_starts_when_one_has_ended_in_whatever_order) {
    meter m;
    std::vector<awaitable<int>> all;
    all.push_back(m.run(10s, 0));
    for (int i = 1; i <= 5; ++i) all.push_back(m.run(1s, i));
    const auto begin = now();
    co_await gather(limit(2), std::move(all));
    EXPECT_EQ(now() - begin, 10s);
}

BRIO_TEST(limit, GAT_11_nothing_to_gather_and_a_limit_that_is_never_reached) {
    std::vector<awaitable<int>> none;
    EXPECT_TRUE((co_await gather(limit(1), std::move(none))).empty());
    meter m;
    EXPECT_EQ((co_await gather(limit(100), m.several(4))).size(), 4U);
    EXPECT_EQ(m.most, 4);
}

BRIO_TEST(limit, nothing_begins_before_it_is_awaited) {
    meter m;
    auto all = gather(limit(2), m.several(4));
    co_await settle();
    EXPECT_EQ(m.begun, 0);
    co_await std::move(all);
    EXPECT_EQ(m.begun, 4);
}

// Makes a coroutine whenever it is asked for the next element, and counts them.
class lazy {
public:
    lazy(meter& m, int& made, int count) : meter_(&m), made_(&made), count_(count) {}

    class iterator {
    public:
        using value_type = awaitable<int>;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::input_iterator_tag;
        explicit iterator(const lazy& range) : range_(&range) {}
        awaitable<int> operator*() const {
            if (at_ == 90) throw std::out_of_range("no more");
            ++*range_->made_;
            return range_->meter_->run(1s, at_);
        }
        iterator& operator++() {
            ++at_;
            return *this;
        }
        void operator++(int) { ++at_; }
        friend bool operator==(const iterator& i, std::default_sentinel_t) { return i.is_at_end(); }

    private:
        [[nodiscard]] bool is_at_end() const { return at_ == range_->count_; }

        const lazy* range_;
        int at_ = 0;
    };
    [[nodiscard]] iterator begin() const { return iterator(*this); }
    [[nodiscard]] std::default_sentinel_t end() const { return {}; }

private:
    meter* meter_;
    int* made_;
    int count_;
};

BRIO_TEST(limit, a_lazy_range_is_asked_only_when_there_is_room) {
    meter m;
    int made = 0;
    auto all = create_task(gather(limit(2), lazy(m, made, 6)));
    co_await brio::sleep(500ms);
    EXPECT_EQ(made, 2);
    co_await brio::sleep(1s);
    EXPECT_EQ(made, 4);
    EXPECT_EQ((co_await all.join()).size(), 6U);
    EXPECT_EQ(m.most, 2);
}

BRIO_TEST(limit, a_range_that_throws_ends_it_and_what_runs_goes_on) {
    meter m;
    int made = 0;
    EXPECT_EQ(co_await end_of(gather(limit(4), lazy(m, made, 100))), "no more");
    EXPECT_EQ(made, 90);
    co_await settle();
    EXPECT_GT(m.running, 0);
    co_await brio::sleep(5s);
    EXPECT_EQ(m.running, 0);
}

BRIO_TEST(limit, GAT_3_the_first_error_comes_at_once_and_the_rest_never_begins) {
    meter m;
    brio_test::reports reports;
    const auto begin = now();
    std::vector<awaitable<int>> all;
    all.push_back(m.run(5s, 0));
    all.push_back(error_after(1s, "first"));
    all.push_back(m.run(1s, 2));
    EXPECT_EQ(co_await end_of(gather(limit(2), std::move(all))), "first");
    EXPECT_EQ(now() - begin, 1s);
    EXPECT_EQ(m.begun, 1);
    EXPECT_EQ(m.running, 1) << "who runs goes on";
    co_await brio::sleep(10s);
    EXPECT_EQ(m.running, 0);
    EXPECT_EQ(m.begun, 1);
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(limit, GAT_4_later_errors_count_as_seen) {
    brio_test::reports reports;
    std::vector<awaitable<int>> all;
    for (int i = 1; i <= 3; ++i) all.push_back(error_after(std::chrono::seconds(i), std::to_string(i)));
    EXPECT_EQ(co_await end_of(gather(limit(3), std::move(all))), "1");
    co_await brio::sleep(5s);
    EXPECT_EQ(reports.size(), 0U);
}

BRIO_TEST(limit, GAT_5_errors_take_their_place_and_all_run) {
    std::vector<awaitable<int>> all;
    all.push_back(error_after(1s, "zero"));
    all.push_back(value_after(1s, 1));
    all.push_back(error_after(1s, "two"));
    auto got = co_await gather(brio::return_exceptions, limit(1), std::move(all));
    BRIO_ASSERT_EQ(got.size(), 3U);
    EXPECT_EQ(text_of(got[0].exception()), "zero");
    EXPECT_EQ(*got[1], 1);
    EXPECT_EQ(text_of(got[2].exception()), "two");
}

BRIO_TEST(limit, GAT_6_a_cancelled_child_is_an_error_and_not_a_cancel_of_the_gather) {
    std::vector<awaitable<int>> all;
    all.push_back([]() -> awaitable<int> {
        brio::current_task().cancel("itself");
        co_await brio::sleep(1h);
        co_return 0;
    }());
    EXPECT_EQ(co_await end_of(gather(limit(1), std::move(all))), "cancelled(itself)");
    EXPECT_EQ(brio::current_task().cancelling(), 0);
}

BRIO_TEST(limit, GAT_8_a_cancel_goes_to_those_that_run_and_the_rest_never_begins) {
    meter m;
    auto all = create_task(gather(limit(2), m.several(6)));
    co_await brio::sleep(500ms);
    all.cancel("enough");
    EXPECT_EQ(co_await end_of(all.join()), "cancelled(enough)");
    EXPECT_EQ(m.begun, 2);
    EXPECT_EQ(m.running, 0);
}

BRIO_TEST(limit, GAT_8_a_second_cancel_reaches_a_child_that_takes_its_time) {
    const auto begin = now();
    std::string log;
    std::vector<awaitable<int>> items;
    items.push_back(slow_to_stop(1h, log, "a"));
    items.push_back(value_after(1h, 1));
    auto all = create_task(gather(limit(1), std::move(items)));
    co_await brio::sleep(1s);
    all.cancel();
    co_await brio::sleep(1s);
    EXPECT_FALSE(all.done());
    all.cancel();
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    EXPECT_EQ(now() - begin, 2s);
}

BRIO_TEST(limit, GAT_8_a_request_made_before_it) {
    meter m;
    auto all = create_task([&m]() -> awaitable<> {
        brio::current_task().cancel("early");
        co_await gather(limit(2), m.several(6));
    });
    EXPECT_EQ(co_await end_of(all.join()), "cancelled(early)");
    EXPECT_EQ(m.begun, 0);
    EXPECT_EQ(m.running, 0);
}

BRIO_TEST(limit, GAT_9_a_result_that_is_there_is_delivered_before_a_cancel) {
    std::vector<int> got;
    brio::event signal;
    brio::task<> all;
    std::vector<awaitable<int>> items;
    items.push_back([](brio::event& event, brio::task<>& victim) -> awaitable<int> {
        co_await event.wait();
        // Queued in front of the gather that the end of this step wakes.
        brio::get_running_loop().call_soon([&victim] { victim.cancel("late"); });
        co_return 42;
    }(signal, all));
    auto body = [&]() -> awaitable<> {
        got = co_await gather(limit(1), std::move(items));
        co_await brio::sleep(1h);
    };
    all = create_task(body);
    co_await settle();
    signal.set();
    EXPECT_EQ(co_await end_of(all.join()), "cancelled(late)");
    BRIO_ASSERT_EQ(got.size(), 1U);
    EXPECT_EQ(got[0], 42);
}

BRIO_TEST(limit, eager_children_that_are_done_at_once) {
    const brio_test::all_eager here;
    std::vector<awaitable<int>> all;
    for (int i = 0; i < 5; ++i) all.push_back([](int value) -> awaitable<int> { co_return value; }(i));
    const std::vector<int> values = co_await gather(limit(2), std::move(all));
    EXPECT_EQ(values, (std::vector{0, 1, 2, 3, 4}));
    std::vector<awaitable<int>> some_fail;
    some_fail.push_back(value_after(1s, 1));
    some_fail.push_back([]() -> awaitable<int> {
        throw std::runtime_error("at once");
        co_return 0;
    }());
    EXPECT_EQ(co_await end_of(gather(limit(2), std::move(some_fail))), "at once");
    co_await brio::sleep(5s);
}

BRIO_TEST_FIFO(limit, GAT_16_the_children_start_in_the_order_of_the_range) {
    std::string order;
    auto add = [](std::string& out, char letter) -> awaitable<> {
        out += letter;
        co_await brio::sleep(1s);
    };
    std::vector<awaitable<>> all;
    for (const char letter : std::string("abcdef")) all.push_back(add(order, letter));
    co_await gather(limit(2), std::move(all));
    EXPECT_EQ(order, "abcdef");
}

BRIO_TEST(limit, GAT_17_a_cancel_waits_for_the_clean_up_of_all_children) {
    const auto begin = now();
    std::string log;
    std::vector<awaitable<int>> items;
    items.push_back(slow_to_stop(3s, log, "slow "));
    items.push_back(slow_to_stop(1s, log, "quick "));
    items.push_back(value_after(1s, 1));
    auto all = create_task(gather(brio::return_exceptions, limit(2), std::move(items)));
    co_await brio::sleep(1s);
    all.cancel();
    EXPECT_EQ(co_await end_of(all.join()), "cancelled");
    EXPECT_EQ(log, "quick slow ");
    EXPECT_EQ(now() - begin, 4s);
}

BRIO_TEST(limit, move_only_values_survive_g12) {
    const auto alive = std::make_shared<int>(0);
    auto boxed = [](int value, std::shared_ptr<int>) -> awaitable<std::unique_ptr<int>> {
        co_await brio::sleep(1s);
        co_return std::make_unique<int>(value);
    };
    {
        std::vector<awaitable<std::unique_ptr<int>>> all;
        for (int i = 0; i < 5; ++i) all.push_back(boxed(i, alive));
        const auto got = co_await gather(limit(2), std::move(all));
        EXPECT_EQ(*got.at(4), 4);
    }
    EXPECT_EQ(alive.use_count(), 1);
}

TEST(limit, misuse_is_an_error_that_says_so) {
    EXPECT_THROW(limit(0), std::invalid_argument);
    EXPECT_THROW(limit(-3), std::invalid_argument);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// The tests shown in doc/guide/testing.md.
#include <brio/testing/test.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace {

using namespace std::chrono_literals;

brio::awaitable<> produce_ten(brio::queue<int>& numbers) {
    for (int i = 0; i < 10; ++i) co_await numbers.put(i);
}

// [first]
BRIO_TEST(guide, a_timeout_fires_after_an_hour) {
    const auto begin = brio::get_running_loop().time();
    bool late = false;
    try {
        co_await brio::wait_for(brio::sleep(2h), 1h);
    } catch (const brio::timeout_error&) {
        late = true;
    }
    EXPECT_TRUE(late);
    EXPECT_EQ(brio::get_running_loop().time() - begin, 1h);
}
// [/first]

// [seeds]
TEST(guide, the_sum_is_right_under_every_schedule) {
    brio::testing::for_seeds(0, 100, []() -> brio::awaitable<> {
        brio::queue<int> numbers(2);
        auto producer = brio::create_task(produce_ten(numbers));
        int sum = 0;
        for (int i = 0; i < 10; ++i) sum += co_await numbers.get();
        EXPECT_EQ(sum, 45);
        co_await producer.join();
    });
}
// [/seeds]

// [advance]
class heartbeat {
public:
    brio::awaitable<> run() {
        for (;; ++beats) co_await brio::sleep(10s);
    }
    int beats = 0;
};

BRIO_TEST(guide, the_heart_beats_every_ten_seconds) {
    heartbeat heart;
    auto beating = brio::create_task(heart.run());
    co_await brio::testing::advance(10s);
    EXPECT_EQ(heart.beats, 1);
    co_await brio::testing::advance(1min);
    EXPECT_EQ(heart.beats, 7);
    EXPECT_EQ(brio::testing::current_clock().elapsed(), 70s);
    beating.cancel();
    co_await brio::testing::advance(0s);  // whatever can run without time passing has run
    EXPECT_TRUE(beating.cancelled());
}
// [/advance]

// [sweep]
struct bank {
    brio::lock lock;
    int savings = 100;
    int current = 0;
};

brio::awaitable<> transfer(bank& b) {
    const auto guard = co_await b.lock.acquire();
    co_await brio::sleep(1s);  // ask the server
    b.savings -= 10;
    b.current += 10;           // no await between the two
    co_await brio::sleep(1s);  // write the log
}

void expect_sound_books(bank& b) {
    EXPECT_EQ(b.savings + b.current, 100);
    EXPECT_FALSE(b.lock.locked());
}

TEST(guide, a_cancelled_transfer_loses_no_money) {
    const auto transfers = [](bank& b) -> brio::awaitable<> { co_await brio::gather(transfer(b), transfer(b)); };
    brio::testing::cancel_at_each_await(brio::testing::with_state<bank>(transfers, expect_sound_books));
}
// [/sweep]

// [schedules]
TEST(guide, transfers_in_any_order_lose_no_money) {
    const auto transfers = [](bank& b) -> brio::awaitable<> { co_await brio::gather(transfer(b), transfer(b)); };
    brio::testing::for_each_seed(brio::testing::with_state<bank>(transfers, expect_sound_books), 0, 300);
}
// [/schedules]

// [faults]
class fake_disk {
public:
    brio::awaitable<> write(std::string text) {
        brio::testing::fault_points::check("disk.write");
        co_await brio::sleep(1ms);
        content += text;
    }
    std::string content;
};

// Either all of it or nothing.
brio::awaitable<bool> save(fake_disk& disk, int parts) {
    const std::string before = disk.content;
    bool complete = true;
    try {
        for (int i = 0; i < parts; ++i) co_await disk.write("part ");
    } catch (const std::exception&) {
        complete = false;
    }
    if (!complete) disk.content = before;
    co_return complete;
}

TEST(guide, a_full_disk_leaves_no_half_file) {
    const auto body = [](fake_disk& disk) -> brio::awaitable<> { co_await save(disk, 3); };
    const auto check = [](fake_disk& disk) {
        EXPECT_TRUE(disk.content.empty() || disk.content == "part part part ");
    };
    brio::testing::fail_each(brio::testing::with_state<fake_disk>(body, check));
}
// [/faults]

}  // namespace

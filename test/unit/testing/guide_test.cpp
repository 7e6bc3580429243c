// SPDX-License-Identifier: BSL-1.0
// The tests shown in doc/guide/testing.md.
#include <brio/testing/test.hpp>

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

}  // namespace

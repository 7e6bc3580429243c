// SPDX-License-Identifier: BSL-1.0
// retry: how often, after which pauses, which errors, and that a cancel is none of them.
#include "unit/compose/outcome.hpp"

#include <brio/detail/backoff.hpp>
#include <brio/testing/test.hpp>

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::retry;
using brio::retry_policy;
using brio_test::end_of;
using brio_test::text_of;

auto now() { return brio::get_running_loop().time(); }

/// Fails a number of times, then gives the number of calls.
class flaky {
public:
    explicit flaky(int failures) : failures_(failures), begin_(now()) {}

    awaitable<int> call() {
        times.push_back(now() - begin_);
        const int number = static_cast<int>(times.size());
        co_await brio::sleep(0s);
        if (number <= failures_) throw std::runtime_error("failure " + std::to_string(number));
        co_return number;
    }

    std::vector<std::chrono::nanoseconds> times;

private:
    int failures_;
    std::chrono::steady_clock::time_point begin_;
};

awaitable<int> call(flaky* target) { return target->call(); }

retry_policy plain() { return retry_policy().jitter(0); }

BRIO_TEST(retry, a_first_success_is_all_there_is) {
    flaky f(0);
    EXPECT_EQ(co_await retry(plain(), call, &f), 1);
    EXPECT_EQ(f.times.size(), 1U);
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
}

BRIO_TEST(retry, pauses_grow_up_to_the_longest_one) {
    flaky f(5);
    const auto policy = plain().attempts(6).delay(100ms).factor(3).max_delay(1s);
    EXPECT_EQ(co_await retry(policy, call, &f), 6);
    const std::vector<std::chrono::nanoseconds> expected(
        {0ms, 100ms, 400ms, 1300ms, 2300ms, 3300ms});
    EXPECT_EQ(f.times, expected);
}

BRIO_TEST(retry, the_last_error_is_thrown) {
    flaky f(9);
    EXPECT_EQ(co_await end_of(retry(plain().attempts(3), call, &f)), "failure 3");
    EXPECT_EQ(f.times.size(), 3U);
    flaky once(9);
    EXPECT_EQ(co_await end_of(retry(plain().attempts(1), call, &once)), "failure 1");
    EXPECT_EQ(once.times.size(), 1U);
    EXPECT_EQ(once.times[0], 0s) << "and no pause behind it";
}

BRIO_TEST(retry, jitter_takes_its_share_of_each_pause) {
    flaky f(2);
    double next = 0;
    const auto source = [&next] { return std::exchange(next, 0.5); };
    co_await retry(retry_policy().delay(1s).factor(2).jitter(0.2).random(source), call, &f);
    EXPECT_NEAR(std::chrono::duration<double>(f.times.at(1)).count(), 0.8, 1e-6);
    EXPECT_NEAR(std::chrono::duration<double>(f.times.at(2) - f.times.at(1)).count(), 2 * 0.9, 1e-6);
}

BRIO_TEST(retry, chance_stays_within_its_bounds) {
    for (int i = 0; i < 100; ++i) {
        const auto pause = retry_policy().delay(1s).jitter(0.25).pause(1);
        EXPECT_GE(pause, 750ms);
        EXPECT_LE(pause, 1s);
    }
    co_return;
}

BRIO_TEST(retry, only_the_errors_that_are_wanted) {
    flaky f(9);
    std::string seen;
    const auto filter = [&seen](const std::exception_ptr& error) {
        seen += text_of(error) + ", ";
        return text_of(error) != "failure 2";
    };
    EXPECT_EQ(co_await end_of(retry(plain().attempts(5).retry_if(filter), call, &f)), "failure 2");
    EXPECT_EQ(seen, "failure 1, failure 2, ");

    flaky typed(2);
    EXPECT_EQ(co_await end_of(retry(plain().retry_on<brio::timeout_error, std::runtime_error>(), call, &typed)), "3");
    flaky other(2);
    EXPECT_EQ(co_await end_of(retry(plain().retry_on<brio::timeout_error>(), call, &other)), "failure 1");
}

BRIO_TEST(retry, what_the_filter_throws_is_thrown) {
    flaky f(9);
    const auto filter = [](const std::exception_ptr&) -> bool { throw std::logic_error("broken filter"); };
    EXPECT_EQ(co_await end_of(retry(plain().retry_if(filter), call, &f)), "broken filter");
}

BRIO_TEST(retry, an_error_thrown_by_the_call_itself_counts_too) {
    int calls = 0;
    auto function = [&calls](int) -> awaitable<int> {
        if (++calls < 3) throw std::runtime_error("before any await");
        co_return calls;
    };
    EXPECT_EQ(co_await retry(plain(), function, 0), 3);
    calls = 0;
    auto no_coroutine = [&calls]() -> awaitable<int> {
        if (++calls < 3) throw 42;  // not even a std::exception
        return brio_test::value_after(1s, calls);
    };
    EXPECT_EQ(co_await retry(plain(), no_coroutine), 3);
}

BRIO_TEST(retry, a_cancel_is_never_retried) {
    int calls = 0;
    auto function = [&calls]() -> awaitable<> {
        ++calls;
        co_await brio::sleep(1h);
    };
    auto trying = create_task(retry(plain(), function));
    co_await brio::sleep(1s);
    trying.cancel("enough");
    EXPECT_EQ(co_await end_of(trying.join()), "cancelled(enough)");
    EXPECT_EQ(calls, 1);

    auto throws_it = [&calls]() -> awaitable<> {
        ++calls;
        co_await brio::sleep(0s);
        throw brio::cancelled_error("its own");
    };
    calls = 0;
    EXPECT_EQ(co_await end_of(retry(plain(), throws_it)), "cancelled(its own)");
    EXPECT_EQ(calls, 1);
}

BRIO_TEST(retry, a_cancel_ends_the_pause_at_once) {
    flaky f(9);
    const auto begin = now();
    auto trying = create_task(retry(plain().delay(1h).max_delay(1h), call, &f));
    co_await brio::sleep(1s);
    trying.cancel();
    EXPECT_EQ(co_await end_of(trying.join()), "cancelled");
    EXPECT_EQ(now() - begin, 1s);
    EXPECT_EQ(f.times.size(), 1U);
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0U);
}

BRIO_TEST(retry, a_request_that_was_answered_with_an_error_is_not_forgotten) {
    int calls = 0;
    auto stubborn = [&calls]() -> awaitable<> {
        ++calls;
        brio::current_task().cancel("pending");
        throw std::runtime_error("failed first");
        co_return;
    };
    auto trying = create_task(retry(plain().delay(0s), stubborn));
    EXPECT_EQ(co_await end_of(trying.join()), "cancelled(pending)");
    EXPECT_EQ(calls, 1);
}

BRIO_TEST(retry, cancelled_before_it_starts) {
    flaky f(0);
    auto trying = create_task(retry(plain(), call, &f));
    trying.cancel();
    EXPECT_EQ(co_await end_of(trying.join()), "cancelled");
    EXPECT_EQ(f.times.size(), 0U);
}

BRIO_TEST(retry, operations_tasks_and_arguments_of_every_kind) {
    brio::queue<int> queue;
    queue.put_nowait(7);
    EXPECT_EQ(co_await retry(plain(), [](brio::queue<int>* source) { return source->get(); }, &queue), 7);
    EXPECT_EQ(co_await retry(plain(), [](int value) { return create_task(brio_test::value_after(1s, value)); }, 3), 3);
    auto shares = std::make_unique<int>(5);
    EXPECT_EQ(co_await retry(plain(), [](const std::unique_ptr<int>& box) -> awaitable<int> {
        static int calls = 0;
        if (++calls < 2) throw std::runtime_error("once more");
        co_return *box;
    }, std::move(shares)), 5) << "each attempt sees the same arguments";
}

BRIO_TEST(retry, within_a_deadline) {
    flaky f(99);
    const auto policy = plain().attempts(99).delay(1s).factor(1);
    EXPECT_EQ(co_await end_of(brio::wait_for(retry(policy, call, &f), 2500ms)), "timeout");
    EXPECT_EQ(f.times.size(), 3U);
}

TEST(retry, the_arithmetic) {
    using brio::detail::backoff;
    EXPECT_EQ(backoff(1, 100ms, 2, 30s, 0, 0), 100ms);
    EXPECT_EQ(backoff(4, 100ms, 2, 30s, 0, 0), 800ms);
    EXPECT_EQ(backoff(0, 100ms, 2, 30s, 0, 0), 100ms);
    EXPECT_EQ(backoff(4'000'000'000, 100ms, 2, 30s, 0, 0), 30s) << "no overflow";
    EXPECT_EQ(backoff(1, 100ms, 2, 30s, 1, 0), 0ms);
    EXPECT_EQ(backoff(1, 100ms, 2, 30s, 1, 0.5), 50ms);
    EXPECT_EQ(backoff(1, 100ms, 2, 30s, 1, 7), 100ms) << "a source that does not keep to [0, 1)";
    EXPECT_EQ(backoff(9, 0ms, 2, 30s, 0, 0), 0ms);
    EXPECT_GT(backoff(99, 1h, 2, std::chrono::nanoseconds::max(), 0, 0), 24h * 365 * 100);
}

TEST(retry, misuse_is_an_error_that_says_so) {
    const double nan = std::nan("");
    EXPECT_THROW(retry_policy().attempts(0), std::invalid_argument);
    EXPECT_THROW(retry_policy().delay(-1s), std::invalid_argument);
    EXPECT_THROW(retry_policy().delay(std::chrono::duration<double>(nan)), std::invalid_argument);
    EXPECT_THROW(retry_policy().max_delay(-1s), std::invalid_argument);
    EXPECT_THROW(retry_policy().factor(0.5), std::invalid_argument);
    EXPECT_THROW(retry_policy().factor(nan), std::invalid_argument);
    EXPECT_THROW(retry_policy().jitter(1.1), std::invalid_argument);
    EXPECT_THROW(retry_policy().jitter(nan), std::invalid_argument);
    EXPECT_THROW(retry_policy().random(nullptr), std::invalid_argument);
    EXPECT_THROW(retry_policy().retry_if(std::function<bool(const std::exception_ptr&)>()), std::invalid_argument);
}

// The attempts of a generator's body may yield: being closed is no failure.
BRIO_TEST(retry, a_generator_that_is_closed_inside_of_an_attempt) {
    int attempts = 0;
    const auto body = [](brio::yielder<int> yield, int& count) -> awaitable<> {
        const auto attempt = [&]() -> awaitable<> {
            ++count;
            co_await yield(count);
        };
        co_await retry(retry_policy().delay(1s).attempts(5), attempt);
    };
    auto numbers = brio::make_generator<int>(body, std::ref(attempts));
    co_await numbers.next();
    EXPECT_EQ(co_await end_of(numbers.close()), "done");
    EXPECT_EQ(attempts, 1);
}

}  // namespace

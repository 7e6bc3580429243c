// SPDX-License-Identifier: BSL-1.0
// Futures that another thread sets.
#include <brio/testing/test.hpp>

#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <thread>
#include <utility>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::threadsafe_promise;

BRIO_TEST_REAL_TIME(threadsafe_promise, FUT_19_value_and_error_cross_over) {
    threadsafe_promise<std::unique_ptr<int>> with_value;
    threadsafe_promise<> with_error;
    auto value = with_value.get_future();
    auto error = with_error.get_future();
    std::thread other([a = std::move(with_value), b = std::move(with_error)]() mutable {
        a.set_value(std::make_unique<int>(7));
        b.set_exception(std::runtime_error("from afar"));
    });
    const auto got = co_await value.join();
    EXPECT_EQ(*got, 7);
    bool failed = false;
    try {
        co_await error.join();
    } catch (const std::runtime_error&) {
        failed = true;
    }
    EXPECT_TRUE(failed);
    other.join();
}

BRIO_TEST_REAL_TIME(threadsafe_promise, FUT_20_a_cancelled_future_stops_the_thread) {
    threadsafe_promise<int> promise;
    auto value = promise.get_future();
    const std::stop_token asked = promise.stop_token();
    bool stopped = false;
    std::thread other([promise = std::move(promise), &stopped]() mutable {
        const std::stop_token token = promise.stop_token();
        while (!token.stop_requested()) std::this_thread::yield();
        stopped = promise.cancelled();
        promise.set_value(1);  // nobody wants it
    });
    value.cancel();
    while (!asked.stop_requested()) co_await brio::sleep(0s);
    other.join();
    EXPECT_TRUE(stopped);
    EXPECT_TRUE(value.cancelled());
    co_await brio::sleep(1ms);
}

BRIO_TEST_REAL_TIME(threadsafe_promise, FUT_20_the_thread_cancels_the_future) {
    threadsafe_promise<int> promise;
    auto value = promise.get_future();
    std::thread other([promise = std::move(promise)]() mutable { EXPECT_TRUE(promise.cancel("not today")); });
    std::string message;
    try {
        co_await value.join();
    } catch (const brio::cancelled_error& e) {
        message = e.message();
    }
    other.join();
    EXPECT_EQ(message, "not today");
}

BRIO_TEST_REAL_TIME(threadsafe_promise, can_be_set_once) {
    threadsafe_promise<int> promise;
    auto value = promise.get_future();
    promise.set_value(1);
    EXPECT_THROW(promise.set_value(2), brio::invalid_state_error);
    EXPECT_FALSE(promise.cancel());
    EXPECT_EQ(co_await value.join(), 1);
}

BRIO_TEST_REAL_TIME(threadsafe_promise, one_that_goes_tells_those_who_wait) {
    std::optional<threadsafe_promise<int>> promise(std::in_place);
    auto value = promise->get_future();
    promise.reset();
    bool broken = false;
    try {
        co_await value.join();
    } catch (const brio::broken_promise_error&) {
        broken = true;
    }
    EXPECT_TRUE(broken);
}

BRIO_TEST_REAL_TIME(threadsafe_promise, a_null_exception_is_an_error_of_its_own) {
    threadsafe_promise<int> promise;
    auto value = promise.get_future();
    promise.set_exception(std::exception_ptr());
    std::string text;
    try {
        co_await value.join();
    } catch (const brio::invalid_state_error& e) {
        text = e.what();
    }
    EXPECT_EQ(text, "set_exception was given no exception");
}

TEST(threadsafe_promise, may_outlive_its_loop) {
    std::optional<threadsafe_promise<int>> set_late;
    std::optional<threadsafe_promise<int>> never_set;
    std::optional<brio::future<int>> value;
    const auto body = [&]() -> awaitable<> {
        set_late.emplace();
        never_set.emplace();
        value.emplace(set_late->get_future());
        co_return;
    };
    brio::run(body);
    set_late->set_value(1);
    never_set.reset();
    EXPECT_FALSE(value->done());
    EXPECT_TRUE(value->cancel());
}

TEST(threadsafe_promise, needs_a_loop) { EXPECT_THROW(threadsafe_promise<>(), brio::loop_error); }

}  // namespace

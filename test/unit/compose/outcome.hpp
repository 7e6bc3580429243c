// SPDX-License-Identifier: BSL-1.0
// For tests that compare how things end: outcomes as text, reports to the loop's exception handler.
#pragma once

#include <brio/brio.hpp>
#include <brio/detail/describe.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio_test {

/// "timeout", "cancelled", "cancelled(text)" or the text of the exception; "{a b {c}}" for a group; "no error" for null.
inline std::string text_of(const std::exception_ptr& error) {
    if (!error) return "no error";
    try {
        std::rethrow_exception(error);
    } catch (const brio::cancelled_error& e) {
        return e.message().empty() ? "cancelled" : "cancelled(" + e.message() + ")";
    } catch (const brio::timeout_error&) {
        return "timeout";
    } catch (const brio::exception_group& e) {
        std::string all;
        for (const auto& member : e.exceptions()) all += (all.empty() ? "{" : " ") + text_of(member.error());
        return all + "}";
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "something else";
    }
}

inline std::string text_of(int value) { return std::to_string(value); }
inline std::string text_of(std::string value) { return value; }
template <class T>
std::string text_of(T) {
    return "a value";
}

/// Awaits `x` (no task: its join) in the current task and says how it ended: the value, "done" for void, or the error.
template <class X>
brio::awaitable<std::string> end_of(X x) {
    try {
        using value = brio::detail::await_result_t<X>;
        if constexpr (std::is_void_v<value>) {
            co_await std::move(x);
            co_return "done";
        } else {
            value got = co_await std::move(x);
            co_return text_of(std::move(got));
        }
    } catch (...) {
        co_return text_of(std::current_exception());
    }
}

/// What the exception handler of the running loop was told during this object's life.
class reports {
public:
    reports() : loop_(brio::get_running_loop()) {
        loop_.set_exception_handler([this](const brio::error_context& context) { texts_.push_back(text_of(context.exception())); });
    }
    reports(const reports&) = delete;
    reports& operator=(const reports&) = delete;
    ~reports() { loop_.set_exception_handler({}); }

    [[nodiscard]] std::size_t size() const noexcept { return texts_.size(); }
    [[nodiscard]] const std::string& operator[](std::size_t index) const { return texts_.at(index); }

private:
    brio::loop& loop_;
    std::vector<std::string> texts_;
};

/// Lets everything that is ready run, a few turns long.
inline brio::awaitable<> settle() {
    for (int turn = 0; turn < 5; ++turn) co_await brio::sleep(std::chrono::seconds(0));
}

/// Gives `value` after `delay`.
inline brio::awaitable<int> value_after(std::chrono::milliseconds delay, int value) {
    co_await brio::sleep(delay);
    co_return value;
}

/// Throws std::runtime_error(text) after `delay`.
inline brio::awaitable<int> error_after(std::chrono::milliseconds delay, std::string text) {
    co_await brio::sleep(delay);
    throw std::runtime_error(text);
    co_return 0;
}

/// Sleeps for an hour; when cancelled it takes `cleanup` to tidy up, adds its name to `log` and passes the cancel on.
inline brio::awaitable<int> slow_to_stop(std::chrono::milliseconds cleanup, std::string& log, std::string name) {
    bool stopped = false;
    try {
        co_await brio::sleep(std::chrono::hours(1));
    } catch (const brio::cancelled_error&) {
        stopped = true;
    }
    co_await brio::sleep(cleanup);
    log += name;
    if (stopped) throw brio::cancelled_error();
    co_return 0;
}

}  // namespace brio_test

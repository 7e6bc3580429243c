// SPDX-License-Identifier: BSL-1.0
// So many requests in so much time, for each key by itself. Time comes from outside.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace brio::inline v0::http::detail {

/// At most `count` requests of a key in any span of `period`, wherever it begins: what servers count.
class rate_limiter {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;

    /// Throws invalid_request for a count of 0 or a period that is not positive.
    rate_limiter(unsigned count, duration period);

    /// Takes a place: when the request may go, `now` or later. Places are given in the order of the calls.
    time_point reserve(std::string_view key, time_point now);
    /// Gives back a place that was not used. Those given after it stay where they are; the next call gets it.
    void give_back(std::string_view key, time_point place) noexcept;
    /// Nothing more goes before `until`: the server said so. Places given before stay.
    void hold(std::string_view key, time_point until, time_point now);
    /// Keys that are remembered; those for which nothing counts any more are forgotten from time to time.
    [[nodiscard]] std::size_t keys() const noexcept { return keys_.size(); }

private:
    struct hash : std::hash<std::string_view> {
        using is_transparent = void;
    };
    struct state {
        std::deque<time_point> places; // those of the last period and those to come, in order
        time_point not_before{};
    };
    state& of(std::string_view key, time_point now);

    std::size_t count_;
    duration period_;
    std::unordered_map<std::string, state, hash, std::equal_to<>> keys_;
    std::size_t forget_at_;
};

} // namespace brio::inline v0::http::detail

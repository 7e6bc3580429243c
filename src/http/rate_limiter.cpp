// SPDX-License-Identifier: BSL-1.0
// A sliding log of starts for each key.
#include "rate_limiter.hpp"

#include <brio/http/error.hpp>

#include <algorithm>

namespace brio::inline v0::http::detail {

namespace {
constexpr std::size_t few_keys = 64;
}

rate_limiter::rate_limiter(unsigned count, duration period) : count_(count), period_(period), forget_at_(few_keys) {
    if (count == 0 || period <= duration::zero()) throw invalid_request("a rate limit needs a number of requests and a period above zero");
}

// Looks through all keys each time their number has doubled.
rate_limiter::state& rate_limiter::of(std::string_view key, time_point now) {
    const auto found = keys_.find(key);
    if (found != keys_.end()) return found->second;
    if (keys_.size() >= forget_at_) {
        std::erase_if(keys_, [&](const auto& item) {
            const state& s = item.second;
            return s.not_before <= now && (s.places.empty() || s.places.back() + period_ <= now);
        });
        forget_at_ = std::max(few_keys, 2 * keys_.size());
    }
    return keys_.emplace(key, state()).first->second;
}

rate_limiter::time_point rate_limiter::reserve(std::string_view key, time_point now) {
    state& s = of(key, now);
    while (!s.places.empty() && s.places.front() + period_ <= now) s.places.pop_front();
    time_point start = std::max(now, s.not_before);
    if (!s.places.empty()) start = std::max(start, s.places.back());
    if (s.places.size() >= count_) start = std::max(start, s.places[s.places.size() - count_] + period_);
    s.places.push_back(start);
    return start;
}

void rate_limiter::give_back(std::string_view key, time_point place) noexcept {
    const auto found = keys_.find(key);
    if (found == keys_.end()) return;
    auto& places = found->second.places;
    const auto at = std::find(places.rbegin(), places.rend(), place);
    if (at != places.rend()) places.erase(std::next(at).base());
}

void rate_limiter::hold(std::string_view key, time_point until, time_point now) {
    state& s = of(key, now);
    s.not_before = std::max(s.not_before, until);
}

} // namespace brio::inline v0::http::detail

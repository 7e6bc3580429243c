// SPDX-License-Identifier: BSL-1.0
// A bounded cache with expiry: results of name look-ups.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace brio::inline v0::detail {

inline constexpr std::chrono::seconds dns_positive_lifetime{10};
inline constexpr std::chrono::seconds dns_negative_lifetime{1};
inline constexpr std::size_t dns_cache_entries = 1000;

/// Values by text key; the one used longest ago leaves when there are more than `most`. An expired value is
/// not returned. The caller keeps failures as values too, with a shorter lifetime.
template <class Value>
class cache_machine {
public:
    using time_point = std::chrono::steady_clock::time_point;

    explicit cache_machine(std::size_t most = dns_cache_entries) : most_(most) {}

    /// The value, or nullptr; valid until the next call.
    const Value* find(std::string_view key, time_point now) {
        const auto found = index_.find(key);
        if (found == index_.end()) return nullptr;
        if (found->second->until <= now) {
            erase(found);
            return nullptr;
        }
        order_.splice(order_.begin(), order_, found->second);
        return &found->second->value;
    }

    /// Stores or replaces.
    void put(std::string key, Value value, time_point until) {
        erase(key);
        if (most_ == 0) return;
        while (order_.size() >= most_) erase(index_.find(order_.back().key));
        order_.push_front({std::move(key), std::move(value), until});
        index_.emplace(order_.front().key, order_.begin());
    }

    /// Forgets one key: after every address of a host failed, say.
    void erase(std::string_view key) {
        if (const auto found = index_.find(key); found != index_.end()) erase(found);
    }
    void clear() {
        index_.clear();
        order_.clear();
    }
    [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

private:
    struct item {
        std::string key;
        Value value;
        time_point until;
    };
    using order = std::list<item>;
    using index = std::unordered_map<std::string_view, typename order::iterator>; // keys view into the items

    void erase(typename index::iterator at) {
        const auto node = at->second;
        index_.erase(at);
        order_.erase(node);
    }

    order order_;
    index index_;
    std::size_t most_;
};

} // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// stack<T>: the newest first; in steady state it allocates nothing.
#pragma once

#include <utility>
#include <vector>

namespace brio::inline v0::detail {

template <class T>
class stack {
public:
    [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
    void push(T&& item) { items_.push_back(std::move(item)); }
    T pop() {
        T item = std::move(items_.back());
        items_.pop_back();
        return item;
    }
    void clear() noexcept { items_.clear(); }

private:
    std::vector<T> items_;
};

}  // namespace brio::inline v0::detail

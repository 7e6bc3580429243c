// SPDX-License-Identifier: BSL-1.0
// stable_heap<T>: the lowest first, equal ones in order of arrival; in steady state it allocates nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

/// A binary heap. All comparisons of a call come before the first move: one that throws changes nothing.
template <class T, class Compare>
class stable_heap {
public:
    explicit stable_heap(Compare compare) : compare_(std::move(compare)) {}

    [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }

    void push(T&& item) {
        std::size_t place = entries_.size();
        while (place > 0 && compare_(item, entries_[parent(place)].item)) place = parent(place);
        entries_.emplace_back(std::move(item), next_number_++);
        for (std::size_t i = entries_.size() - 1; i != place; i = parent(i)) std::swap(entries_[i], entries_[parent(i)]);
    }

    T pop() {
        // The last one moves to `place`; what stands on the way from there to the root moves up, the root comes out.
        const std::size_t last = entries_.size() - 1;
        std::size_t place = 0;
        for (std::size_t child = 1; child < last; child = 2 * place + 1) {
            if (child + 1 < last && before(entries_[child + 1], entries_[child])) ++child;
            if (!before(entries_[child], entries_[last])) break;
            place = child;
        }
        for (std::size_t i = place; last > 0; i = parent(i)) {
            std::swap(entries_[i], entries_[last]);
            if (i == 0) break;
        }
        T item = std::move(entries_[last].item);
        entries_.pop_back();
        return item;
    }

    void clear() noexcept { entries_.clear(); }

private:
    struct entry {
        entry(T&& value, std::uint64_t place) : item(std::move(value)), number(place) {}
        T item;
        std::uint64_t number;
    };

    static std::size_t parent(std::size_t index) noexcept { return (index - 1) / 2; }

    [[nodiscard]] bool before(const entry& a, const entry& b) const {
        if (compare_(a.item, b.item)) return true;
        return a.number < b.number && !compare_(b.item, a.item);
    }

    std::vector<entry> entries_;
    std::uint64_t next_number_ = 0;
    Compare compare_;
};

}  // namespace brio::inline v0::detail

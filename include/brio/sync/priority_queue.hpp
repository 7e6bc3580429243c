// SPDX-License-Identifier: BSL-1.0
// priority_queue<T>: a queue that gives the lowest item first.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/basic_queue.hpp>
#include <brio/detail/stable_heap.hpp>
#include <brio/sync/queue_base.hpp>

#include <cstddef>
#include <functional>
#include <utility>

namespace brio::inline v0 {

/// A queue whose `get` takes the lowest item; asyncio's `PriorityQueue`. `a` comes before `b` when `Compare(a, b)`: with
/// std::less the smallest is first, the other way round than in std::priority_queue. Unlike in asyncio, items that compare
/// equal keep their order, so that no counter is needed in them. In everything else it is as `queue<T>`: tasks that
/// wait are served in order of arrival.
///
/// When `Compare` throws, the call that needed it throws, and the queue is as before.
template <class T, class Compare = std::less<T>>
class priority_queue final : public detail::basic_queue<T, detail::stable_heap<T, Compare>> {
public:
    explicit priority_queue(std::ptrdiff_t maxsize = 0, Compare compare = Compare())
        : detail::basic_queue<T, detail::stable_heap<T, Compare>>(maxsize, std::move(compare)) {}
};

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// lifo_queue<T>: a queue that gives the newest item first.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/basic_queue.hpp>
#include <brio/detail/stack.hpp>
#include <brio/sync/queue_base.hpp>

#include <cstddef>

namespace brio::inline v0 {

/// A queue whose `get` takes the item that was put last; asyncio's `LifoQueue`. In everything else it is as `queue<T>`:
/// tasks that wait are still served in order of arrival.
template <class T>
class lifo_queue final : public detail::basic_queue<T, detail::stack<T>> {
public:
    explicit lifo_queue(std::ptrdiff_t maxsize = 0) noexcept : detail::basic_queue<T, detail::stack<T>>(maxsize) {}
};

}  // namespace brio::inline v0

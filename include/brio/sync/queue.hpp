// SPDX-License-Identifier: BSL-1.0
// queue<T>: items from producers to consumers, bounded if wished.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/basic_queue.hpp>
#include <brio/detail/ring.hpp>
#include <brio/sync/queue_base.hpp>

#include <cstddef>

namespace brio::inline v0 {

/// A FIFO of items between tasks of one loop; asyncio's `Queue`. `T` need only be movable. A size of 0 (or less)
/// means unbounded: `put` then never waits, so a producer that awaits nothing else starves its consumers. It must
/// outlive the waits in it.
///
/// Nothing is ever lost: a waiting getter is told that there is an item and takes it when it runs; one that is
/// cancelled in between passes the news on.
template <class T>
class queue final : public detail::basic_queue<T, detail::ring<T>> {
public:
    explicit queue(std::ptrdiff_t maxsize = 0) noexcept : detail::basic_queue<T, detail::ring<T>>(maxsize) {}
};

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// run_in_executor: to_thread on a pool of the caller's.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/thread/thread_pool.hpp>
#include <brio/thread/to_thread.hpp>

#include <chrono>
#include <memory>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

/// `to_thread` on `pool`, which must outlive the wait (not the call: see `thread_pool::shutdown`). asyncio's
/// `loop.run_in_executor(pool, function, args...)`.
template <class F, class... Args>
    requires detail::thread_function<F, Args...>
auto run_in_executor(thread_pool& pool, F&& function, Args&&... args) {
    return detail::make_thread_operation(&pool, source_location(), std::forward<F>(function), std::forward<Args>(args)...);
}

/// `to_thread` runs on `pool` from now on, on the running loop. What was given to the pool before goes on there. Throws
/// std::invalid_argument for a null pointer. asyncio's `loop.set_default_executor`.
BRIO_API void set_default_executor(std::shared_ptr<thread_pool> pool);

/// Takes no more calls for the loop's pool, waits for what runs there, for at most `grace`, without blocking the loop;
/// `to_thread` then throws loop_error. **Cancellation** releases the waiting task, the pool shuts down all the same.
/// asyncio's `loop.shutdown_default_executor`.
BRIO_API awaitable<> shutdown_default_executor(std::chrono::steady_clock::duration grace = std::chrono::seconds(300));

}  // namespace brio::inline v0

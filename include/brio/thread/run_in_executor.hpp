// SPDX-License-Identifier: BSL-1.0
// run_in_executor: to_thread on a pool of the caller's.
#pragma once

#include <brio/thread/to_thread.hpp>

#include <type_traits>
#include <utility>

namespace brio::inline v0 {

/// `to_thread` on `pool`, which must outlive the wait (not the call: see `thread_pool::shutdown`). asyncio's
/// `loop.run_in_executor(pool, function, args...)`.
template <class F, class... Args>
    requires std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>
auto run_in_executor(thread_pool& pool, F&& function, Args&&... args) {
    detail::check_callable<F>();
    return detail::make_thread_operation(&pool, std::forward<F>(function), std::forward<Args>(args)...);
}

}  // namespace brio::inline v0

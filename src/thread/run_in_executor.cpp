// SPDX-License-Identifier: BSL-1.0
// The loop's default pool: another one, and its end.
#include <brio/thread/run_in_executor.hpp>

#include <stdexcept>

namespace brio::inline v0 {

namespace {

void shut_down(std::shared_ptr<thread_pool> pool, std::chrono::steady_clock::duration grace) { pool->shutdown(grace); }

}  // namespace

void set_default_executor(std::shared_ptr<thread_pool> pool) {
    if (!pool) throw std::invalid_argument("set_default_executor was given no pool");
    detail::replace_default_pool(std::move(pool));
}

awaitable<> shutdown_default_executor(std::chrono::steady_clock::duration grace) {
    thread_pool helper(1);
    co_await run_in_executor(helper, &shut_down, detail::default_pool(), grace);
}

}  // namespace brio::inline v0

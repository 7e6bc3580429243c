// SPDX-License-Identifier: BSL-1.0
// A pool from outside.
#include <brio/thread/thread_pool.hpp>

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>

#include "thread/pool_state.hpp"

#include <algorithm>
#include <string>
#include <thread>

namespace brio::inline v0 {

detail::pool_job::~pool_job() = default;

thread_pool::thread_pool(std::size_t max_threads)
    : state_(std::make_shared<state>(std::max<std::size_t>(max_threads, 1))) {}

thread_pool::~thread_pool() {
    if (!state_->is_closed()) shutdown();
}

std::size_t thread_pool::default_size() noexcept {
    return std::min<std::size_t>(32, std::thread::hardware_concurrency() + 4);
}

std::size_t thread_pool::max_threads() const noexcept { return state_->max_threads; }

void thread_pool::submit(detail::pool_job& job) {
    if (!state_->submit(job)) throw loop_error("the thread pool was shut down: it takes no more work");
}

void thread_pool::shutdown(std::chrono::steady_clock::duration grace) noexcept {
    detail::job_queue dropped;
    if (const std::size_t left = state_->close(grace, dropped)) {
        try {
            log(log_level::warning,
                "thread pool: " + std::to_string(left) + " thread(s) still busy at shutdown were left behind");
        } catch (...) {  // out of memory for a message
        }
    }
    while (dropped.size() > 0) dropped.pop().abandon();
}

}  // namespace brio::inline v0

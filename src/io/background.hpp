// SPDX-License-Identifier: BSL-1.0
// What destructors leave to a thread, so that the loop does not wait for it.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/thread_call.hpp>
#include <brio/thread/thread_pool.hpp>

#include <memory>
#include <new>
#include <utility>

namespace brio::inline v0::detail {

template <class F>
class background_job final : public pool_job {
public:
    explicit background_job(F function) noexcept : function_(std::move(function)) {}
    void execute() noexcept override {
        function_();
        delete this;
    }
    // The pool closes: it is done all the same.
    void abandon() noexcept override { execute(); }

private:
    F function_;
};

/// Calls `function()`, which must not throw, on a thread of the running loop's pool; here and now when that cannot be:
/// outside of a loop, or at its end. Nobody waits for it but the end of the pool.
template <class F>
void run_in_background(F function) noexcept {
    std::unique_ptr<background_job<F>> job;
    try {
        job = std::make_unique<background_job<F>>(std::move(function));
    } catch (const std::bad_alloc&) {
        function();  // not moved
        return;
    }
    if (scheduler::current()) {
        try {
            default_pool()->submit(*job);
            static_cast<void>(job.release());
            return;
        } catch (...) {  // the pool is closed, or gets no thread
        }
    }
    job.release()->execute();
}

}  // namespace brio::inline v0::detail

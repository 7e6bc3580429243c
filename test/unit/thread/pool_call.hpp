// SPDX-License-Identifier: BSL-1.0
// Jobs for a thread pool without a loop.
#pragma once

#include <brio/core/error.hpp>
#include <brio/thread/thread_pool.hpp>

#include <functional>
#include <thread>
#include <utility>

namespace brio_test {

/// Calls a function, which disposes of it.
class pool_call final : public brio::detail::pool_job {
public:
    explicit pool_call(std::function<void(pool_call&)> function) : function_(std::move(function)) {}
    void execute() noexcept override {
        const auto function = std::move(function_);
        function(*this);
    }
    void abandon() noexcept override { delete this; }

private:
    std::function<void(pool_call&)> function_;
};

/// Returns when the pool takes no more work.
inline void wait_until_closed(brio::thread_pool& pool) {
    for (;;) {
        auto* const call = new pool_call([](pool_call& self) { delete &self; });
        try {
            pool.submit(*call);
        } catch (const brio::loop_error&) {
            delete call;
            return;
        }
        std::this_thread::yield();
    }
}

}  // namespace brio_test

// SPDX-License-Identifier: BSL-1.0
// A pool of one thread that is busy until it is let go: what is given to it meanwhile is under way, and not done.
#pragma once

#include "unit/thread/gate.hpp"

#include <brio/core/task.hpp>
#include <brio/thread/run_in_executor.hpp>

#include <memory>

namespace brio_test {

class held_pool {
public:
    held_pool() {
        brio::set_default_executor(std::make_shared<brio::thread_pool>(1));
        blocking_ = brio::create_task(brio::to_thread([](gate* until) { until->wait(); }, &gate_));
    }
    held_pool(const held_pool&) = delete;
    held_pool& operator=(const held_pool&) = delete;
    ~held_pool() { gate_.open(); }

    /// What has been given to the pool is done when this is.
    brio::awaitable<> let_go() {
        gate_.open();
        co_await blocking_.join();
        co_await brio::to_thread([] {});
    }

private:
    gate gate_;
    brio::task<> blocking_;
};

}  // namespace brio_test

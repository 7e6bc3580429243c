// SPDX-License-Identifier: BSL-1.0
// Watches a test from a thread of its own.
#pragma once

#include <brio/core/loop.hpp>
#include <brio/core/task.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace brio::inline v0::testing {

/// When `limit` of real time has passed: prints the task tree from the loop, fails the test and cancels its main
/// task. A loop that does not even do that is blocked: the process is aborted.
class watchdog {
public:
    watchdog(loop& watched, std::chrono::seconds limit);
    watchdog(const watchdog&) = delete;
    watchdog& operator=(const watchdog&) = delete;
    ~watchdog();

    /// The task to cancel.
    void guard(task_handle main) {
        main_ = std::move(main);
        if (barked_) main_.cancel("test watchdog");
    }

private:
    void watch(std::chrono::seconds limit);
    void bark();

    loop& loop_;
    task_handle main_;     // loop thread only, as is barked_
    bool barked_ = false;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool finished_ = false;
    bool answered_ = false;
    std::thread thread_;
};

}  // namespace brio::inline v0::testing

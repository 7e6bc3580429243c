// SPDX-License-Identifier: BSL-1.0
// A gate between the loop's thread and a pool's: tests open it when they know what must have happened.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace brio_test {

class gate {
public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    /// False when it does not open within half a minute: then something is wrong.
    bool wait() {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(30), [this] { return open_; });
    }
    [[nodiscard]] bool is_open() {
        const std::lock_guard lock(mutex_);
        return open_;
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
};

/// Opens a gate at the end of a scope, so that a failed assertion leaves no thread behind it.
class open_at_exit {
public:
    explicit open_at_exit(gate& target) : gate_(target) {}
    open_at_exit(const open_at_exit&) = delete;
    open_at_exit& operator=(const open_at_exit&) = delete;
    ~open_at_exit() { gate_.open(); }

private:
    gate& gate_;
};

}  // namespace brio_test

// SPDX-License-Identifier: BSL-1.0
// The watchdog thread.
#include "testing/watchdog.hpp"

#include <brio/debug/print_tasks.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

namespace brio::inline v0::testing {

watchdog::watchdog(loop& watched, std::chrono::seconds limit)
    : loop_(watched), thread_([this, limit] { watch(limit); }) {}

watchdog::~watchdog() {
    {
        const std::lock_guard lock(mutex_);
        finished_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

void watchdog::watch(std::chrono::seconds limit) {
    std::unique_lock lock(mutex_);
    if (changed_.wait_for(lock, limit, [this] { return finished_; })) return;
    lock.unlock();
    try {
        loop_.call_soon_threadsafe([this] { bark(); });
    } catch (const std::exception&) {
        return;  // closed: the test has just ended
    }
    lock.lock();
    if (changed_.wait_for(lock, std::chrono::seconds(5), [this] { return finished_ || answered_; })) return;
    std::fputs("brio test watchdog: the loop is blocked: a step of a task or a callback does not return\n", stderr);
    std::abort();
}

void watchdog::bark() {
    ADD_FAILURE() << "the test takes too long (watchdog); its tasks:\n" << format_tasks(loop_);
    barked_ = true;
    if (main_) main_.cancel("test watchdog");
    {
        const std::lock_guard lock(mutex_);
        answered_ = true;
    }
    changed_.notify_all();
}

}  // namespace brio::inline v0::testing

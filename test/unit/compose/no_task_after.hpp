// SPDX-License-Identifier: BSL-1.0
// A loop that runs out of tasks: for what happens when a call that makes several tasks fails half-way.
#pragma once

#include <brio/core/loop.hpp>

#include <stdexcept>

namespace brio_test {

/// Lets the running loop make so many tasks and no more, while it lives.
class no_task_after {
public:
    explicit no_task_after(int count) : left_(count) {
        brio::get_running_loop().set_task_factory([this](brio::task_options&) {
            if (left_ == 0) throw std::runtime_error("no more tasks");
            --left_;
        });
    }
    no_task_after(const no_task_after&) = delete;
    no_task_after& operator=(const no_task_after&) = delete;
    ~no_task_after() { brio::get_running_loop().set_task_factory({}); }

private:
    int left_;
};

}  // namespace brio_test

// SPDX-License-Identifier: BSL-1.0
// job: the processes of one run_process, as one thing that is talked to, awaited and stopped.
#pragma once

#include "process/process_state.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/task.hpp>
#include <brio/process/run_process.hpp>

#include <exception>
#include <string>
#include <vector>

namespace brio::inline v0::detail {

class job {
public:
    /// Starts it. What throws leaves nothing behind.
    job(pipeline what, run_process_options& options);
    job(const job&) = delete;
    job& operator=(const job&) = delete;
    /// Kills what is left: only when its coroutine was destroyed half-way.
    ~job();

    /// Talks until the outputs end, or the processes do, and waits for these.
    [[nodiscard]] awaitable<> work(output_until until);
    /// Stops what still runs: SIGTERM, and SIGKILL after `grace` or when it is cancelled. Gives that cancel.
    [[nodiscard]] awaitable<std::exception_ptr> stop(task<> working, duration grace);
    /// How it has ended, as far as it has.
    [[nodiscard]] process_result result();

private:
    [[nodiscard]] awaitable<> wait_all();
    void signal(int number) noexcept;

    std::string text_;
    bool in_one_group_ = false;
    bool is_over_ = false;
    ref<conversation> talk_;
    std::string input_;
    std::vector<ref<process_state>> stages_;
};

}  // namespace brio::inline v0::detail

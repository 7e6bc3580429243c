// SPDX-License-Identifier: BSL-1.0
// Runs jobs: each as soon as what it needs is done and a slot is free.
#pragma once

#include "job_file.hpp"
#include "output.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/process/run_process.hpp>
#include <brio/sync/event.hpp>
#include <brio/sync/semaphore.hpp>

#include <cstddef>
#include <deque>
#include <vector>

namespace jobs {

struct settings {
    std::string file;          // empty: a demonstration
    std::size_t slots = 4;     // jobs at the same time
    bool keep_going = false;   // go on with what does not need a job that has failed
};

class runner {
public:
    runner(std::vector<job> all, const settings& chosen, output& to);

    /// True when all jobs have succeeded. When it is cancelled (Ctrl-C), every program that runs is stopped first.
    brio::awaitable<bool> run();

private:
    enum class state { waiting, done, failed, skipped };
    struct progress {
        brio::event finished;
        state how = state::waiting;
    };

    brio::awaitable<> run_one(std::size_t at);
    brio::awaitable<> execute(std::size_t at);
    [[nodiscard]] bool can_run(std::size_t at) const;
    [[nodiscard]] std::size_t count(state how) const;

    std::vector<job> jobs_;
    bool keep_going_;
    bool failed_ = false;
    output& output_;
    brio::semaphore slots_;
    std::deque<progress> progress_;
};

}  // namespace jobs

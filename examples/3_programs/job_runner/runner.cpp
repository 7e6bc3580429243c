// SPDX-License-Identifier: BSL-1.0
// Jobs as tasks of one group.
#include "runner.hpp"

#include <brio/compose/with_task_group.hpp>
#include <brio/core/loop.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace jobs {

namespace {

// "0.3 s"
std::string seconds(std::chrono::steady_clock::duration time) {
    const auto tenths = std::chrono::duration_cast<std::chrono::milliseconds>(time).count() / 100;
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " s";
}

}  // namespace

runner::runner(std::vector<job> all, const settings& chosen, output& to)
    : jobs_(std::move(all)),
      keep_going_(chosen.keep_going),
      output_(to),
      slots_(static_cast<std::ptrdiff_t>(chosen.slots)),
      progress_(jobs_.size()) {}

brio::awaitable<bool> runner::run() {
    const auto body = [this](brio::task_group& group) -> brio::awaitable<> {
        for (std::size_t i = 0; i < jobs_.size(); ++i) group.create_task(run_one(i), jobs_[i].name);
        co_return;
    };
    co_await brio::with_task_group(body);
    output_.note(std::to_string(count(state::done)) + " done, " + std::to_string(count(state::failed)) + " failed, " +
                 std::to_string(count(state::skipped)) + " skipped");
    co_return count(state::done) == jobs_.size();
}

brio::awaitable<> runner::run_one(std::size_t at) {
    for (const std::size_t need : jobs_[at].needs) co_await progress_[need].finished.wait();
    {
        const auto slot = co_await slots_.acquire();
        if (can_run(at)) {
            co_await execute(at);
        } else {
            progress_[at].how = state::skipped;
        }
    }
    progress_[at].finished.set();
}

// A program that writes to a pipe may keep its lines back for long; that is its own affair.
brio::awaitable<> runner::execute(std::size_t at) {
    const job& one = jobs_[at];
    const auto print = [this, at, &one](std::string_view line) { output_.line(at, one.name, line); };
    brio::run_process_options options;
    options.on_line(print).on_error_line(print);
    brio::command shell("/bin/sh", "-e", "-c", one.script);
    const auto begin = brio::get_running_loop().time();
    const brio::process_result result = co_await brio::run_process(std::move(shell), std::move(options));
    const std::string took = seconds(brio::get_running_loop().time() - begin);
    progress_[at].how = result.returncode() == 0 ? state::done : state::failed;
    if (result.returncode() == 0) {
        print("done in " + took);
    } else {
        failed_ = true;
        print("FAILED after " + took + " with " + std::to_string(result.returncode()));
    }
}

bool runner::can_run(std::size_t at) const {
    if (failed_ && !keep_going_) return false;
    for (const std::size_t need : jobs_[at].needs) {
        if (progress_[need].how != state::done) return false;
    }
    return true;
}

std::size_t runner::count(state how) const {
    std::size_t sum = 0;
    for (const progress& one : progress_) sum += one.how == how ? 1 : 0;
    return sum;
}

}  // namespace jobs

// SPDX-License-Identifier: BSL-1.0
// Starting one candidate after another.
#include <brio/compose/staggered_race.hpp>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace brio::inline v0::detail {

namespace {

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

bool has_succeeded(const task_handle& task) { return task.untyped_state()->how() == task_state::outcome::value; }

class field {
public:
    explicit field(std::vector<task_handle>& started) noexcept : started_(started) {}

    /// Who has won stays the winner, whatever ends later.
    [[nodiscard]] bool is_won() {
        if (winner_ == nobody) {
            const auto found = std::find_if(started_.begin(), started_.end(), has_succeeded);
            if (found != started_.end()) winner_ = static_cast<std::size_t>(found - started_.begin());
        }
        return winner_ != nobody;
    }
    [[nodiscard]] std::size_t winner() const noexcept { return winner_; }
    [[nodiscard]] std::vector<task_handle> running() const {
        std::vector<task_handle> found;
        std::copy_if(started_.begin(), started_.end(), std::back_inserter(found), [](const task_handle& task) { return !task.done(); });
        return found;
    }
    void cancel_running(std::string_view message) const noexcept {
        for (const task_handle& task : started_) {
            if (!task.done()) task.cancel(message);
        }
    }

private:
    std::vector<task_handle>& started_;
    std::size_t winner_ = nobody;
};

// Until somebody has won, the latest has ended, or the time is up.
awaitable<> watch_latest(field& all, const task_handle& latest, std::optional<duration> delay) {
    scheduler& sched = scheduler::require("staggered_race");
    const time_point begin = sched.now();
    while (!all.is_won() && !latest.done()) {
        wait_options until(return_when::first_completed);
        if (delay) until.timeout(begin + *delay - sched.now());
        const std::vector<task_handle> running = all.running();
        const auto got = co_await wait(running, until);
        if (got.done.empty()) co_return;
    }
}

// All have ended; whoever asks meanwhile to stop is heard by those that still clean up.
awaitable<std::optional<cancelled_error>> stop_running(field& all, std::optional<cancelled_error> request) {
    std::string message;
    if (request) message = request->message();
    all.cancel_running(message);
    for (std::vector<task_handle> rest = all.running(); !rest.empty(); rest = all.running()) {
        try {
            co_await wait(rest);
        } catch (const cancelled_error& another) {
            request = another;
            all.cancel_running(another.message());
        }
    }
    co_return request;
}

// To fail is what candidates may do: nobody needs to be told.
std::exception_ptr fetch_errors(const std::vector<task_handle>& started) {
    std::exception_ptr first;
    for (const task_handle& task : started) {
        const std::exception_ptr error = task.untyped_state()->fetch_exception();
        if (!first) first = error;
    }
    return first;
}

}  // namespace

void throw_no_candidates() { throw std::invalid_argument("staggered_race was given no candidates; check that first"); }

awaitable<std::size_t> run_staggered(std::optional<duration> delay, std::size_t count, const candidate_starter& start,
                                     std::vector<task_handle>& started) {
    field all(started);
    std::optional<cancelled_error> request;
    try {
        while (started.size() < count && !all.is_won()) {
            started.push_back(start(started.size()));
            const task_handle latest = started.back();
            const bool is_last = started.size() == count;
            co_await watch_latest(all, latest, is_last ? std::nullopt : delay);
        }
        for (std::vector<task_handle> rest = all.running(); !all.is_won() && !rest.empty(); rest = all.running()) {
            co_await wait(rest, return_when::first_completed);
        }
    } catch (const cancelled_error& asked) {
        request = asked;
    }
    static_cast<void>(all.is_won());  // decided before others are stopped: some may succeed all the same
    request = co_await stop_running(all, request);
    const std::exception_ptr error = fetch_errors(started);
    if (all.is_won()) {
        if (request) scheduler::require("staggered_race").current_task->defer_cancel();
        co_return all.winner();
    }
    if (request) throw cancelled_error(request->message());
    if (error) std::rethrow_exception(error);
    throw cancelled_error(started.front().untyped_state()->cancel_message());
}

}  // namespace brio::inline v0::detail

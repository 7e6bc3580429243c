// SPDX-License-Identifier: BSL-1.0
// Starting one candidate after another.
#include <brio/compose/staggered_race.hpp>

#include <brio/core/exception_group.hpp>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace brio::inline v0::detail {

namespace {

constexpr std::size_t nobody = static_cast<std::size_t>(-1);

bool has_succeeded(const task_handle& task) { return task.untyped_state()->how() == task_state::outcome::value; }

// Until one task has ended. Passes no cancel on, as a join does, and needs no memory, as `wait` does.
class end_of_candidate final : public operation_base, public completion {
public:
    using value_type = void;
    end_of_candidate(const task_handle& candidate, const source_location& where) noexcept
        : operation_base(where), task_(*candidate.untyped_state()) {}
    end_of_candidate(end_of_candidate&&) noexcept = default;

    bool ready() const noexcept { return task_.done(); }
    void suspend() noexcept { task_.add_completion(*this); }
    void resume() const noexcept {}
    void completed(task_state&) noexcept override { wake(); }
    cancel_reply cancel() noexcept override {
        completion::unlink();
        return cancel_reply::left;
    }
    [[nodiscard]] const char* describe() const noexcept override { return "staggered_race"; }
    [[nodiscard]] const task_state* awaited_task() const noexcept override { return &task_; }

private:
    task_state& task_;
};

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
    /// To fail is what candidates may do: nobody needs to be told.
    void mark_errors_seen() const noexcept {
        for (const task_handle& task : started_) task.untyped_state()->mark_fetched();
    }
    /// Throws what there is when nobody has won.
    [[noreturn]] void throw_errors() const {
        std::vector<exception_group::member> errors;
        for (const task_handle& task : started_) {
            if (std::exception_ptr error = task.untyped_state()->fetch_exception()) errors.emplace_back(std::move(error), task.name());
        }
        if (errors.empty()) throw cancelled_error(started_.front().untyped_state()->cancel_message());
        throw exception_group("no candidate of the staggered race succeeded", std::move(errors));
    }

private:
    std::vector<task_handle>& started_;
    std::size_t winner_ = nobody;
};

// Until somebody has won, the latest has ended, or the time is up.
awaitable<> watch_latest(field& all, const task_handle& latest, std::optional<duration> delay, source_location where) {
    scheduler& sched = scheduler::require("staggered_race");
    const time_point begin = sched.now();
    while (!all.is_won() && !latest.done()) {
        wait_options until(return_when::first_completed);
        if (delay) until.timeout(begin + *delay - sched.now());
        const std::vector<task_handle> running = all.running();
        const auto got = co_await wait(running, until, where);
        if (got.done.empty()) co_return;
    }
}

// For the next suspension, unless it was taken back meanwhile.
void keep_request() {
    task_state& caller = *scheduler::require("staggered_race").current_task;
    if (caller.cancelling() > 0) caller.defer_cancel();
}

}  // namespace

void throw_no_candidates() { throw std::invalid_argument("staggered_race was given no candidates; check that first"); }

awaitable<std::size_t> run_staggered(std::optional<duration> delay, std::size_t count, const candidate_starter& start,
                                     std::vector<task_handle>& started, source_location where) {
    field all(started);
    std::exception_ptr request;
    std::exception_ptr failure;
    std::string message;
    try {
        started.reserve(count);  // each that was started must be known
        while (started.size() < count && !all.is_won()) {
            started.push_back(start(started.size()));
            const task_handle latest = started.back();
            std::optional<duration> until_next;  // the last one has no successor
            if (started.size() < count) until_next = delay;
            co_await watch_latest(all, latest, until_next, where);
        }
        for (std::vector<task_handle> rest = all.running(); !all.is_won() && !rest.empty(); rest = all.running()) {
            co_await wait(rest, return_when::first_completed, where);
        }
    } catch (const cancelled_error& asked) {
        request = std::current_exception();
        message = asked.message();
    } catch (...) {  // the next candidate could not be started
        failure = std::current_exception();
    }
    static_cast<void>(all.is_won());  // decided before others are stopped: some may succeed all the same
    all.cancel_running(message);
    // Whoever asks meanwhile to stop is heard by those that still clean up.
    for (std::size_t i = 0; i < started.size();) {
        try {
            co_await end_of_candidate(started[i], where);
            ++i;
        } catch (const cancelled_error& another) {
            request = std::current_exception();
            all.cancel_running(another.message());
        }
    }
    all.mark_errors_seen();
    if (all.is_won()) {
        if (request) keep_request();
        co_return all.winner();
    }
    if (failure) {
        if (request) keep_request();
        std::rethrow_exception(failure);
    }
    if (request) std::rethrow_exception(request);
    all.throw_errors();
}

}  // namespace brio::inline v0::detail

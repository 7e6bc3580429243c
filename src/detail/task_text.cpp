// SPDX-License-Identifier: BSL-1.0
// Tasks in words.
#include <brio/detail/task_text.hpp>

#include <brio/detail/describe.hpp>
#include <brio/detail/task_state.hpp>

namespace brio::inline v0::detail {

const char* state_text(const task_state& task) noexcept {
    switch (task.current_phase()) {
        case task_state::phase::created: return "not started";
        case task_state::phase::running: return "running";
        case task_state::phase::waiting: return task.is_queued() ? "ready" : "waiting";
        case task_state::phase::promised: return "pending";
        case task_state::phase::ended: break;
    }
    return "done";
}

std::string wait_text(const task_state& task) {
    if (const waiter* const wait = task.waiting_on()) return wait->describe();
    return task.current_phase() == task_state::phase::waiting ? "an Asio operation" : "";
}

std::string outcome_text(const task_state& task) {
    switch (task.how()) {
        case task_state::outcome::none: break;
        case task_state::outcome::value: return "a value";
        case task_state::outcome::exception: return describe(task.peek_exception());
        case task_state::outcome::cancelled:
            return task.cancel_message().empty() ? "cancelled" : "cancelled: " + task.cancel_message();
    }
    return "nothing yet";
}

std::string duration_text(duration time) {
    using namespace std::chrono;
    const auto us = duration_cast<microseconds>(time).count();
    if (us < 1000) return std::to_string(us) + " us";
    if (us < 1'000'000) return std::to_string(us / 1000) + " ms";
    return std::to_string(us / 1'000'000) + "." + std::to_string(us / 100'000 % 10) + " s";
}

}  // namespace brio::inline v0::detail

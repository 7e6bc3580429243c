// SPDX-License-Identifier: BSL-1.0
// remote_task<T>: a task of a loop in another thread.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/join.hpp>
#include <brio/detail/remote_call.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace brio::inline v0 {

/// A task that runs in the loop of another thread, seen from outside; made by `loop_pool::spawn`. It goes on when the
/// handle is dropped; if it fails and nobody has fetched the error when the handle goes, its loop's exception handler is
/// told (the log, when that loop has ended by then). For one thread at a time. Movable.
template <class T = void>
class remote_task {
public:
    explicit remote_task(detail::ref<detail::remote_call> call) noexcept : call_(std::move(call)) {}

    /// Waits, in a task of any loop, until it has ended: gives its value, throws its error, or `cancelled_error` when it
    /// was cancelled. Once: the value is moved out; by one task at a time (invalid_state_error). Throws loop_error when
    /// its loop was closed before it began.
    /// **Cancellation** of the joiner cancels the remote task, and the joiner goes on when that has ended.
    detail::remote_join<T> join(const source_location& where = source_location::current()) const {
        return {call_, true, where};
    }

    /// Blocks the calling thread until it has ended: the same, for threads without a loop. Throws loop_error in the task's
    /// own loop, which would wait for itself.
    T get() const {
        call_->wait("remote_task.get()");
        return detail::take_result<T>(call_->ended_task(), true);
    }
    /// Blocks for at most `limit`; says whether it has ended. A limit that passes cancels nothing.
    template <class Rep, class Period>
    [[nodiscard]] bool wait_for(std::chrono::duration<Rep, Period> limit) const {
        return call_->wait_until(std::chrono::steady_clock::now() + limit, "remote_task.wait_for()");
    }

    [[nodiscard]] bool done() const { return call_->is_done(); }
    /// Asks the task to stop, as `task.cancel()`; does not wait.
    void cancel(std::string message = {}) const { call_->cancel(std::move(message)); }

private:
    detail::ref<detail::remote_call> call_;
};

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// The untyped part of wait_for and with_timeout: an inner task, a deadline, and what came of them.
#pragma once

#include <brio/compose/timeout.hpp>
#include <brio/core/config.hpp>
#include <brio/detail/join.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/task_state.hpp>

#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0::detail {

/// The parent looks at three facts when the inner task has ended: how it ended, whether the deadline passed, whether
/// its own cancel was passed on. Nobody guesses whose cancel it was.
class BRIO_API timed_wait_base : public operation_base, public completion {
public:
    void suspend();
    void completed(task_state& ended) noexcept override;
    cancel_reply cancel() noexcept override;
    [[nodiscard]] bool forwards_cancel() const noexcept override { return true; }
    [[nodiscard]] const char* describe() const noexcept override { return "a wait with a deadline"; }
    [[nodiscard]] const task_state* awaited_task() const noexcept override { return inner_.get(); }

protected:
    timed_wait_base(timeout& scope, const source_location& where) noexcept : operation_base(where), external_(&scope) {}
    timed_wait_base(timed_wait_base&& other) noexcept
        : operation_base(std::move(other)), completion(), external_(other.external_), own_(other.own_.when()), inner_(std::move(other.inner_)) {}
    timed_wait_base(std::optional<time_point> deadline, const source_location& where) noexcept
        : operation_base(where), own_(deadline) {}
    ~timed_wait_base();

    [[nodiscard]] timeout& scope() noexcept { return external_ ? *external_ : own_; }
    /// The deadline counts from here on.
    void enter_scope() {
        scope().enter(*inner_);
        entered_ = true;
    }
    /// Throws timeout_error when it was the deadline that ended the inner task.
    void throw_unless_in_time();

    timeout* external_ = nullptr;
    timeout own_;
    ref<task_state> inner_;
    bool cancelling_ = false;

private:
    bool entered_ = false;  // the scope is this wait's: a timeout that another wait uses is left alone
};

template <class T>
class timed_wait : public timed_wait_base {
public:
    using value_type = T;
    using timed_wait_base::timed_wait_base;
    timed_wait(timed_wait&&) noexcept = default;

    T resume() {
        throw_unless_in_time();
        return take_result<T>(*inner_, !shared_);
    }

protected:
    bool shared_ = false;  // the inner task is the caller's: others may read its value
};

}  // namespace brio::inline v0::detail

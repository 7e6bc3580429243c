// SPDX-License-Identifier: BSL-1.0
// The untyped part of with_task_group: runs the body as a task, waits for it and for the children, says what came of it.
#pragma once

#include <brio/compose/task_group.hpp>
#include <brio/core/config.hpp>
#include <brio/core/exception_group.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/join.hpp>
#include <brio/detail/task_state.hpp>

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

/// The caller looks at facts when body and children have ended: which errors there are, whether the group was stopped,
/// whether its own cancel was passed on to the body or to the children. Nobody guesses whose cancel it was.
///
/// A child's failure wakes the caller, whose turn (`resumable`) stops the rest: not the end of the child, in the midst of
/// which those who join it have not been told yet. Nobody joins the body: its end stops the children at once.
class BRIO_API group_wait_base : public operation_base, public completion {
public:
    /// Throws invalid_state_error when the group was used before.
    bool ready();
    /// The first thing that the body does.
    static void begin_body(task_group& group) noexcept;

    void completed(task_state& body) noexcept override;
    cancel_reply cancel() noexcept override;
    cancel_reply cancel_woken() noexcept override;
    [[nodiscard]] bool forwards_cancel() const noexcept override { return true; }
    bool resumable() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return "a task group"; }
    [[nodiscard]] const task_state* awaited_task() const noexcept override;

protected:
    group_wait_base(task_group* group, const source_location& where) noexcept : operation_base(where), external_(group) {}
    group_wait_base(group_wait_base&& other) noexcept
        : operation_base(std::move(other)), completion(), external_(other.external_) {}
    ~group_wait_base();

    [[nodiscard]] task_group& group() const noexcept { return external_ ? *external_ : own_; }
    /// `body` has not been started.
    void enter(ref<task_state> body) noexcept;
    /// Throws the errors, or cancelled_error. False: the group was stopped and the body has no value.
    bool has_value();
    [[noreturn]] static void throw_no_value();

    ref<task_state> body_;

private:
    friend class brio::task_group;
    void leave() noexcept;
    void stop_all() noexcept;
    [[nodiscard]] std::string_view cancel_message() const noexcept;
    [[nodiscard]] std::vector<exception_group::member> take_errors();
    void wake_if_needed() noexcept;
    [[nodiscard]] bool finished() const noexcept;

    task_group* external_;
    mutable task_group own_;  // as if external
    bool entered_ = false;
    bool abort_wanted_ = false;  // a child has failed: the rest is stopped in the caller's turn
    bool cancelling_ = false;    // the caller was asked to stop
    bool interrupted_ = false;   // ... and that was passed on to the children, the body having ended
    std::size_t failed_before_body_ = 0;  // how many children had failed when the body did
};

}  // namespace brio::inline v0::detail

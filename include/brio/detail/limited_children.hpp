// SPDX-License-Identifier: BSL-1.0
// The untyped part of a bounded gather: children that are started one by one, and the wait for room or for all.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/task_state.hpp>
#include <brio/detail/watch_list.hpp>

#include <cstddef>
#include <deque>
#include <exception>

namespace brio::inline v0::detail {

/// Lives in the frame of the coroutine that starts the children and waits for them.
class BRIO_API limited_children final : private watcher {
public:
    explicit limited_children(bool keep_errors) : keep_errors_(keep_errors) {}
    limited_children(const limited_children&) = delete;
    limited_children& operator=(const limited_children&) = delete;
    ~limited_children();

    /// `task` has just been made.
    void add(ref<task_state> task);
    [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }
    [[nodiscard]] task_state& operator[](std::size_t index) const noexcept { return *children_[index].task(); }
    /// The error of a child that ended with one, null otherwise.
    [[nodiscard]] static std::exception_ptr error_of(task_state& task) noexcept;

    /// Completes when fewer than `limit` children run, or one has failed, whose error it throws.
    /// **Cancellation** goes to every child that runs, and is thrown when all have ended.
    class BRIO_API room final : public operation_base {
    public:
        using value_type = void;
        room(limited_children& children, std::size_t limit, const source_location& where) noexcept
            : operation_base(where), children_(children), limit_(limit) {}
        room(room&&) noexcept = default;

        bool ready() const noexcept { return children_.first_failed_ || children_.running_ < limit_; }
        void suspend() noexcept { children_.waiting_ = this; }
        void resume() { children_.throw_if_failed(*this); }
        cancel_reply cancel() noexcept override;
        [[nodiscard]] bool forwards_cancel() const noexcept override { return true; }
        [[nodiscard]] const char* describe() const noexcept override { return "gather"; }
        [[nodiscard]] const task_state* awaited_task() const noexcept override;

    private:
        friend class limited_children;
        limited_children& children_;
        std::size_t limit_;
    };

private:
    void child_ended(std::size_t index) noexcept override;
    void throw_if_failed(const room& wait);

    std::deque<watched> children_;  // those that are enlisted stay where they are
    std::size_t running_ = 0;
    task_state* first_failed_ = nullptr;
    room* waiting_ = nullptr;
    bool keep_errors_;
    bool cancelling_ = false;
};

}  // namespace brio::inline v0::detail

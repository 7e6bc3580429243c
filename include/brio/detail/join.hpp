// SPDX-License-Identifier: BSL-1.0
// Waiting for the end of a task.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/task_state.hpp>

#include <type_traits>
#include <utility>

namespace brio::inline v0::detail {

/// Throws what a task that did not end with a value ended with; counts as fetched.
BRIO_API void throw_unless_value(task_state& task);

/// The value of a task that is done, a copy of it unless `may_move` (or there is no copying); throws its error.
template <class T>
T take_result(task_state& task, bool may_move) {
    throw_unless_value(task);
    if constexpr (!std::is_void_v<T>) {
        T& value = static_cast<task_result<T>&>(task).value();
        if constexpr (std::is_copy_constructible_v<T>) {
            if (!may_move) return value;
        }
        return std::move(value);
    }
}

/// The untyped part of `task.join()`.
class BRIO_API join_base : public operation_base, public completion {
public:
    join_base(ref<task_state> task, const source_location& where) noexcept
        : operation_base(where), task_(std::move(task)) {}
    join_base(join_base&&) noexcept = default;

    bool ready();
    void suspend() noexcept { task_->add_completion(*this); }

    void completed(task_state& ended) noexcept override;
    cancel_reply cancel() noexcept override;
    [[nodiscard]] bool forwards_cancel() const noexcept override { return true; }
    [[nodiscard]] const char* describe() const noexcept override { return "task.join()"; }
    [[nodiscard]] const task_state* awaited_task() const noexcept override { return task_.get(); }

protected:
    ~join_base() = default;
    ref<task_state> task_;

private:
    bool cancelling_ = false;
};

template <class T>
class [[nodiscard("a join that is not awaited does nothing: co_await it")]] join_operation final : public join_base {
public:
    using value_type = T;

    join_operation(ref<task_result<T>> task, bool may_move, const source_location& where) noexcept
        : join_base(std::move(task), where), may_move_(may_move) {}
    join_operation(join_operation&&) noexcept = default;

    T resume() { return take_result<T>(*task_, may_move_); }

private:
    bool may_move_;
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// The untyped part of gather: counts children down, cancels them, keeps the first error.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/result.hpp>
#include <brio/detail/join.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/task_state.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

class BRIO_API gather_base : public operation_base {
public:
    bool ready() noexcept;
    void suspend() noexcept;
    cancel_reply cancel() noexcept override;
    [[nodiscard]] bool forwards_cancel() const noexcept override { return true; }
    [[nodiscard]] const char* describe() const noexcept override { return "gather"; }
    void visit_awaited(task_visitor& visitor) const override;

protected:
    gather_base(std::size_t count, bool return_exceptions, const source_location& where)
        : operation_base(where), return_exceptions_(return_exceptions) {
        children_.reserve(count);
    }
    gather_base(gather_base&&) noexcept = default;
    ~gather_base();

    /// Calls `add_all`, which adds no more tasks than the constructor was told. When it throws, those that were made for
    /// this gather are stopped: nobody could wait for them.
    template <class F>
    void fill(F add_all) {
        try {
            add_all();
        } catch (...) {
            give_up();
            throw;
        }
    }
    void add(ref<task_state> task, bool is_new) { children_.emplace_back(std::move(task), is_new); }
    [[nodiscard]] std::size_t size() const noexcept { return children_.size(); }
    void throw_if_failed();

    /// The outcome of child `index`, as the caller wants it.
    template <bool AsResult, class T, bool MayMove>
    auto take(std::size_t index) {
        auto& task = static_cast<task_result<T>&>(*children_[index].task);
        if constexpr (AsResult) {
            if (const std::exception_ptr error = error_of(task)) return result<T>(error);
            if constexpr (std::is_void_v<T>) {
                return result<void>();
            } else {
                return result<T>(take_value<T, MayMove>(task));
            }
        } else if constexpr (std::is_void_v<T>) {
            return nothing();
        } else {
            return take_value<T, MayMove>(task);
        }
    }

private:
    // One child; in the vector before anything is linked, never moved afterwards.
    struct child final : completion {
        child(ref<task_state> observed, bool made) noexcept : task(std::move(observed)), is_new(made) {}
        child(child&& other) noexcept
            : completion(), task(std::move(other.task)), owner(other.owner), is_new(other.is_new) {}
        void completed(task_state& ended) noexcept override { owner->child_ended(ended); }

        ref<task_state> task;
        gather_base* owner = nullptr;
        bool is_new;  // the gather made it
    };

    template <class T, bool MayMove>
    static T take_value(task_result<T>& task) {
        if constexpr (!MayMove && std::is_copy_constructible_v<T>) {
            return task.value();
        } else {
            return std::move(task.value());
        }
    }
    [[nodiscard]] static std::exception_ptr error_of(task_state& task) noexcept;
    void child_ended(task_state& task) noexcept;
    void give_up() noexcept;

    std::vector<child> children_;
    std::size_t remaining_ = 0;
    task_state* first_failed_ = nullptr;
    bool return_exceptions_;
    bool cancelling_ = false;
};

}  // namespace brio::inline v0::detail

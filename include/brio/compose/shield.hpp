// SPDX-License-Identifier: BSL-1.0
// shield: protects what is awaited from the cancellation of the one who waits.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/join.hpp>

#include <utility>

namespace brio::inline v0 {

namespace detail {

class BRIO_API shield_base : public operation_base, public completion {
public:
    bool ready() const noexcept { return inner_->done(); }
    void suspend() noexcept { inner_->add_completion(*this); }
    void completed(task_state&) noexcept override { wake(); }
    cancel_reply cancel() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return "shield"; }
    [[nodiscard]] const task_state* awaited_task() const noexcept override { return inner_.get(); }

protected:
    shield_base(ref<task_state> inner, const source_location& where) noexcept
        : operation_base(where), inner_(std::move(inner)) {}
    shield_base(shield_base&&) noexcept = default;
    ~shield_base() = default;

    ref<task_state> inner_;
};

template <class T>
class [[nodiscard("shield has started its task, but nobody waits for it: co_await it")]] shield_operation final
    : public shield_base {
public:
    using value_type = T;

    shield_operation(ref<task_result<T>> inner, bool may_move, const source_location& where) noexcept
        : shield_base(std::move(inner), where), may_move_(may_move) {}
    shield_operation(shield_operation&&) noexcept = default;

    T resume() { return take_result<T>(*inner_, may_move_); }

private:
    bool may_move_;
};

}  // namespace detail

/// Waits for `x`, which runs as a task from the call of `shield` on, and gives its value or throws its error.
/// **Cancellation** of the waiting task is thrown at once; `x` does not notice and runs to its end, kept alive by the
/// loop. If it then fails and nobody fetches the error, that is reported. Cancelling `x` itself cancels it.
/// asyncio's `shield`.
template <detail::any_awaitable X>
detail::shield_operation<detail::await_result_t<X>> shield(
    X&& x, source_location where = source_location::current()) {
    detail::scheduler& sched = detail::scheduler::require("shield");
    return {detail::ensure_task(sched, std::forward<X>(x), where), !detail::await_traits<std::remove_cvref_t<X>>::is_task, where};
}

}  // namespace brio::inline v0

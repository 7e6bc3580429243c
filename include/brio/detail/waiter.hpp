// SPDX-License-Identifier: BSL-1.0
// The one suspension primitive: a task parked in an operation that lives in its coroutine frame.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/intrusive_list.hpp>

#include <cstdint>
#include <type_traits>

namespace brio::inline v0::detail {

class task_state;

/// Where an operation was made.
struct operation_place {
    const char* file;
    std::uint32_t line;
};
/// That of the last one which went again in this thread, neither awaited nor moved; no file when there was none. Looked
/// at in debug mode, behind each step.
BRIO_API extern constinit thread_local operation_place forgotten_here;

/// What became of a request to cancel a wait.
enum class cancel_reply : std::uint8_t {
    left,       ///< The wait is over: the task resumes with cancelled_error.
    forwarded,  ///< Passed on to what is waited for; the task resumes when that has ended.
    completed,  ///< Too late, the result is there: it is delivered first, the cancel at the next suspension.
};

/// Is shown the tasks that a wait is for.
class task_visitor {
public:
    virtual void visit(const task_state& awaited) = 0;

protected:
    ~task_visitor() = default;
};

/// One wait of one task. States and who sets them:
///   idle       before suspension
///   waiting    suspended; may be woken or cancelled
///   woken      in the ready queue, will be resumed (after `resumable()` agreed)
///   cancelled  in the ready queue, will be resumed with cancelled_error
/// The coroutine always resumes from the ready queue, never inside the call that woke it.
class BRIO_API waiter : public list_hook {
public:
    enum class state : std::uint8_t { idle, waiting, woken, cancelled };

    waiter() noexcept = default;
    /// `where`: the place of the wait in the program, for people.
    explicit waiter(const source_location& where) noexcept : place_{where.file_name(), where.line()} { mark(); }
    waiter(const waiter&) = delete;
    /// An operation may be moved until it is awaited. From then on somebody else takes care of it, who may well drop it.
    waiter(waiter&& other) noexcept : list_hook(), place_(other.place_) { other.clear_mark(); }
    waiter& operator=(const waiter&) = delete;

    [[nodiscard]] task_state* waiting_task() const noexcept { return task_; }
    [[nodiscard]] bool is_cancelled() const noexcept { return state_ == state::cancelled; }
    [[nodiscard]] bool is_woken() const noexcept { return state_ == state::woken; }
    [[nodiscard]] bool is_waiting() const noexcept { return state_ == state::waiting; }

    /// Somebody awaits it: it is not forgotten. Costs nothing where it is made and awaited in one expression.
    void begin_await() noexcept { clear_mark(); }

    /// Resumes the waiting task through the ready queue; no effect unless it waits.
    void wake() noexcept;

    /// The task was asked to stop while it waits here.
    virtual cancel_reply cancel() noexcept = 0;
    /// ... or after it was woken, before it ran. By default the wake-up stands for a result, which wins; a wait for
    /// a mere notification (a lock is free, an item is there) passes it on and leaves.
    virtual cancel_reply cancel_woken() noexcept { return cancel_reply::completed; }
    /// Whether `cancel()` passes the request on to tasks. They then hear even of a request that is older than the wait;
    /// any other wait does not begin while a request is pending.
    [[nodiscard]] virtual bool forwards_cancel() const noexcept { return false; }
    /// The turn of a woken waiter has come: false makes it wait on (it must have enlisted itself again).
    virtual bool resumable() noexcept { return true; }
    /// For people: what is waited for.
    [[nodiscard]] virtual const char* describe() const noexcept = 0;
    /// Where in the program the wait was written; line 0 when that is not known.
    [[nodiscard]] source_location where() const noexcept { return source_location::current(place_.file, "", place_.line); }
    /// The task that is waited for, null when it is none.
    [[nodiscard]] virtual const task_state* awaited_task() const noexcept { return nullptr; }
    /// Shows `visitor` every task that is waited for, done ones too; a wait for several tasks overrides this one.
    virtual void visit_awaited(task_visitor& visitor) const {
        if (const task_state* const awaited = awaited_task()) visitor.visit(*awaited);
    }

protected:
    // Inline, and without a call even in the rare case: the compiler then sees that nobody reads the members of an
    // operation that ends, and leaves their last stores out. Each co_await would pay for them.
    [[gnu::always_inline]] ~waiter() {
        if (!is_linked()) [[likely]] return;
        if (is_marked()) {
            forgotten_here = place_;
            clear_mark();
        }
    }

private:
    friend class task_state;
    task_state* task_ = nullptr;
    operation_place place_{"", 0};
    state state_ = state::idle;
};

/// Throws loop_error when the two wait in different loops.
BRIO_API void require_one_loop(const waiter& here, const waiter& newcomer);

/// Puts a waiter at the end of a primitive's list. Primitives are not bound to a loop, but tasks of two loops cannot wait
/// in one at the same time: that throws loop_error.
template <class W>
void enlist(intrusive_list<W>& list, std::type_identity_t<W>& newcomer) {
    if (!list.empty()) require_one_loop(list.front(), newcomer);
    list.push_back(newcomer);
}

}  // namespace brio::inline v0::detail

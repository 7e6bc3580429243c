// SPDX-License-Identifier: BSL-1.0
// The only file that knows how Asio's awaitable works inside: starting, parking and resuming its thread of
// execution, awaiting a brio operation without a frame, and a coroutine without its exception being thrown once more.
// Built with Asio 1.26 (Boost 1.81); in the sources of two later versions, the newer one with dispositions (1.34 or
// later), the members used here are the same.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/error.hpp>
#include <brio/detail/operation.hpp>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>

#include <concepts>
#include <coroutine>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

namespace brio::inline v0::detail {

class task_state;

namespace bridge {

using executor = boost::asio::any_io_executor;
using frame = boost::asio::detail::awaitable_frame_base<executor>;
using thread = boost::asio::detail::awaitable_thread<executor>;
/// The bottom coroutine of a thread of execution.
using entry = boost::asio::awaitable<boost::asio::detail::awaitable_thread_entry_point, executor>;

/// The thread of execution of a task: owns its coroutine stack before the first step, and while it is parked.
class execution {
public:
    execution() noexcept : body_() {}
    execution(const execution&) = delete;
    execution& operator=(const execution&) = delete;
    ~execution() {
        if (id_) {
            thread_.~thread();
        } else {
            body_.~entry();
        }
    }

    // What is constructed over is empty: there is nothing to destroy.

    void set_body(entry body) noexcept { new (&body_) entry(std::move(body)); }
    /// Makes a thread of execution out of the body, which has not begun.
    void begin(const executor& ex, boost::asio::cancellation_slot slot);
    /// It is suspended, and belongs to nobody until `run`.
    void park(thread& running) noexcept { new (&thread_) thread(std::move(running)); }
    /// Runs it until it suspends or ends. Throws only what an initiating function of a raw operation threw.
    void run() {
        thread local(std::move(thread_));
        local.launch();
    }
    /// Destroys the body that has not begun.
    void drop_body() noexcept { const entry dropped(std::move(body_)); }
    /// Destroys the frames; those that have begun when their executor drops what it is given.
    void destroy() noexcept {
        if (id_) {
            const thread dropped(std::move(thread_));
        } else {
            drop_body();
        }
    }

    /// Identifies it from `begin` on, whoever owns it; null before.
    [[nodiscard]] const void* id() const noexcept { return id_; }

private:
    union {
        entry body_;     // before it begins
        thread thread_;  // afterwards
    };
    const void* id_ = nullptr;
};

/// `co_await settled(body)` runs a coroutine to its end as `co_await std::move(body)` does, but gives the exception
/// that ended it, null when there is none, in place of throwing it. Its value can be taken then; it is destroyed with `body`.
template <class T>
struct settled {
    explicit settled(awaitable<T>& coroutine) noexcept : body(coroutine) {}
    awaitable<T>& body;
};

/// The coroutines of a generator's body, bottom to top. They run on the stack of whoever awaits the next item, and are
/// lifted off it, as they are, when an item is there.
class BRIO_API segment {
public:
    /// `body` begins on top of `caller`.
    template <class T>
    void begin(awaitable<>& body, std::coroutine_handle<boost::asio::detail::awaitable_frame<T, executor>> caller) {
        below_ = &caller.promise();
        body.await_suspend(caller);
    }
    /// Goes on where it was lifted off, on top of `caller`.
    void set_down(frame& caller) noexcept;
    /// `top`, the running coroutine and its topmost, stops here; what is below goes on.
    void lift(frame& top) noexcept;

private:
    frame* below_ = nullptr;
    frame* bottom_ = nullptr;
    frame* top_ = nullptr;
};

}  // namespace bridge

/// An operation that does not park its task but hands control to another coroutine of it, which hands it back: a
/// generator's consumer and body. A derived class has, in place of `suspend()`,
///   `void transfer(std::coroutine_handle<...> self)`  called once the coroutine is suspended; may throw.
/// What the other one waits for is what a cancel meets.
class transfer_base : public operation_base {
public:
    using operation_base::operation_base;
    static void suspend() noexcept {}
    cancel_reply cancel() noexcept override { return cancel_reply::completed; }
};

template <class Op>
concept transfer = operation<Op> && std::derived_from<std::remove_cvref_t<Op>, transfer_base>;

/// Called before an operation suspends: ties it to the current task. Throws cancelled_error when a request is
/// pending (unless the operation passes it on), loop_error outside of a brio task or in a coroutine that is not the task's own.
BRIO_API void begin_suspend(waiter& wait, bridge::frame& top);
/// Parks the task's thread of execution.
BRIO_API void park(waiter& wait, bridge::frame& top) noexcept;
/// After a wait that ended in `waiter::state::cancelled`: what is to be thrown.
[[nodiscard]] BRIO_API cancelled_error take_cancel(waiter& wait) noexcept;
/// The running task, of which `top` must be a coroutine; throws loop_error otherwise.
[[nodiscard]] BRIO_API task_state& require_task(const waiter& wait, bridge::frame& top);

}  // namespace brio::inline v0::detail

namespace boost::asio {

/// A brio operation counts as an asynchronous operation, which is what makes `co_await` accept it ...
template <class Op, class... Args>
    requires brio::detail::operation<Op>
struct is_async_operation<Op, Args...> : true_type {};

template <class Op, class... Args>
    requires brio::detail::operation<Op>
struct completion_signature_of<Op, Args...> {
    using type = void(typename std::remove_cvref_t<Op>::value_type*);
};

template <class T, class... Args>
struct is_async_operation<brio::detail::bridge::settled<T>, Args...> : true_type {};

template <class T, class... Args>
struct completion_signature_of<brio::detail::bridge::settled<T>, Args...> {
    using type = void(std::exception_ptr*);
};

namespace detail {

/// ... and this is how it is awaited: no suspension when it is ready, no handler, no frame, no allocation.
template <class Signature, class Op>
    requires brio::detail::operation<Op>
class awaitable_async_op<Signature, Op, any_io_executor> {
public:
    template <class... More>
    awaitable_async_op(Op& op, const More&...) noexcept : op_(op) {
        op_.begin_await();
    }
    template <class... More>
    awaitable_async_op(Op&& op, const More&...) noexcept : op_(op) {
        op_.begin_await();
    }

    bool await_ready() { return op_.ready(); }

    // May throw: the coroutine then goes on with that.
    template <class T>
    void await_suspend(std::coroutine_handle<awaitable_frame<T, any_io_executor>> self) {
        brio::detail::begin_suspend(op_, self.promise());
        op_.suspend();
        brio::detail::park(op_, self.promise());
    }

    // In the coroutine itself: what it throws unwinds one frame less, and where nothing is thrown there is no call.
    [[gnu::always_inline]] decltype(auto) await_resume() {
        if (op_.is_cancelled()) [[unlikely]] throw brio::detail::take_cancel(op_);
        return op_.resume();
    }

private:
    Op& op_;
};

/// Every awaitable has all frames for friends, and this one, that nobody runs, looks into them for us.
template <>
class awaitable_frame<brio::detail::bridge::settled<void>, any_io_executor> : awaitable_frame_base<any_io_executor> {
public:
    template <class T>
    static std::exception_ptr take_exception(awaitable<T, any_io_executor>& body) noexcept {
        awaitable_frame_base<any_io_executor>& frame = *body.frame_;
        return std::exchange(frame.*(&awaitable_frame::pending_exception_), nullptr);
    }
};

template <class Signature, class T>
class awaitable_async_op<Signature, brio::detail::bridge::settled<T>, any_io_executor> {
public:
    template <class... More>
    awaitable_async_op(const brio::detail::bridge::settled<T>& op, const More&...) noexcept : body_(op.body) {}

    static bool await_ready() noexcept { return false; }
    template <class U>
    void await_suspend(std::coroutine_handle<awaitable_frame<U, any_io_executor>> caller) {
        body_.await_suspend(caller);
    }
    std::exception_ptr await_resume() noexcept {
        return awaitable_frame<brio::detail::bridge::settled<void>, any_io_executor>::take_exception(body_);
    }

private:
    awaitable<T, any_io_executor>& body_;
};

/// The same as for an operation, for one that hands control over.
template <class Signature, class Op>
    requires brio::detail::transfer<Op>
class awaitable_async_op<Signature, Op, any_io_executor> {
public:
    template <class... More>
    awaitable_async_op(Op& op, const More&...) noexcept : op_(op) {
        op_.begin_await();
    }
    template <class... More>
    awaitable_async_op(Op&& op, const More&...) noexcept : op_(op) {
        op_.begin_await();
    }

    bool await_ready() { return op_.ready(); }

    template <class T>
    void await_suspend(std::coroutine_handle<awaitable_frame<T, any_io_executor>> self) {
        op_.transfer(self);
    }

    decltype(auto) await_resume() { return op_.resume(); }

private:
    Op& op_;
};

}  // namespace detail
}  // namespace boost::asio

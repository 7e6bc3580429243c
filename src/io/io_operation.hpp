// SPDX-License-Identifier: BSL-1.0
// What waits for Asio: the handler that brio's I/O is completed by, and the base of every operation that is awaited:
// deadline, cancellation, and the way back through the ready queue.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/timer_heap.hpp>

#include <boost/system/error_code.hpp>

#include <cstddef>
#include <utility>

namespace brio::inline v0::detail {

/// No deadline.
inline constexpr time_point no_deadline = time_point::max();

/// How an I/O operation ended. A passed deadline is `asio::error::timed_out`.
struct io_result {
    boost::system::error_code ec;
    std::size_t bytes = 0;
};

class io_handler;

/// Is told how an Asio operation ended, one at a time. May go before that: then nobody is told.
class BRIO_API io_target {
public:
    virtual void completed(const boost::system::error_code& ec, std::size_t bytes) noexcept = 0;
    /// In place of that: the io_context went away with the operation in it.
    virtual void dropped() noexcept {}

protected:
    io_target() noexcept = default;
    io_target(const io_target&) = delete;
    io_target& operator=(const io_target&) = delete;
    ~io_target();

private:
    friend class io_handler;
    io_handler* handler_ = nullptr;  // wherever Asio has it
};

/// What is given to Asio as completion handler. Move-only; tells its target once.
class io_handler {
public:
    explicit io_handler(io_target& target) noexcept : target_(&target) { target.handler_ = this; }
    io_handler(io_handler&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {
        if (target_) target_->handler_ = this;
    }
    io_handler& operator=(io_handler&&) = delete;
    ~io_handler() {
        if (io_target* const told = let_go()) told->dropped();
    }
    void operator()(const boost::system::error_code& ec, std::size_t bytes = 0) {
        if (io_target* const told = let_go()) told->completed(ec, bytes);
    }

private:
    friend class io_target;
    io_target* let_go() noexcept {
        io_target* const told = std::exchange(target_, nullptr);
        if (told) told->handler_ = nullptr;
        return told;
    }

    io_target* target_;
};

inline io_target::~io_target() {
    if (handler_) handler_->target_ = nullptr;
}

/// A derived class starts one Asio operation at a time with `handler()` and can abort it. The operation object stays
/// in the coroutine frame until the handler was called, unless the loop ends first.
class BRIO_API io_operation : public operation_base, public timer_node, private io_target {
public:
    using value_type = io_result;

    void suspend();
    /// Throws cancelled_error when the task was asked to stop and the operation was aborted for that; when it had
    /// succeeded, its result is given and the request stays pending.
    io_result resume();

    void fire() noexcept override;
    cancel_reply cancel() noexcept override;

protected:
    explicit io_operation(time_point deadline) noexcept : deadline_(deadline) {}
    io_operation(io_operation&& other) noexcept : operation_base(), timer_node(), io_target(), deadline_(other.deadline_) {}
    ~io_operation();

    [[nodiscard]] io_handler handler() noexcept { return io_handler(*this); }
    /// Gives the result without waiting.
    bool finish_now(const boost::system::error_code& ec, std::size_t bytes) noexcept {
        result_ = io_result{ec, bytes};
        return true;
    }
    /// For `start()`: there is nothing to wait for. The task goes on when those that are ready have had their turn.
    void end_at_once(const boost::system::error_code& ec) noexcept;
    [[nodiscard]] const io_result& result() const noexcept { return result_; }
    /// The deadline has passed or the task was cancelled: nothing more is to be started.
    [[nodiscard]] bool is_interrupted() const noexcept { return timed_out_ || cancelling_; }

private:
    void completed(const boost::system::error_code& ec, std::size_t bytes) noexcept override;

    /// Starts the Asio operation.
    virtual void start() = 0;
    /// Makes the pending Asio operation end soon with operation_aborted.
    virtual void abort() noexcept = 0;
    /// Looks at a completion: false when another Asio operation was started to go on.
    virtual bool finished(const boost::system::error_code& ec, std::size_t bytes) {
        result_ = io_result{ec, bytes};
        return true;
    }

    time_point deadline_;
    bool timed_out_ = false;
    bool cancelling_ = false;

protected:
    io_result result_;
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// Waiting for Asio with a deadline.
#include "io/io_operation.hpp"

#include <brio/detail/task_state.hpp>

#include <boost/asio/error.hpp>

namespace brio::inline v0::detail {

io_operation::~io_operation() {
    if (timer_node::is_armed()) waiting_task()->sched().disarm(*this);  // the loop has ended
}

void io_operation::suspend() {
    if (deadline_ != no_deadline) waiting_task()->sched().arm(*this, deadline_);
    try {
        start();
    } catch (...) {
        waiting_task()->sched().disarm(*this);
        throw;
    }
}

void io_operation::completed(const boost::system::error_code& ec, std::size_t bytes) noexcept {
    const scheduler::io_step step(waiting_task()->sched());
    try {
        if (!finished(ec, bytes)) return;
    } catch (const std::bad_alloc&) {
        result_ = io_result{boost::asio::error::no_memory, 0};
    }
    waiting_task()->sched().disarm(*this);
    wake();
}

void io_operation::end_at_once(const boost::system::error_code& ec) noexcept {
    result_ = io_result{ec, 0};
    waiting_task()->sched().disarm(*this);
    wake();
}

void io_operation::fire() noexcept {
    timed_out_ = true;
    abort();
}

cancel_reply io_operation::cancel() noexcept {
    cancelling_ = true;
    abort();
    return cancel_reply::forwarded;
}

io_result io_operation::resume() {
    if (cancelling_) {
        if (result_.ec) throw waiting_task()->take_cancel();
        waiting_task()->defer_cancel();
    }
    if (timed_out_ && result_.ec) result_.ec = boost::asio::error::timed_out;
    return result_;
}

}  // namespace brio::inline v0::detail

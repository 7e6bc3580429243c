// SPDX-License-Identifier: BSL-1.0
// The way of a call to a pool thread and back.
#include <brio/thread/to_thread.hpp>

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/mailbox.hpp>
#include <brio/detail/services.hpp>
#include <brio/detail/task_state.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace brio::inline v0::detail {

namespace {

// The loop's default pool; joined when the loop closes.
class pool_service final : public loop_service {
public:
    static const char key;
    explicit pool_service(loop&) {}
    void shutdown() noexcept override { pool.shutdown(); }
    thread_pool pool;
};

const char pool_service::key = 0;

}  // namespace

thread_pool& default_pool() {
    loop& running = get_running_loop();
    return service_of<pool_service>(running, running.services()).pool;
}

// While the call is out, the io_context has work: a virtual clock must not jump.
struct thread_call::outstanding {
    explicit outstanding(scheduler& sched) : inbox(sched.inbox()), work(sched.context().get_executor()) {}
    std::shared_ptr<mailbox> inbox;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work;
};

thread_call::thread_call() = default;
thread_call::~thread_call() = default;

void thread_call::execute() noexcept {
    call();
    send_back();
}

void thread_call::abandon() noexcept {
    abandoned_ = true;
    send_back();
}

void thread_call::require_executed() const {
    if (abandoned_) throw loop_error("the thread pool was shut down before the call began");
}

void thread_call::send_back() noexcept {
    const std::shared_ptr<mailbox> inbox = outstanding_->inbox;
    if (inbox->put(*this)) return;
    // The loop is closed, its context may be gone: nobody waits, and the work count must not be touched.
    static_cast<void>(outstanding_.release());
    release();
}

void thread_call::run() noexcept {
    outstanding_.reset();
    if (wait_) wait_->wake();
    release();
}

void thread_call::drop() noexcept {
    outstanding_.reset();
    release();
}

thread_wait::~thread_wait() {
    if (call_ && call_->wait_ == this) call_->wait_ = nullptr;
}

void thread_wait::suspend() {
    call_->outstanding_ = std::make_unique<thread_call::outstanding>(waiting_task()->sched());
    call_->wait_ = this;
    call_->add_ref();
    try {
        (pool_ ? *pool_ : default_pool()).submit(*call_);
    } catch (...) {
        call_->outstanding_.reset();
        call_->wait_ = nullptr;
        call_->release();
        throw;
    }
}

cancel_reply thread_wait::cancel() noexcept {
    call_->wait_ = nullptr;
    return cancel_reply::left;
}

}  // namespace brio::inline v0::detail

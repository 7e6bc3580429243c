// SPDX-License-Identifier: BSL-1.0
// Tasks in other loops: there, back, and requests to stop.
#include <brio/detail/remote_call.hpp>

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/mailbox.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace brio::inline v0::detail {

/// A request to stop on its way to the target.
class remote_call::request final : public ready_node {
public:
    request(remote_call& call, std::string message) noexcept : call_(&call), message_(std::move(message)) {}

    void run() noexcept override {
        if (!call_->ended_ && call_->task_) {
            ++call_->requests_heard_;
            call_->task_->cancel(message_);
        }
        delete this;
    }
    void drop() noexcept override { delete this; }

private:
    ref<remote_call> call_;
    std::string message_;
};

/// Lets a failed task end in its own loop, whose exception handler is told if nobody has fetched the error.
class remote_call::disposal final : public ready_node {
public:
    explicit disposal(ref<task_state> task) noexcept : task_(std::move(task)) {}
    void run() noexcept override { delete this; }
    void drop() noexcept override { delete this; }

private:
    ref<task_state> task_;
};

remote_call::~remote_call() {
    if (!task_ || task_->how() != task_state::outcome::exception || target_.is_here()) return;
    try {
        auto made = std::make_unique<disposal>(std::move(task_));
        if (target_.inbox().put(*made)) static_cast<void>(made.release());
    } catch (...) {  // out of memory: it is told to the log
    }
}

void remote_call::send() {
    add_ref();
    if (target_.inbox().put(*this)) return;
    release();
    throw loop_error("the event loop that the coroutine was meant for is closed");
}

void remote_call::cancel(std::string message) noexcept {
    try {
        auto made = std::make_unique<request>(*this, std::move(message));
        if (target_.inbox().put(*made)) static_cast<void>(made.release());
    } catch (...) {  // out of memory: it is not heard
    }
}

void remote_call::run() noexcept {
    try {
        task_ = make_task();
    } catch (...) {
        const std::exception_ptr error = std::current_exception();
        try {
            scheduler::current()->owner().call_exception_handler(
                error_context("a coroutine from another thread could not become a task", error));
        } catch (...) {  // out of memory while reporting
        }
        finish(error);
        return;
    }
    if (task_->done()) {
        finish(nullptr);
    } else {
        task_->add_completion(*this);
    }
}

void remote_call::drop() noexcept {
    finish(std::make_exception_ptr(loop_error("the event loop was closed before the coroutine began")));
}

void remote_call::completed(task_state&) noexcept { finish(nullptr); }

void remote_call::finish(std::exception_ptr error) noexcept {
    const ref<remote_call> alive(this, adopt);  // what `send` took
    ended_ = true;
    error_ = std::move(error);
    std::shared_ptr<mailbox> joiner;
    {
        const std::lock_guard lock(mutex_);
        done_ = true;
        joiner = std::move(joiner_);
        changed_.notify_all();
    }
    if (!joiner) return;
    add_ref();
    if (!joiner->put(notice_)) release();  // that loop is closed: nobody waits
}

bool remote_call::is_done() {
    const std::lock_guard lock(mutex_);
    return done_;
}

void remote_call::require_other_thread(const char* what) const {
    if (!target_.is_here()) return;
    throw loop_error(std::string(what) + " was called in the task's own loop, which would wait for itself: co_await "
                                         "join() instead");
}

bool remote_call::wait_until(std::chrono::steady_clock::time_point deadline, const char* what) {
    require_other_thread(what);
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [this] { return done_; });
}

void remote_call::wait(const char* what) {
    require_other_thread(what);
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return done_; });
}

task_state& remote_call::ended_task() const {
    if (error_) std::rethrow_exception(error_);
    return *task_;
}

bool remote_call::join(remote_wait& wait, std::shared_ptr<mailbox> inbox) {
    const std::lock_guard lock(mutex_);
    if (joiner_) throw invalid_state_error("a task of another loop is joined by two tasks at once: only one can");
    if (done_) return false;
    joiner_ = std::move(inbox);
    wait_ = &wait;
    return true;
}

void remote_call::leave() noexcept {
    const std::lock_guard lock(mutex_);
    joiner_ = nullptr;
    wait_ = nullptr;
}

void remote_call::notice::run() noexcept {
    const ref<remote_call> call(&owner_, adopt);
    remote_wait* const wait = std::exchange(call->wait_, nullptr);
    if (!wait) return;
    wait->work_.reset();
    wait->wake();
}

class remote_wait::work {
public:
    explicit work(scheduler& sched) : guard_(sched.context().get_executor()) {}

private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> guard_;
};

remote_wait::remote_wait(ref<remote_call> call, bool sent, const source_location& where) noexcept
    : operation_base(where), call_(std::move(call)), sent_(sent) {}
remote_wait::remote_wait(remote_wait&&) noexcept = default;

remote_wait::~remote_wait() {
    if (call_ && call_->wait_ == this) call_->leave();
}

bool remote_wait::ready() { return sent_ && call_->is_done(); }

void remote_wait::suspend() {
    scheduler& here = waiting_task()->sched();
    work_ = std::make_unique<work>(here);
    if (!call_->join(*this, here.inbox())) {
        work_.reset();
        wake();
        return;
    }
    if (sent_) return;
    try {
        call_->send();
    } catch (...) {
        call_->leave();
        throw;
    }
    sent_ = true;
}

// As for a task that is joined: the request goes on to the other loop, and this task hears the answer.
cancel_reply remote_wait::cancel() noexcept {
    ++requests_;
    call_->cancel(waiting_task()->cancel_message());
    return cancel_reply::forwarded;
}

task_state& remote_wait::ended() {
    // A request that came too late stays for the next suspension.
    const bool was_heard = call_->task_ && call_->requests_heard_ >= requests_ &&
                           (!call_->task_->cancel_pending() || call_->task_->was_cancelled());
    if (requests_ > 0 && !was_heard && waiting_task()->cancelling() > 0) waiting_task()->defer_cancel();
    return call_->ended_task();
}

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// The way of a coroutine into a loop of another thread.
#include <brio/thread/run_coroutine_threadsafe.hpp>

namespace brio::inline v0::detail {

namespace {

class cancel_call final : public ready_node {
public:
    cancel_call(std::shared_ptr<submission> shared, std::string message) noexcept
        : shared_(std::move(shared)), message_(std::move(message)) {}

    void run() noexcept override {
        if (shared_->task) shared_->task->cancel(message_);
        delete this;
    }
    void drop() noexcept override { delete this; }

private:
    std::shared_ptr<submission> shared_;
    std::string message_;
};

}  // namespace

void submission::send(ready_node& node) {
    if (!inbox_->put(node)) throw loop_error("run_coroutine_threadsafe: the event loop is closed");
}

void submission::cancel(const std::shared_ptr<submission>& self, std::string message) {
    auto call = std::make_unique<cancel_call>(self, std::move(message));
    if (self->inbox_->put(*call)) static_cast<void>(call.release());
}

void submission::require_other_thread(const char* what) const {
    if (scheduler::current() == target_) {
        throw loop_error(std::string(what) + " was called in the loop's own thread, which would wait for itself: "
                                             "co_await the coroutine instead");
    }
}

void throw_result_given(const char* what) {
    throw invalid_state_error(std::string(what) + ": this object is empty, its result was taken before");
}

void report_failed_submission() noexcept {
    try {
        scheduler::current()->owner().call_exception_handler(
            error_context("run_coroutine_threadsafe could not create the task", std::current_exception()));
    } catch (...) {  // out of memory while reporting
    }
}

std::exception_ptr error_of_ended(task_state& task) noexcept {
    switch (task.how()) {
        case task_state::outcome::cancelled: return std::make_exception_ptr(cancelled_error(task.cancel_message()));
        case task_state::outcome::exception: return task.fetch_exception();
        default: return nullptr;
    }
}

}  // namespace brio::inline v0::detail

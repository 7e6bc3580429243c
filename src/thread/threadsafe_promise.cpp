// SPDX-License-Identifier: BSL-1.0
// The link between a loop's future and a promise in another thread.
#include <brio/thread/threadsafe_promise.hpp>

#include <brio/detail/callback.hpp>

namespace brio::inline v0::detail {

promise_link::promise_link(task_state& future, std::shared_ptr<mailbox> inbox) noexcept : inbox_(std::move(inbox)) {
    future.promise();
    add_ref();  // the future's, until completed() or dropped()
    future.add_completion(*this);
}

// Those who listen to the token are user code: they are told through the ready queue.
void promise_link::completed(task_state& future) noexcept {
    if (future.was_cancelled()) {
        try {
            // By the inbox: the future may have outlived its loop.
            const auto call = make_callback([source = stop_]() mutable { source.request_stop(); });
            if (!call->schedule_threadsafe(*inbox_)) stop_.request_stop();
        } catch (...) {  // out of memory: they go on for nothing
        }
    }
    release();
}

std::exception_ptr no_exception_given() {
    return std::make_exception_ptr(invalid_state_error("set_exception was given no exception"));
}

void throw_set_twice() { throw invalid_state_error("the promise was set already: it can be set only once"); }

}  // namespace brio::inline v0::detail

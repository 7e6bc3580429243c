// SPDX-License-Identifier: BSL-1.0
// Errors of promises.
#include <brio/core/promise.hpp>

namespace brio::inline v0 {

broken_promise_error::~broken_promise_error() = default;

namespace detail {

void throw_already_done(const task_state& future) {
    throw invalid_state_error(future.was_cancelled()
                                  ? "the future was cancelled: there is nobody to set a result for; try_set_value says so without an error"
                                  : "the future has its result already: it can be set only once");
}

void throw_no_promise() { throw invalid_state_error("this promise is empty: it was moved from"); }

void break_promise(task_state& future) noexcept {
    try {
        throw broken_promise_error("the promise was destroyed before it was set");
    } catch (...) {  // bad_alloc, maybe
        future.set_error(std::current_exception());
    }
    future.mark_fetched();  // nobody waited
    future.settle();
}

void set_future_error(task_state& future, std::exception_ptr error) {
    if (!error) error = std::make_exception_ptr(invalid_state_error("set_exception was given no exception"));
    future.set_failed(std::move(error));
    future.settle();
}

}  // namespace detail

}  // namespace brio::inline v0

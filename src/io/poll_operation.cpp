// SPDX-License-Identifier: BSL-1.0
// Trying, waiting, trying again.
#include <brio/io/poll_operation.hpp>

#include "io/poller.hpp"

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/task_state.hpp>

#include <fcntl.h>

#include <cerrno>
#include <stdexcept>
#include <string>
#include <system_error>

namespace brio::inline v0::detail {

namespace {

// So many calls that need not wait may follow each other in one step of a task: a fast peer must not starve the others.
constexpr unsigned calls_per_step = 128;

bool spend() noexcept {
    thread_local const scheduler* owner = nullptr;
    thread_local std::uint64_t step = 0;
    thread_local unsigned left = 0;
    const scheduler* const here = scheduler::current();
    if (!here) return true;
    if (owner != here || step != here->steps) {
        owner = here;
        step = here->steps;
        left = calls_per_step;
    }
    return left > 0 && left-- > 0;
}

}  // namespace

poll_operation::~poll_operation() = default;

bool poll_operation::begin() noexcept {
    if (spend()) return try_now();
    gives_way_ = true;
    return false;
}

bool poll_operation::try_now() noexcept {
    if (owner_ && owner_->native < 0) return fail(EBADF);
    return attempt();
}

bool poll_operation::finish(std::ptrdiff_t returned) noexcept {
    if (returned >= 0) {
        bytes_ = static_cast<std::size_t>(returned);
        return true;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return false;
    return fail(errno);
}

void poll_operation::suspend() {
    if (gives_way_) {
        wake();
        return;
    }
    loop& owner = waiting_task()->sched().owner();
    service_of<poller>(owner, owner.services()).add(*this);
}

bool poll_operation::resumable() noexcept {
    if (try_now()) return true;
    loop& owner = waiting_task()->sched().owner();
    const int error = static_cast<poller*>(owner.services().find(&poller::key))->try_add(*this);
    return error != 0 && fail(error);
}

cancel_reply poll_operation::cancel() noexcept {
    loop& owner = waiting_task()->sched().owner();
    static_cast<poller*>(owner.services().find(&poller::key))->leave(*this);
    return cancel_reply::left;
}

void poll_operation::check() const {
    if (error_ == 0) return;
    if (owner_ && owner_->native < 0) throw invalid_state_error(std::string(describe()) + ": the socket is closed");
    std::string what = describe();
    if (!owner_) what += " on descriptor " + std::to_string(native_);
    throw std::system_error(error_, std::system_category(), what);
}

void poll_operation::require_non_blocking(bool always) const {
    const int number = native();
    if (number < 0 && !owner_) {
        throw std::invalid_argument(std::string(describe()) + ": " + std::to_string(number) + " is no descriptor");
    }
    scheduler* const sched = scheduler::current();
    if (!always && !(sched && sched->owner().debug())) return;
    const int flags = ::fcntl(number, F_GETFL);
    if (flags < 0 || (flags & O_NONBLOCK) != 0) return;  // a bad one is reported by the call itself
    throw std::invalid_argument(std::string(describe()) + ": descriptor " + std::to_string(number) +
                                " is blocking and would hold the loop up: set O_NONBLOCK on it first");
}

}  // namespace brio::inline v0::detail

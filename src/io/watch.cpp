// SPDX-License-Identifier: BSL-1.0
// Callbacks and waits for readiness.
#include <brio/io/watch.hpp>

#include "io/poller.hpp"

#include <brio/core/loop.hpp>

#include <poll.h>

#include <cerrno>

namespace brio::inline v0::detail {

watch_callback::~watch_callback() = default;

void watch_callback::schedule(scheduler& sched) noexcept {
    if (is_queued()) return;
    add_ref();
    sched.make_ready(*this);
}

void watch_callback::run() noexcept {
    const ref<watch_callback> self(this, adopt);
    if (cancelled_) return;
    const context_scope own(&context_);
    try {
        invoke();
    } catch (...) {
        scheduler::current()->owner().call_exception_handler(
            error_context("exception in a callback of a watched descriptor", std::current_exception()));
    }
}

void set_watch(int descriptor, readiness to, ref<watch_callback> callback) {
    const char* const what = to == readiness::read ? "add_reader" : "add_writer";
    poller& watching = poller::of_running_loop(what);
    watching.require_free(descriptor, what);
    watching.set_callback(descriptor, to, std::move(callback));
}

bool drop_watch(int descriptor, readiness to) noexcept {
    poller* const watching = poller::find();
    return watching && watching->drop_callback(descriptor, to);
}

bool readiness_operation::ready() {
    poller::of_running_loop(describe()).require_free(native(), describe());
    return begin();
}

bool readiness_operation::attempt() noexcept {
    pollfd item{native(), static_cast<short>(waits_to() == readiness::read ? POLLIN : POLLOUT), 0};
    const int ready = ::poll(&item, 1, 0);
    if (ready > 0 && (item.revents & POLLNVAL) != 0) return fail(EBADF);
    return ready != 0 && finish(ready);
}

}  // namespace brio::inline v0::detail

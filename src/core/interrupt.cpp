// SPDX-License-Identifier: BSL-1.0
// SIGINT by sigaction and an eventfd that the loop watches.
#include "core/interrupt.hpp"

#include "detail/signal_table.hpp"

#include <brio/detail/task_state.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <memory>
#include <thread>

namespace brio::inline v0::detail {

namespace {

// What the signal handler may touch. One guard at a time can exist: only the main thread has one.
std::atomic<int> wake_descriptor{-1};
std::atomic<bool> seen_once{false};
std::atomic<int> handlers_running{0};

void on_sigint(int number) {
    const int saved = errno;
    if (seen_once.exchange(true)) {  // the second Ctrl-C acts at once, wherever the program is
        std::signal(number, SIG_DFL);
        std::raise(number);
        return;
    }
    ++handlers_running;
    const std::uint64_t one = 1;
    if (const int fd = wake_descriptor.load(); fd >= 0) {
        if (::write(fd, &one, sizeof one) < 0) {}  // a full eventfd wakes the loop as well
    }
    --handlers_running;
    errno = saved;
}

bool is_main_thread() noexcept { return ::getpid() == ::gettid(); }

bool has_default_handler() noexcept {
    struct sigaction now {};
    return ::sigaction(SIGINT, nullptr, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_DFL;
}

}  // namespace

struct interrupt_guard::state : std::enable_shared_from_this<state> {
    state(task_state& main, int fd) : task(main), descriptor(main.sched().context(), fd) {}

    void watch() {
        // The handler may be dropped or run after the guard has gone: it shares the state and asks `active`.
        descriptor.async_wait(descriptor.wait_read, [self = shared_from_this()](const boost::system::error_code& ec) {
            if (!ec && self->active) self->delivered = self->task.cancel({});
        });
    }

    task_state& task;
    boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> descriptor;
    struct sigaction previous {};
    bool installed = false;
    bool delivered = false;
    bool active = true;
};

interrupt_guard::interrupt_guard(task_state& main, bool wanted) {
    if (!wanted || !is_main_thread() || !has_default_handler()) return;
    // Whatever cannot be had, the run works without it.
    const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0) return;
    try {
        state_ = std::make_shared<state>(main, fd);
    } catch (...) {
        ::close(fd);
        return;
    }
    try {
        state_->watch();
    } catch (...) {
        state_.reset();
        return;
    }
    seen_once = false;
    wake_descriptor = fd;
    struct sigaction action {};
    action.sa_handler = &on_sigint;
    sigemptyset(&action.sa_mask);
    state_->installed = ::sigaction(SIGINT, &action, &state_->previous) == 0;
}

interrupt_guard::~interrupt_guard() {
    if (!state_) return;
    if (state_->installed) put_back_action(SIGINT, &on_sigint, state_->previous);  // handlers of the program's own stay
    wake_descriptor = -1;
    while (handlers_running > 0) std::this_thread::yield();  // in another thread one may be about to write to the descriptor
    state_->active = false;
    boost::system::error_code ignored;
    state_->descriptor.close(ignored);
}

bool interrupt_guard::delivered() const noexcept { return state_ && state_->delivered; }

}  // namespace brio::inline v0::detail

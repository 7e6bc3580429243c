// SPDX-License-Identifier: BSL-1.0
// The end of a process, seen by a pidfd in the loop or by a thread of its own.
#include "process/child.hpp"
#include "process/process_calls.hpp"
#include "process/signals_blocked.hpp"

#include <brio/detail/mailbox.hpp>
#include <brio/detail/scheduler.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

namespace brio::inline v0::detail {

namespace {

using executor = boost::asio::io_context::executor_type;

int signal_by_number(pid_t pid, int number) noexcept {
    return current_process_calls().signal(pid, number) == 0 ? 0 : errno;
}

// Blocks until the child has ended; `options` says whether to reap it.
class blocking_wait {
public:
    void operator()(pid_t pid, int options) const noexcept {
        siginfo_t info{};
        while (wait_(pid, info, options) != 0 && errno == EINTR) {}
    }

private:
    decltype(process_calls::wait) wait_ = current_process_calls().wait;  // of the thread that makes this, not of the one that waits
};

// A thread that does nothing but wait for a child that nobody else will reap.
void reap_in_background(pid_t pid) noexcept {
    try {
        const signals_blocked inherited;
        std::thread(blocking_wait(), pid, WEXITED).detach();
    } catch (...) {  // no thread: it becomes a zombie when it ends, until this program does
    }
}

class pidfd_watch final : public exit_watch {
public:
    pidfd_watch(scheduler& sched, int pidfd) : descriptor_(sched.context(), pidfd) {}

    void start(child& watched) override {
        // The handler may come after the loop, when the io_context is the user's.
        descriptor_.async_wait(boost::asio::posix::descriptor_base::wait_read,
                               [alive = ref<child>(&watched)](const boost::system::error_code& ec) {
                                   if (!ec) alive->noticed();
                               });
    }
    int signal(pid_t pid, int number) noexcept override {
        if (current_process_calls().signal_pidfd(descriptor_.native_handle(), number) == 0) return 0;
        // Forbidden in some containers, where pidfd_open is not.
        return errno == ENOSYS || errno == EPERM ? signal_by_number(pid, number) : errno;
    }
    void leave_behind(pid_t pid) noexcept override { reap_in_background(pid); }

private:
    boost::asio::posix::basic_stream_descriptor<executor> descriptor_;
};

// What a waiter thread sends to the loop: once, when the child has ended.
class exit_message final : public ready_node {
public:
    exit_message(child& watched, std::shared_ptr<mailbox> inbox) : watched_(&watched), inbox_(std::move(inbox)) {}

    // In the thread. The child stays a zombie, whose number is taken, until the loop reaps it.
    void wait_and_send(pid_t pid) noexcept {
        wait_(pid, WEXITED | WNOWAIT);
        const std::shared_ptr<mailbox> inbox = inbox_;
        if (inbox->put(*this)) return;
        wait_(pid, WEXITED | WNOHANG);  // the loop is gone
        delete this;
    }
    void run() noexcept override {
        watched_->noticed();
        delete this;
    }
    void drop() noexcept override { delete this; }

private:
    ~exit_message() override = default;
    ref<child> watched_;
    std::shared_ptr<mailbox> inbox_;
    blocking_wait wait_;
};

class thread_watch final : public exit_watch {
public:
    thread_watch(scheduler& sched, pid_t pid) : sched_(sched), pid_(pid), work_(sched.context().get_executor()) {}
    ~thread_watch() override {
        if (thread_.joinable()) thread_.join();
    }

    void start(child& watched) override {
        if (thread_.joinable()) thread_.join();  // it has sent its message
        auto* const message = new exit_message(watched, sched_.inbox());
        try {
            const signals_blocked inherited;
            thread_ = std::thread([message, pid = pid_] { message->wait_and_send(pid); });
        } catch (...) {
            message->drop();
            throw;
        }
    }
    int signal(pid_t pid, int number) noexcept override { return signal_by_number(pid, number); }
    void leave_behind(pid_t) noexcept override { thread_.detach(); }

private:
    scheduler& sched_;
    pid_t pid_;
    std::thread thread_;
    // The io_context must not run out of work, nor a virtual clock jump, while the child runs.
    boost::asio::executor_work_guard<executor> work_;
};

}  // namespace

std::unique_ptr<exit_watch> make_exit_watch(scheduler& sched, pid_t pid) {
    if (const int pidfd = current_process_calls().open_pidfd(pid); pidfd >= 0) {
        try {
            return std::make_unique<pidfd_watch>(sched, pidfd);
        } catch (...) {  // the descriptor could not be registered
            ::close(pidfd);
        }
    }
    return std::make_unique<thread_watch>(sched, pid);
}

}  // namespace brio::inline v0::detail

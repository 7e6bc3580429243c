// SPDX-License-Identifier: BSL-1.0
// Asking a loop from outside.
#include <brio/debug/remote_tasks.hpp>

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/callback.hpp>
#include <brio/detail/deadline.hpp>

#include "detail/signal_table.hpp"
#include "detail/step_monitor.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

namespace brio::inline v0 {

namespace {

// A question under way, shared with the callback that answers it: whoever asks may give up before.
struct question {
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<task_tree> answer;
    std::exception_ptr error;
    bool given_up = false;

    void ask(loop& target) {
        std::optional<task_tree> tree;
        std::exception_ptr failure;
        try {
            tree = capture_task_tree(target);
        } catch (...) {
            failure = std::current_exception();
        }
        {
            const std::lock_guard lock(mutex);
            answer = std::move(tree);
            error = failure;
        }
        changed.notify_all();
    }
};

std::string silence_text(std::chrono::milliseconds timeout, const detail::step_record& record, bool debug) {
    std::string text = "the event loop did not answer within " + std::to_string(timeout.count()) + " ms: ";
    const std::string step = record.text();
    if (!step.empty()) return text + step;
    return text + (debug ? "no step is running; is there a thread that runs the loop?"
                         : "one step blocks it, or nobody runs it; debug mode (BRIO_DEBUG=1) would name the step");
}

// Everything that is needed to ask, whether or not the loop still lives.
class asker {
public:
    explicit asker(loop& target)
        : target_(target),
          inbox_(target.scheduler().inbox()),
          record_(target.scheduler().record()),
          debug_(target.debug()),
          question_(std::make_shared<question>()) {}

    task_tree ask(std::chrono::milliseconds timeout) {
        const auto asked = renew();
        if (!asked) throw loop_error("the question was given up");
        const auto call = detail::make_callback([asked, target = &target_] { asked->ask(*target); });
        if (!call->schedule_threadsafe(*inbox_)) throw loop_error("capture_task_tree: the event loop is closed");
        std::unique_lock lock(asked->mutex);
        const auto limit = detail::deadline_after(std::chrono::steady_clock::now(), timeout);
        asked->changed.wait_until(lock, limit, [&] { return asked->answer || asked->error || asked->given_up; });
        if (asked->error) std::rethrow_exception(asked->error);
        if (!asked->answer) {
            call->cancel();
            throw timeout_error(silence_text(timeout, *record_, debug_));
        }
        return std::move(*asked->answer);
    }

    /// Lets `ask` return at once, now and later.
    void give_up() {
        const std::lock_guard guard(mutex_);
        given_up_ = true;
        {
            const std::lock_guard lock(question_->mutex);
            question_->given_up = true;
        }
        question_->changed.notify_all();
    }

private:
    std::shared_ptr<question> renew() {
        const std::lock_guard guard(mutex_);
        if (given_up_) return nullptr;
        return question_ = std::make_shared<question>();
    }

    loop& target_;  // touched by the loop's own callback only
    std::shared_ptr<detail::mailbox> inbox_;
    std::shared_ptr<detail::step_record> record_;
    bool debug_;
    std::mutex mutex_;
    bool given_up_ = false;
    std::shared_ptr<question> question_;
};

// What the signal handler may touch: by signal, a descriptor plus one, 0 when there is none.
std::array<std::atomic<int>, NSIG> descriptors{};
std::atomic<int> handlers_running{0};

void on_signal(int number) {
    const int saved = errno;
    ++handlers_running;
    const std::uint64_t one = 1;
    if (const int fd = descriptors[static_cast<std::size_t>(number)].load() - 1; fd >= 0) {
        if (::write(fd, &one, sizeof one) < 0) {}  // it is readable already
    }
    --handlers_running;
    errno = saved;
}

// A thread that is not interrupted by any signal.
std::thread quiet_thread(auto function) {
    sigset_t all;
    sigset_t previous;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &previous);
    struct restore {
        const sigset_t& mask;
        ~restore() { ::pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
    } guard{previous};
    return std::thread(std::move(function));
}

}  // namespace

struct signal_printer::state {
    state(int number, loop& target) : number_(number), asker_(target), fd_(::eventfd(0, EFD_CLOEXEC)) {
        if (fd_ < 0) throw error(refusal(std::strerror(errno)));
        try {
            install();
        } catch (...) {
            ::close(fd_);
            throw;
        }
    }
    state(const state&) = delete;
    state& operator=(const state&) = delete;

    ~state() {
        restore();
        stopped_ = true;
        asker_.give_up();
        const std::uint64_t one = 1;
        if (::write(fd_, &one, sizeof one) < 0) {}
        thread_.join();
        ::close(fd_);
    }

private:
    [[nodiscard]] std::string refusal(const std::string& why) const {
        return "print_tasks_on_signal: signal " + std::to_string(number_) + " cannot be handled: " + why;
    }

    void install() {
        if (number_ <= 0 || number_ >= NSIG) throw invalid_state_error(refusal("there is no such signal"));
        int free = 0;
        if (!slot().compare_exchange_strong(free, fd_ + 1)) {
            throw invalid_state_error(refusal("another signal_printer has it"));
        }
        try {
            thread_ = quiet_thread([this] { serve(); });
        } catch (...) {
            slot() = 0;
            throw;
        }
        struct sigaction action {};
        action.sa_handler = &on_signal;
        action.sa_flags = SA_RESTART;
        sigemptyset(&action.sa_mask);
        if (::sigaction(number_, &action, &previous_) == 0) return;
        const std::string why = std::strerror(errno);
        slot() = 0;
        stopped_ = true;
        const std::uint64_t one = 1;
        if (::write(fd_, &one, sizeof one) < 0) {}
        thread_.join();
        throw invalid_state_error(refusal(why));
    }

    void restore() {
        detail::put_back_action(number_, &on_signal, previous_);
        slot() = 0;
        while (handlers_running > 0) std::this_thread::yield();  // one may be about to write to the descriptor
    }

    void serve() {
        for (;;) {
            std::uint64_t count = 0;
            if (::read(fd_, &count, sizeof count) < 0 && errno != EINTR) return;
            if (stopped_) return;
            print();
        }
    }

    void print() {
        std::string text = "tasks, on signal " + std::to_string(number_) + ": ";
        try {
            text += asker_.ask(std::chrono::seconds(1)).to_text();
        } catch (const std::exception& e) {
            text += std::string(e.what()) + "\n";
        }
        if (!stopped_) std::fputs(text.c_str(), stderr);
    }

    std::atomic<int>& slot() { return descriptors[static_cast<std::size_t>(number_)]; }

    int number_;
    asker asker_;
    int fd_;
    std::atomic<bool> stopped_{false};
    struct sigaction previous_ {};
    std::thread thread_;
};

signal_printer::signal_printer(std::unique_ptr<state> made) noexcept : state_(std::move(made)) {}
signal_printer::signal_printer(signal_printer&& other) noexcept = default;
signal_printer::~signal_printer() = default;

task_tree capture_task_tree_threadsafe(loop& target, std::chrono::milliseconds timeout) {
    if (detail::scheduler::current() == &target.scheduler()) return capture_task_tree(target);
    return asker(target).ask(timeout);
}

signal_printer print_tasks_on_signal(int signal_number, loop& target) {
    return signal_printer(std::make_unique<signal_printer::state>(signal_number, target));
}

signal_printer print_tasks_on_signal(int signal_number) {
    return print_tasks_on_signal(signal_number, detail::scheduler::require("print_tasks_on_signal()").owner());
}

}  // namespace brio::inline v0

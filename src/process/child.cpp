// SPDX-License-Identifier: BSL-1.0
// Watching, signalling and reaping one process.
#include "process/child.hpp"

#include "process/children.hpp"
#include "process/process_calls.hpp"

#include <brio/core/log.hpp>
#include <brio/process/command.hpp>

#include <sys/wait.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

namespace brio::inline v0::detail {

namespace {

// How long a killed process may take to die before the loop closes without it; only a stuck device takes longer.
constexpr std::chrono::seconds death_limit{5};

int code_of(const siginfo_t& info) noexcept { return info.si_code == CLD_EXITED ? info.si_status : -info.si_status; }

int wait_for(pid_t pid, siginfo_t& info, int options) noexcept {
    int result = 0;
    do {
        info = siginfo_t{};
        result = current_process_calls().wait(pid, info, options);
    } while (result != 0 && errno == EINTR);
    return result;
}

}  // namespace

exit_watch::~exit_watch() = default;

child::child(const command_data& what)
    : program_(what.args.front()), machine_(what.hold_zombie),
      leads_group_(what.new_session || what.process_group == 0), kills_on_drop_(what.kill_on_drop) {}

child::~child() = default;

void child::begin(children& home, pid_t pid) {
    pid_ = pid;
    try {
        watch_ = make_exit_watch(home.sched(), pid_);
        watch_->start(*this);
    } catch (...) {
        watch_.reset();
        current_process_calls().signal(pid_, SIGKILL);
        siginfo_t info;
        wait_for(pid_, info, WEXITED);
        static_cast<void>(machine_.looked(reap_machine::look::ended, -SIGKILL));
        static_cast<void>(machine_.let_go());
        throw;
    }
    home_ = &home;
    home.add(*this);
}

reap_machine::step child::look() noexcept {
    siginfo_t info;
    const int options = WEXITED | WNOHANG | (machine_.looks_only() ? WNOWAIT : 0);
    if (wait_for(pid_, info, options) != 0) return machine_.looked(reap_machine::look::nobody);
    if (info.si_pid == 0) return machine_.looked(reap_machine::look::running);
    return machine_.looked(reap_machine::look::ended, code_of(info));
}

void child::noticed() noexcept {
    if (!home_ || has_ended()) return;
    switch (look()) {
        case reap_machine::step::watch:
            try {
                watch_->start(*this);
            } catch (...) {  // no memory for one more wait: the loop's end will find it
            }
            break;
        case reap_machine::step::announce: announce(); break;
        case reap_machine::step::nothing: break;
    }
}

void child::announce() noexcept {
    watch_.reset();
    if (is_lost()) {
        try {
            log(log_level::warning, "the exit status of process " + std::to_string(pid_) + " (" + program_ +
                                        ") is lost, 255 stands for it: SIGCHLD is ignored, or other code in this program "
                                        "waits for any child");
        } catch (...) {  // out of memory for a message
        }
    }
    while (waiter* const next = waiters_.pop_front()) next->wake();
    if (machine_.now() != reap_machine::phase::held) leave_home();
}

// May end the last reference.
void child::leave_home() noexcept {
    if (children* const home = std::exchange(home_, nullptr)) home->remove(*this);
}

void child::refuse(int number, const char* whom, const std::string& why) const {
    throw std::system_error(ESRCH, std::system_category(), "cannot send signal " + std::to_string(number) + " to " + whom + " " +
                                                               std::to_string(pid_) + " (" + program_ + "), " + why);
}

void child::send_signal(int number) {
    if (!machine_.may_signal()) refuse(number, "process", "which has ended with " + std::to_string(code()));
    if (!home_) refuse(number, "process", "whose event loop has closed");
    const int error = watch_->signal(pid_, number);
    if (error == 0 || error == ESRCH) return;  // it has ended unnoticed
    throw std::system_error(error, std::system_category(),
                            "signal " + std::to_string(number) + " to process " + std::to_string(pid_) + " (" + program_ + ")");
}

void child::send_group_signal(int number) {
    if (!leads_group_) refuse(number, "the group of process", "which leads none: start it with new_session() or process_group()");
    if (!machine_.may_signal_group()) refuse(number, "the group of process", "which has ended with " + std::to_string(code()));
    if (!home_) refuse(number, "the group of process", "whose event loop has closed");
    if (current_process_calls().signal(-pid_, number) == 0 || errno == ESRCH) return;
    throw std::system_error(errno, std::system_category(), "signal " + std::to_string(number) + " to the group of process " +
                                                               std::to_string(pid_) + " (" + program_ + ")");
}

void child::kill() noexcept {
    if (!home_ || has_ended()) return;
    if (look() == reap_machine::step::announce) return announce();  // it had ended unnoticed
    if (leads_group_) current_process_calls().signal(-pid_, SIGKILL);
    static_cast<void>(watch_->signal(pid_, SIGKILL));
}

void child::let_go() noexcept {
    if (!machine_.let_go()) return;
    siginfo_t info;
    wait_for(pid_, info, WEXITED | WNOHANG);
    leave_home();
}

void child::loop_closes() noexcept {
    if (has_ended()) return;  // held
    if (look() == reap_machine::step::watch && !detached_) {
        try {
            log(log_level::warning, "process " + std::to_string(pid_) + " (" + program_ +
                                        ") still runs while its event loop closes, and is killed: wait() for it, close() it, "
                                        "or detach() it");
        } catch (...) {  // out of memory for a message
        }
        if (leads_group_) current_process_calls().signal(-pid_, SIGKILL);
        static_cast<void>(watch_->signal(pid_, SIGKILL));
    }
}

void child::loop_closed() noexcept {
    const auto deadline = std::chrono::steady_clock::now() + death_limit;
    if (!detached_) {
        auto pause = std::chrono::microseconds(50);
        while (!has_ended() && look() == reap_machine::step::watch && std::chrono::steady_clock::now() < deadline) {
            std::this_thread::sleep_for(pause);
            pause = std::min<std::chrono::microseconds>(pause * 2, std::chrono::milliseconds(10));
        }
    }
    if (machine_.let_go()) {
        siginfo_t info;
        wait_for(pid_, info, WEXITED | WNOHANG);
    }
    if (!has_ended()) watch_->leave_behind(pid_);
    watch_.reset();
    home_ = nullptr;
    while (waiter* const next = waiters_.pop_front()) next->wake();
}

}  // namespace brio::inline v0::detail

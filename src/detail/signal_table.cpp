// SPDX-License-Identifier: BSL-1.0
// The signal handler of all loops, and what was there before it.
#include "detail/signal_table.hpp"

#include <brio/detail/signal_action.hpp>

#include <boost/asio/io_context.hpp>

#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <thread>

namespace brio::inline v0::detail {

namespace {

struct action_slot {
    unsigned users = 0;
    struct sigaction previous {};
};

// Never taken by the signal handler.
std::mutex table_mutex;
std::array<action_slot, most_signals + 1> slots;

// All that the signal handler touches, but for the inboxes.
std::atomic<signal_inbox*> inboxes{nullptr};
std::atomic<int> handlers_running{0};
std::atomic<pid_t> owner{0};

bool is_handler(const struct sigaction& action, void (*handler)(int)) noexcept {
    return !(action.sa_flags & SA_SIGINFO) && action.sa_handler == handler;
}

// A child between fork and exec has no loop. Its descriptors are its parent's, which would hear of a signal that was
// not meant for it: the child takes the signal as if brio were not there.
void act_as_before(int number) noexcept {
    ::sigaction(number, &slots[static_cast<std::size_t>(number)].previous, nullptr);
    ::raise(number);  // delivered when the handler returns
}

}  // namespace

// Async-signal-safe: atomics, getpid, write. Asio's count of work is an atomic, too.
void on_signal(int number) {
    const int saved = errno;
    if (::getpid() != owner.load()) {
        act_as_before(number);
        errno = saved;
        return;
    }
    ++handlers_running;
    for (signal_inbox* inbox = inboxes.load(); inbox; inbox = inbox->next_) {
        if (!(inbox->wanted_.load() & signal_bit(number))) continue;
        if (inbox->pending_.fetch_or(signal_bit(number)) != 0) continue;  // its loop has been woken
        if (boost::asio::io_context* const context = inbox->context_.load()) context->get_executor().on_work_started();
        const std::uint64_t one = 1;
        if (const int fd = inbox->descriptor_.load(); fd >= 0) {
            if (::write(fd, &one, sizeof one) < 0) {}  // a full eventfd is readable as well
        }
    }
    --handlers_running;
    errno = saved;
}

signal_inbox& signal_inbox::open(int descriptor, boost::asio::io_context* in_virtual_time) {
    const std::lock_guard lock(table_mutex);
    signal_inbox* found = inboxes.load();
    while (found && found->in_use_) found = found->next_;
    if (!found) {
        found = new signal_inbox;
        found->next_ = inboxes.load();
        inboxes.store(found);
    }
    found->in_use_ = true;
    found->pending_.store(0);
    found->descriptor_.store(descriptor);
    found->context_.store(in_virtual_time);
    return *found;
}

void signal_inbox::close() noexcept {
    for (int number = 1; number <= most_signals; ++number) {
        if (wanted_.load() & signal_bit(number)) unsubscribe(number);
    }
    // One that looked before may still be about to write. It runs in another thread, and not for long.
    while (handlers_running.load() > 0) std::this_thread::yield();
    descriptor_.store(-1);
    context_.store(nullptr);
    const std::lock_guard lock(table_mutex);
    in_use_ = false;
}

void signal_inbox::subscribe(int number) {
    const std::lock_guard lock(table_mutex);
    action_slot& slot = slots[static_cast<std::size_t>(number)];
    owner.store(::getpid());
    const bool is_new = !(wanted_.fetch_or(signal_bit(number)) & signal_bit(number));
    struct sigaction action {};
    action.sa_handler = &on_signal;
    action.sa_flags = SA_RESTART | SA_ONSTACK;
    sigemptyset(&action.sa_mask);
    struct sigaction previous {};
    if (::sigaction(number, &action, &previous) != 0) {
        const std::error_code why(errno, std::system_category());
        if (is_new) wanted_.fetch_and(~signal_bit(number));
        throw std::system_error(why, "the handler of " + name_of_signal(number) + " could not be installed");
    }
    // It is installed anew each time: somebody may have set another one meanwhile, which then is what to put back.
    if (!is_handler(previous, &on_signal)) slot.previous = previous;
    if (is_new) ++slot.users;
}

void signal_inbox::unsubscribe(int number) noexcept {
    const std::lock_guard lock(table_mutex);
    action_slot& slot = slots[static_cast<std::size_t>(number)];
    struct sigaction now {};
    if (--slot.users == 0 && ::sigaction(number, nullptr, &now) == 0 && is_handler(now, &on_signal)) {
        ::sigaction(number, &slot.previous, nullptr);
    }
    wanted_.fetch_and(~signal_bit(number));
}

void put_back_action(int number, void (*handler)(int), const struct sigaction& previous) noexcept {
    const std::lock_guard lock(table_mutex);
    action_slot& slot = slots[static_cast<std::size_t>(number)];
    // The loops may have stopped listening in between.
    const struct sigaction& target = is_handler(previous, &on_signal) && slot.users == 0 ? slot.previous : previous;
    struct sigaction now {};
    if (::sigaction(number, nullptr, &now) == 0 && is_handler(now, handler)) {
        ::sigaction(number, &target, nullptr);
    } else if (slot.users > 0 && is_handler(slot.previous, handler)) {
        slot.previous = target;
    }
}

}  // namespace brio::inline v0::detail

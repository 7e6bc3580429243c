// SPDX-License-Identifier: BSL-1.0
// Which signals a loop can handle, their names, and the call of their handlers.
#include <brio/detail/signal_action.hpp>

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>

#include <array>
#include <csignal>
#include <stdexcept>

namespace brio::inline v0::detail {

namespace {

struct name_entry {
    int number;
    const char* name;
};

// sigabbrev_np is not everywhere.
constexpr auto names = std::to_array<name_entry>({
    {SIGHUP, "SIGHUP"},   {SIGINT, "SIGINT"},       {SIGQUIT, "SIGQUIT"}, {SIGILL, "SIGILL"},   {SIGTRAP, "SIGTRAP"},
    {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},       {SIGFPE, "SIGFPE"},   {SIGKILL, "SIGKILL"}, {SIGUSR1, "SIGUSR1"},
    {SIGSEGV, "SIGSEGV"}, {SIGUSR2, "SIGUSR2"},     {SIGPIPE, "SIGPIPE"}, {SIGALRM, "SIGALRM"}, {SIGTERM, "SIGTERM"},
    {SIGCHLD, "SIGCHLD"}, {SIGCONT, "SIGCONT"},     {SIGSTOP, "SIGSTOP"}, {SIGTSTP, "SIGTSTP"}, {SIGTTIN, "SIGTTIN"},
    {SIGTTOU, "SIGTTOU"}, {SIGURG, "SIGURG"},       {SIGXCPU, "SIGXCPU"}, {SIGXFSZ, "SIGXFSZ"}, {SIGVTALRM, "SIGVTALRM"},
    {SIGPROF, "SIGPROF"}, {SIGWINCH, "SIGWINCH"},   {SIGIO, "SIGIO"},     {SIGSYS, "SIGSYS"},
#ifdef SIGPWR
    {SIGPWR, "SIGPWR"},
#endif
#ifdef SIGSTKFLT
    {SIGSTKFLT, "SIGSTKFLT"},
#endif
});

[[noreturn]] void refuse(int number, const char* why) {
    throw std::invalid_argument(name_of_signal(number) + " cannot be handled: " + why);
}

}  // namespace

std::string name_of_signal(int number) {
    for (const name_entry& entry : names) {
        if (entry.number == number) return entry.name;
    }
    if (number == SIGRTMIN) return "SIGRTMIN";
    if (number > SIGRTMIN && number <= SIGRTMAX) return "SIGRTMIN+" + std::to_string(number - SIGRTMIN);
    return "signal " + std::to_string(number);
}

signal_number::signal_number(int number, const source_location& where) : number_(number), where_(where) {
    if (number < 1 || number > SIGRTMAX || number > 64) refuse(number, "there is no such signal");
    if (number >= 32 && number < SIGRTMIN) refuse(number, "the C library keeps it for itself");
    switch (number) {
        case SIGKILL:
        case SIGSTOP: refuse(number, "the system acts on it without asking the program; to end in good order, handle SIGTERM");
        case SIGSEGV:
        case SIGBUS:
        case SIGFPE:
        case SIGILL:
            refuse(number, "it reports a fault of the instruction that runs, which cannot wait for the loop; set a handler "
                           "by sigaction");
        default: break;
    }
}

signal_action::~signal_action() = default;

task_options signal_action::options() const {
    return task_options().name("handler of " + name_of_signal(number_.value()));
}

void signal_action::trigger(scheduler& sched) noexcept {
    if (is_queued()) return;
    add_ref();
    sched.make_ready(*this);
}

void signal_action::run() noexcept {
    const ref<signal_action> self(this, adopt);
    if (removed_) return;
    const context_scope own(&context_);
    try {
        invoke();
    } catch (...) {
        scheduler::current()->owner().call_exception_handler(
            error_context("exception in the handler of " + name_of_signal(number_.value()), std::current_exception()));
    }
}

}  // namespace brio::inline v0::detail

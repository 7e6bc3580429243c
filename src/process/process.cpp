// SPDX-License-Identifier: BSL-1.0
// The handle of a child.
#include <brio/process/process.hpp>

#include "process/child.hpp"
#include "process/children.hpp"
#include "process/process_state.hpp"

#include <brio/core/error.hpp>
#include <brio/detail/task_state.hpp>

#include <csignal>
#include <utility>

namespace brio::inline v0 {

process::process() noexcept = default;
process::process(detail::ref<detail::process_state> started) noexcept : state_(std::move(started)) {}
process::process(process&& other) noexcept = default;
process& process::operator=(process&& other) noexcept = default;
process::~process() = default;

detail::process_state& process::required() const {
    if (!state_) throw invalid_state_error("this handle refers to no process: it was moved from, or never started one");
    return *state_;
}

detail::child& process::child() const { return required().running(); }

int process::pid() const { return static_cast<int>(child().pid()); }

std::optional<int> process::returncode() const {
    const detail::child& one = child();
    return one.has_ended() ? std::optional<int>(one.code()) : std::nullopt;
}

const std::string& process::program() const { return child().program(); }

process::wait_operation process::wait(const source_location& where) const {
    return {detail::ref<detail::child>(&child()), where};
}

stream& process::stdin_stream() const { return required().talk().in; }
stream& process::stdout_stream() const { return required().talk().out; }
stream& process::stderr_stream() const { return required().talk().err; }

awaitable<process_output> process::communicate(std::string input, output_until until, source_location where) {
    return detail::process_state::communicate(detail::ref<detail::process_state>(&required()), std::move(input), until, where);
}

void process::send_signal(int number) { child().send_signal(number); }
void process::terminate() { send_signal(SIGTERM); }
void process::kill() { send_signal(SIGKILL); }
void process::send_group_signal(int number) { child().send_group_signal(number); }

void process::close() noexcept {
    if (!state_) return;
    state_->talk().close();
    state_->running().kill();
    state_->running().let_go();
}

void process::detach() { child().detach(); }

process::wait_operation::wait_operation(detail::ref<detail::child> awaited, const source_location& where) noexcept
    : operation_base(where), child_(std::move(awaited)) {}
process::wait_operation::wait_operation(wait_operation&&) noexcept = default;
process::wait_operation::~wait_operation() = default;

bool process::wait_operation::ready() const noexcept { return child_->has_ended() || !child_->home(); }

void process::wait_operation::suspend() {
    if (&child_->home()->sched() != &waiting_task()->sched()) {
        throw loop_error("process.wait(): process " + std::to_string(child_->pid()) +
                         " was started by another event loop, and only that one can wait for it");
    }
    child_->enlist(*this);
}

int process::wait_operation::resume() const {
    if (!child_->has_ended()) {
        throw loop_error("process.wait(): process " + std::to_string(child_->pid()) +
                         " has outlived its event loop: nobody can tell its end");
    }
    return child_->code();
}

detail::cancel_reply process::wait_operation::cancel() noexcept {
    unlink();
    return detail::cancel_reply::left;
}

}  // namespace brio::inline v0

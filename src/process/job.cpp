// SPDX-License-Identifier: BSL-1.0
// Starting, working and stopping in run_process.
#include "process/job.hpp"

#include "io/descriptor.hpp"
#include "io/stream_state.hpp"
#include "process/stages.hpp"

#include <brio/compose/gather.hpp>
#include <brio/compose/wait.hpp>
#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace brio::inline v0::detail {

namespace {

bool is_unset(const command& what, std::size_t which) { return what.data().targets[which].what == stdio_target::kind::unset; }

bool is_piped(const command& what, std::size_t which) {
    const stdio_target& target = what.data().targets[which];
    return target.what == stdio_target::kind::choice && target.choice == stdio::pipe;
}

bool has_ended_well(const task<>& working) { return working.done() && !working.cancelled() && !working.exception(); }

bool has_own_group(const command& what) { return what.data().new_session || what.data().process_group.has_value(); }

// All stages whose errors are to be read write them to one pipe; we have the other end.
stream capture_errors(pipeline& what, bool unset_ones, unique_descriptor& writing) {
    unique_descriptor reading;
    for (command& stage : what.stages()) {
        if (!is_piped(stage, 2) && !(unset_ones && is_unset(stage, 2))) continue;
        if (!writing) {
            int ends[2];
            if (::pipe2(ends, O_CLOEXEC) != 0) {
                throw std::system_error(errno, std::system_category(), "cannot make a pipe for standard errors");
            }
            reading.reset(ends[0]);
            writing.reset(ends[1]);
        }
        stage.stderr_to(writing.get());
    }
    if (!reading) return {};
    return stream_access::make(make_transport(get_running_loop().context(), reading.release(), direction::read),
                               what.stages().back().data().stream_limit);
}

}  // namespace

job::job(pipeline what, run_process_options& options) : text_(what.to_string()), talk_(new conversation, adopt) {
    command& first = what.stages().front();
    command& last = what.stages().back();
    if (options.input()) {
        if (!is_unset(first, 0) && !is_piped(first, 0)) throw std::invalid_argument("run_process: '" + text_ + "' is given an input, and its standard input comes from elsewhere");
        first.stdin_from(stdio::pipe);
        input_ = std::move(*options.input());
    } else if (is_unset(first, 0) && options.captures()) {
        first.stdin_from(stdio::null);
    }
    if ((options.captures() || options.line_call()) && is_unset(last, 1)) last.stdout_to(stdio::pipe);
    unique_descriptor errors;
    talk_->err = capture_errors(what, options.captures() || options.error_line_call(), errors);

    in_one_group_ = !first.data().targets[0].is_inherited();
    for (command& stage : what.stages()) {
        if (has_own_group(stage)) {
            in_one_group_ = false;
            stage.data().hold_zombie = true;
        }
        stage.kill_on_drop();
    }
    stages_ = start_stages(what, in_one_group_ ? grouping::together : grouping::as_commanded);

    talk_->in = std::move(stages_.front()->talk().in);
    talk_->out = std::move(stages_.back()->talk().out);
    talk_->on_line = std::move(options.line_call());
    talk_->on_error_line = std::move(options.error_line_call());
}

job::~job() {
    if (!is_over_) signal(SIGKILL);
}

awaitable<> job::wait_all() {
    for (const ref<process_state>& one : stages_) {
        co_await process::wait_operation(ref<child>(&one->running()), source_location::current());
    }
}

awaitable<> job::work(output_until until) {
    if (until == output_until::end) {
        co_await conversation::talk(talk_, std::move(input_));
        co_await wait_all();
        co_return;
    }
    task<> talking = create_task(conversation::talk(talk_, std::move(input_)), "talk with " + text_);
    std::exception_ptr stopped;
    try {
        co_await wait_all();
    } catch (...) {
        stopped = std::current_exception();
    }
    talking.cancel();
    co_await gather(return_exceptions, talking);
    if (stopped) std::rethrow_exception(stopped);
    if (!talking.cancelled()) co_await talking.join();
    talk_->take_what_is_there();
}

void job::signal(int number) noexcept {
    for (const ref<process_state>& one : stages_) {
        child& running = one->running();
        try {
            if (running.leads_group()) {
                running.send_group_signal(number);
            } else if (!in_one_group_) {
                running.send_signal(number);
            }
        } catch (const std::exception&) {  // it has ended
        }
    }
}

awaitable<std::exception_ptr> job::stop(task<> working, duration grace) {
    // When talking has failed, the processes have their time all the same.
    if (working.done()) working = create_task(wait_all(), "the end of " + text_);
    const std::vector<task<>> one(1, working);
    std::exception_ptr again;
    if (grace > duration::zero()) {
        signal(SIGTERM);
        try {
            co_await wait(one, wait_options(grace));
        } catch (const cancelled_error&) {
            again = std::current_exception();
        }
    }
    // Who is left dies at once, of a group also when its leader has ended. The ends of the outputs may never come, if others have
    // these open.
    signal(SIGKILL);
    if (!has_ended_well(working)) {
        try {
            co_await wait_all();
        } catch (const cancelled_error&) {  // one that hangs in the kernel: the loop will reap it
            again = std::current_exception();
        }
    }
    working.cancel();
    while (!working.done()) {
        try {
            co_await wait(one);
        } catch (const cancelled_error&) {
            again = std::current_exception();
        }
    }
    talk_->take_what_is_there();
    is_over_ = true;
    co_return again;
}

process_result job::result() {
    is_over_ = true;
    std::vector<int> codes;
    for (const ref<process_state>& one : stages_) codes.push_back(one->running().code());
    process_output output(talk_->take_out(), talk_->take_err());
    return process_result(text_, std::move(codes), std::move(output));
}

}  // namespace brio::inline v0::detail

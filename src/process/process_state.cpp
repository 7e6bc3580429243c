// SPDX-License-Identifier: BSL-1.0
// From a command to a running process.
#include "process/process_state.hpp"

#include "io/descriptor.hpp"
#include "io/stream_state.hpp"
#include "process/child_stdio.hpp"
#include "process/children.hpp"
#include "process/launch.hpp"
#include "process/launch_plan.hpp"

#include <brio/compose/gather.hpp>
#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/task.hpp>

#include <exception>

namespace brio::inline v0::detail {

namespace {

stream our_end(child_stdio& streams, std::size_t which, std::size_t limit) {
    unique_descriptor ours = streams.take_ours(which);
    if (!ours) return {};
    const direction way = which == 0 ? direction::write : direction::read;
    return stream_access::make(make_transport(get_running_loop().context(), ours.release(), way), limit);
}

}  // namespace

process_state::~process_state() {
    if (child_->kills_on_drop()) child_->kill();
    child_->let_go();
}

// What can fail comes before the start, but for the watching.
ref<process_state> process_state::start(const command_data& what) {
    children& home = children::here();
    const launch_plan plan(what);
    child_stdio streams(what);
    ref<process_state> made(new process_state(ref<child>(new child(what), adopt)), adopt);
    conversation& talk = made->talk();
    talk.in = our_end(streams, 0, what.stream_limit);
    talk.out = our_end(streams, 1, what.stream_limit);
    talk.err = our_end(streams, 2, what.stream_limit);
    streams.hand_over();
    pid_t pid = -1;
    const int error = what.limits.empty() ? spawn_child(plan, streams.sources(), pid) : fork_child(plan, streams.sources(), pid);
    if (error != 0) plan.fail(error);
    made->running().begin(home, pid);
    streams.started();
    return made;
}

namespace {

// What is still under way when the process has ended stops; nothing that was read is lost.
awaitable<> talk_until_exit(ref<conversation> talk, std::string input, process::wait_operation exit) {
    task<> talking = create_task(conversation::talk(std::move(talk), std::move(input)), "communicate");
    std::exception_ptr stopped;
    try {
        co_await std::move(exit);
    } catch (...) {
        stopped = std::current_exception();
    }
    talking.cancel();
    co_await gather(return_exceptions, talking);
    if (stopped) std::rethrow_exception(stopped);
    if (!talking.cancelled()) co_await talking.join();
}

}  // namespace

awaitable<process_output> process_state::communicate(ref<process_state> self, std::string input, output_until until,
                                                     source_location where) {
    conversation& talk = self->talk();
    if (!input.empty() && !talk.in) {
        throw invalid_state_error("communicate: process " + std::to_string(self->running().pid()) + " (" +
                                  self->running().program() +
                                  ") cannot be given input: its standard input is no pipe, see command::stdin_from");
    }
    process::wait_operation exit(self->child_, where);
    if (until == output_until::exit) {
        co_await talk_until_exit(self->talk_, std::move(input), std::move(exit));
        talk.take_what_is_there();
    } else {
        co_await conversation::talk(self->talk_, std::move(input));
        co_await std::move(exit);
    }
    co_return process_output(talk.take_out(), talk.take_err());
}

}  // namespace brio::inline v0::detail

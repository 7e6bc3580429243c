// SPDX-License-Identifier: BSL-1.0
// Commands in a row.
#include <brio/process/pipeline.hpp>

#include "process/stages.hpp"

#include <brio/detail/task_state.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace brio::inline v0 {

pipeline::pipeline(command only) { stages_.push_back(std::move(only)); }

pipeline& pipeline::then(command next) {
    constexpr auto unset = detail::stdio_target::kind::unset;
    if (stages_.back().data().targets[1].what != unset) {
        throw std::invalid_argument("'" + stages_.back().to_string() + "' cannot be followed in a pipeline: its standard output leads elsewhere");
    }
    if (next.data().targets[0].what != unset) {
        throw std::invalid_argument("'" + next.to_string() + "' cannot follow in a pipeline: its standard input comes from elsewhere");
    }
    stages_.push_back(std::move(next));
    return *this;
}

std::string pipeline::to_string() const {
    std::string text;
    for (const command& stage : stages_) text += (text.empty() ? "" : " | ") + stage.to_string();
    return text;
}

pipeline operator|(pipeline before, command next) {
    before.then(std::move(next));
    return before;
}

pipeline operator|(command before, command next) { return pipeline(std::move(before)) | std::move(next); }

namespace detail {

std::vector<ref<process_state>> start_stages(const pipeline& what, grouping how) {
    const std::size_t count = what.stages().size();
    std::vector<ref<process_state>> started;
    started.reserve(count);
    try {
        unique_descriptor from_before;
        for (std::size_t i = 0; i < count; ++i) {
            command stage = what.stages()[i];
            if (from_before) stage.stdin_from(from_before.get());
            unique_descriptor to_next;
            unique_descriptor next_input;
            if (i + 1 < count) {
                int ends[2];
                if (::pipe2(ends, O_CLOEXEC) != 0) throw std::system_error(errno, std::system_category(), "cannot make a pipe for a pipeline");
                next_input.reset(ends[0]);
                to_next.reset(ends[1]);
                stage.stdout_to(to_next.get());
            }
            if (how == grouping::together) {
                if (i == 0) stage.data().hold_zombie = true;
                stage.process_group(i == 0 ? 0 : static_cast<int>(started.front()->running().pid()));
            }
            started.push_back(process_state::start(stage.data()));
            from_before = std::move(next_input);
        }
    } catch (...) {
        for (const ref<process_state>& one : started) one->running().kill();
        throw;
    }
    return started;
}

void pipeline_operation::suspend() { waiting_task()->sched().make_ready(*waiting_task()); }

std::vector<process> pipeline_operation::resume() {
    std::vector<process> handles;
    handles.reserve(pipeline_.stages().size());
    for (ref<process_state>& one : start_stages(pipeline_, grouping::as_commanded)) handles.push_back(process_state::handle(std::move(one)));
    return handles;
}

}  // namespace detail

}  // namespace brio::inline v0

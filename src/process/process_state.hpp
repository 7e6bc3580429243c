// SPDX-License-Identifier: BSL-1.0
// process_state: what a process handle stands for, shared with those who communicate by it.
#pragma once

#include "process/child.hpp"
#include "process/conversation.hpp"

#include <brio/core/config.hpp>
#include <brio/process/command.hpp>
#include <brio/process/process.hpp>

#include <cstdint>
#include <string>
#include <utility>

namespace brio::inline v0::detail {

/// Counted; belongs to the loop's thread. With the last reference our ends of the pipes go, and the process is killed if
/// the command says so.
class BRIO_API process_state {
public:
    explicit process_state(ref<child> started) : child_(std::move(started)), talk_(new conversation, adopt) {}
    process_state(const process_state&) = delete;
    process_state& operator=(const process_state&) = delete;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

    [[nodiscard]] child& running() const noexcept { return *child_; }
    [[nodiscard]] conversation& talk() const noexcept { return *talk_; }

    /// Starts `what` in the running loop: see create_subprocess_exec.
    [[nodiscard]] static ref<process_state> start(const command_data& what);

    /// See process::communicate.
    [[nodiscard]] static awaitable<process_output> communicate(ref<process_state> self, std::string input, output_until until,
                                                               source_location where);

    [[nodiscard]] static process handle(ref<process_state> of) noexcept { return process(std::move(of)); }

private:
    ~process_state();

    std::uint32_t refs_ = 1;
    ref<child> child_;
    ref<conversation> talk_;
};

}  // namespace brio::inline v0::detail

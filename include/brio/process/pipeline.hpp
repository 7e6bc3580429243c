// SPDX-License-Identifier: BSL-1.0
// pipeline: commands of which each reads what the one before writes.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/process/command.hpp>
#include <brio/process/process.hpp>

#include <string>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// `command("sort", "names") | command("uniq", "-c")`: one command or several. The standard input of the first, the
/// standard output of the last, and everybody's standard error lead where their commands say.
class BRIO_API pipeline {
public:
    pipeline(command only);  // NOLINT: a command is a pipeline of one

    /// Adds a stage. Throws std::invalid_argument when its standard input, or the standard output of the stage before it, leads
    /// elsewhere.
    pipeline& then(command next);

    [[nodiscard]] const std::vector<command>& stages() const noexcept { return stages_; }
    [[nodiscard]] std::vector<command>& stages() noexcept { return stages_; }
    /// As one would type it into a shell, for messages.
    [[nodiscard]] std::string to_string() const;

private:
    std::vector<command> stages_;
};

[[nodiscard]] BRIO_API pipeline operator|(pipeline before, command next);
[[nodiscard]] BRIO_API pipeline operator|(command before, command next);

namespace detail {

class BRIO_API [[nodiscard("nothing is started unless it is awaited: co_await it")]] pipeline_operation final
    : public operation_base {
public:
    using value_type = std::vector<process>;

    pipeline_operation(pipeline what, const source_location& where) noexcept : operation_base(where), pipeline_(std::move(what)) {}
    pipeline_operation(pipeline_operation&&) noexcept = default;

    static bool ready() noexcept { return false; }
    void suspend();
    std::vector<process> resume();
    cancel_reply cancel() noexcept override { return cancel_reply::left; }
    [[nodiscard]] const char* describe() const noexcept override { return "create_subprocess_pipeline"; }

private:
    pipeline pipeline_;
};

}  // namespace detail

/// Starts all commands of a pipeline, the first one first, and gives their handles in that order. Else like
/// `create_subprocess_exec`; when one of them cannot be started, those before it are killed. `run_process` runs a
/// pipeline to its end.
inline detail::pipeline_operation create_subprocess_pipeline(pipeline what, const source_location& where = source_location::current()) {
    return {std::move(what), where};
}

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// create_subprocess_exec, create_subprocess_shell: start a program.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/process/command.hpp>
#include <brio/process/process.hpp>

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

namespace detail {

class BRIO_API [[nodiscard("nothing is started unless it is awaited: co_await it")]] spawn_operation final
    : public operation_base {
public:
    using value_type = process;

    spawn_operation(command what, const source_location& where) noexcept : operation_base(where), command_(std::move(what)) {}
    spawn_operation(spawn_operation&&) noexcept = default;

    static bool ready() noexcept { return false; }
    void suspend();
    process resume();
    cancel_reply cancel() noexcept override { return cancel_reply::left; }
    [[nodiscard]] const char* describe() const noexcept override { return "create_subprocess"; }

private:
    command command_;
};

/// The first argument of a variadic verb, which notes the place of the call.
class program_name {
public:
    template <command_word T>
    program_name(T&& name, const source_location& at = source_location::current())  // NOLINT: implicit by design
        : text(to_word(std::forward<T>(name))), where(at) {}
    std::string text;
    source_location where;
};

}  // namespace detail

/// Starts a program and gives its handle: `co_await create_subprocess_exec("ls", "-l")`. Program and arguments are text or
/// paths; no shell looks at them. All three standard streams are those of this program; a `command` says otherwise.
///
/// It gives way for one turn of the loop, then starts the program, which takes less than a millisecond, and completes when
/// the program has been executed. Throws std::system_error when it cannot be (ENOENT: no such program, EACCES, EMFILE,
/// ...): nothing is left then. **Cancellation** before that moment starts nothing; there is no later one. Throws
/// loop_error while the loop closes. asyncio's `create_subprocess_exec`.
template <detail::command_word... Args>
detail::spawn_operation create_subprocess_exec(detail::program_name program, Args&&... args) {
    const source_location where = program.where;
    return {command(std::move(program.text), std::forward<Args>(args)...), where};
}
/// The same with directory, environment, streams and so on.
inline detail::spawn_operation create_subprocess_exec(command what, const source_location& where = source_location::current()) {
    return {std::move(what), where};
}

/// Starts `/bin/sh -c line`; its status is the shell's. For streams and so on: `create_subprocess_exec(command::shell(line)...)`.
/// Never build the line from text that is not yours. asyncio's `create_subprocess_shell`.
inline detail::spawn_operation create_subprocess_shell(std::string line, const source_location& where = source_location::current()) {
    return {command::shell(std::move(line)), where};
}

}  // namespace brio::inline v0

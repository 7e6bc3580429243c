// SPDX-License-Identifier: BSL-1.0
// command: what to start, and with what around it.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/stream.hpp>

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// Where a standard stream of a child leads.
enum class stdio : std::uint8_t {
    inherit,  ///< Where this program's own leads; asyncio's None.
    pipe,     ///< To a stream of the `process`; asyncio's PIPE.
    null,     ///< To /dev/null; asyncio's DEVNULL.
    merged,   ///< Standard error only: to where the child's standard output leads, in one order; asyncio's STDOUT.
};

/// What of a child's resources can be limited (setrlimit).
enum class process_limit : std::uint8_t {
    cpu_seconds,    ///< Processor time; SIGXCPU beyond the soft limit, SIGKILL beyond the hard one.
    memory_bytes,   ///< Address space.
    data_bytes,     ///< Data segment.
    stack_bytes,    ///< Main thread's stack.
    file_bytes,     ///< Largest file that it may write; SIGXFSZ beyond.
    core_bytes,     ///< Core dump.
    open_files,     ///< Descriptors.
    processes,      ///< Processes and threads of the user.
};

namespace detail {

/// What can be an argument of a program: text, or a path.
template <class T>
concept command_word = std::convertible_to<const T&, std::string_view> || std::same_as<std::remove_cvref_t<T>, std::filesystem::path>;

template <command_word T>
std::string to_word(T&& text) {
    if constexpr (std::same_as<std::remove_cvref_t<T>, std::filesystem::path>) {
        return text.string();
    } else if constexpr (std::same_as<std::remove_cvref_t<T>, std::string>) {
        return std::forward<T>(text);
    } else {
        return std::string(std::string_view(text));
    }
}

/// Where one of the three standard streams leads: the choice, or a file, a descriptor, a stream.
class BRIO_API stdio_target {
public:
    enum class kind : std::uint8_t { unset, choice, read_file, write_file, append_file, descriptor, stream };

    stdio_target() noexcept = default;
    explicit stdio_target(stdio where) noexcept : what(kind::choice), choice(where) {}
    explicit stdio_target(int fd);
    explicit stdio_target(stream&& taken);
    stdio_target(kind how, std::string file);

    [[nodiscard]] bool is_inherited() const noexcept {
        return what == kind::unset || (what == kind::choice && choice == stdio::inherit);
    }

    kind what = kind::unset;  // then it is inherited
    stdio choice = stdio::inherit;
    int descriptor = -1;
    std::string path;
    std::shared_ptr<stream> given;
};

/// A limit as the system takes it.
class resource_limit {
public:
    resource_limit(process_limit which, std::uint64_t softly, std::uint64_t firmly) noexcept
        : what(which), soft(softly), hard(firmly) {}
    process_limit what;
    std::uint64_t soft;
    std::uint64_t hard;
};

/// The contents of a `command`.
class BRIO_API command_data {
public:
    command_data() = default;

    std::vector<std::string> args;  // the program's name first
    std::string executable;         // empty: args[0]
    std::string cwd;                // empty: inherited
    bool clear_env = false;
    std::map<std::string, std::optional<std::string>, std::less<>> env;  // changes; nullopt takes one away
    std::array<stdio_target, 3> targets;
    std::optional<int> process_group;
    bool new_session = false;
    bool keep_ignored_signals = false;
    bool kill_on_drop = false;
    bool hold_zombie = false;  // for brio itself: the number stays taken until the handle lets go of it
    std::size_t stream_limit = stream::default_limit;
    std::vector<resource_limit> limits;
};

}  // namespace detail

/// A program with its arguments, and the circumstances under which it is started: directory, environment, standard
/// streams, group, limits. A value: copy it, keep it, start it as often as you like. Every setter gives the object back.
/// Text with a NUL byte in it throws std::invalid_argument. asyncio's arguments of `create_subprocess_exec`.
class BRIO_API command {
public:
    /// A program by name, looked for along PATH (the child's), or by a path with a slash in it, which counts from the
    /// child's directory. Programs and arguments are text or `std::filesystem::path`; no shell looks at them.
    template <detail::command_word Program, detail::command_word... Args>
        requires(!std::same_as<std::remove_cvref_t<Program>, command>)
    explicit command(Program&& program, Args&&... args) {
        data_.args.reserve(1 + sizeof...(args));
        add_program(detail::to_word(std::forward<Program>(program)));
        (add_argument(detail::to_word(std::forward<Args>(args))), ...);
    }
    /// A line for `/bin/sh -c`. Never build it from text that is not yours: that is what arguments are for.
    [[nodiscard]] static command shell(std::string line);

    /// One more argument.
    template <detail::command_word Arg>
    command& arg(Arg&& argument) {
        add_argument(detail::to_word(std::forward<Arg>(argument)));
        return *this;
    }
    /// All of a range of arguments.
    template <class Range>
    command& args(const Range& arguments) {
        for (const auto& argument : arguments) add_argument(detail::to_word(argument));
        return *this;
    }
    /// The file to run, while the program is told that its name is the first argument.
    command& executable(std::filesystem::path file);

    /// The directory in which it starts; it must exist by then.
    command& cwd(std::filesystem::path directory);

    /// Sets one variable, on top of what is inherited.
    command& env(std::string name, std::string value);
    /// Takes one away.
    command& unset_env(std::string name);
    /// Inherits none, not even PATH; what was set before is forgotten.
    command& clear_env();
    /// These variables and no others, not even PATH. asyncio's `env=`.
    command& environment(const std::map<std::string, std::string>& variables);

    /// Where its standard input comes from. The default of all three is `stdio::inherit`.
    command& stdin_from(stdio source);
    /// ... a file, opened in this program when the child is started.
    command& stdin_from(std::filesystem::path file);
    /// ... a descriptor of this program's. It stays the caller's, and must be open when the child is started.
    command& stdin_from(int descriptor);
    /// ... a stream (a socket, the output of another process): the child takes it over. What was read ahead or is unsent by
    /// then makes starting throw invalid_state_error, as does a second start. Afterwards it is closed here.
    command& stdin_from(stream&& source);

    /// Where its standard output goes.
    command& stdout_to(stdio target);
    /// ... a file, made or emptied when the child is started.
    command& stdout_to(std::filesystem::path file);
    /// ... a descriptor, as above.
    command& stdout_to(int descriptor);
    command& stdout_to(stream&& target);
    /// ... the end of a file, which is made if need be.
    command& append_stdout_to(std::filesystem::path file);

    /// Where its standard error goes.
    command& stderr_to(stdio target);
    command& stderr_to(std::filesystem::path file);
    command& stderr_to(int descriptor);
    command& stderr_to(stream&& target);
    command& append_stderr_to(std::filesystem::path file);

    /// The `limit()` of the streams of its pipes: the longest line that `next_line` gives.
    command& stream_limit(std::size_t bytes);

    /// In a session of its own, and so in a group of its own and without a terminal. asyncio's `start_new_session`.
    command& new_session(bool on = true);
    /// In the process group `id`, or with 0 in a group of its own. Ctrl-C at the terminal then does not reach it. asyncio's
    /// `process_group`.
    command& process_group(int id = 0);

    /// Limits a resource; without `hard` both limits are `value`. Throws std::invalid_argument when `hard` is less. Raising a
    /// limit above this program's own hard one needs a privilege, and starting fails without. (Such a child is forked, so in a
    /// program of many GB starting takes longer.)
    command& limit(process_limit what, std::uint64_t value);
    command& limit(process_limit what, std::uint64_t soft, std::uint64_t hard);

    /// The child goes on ignoring the signals that this program ignores, as under `nohup`. By default all signals act in a
    /// child as the system has it, and none is blocked.
    command& keep_ignored_signals(bool on = true);
    /// `process::close()` when the handle goes. By default a child whose handle goes runs on, as in asyncio.
    command& kill_on_drop(bool on = true);

    /// As one would type it into a shell, for messages.
    [[nodiscard]] std::string to_string() const;

    /// For brio itself.
    [[nodiscard]] const detail::command_data& data() const noexcept { return data_; }
    [[nodiscard]] detail::command_data& data() noexcept { return data_; }

private:
    void add_program(std::string program);
    void add_argument(std::string argument);

    detail::command_data data_;
};

}  // namespace brio::inline v0

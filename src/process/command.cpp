// SPDX-License-Identifier: BSL-1.0
// Setters that check what they are given.
#include <brio/process/command.hpp>

#include <algorithm>
#include <stdexcept>

namespace brio::inline v0 {

namespace {

std::string checked(std::string text, const char* what) {
    if (text.find('\0') != std::string::npos) {
        throw std::invalid_argument(std::string(what) + " contains a NUL byte, which no program can be given: \"" +
                                    text.substr(0, text.find('\0')) + "\\0...\"");
    }
    return text;
}

std::string checked_path(const std::filesystem::path& path, const char* what) {
    if (path.empty()) throw std::invalid_argument(std::string(what) + " is an empty path");
    return checked(path.string(), what);
}

std::string checked_name(std::string name) {
    if (name.empty() || name.find('=') != std::string::npos) {
        throw std::invalid_argument("\"" + name + "\" cannot be the name of an environment variable: it is empty or contains '='");
    }
    return checked(std::move(name), "the name of an environment variable");
}

// Letters that no shell takes for anything else.
bool is_plain(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./=:,+@%").find(c) != std::string_view::npos;
}

std::string shell_word(std::string_view word) {
    if (!word.empty() && std::all_of(word.begin(), word.end(), is_plain)) return std::string(word);
    std::string text = "'";
    for (const char c : word) {
        if (c == '\'') {
            text += "'\\''";
        } else {
            text += c;
        }
    }
    return text + "'";
}

stdio unmerged(stdio target, const char* which) {
    if (target == stdio::merged) {
        throw std::invalid_argument(std::string(which) + "(stdio::merged): only standard error can be merged, into standard output");
    }
    return target;
}

}  // namespace

namespace detail {

stdio_target::stdio_target(int fd) : what(kind::descriptor), descriptor(fd) {
    if (fd < 0) throw std::invalid_argument(std::to_string(fd) + " is no descriptor that a child could be given");
}

stdio_target::stdio_target(stream&& taken) : what(kind::stream), given(std::make_shared<stream>(std::move(taken))) {
    if (!*given) throw std::invalid_argument("a child was to be given a stream that is empty: it was moved from, or never opened");
}

stdio_target::stdio_target(kind how, std::string file) : what(how), path(std::move(file)) {}

}  // namespace detail

using kind = detail::stdio_target::kind;

command command::shell(std::string line) { return command("/bin/sh", "-c", std::move(line)); }

void command::add_program(std::string program) {
    if (program.empty()) throw std::invalid_argument("the name of the program to start is empty");
    data_.args.push_back(checked(std::move(program), "the name of the program"));
}

void command::add_argument(std::string argument) {
    data_.args.push_back(checked(std::move(argument), "an argument"));
}

command& command::executable(std::filesystem::path file) {
    data_.executable = checked_path(file, "the executable");
    return *this;
}

command& command::cwd(std::filesystem::path directory) {
    data_.cwd = checked_path(directory, "the directory");
    return *this;
}

command& command::env(std::string name, std::string value) {
    data_.env.insert_or_assign(checked_name(std::move(name)), checked(std::move(value), "the value of an environment variable"));
    return *this;
}

command& command::unset_env(std::string name) {
    data_.env.insert_or_assign(checked_name(std::move(name)), std::nullopt);
    return *this;
}

command& command::clear_env() {
    data_.clear_env = true;
    data_.env.clear();
    return *this;
}

command& command::environment(const std::map<std::string, std::string>& variables) {
    clear_env();
    for (const auto& [name, value] : variables) env(name, value);
    return *this;
}

command& command::stdin_from(stdio source) {
    data_.targets[0] = detail::stdio_target(unmerged(source, "stdin_from"));
    return *this;
}
command& command::stdin_from(std::filesystem::path file) {
    data_.targets[0] = detail::stdio_target(kind::read_file, checked_path(file, "the file for standard input"));
    return *this;
}
command& command::stdin_from(int descriptor) {
    data_.targets[0] = detail::stdio_target(descriptor);
    return *this;
}
command& command::stdin_from(stream&& source) {
    data_.targets[0] = detail::stdio_target(std::move(source));
    return *this;
}

command& command::stdout_to(stdio target) {
    data_.targets[1] = detail::stdio_target(unmerged(target, "stdout_to"));
    return *this;
}
command& command::stdout_to(std::filesystem::path file) {
    data_.targets[1] = detail::stdio_target(kind::write_file, checked_path(file, "the file for standard output"));
    return *this;
}
command& command::stdout_to(int descriptor) {
    data_.targets[1] = detail::stdio_target(descriptor);
    return *this;
}
command& command::stdout_to(stream&& target) {
    data_.targets[1] = detail::stdio_target(std::move(target));
    return *this;
}
command& command::append_stdout_to(std::filesystem::path file) {
    data_.targets[1] = detail::stdio_target(kind::append_file, checked_path(file, "the file for standard output"));
    return *this;
}

command& command::stderr_to(stdio target) {
    data_.targets[2] = detail::stdio_target(target);
    return *this;
}
command& command::stderr_to(std::filesystem::path file) {
    data_.targets[2] = detail::stdio_target(kind::write_file, checked_path(file, "the file for standard error"));
    return *this;
}
command& command::stderr_to(int descriptor) {
    data_.targets[2] = detail::stdio_target(descriptor);
    return *this;
}
command& command::stderr_to(stream&& target) {
    data_.targets[2] = detail::stdio_target(std::move(target));
    return *this;
}
command& command::append_stderr_to(std::filesystem::path file) {
    data_.targets[2] = detail::stdio_target(kind::append_file, checked_path(file, "the file for standard error"));
    return *this;
}

command& command::stream_limit(std::size_t bytes) {
    if (bytes == 0) throw std::invalid_argument("stream_limit(0): a stream needs at least 1 byte");
    data_.stream_limit = bytes;
    return *this;
}

command& command::new_session(bool on) {
    data_.new_session = on;
    return *this;
}

command& command::process_group(int id) {
    if (id < 0) throw std::invalid_argument("process_group(" + std::to_string(id) + "): a group has a number above 0, a new one is 0");
    data_.process_group = id;
    return *this;
}

command& command::limit(process_limit what, std::uint64_t value) { return limit(what, value, value); }

command& command::limit(process_limit what, std::uint64_t soft, std::uint64_t hard) {
    if (hard < soft) {
        throw std::invalid_argument("limit: the hard limit " + std::to_string(hard) + " is less than the soft one, " +
                                    std::to_string(soft));
    }
    std::erase_if(data_.limits, [what](const detail::resource_limit& set) { return set.what == what; });
    data_.limits.emplace_back(what, soft, hard);
    return *this;
}

command& command::keep_ignored_signals(bool on) {
    data_.keep_ignored_signals = on;
    return *this;
}

command& command::kill_on_drop(bool on) {
    data_.kill_on_drop = on;
    return *this;
}

std::string command::to_string() const {
    std::string text;
    for (const std::string& word : data_.args) text += (text.empty() ? "" : " ") + shell_word(word);
    return text;
}

}  // namespace brio::inline v0

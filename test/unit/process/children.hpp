// SPDX-License-Identifier: BSL-1.0
// What tests of processes share: what a child wrote, error codes, Unix helpers.
#pragma once

#include "integration/temp_folder.hpp"

#include <brio/brio.hpp>

#include <csignal>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

namespace brio_test {

/// The standard output of a command that writes it to a file of ours, or its exit status if that is not 0.
inline brio::awaitable<std::string> output_of(brio::command what) {
    const temp_folder folder;
    what.stdout_to(folder / "out");
    brio::process child = co_await brio::create_subprocess_exec(std::move(what));
    const int code = co_await child.wait();
    if (code != 0) co_return "exit status " + std::to_string(code);
    co_return read_file(folder / "out");
}

/// Starts and waits: the return code.
inline brio::awaitable<int> code_of(brio::command what) {
    brio::process child = co_await brio::create_subprocess_exec(std::move(what));
    co_return co_await child.wait();
}

/// The errno of the std::system_error that `call` throws, 0 without one.
template <class F>
int errno_of(F call) {
    try {
        call();
    } catch (const std::system_error& error) {
        return error.code().value();
    }
    return 0;
}

/// The same for a start.
inline brio::awaitable<int> errno_of_start(brio::command what) {
    try {
        brio::process child = co_await brio::create_subprocess_exec(std::move(what));
        child.close();
    } catch (const std::system_error& error) {
        co_return error.code().value();
    }
    co_return 0;
}

/// A signal's disposition for the life of this object.
class disposition {
public:
    disposition(int number, void (*handler)(int)) : number_(number), before_(std::signal(number, handler)) {}
    disposition(const disposition&) = delete;
    disposition& operator=(const disposition&) = delete;
    ~disposition() { std::signal(number_, before_); }

private:
    int number_;
    void (*before_)(int);
};

/// Whether a process of that number exists (a zombie does).
inline bool exists(int pid) { return ::kill(pid, 0) == 0; }

/// Whether it lives: for those that are not ours to reap.
inline bool lives(int pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/stat");
    std::string text;
    std::getline(status, text);
    const std::size_t name_end = text.rfind(") ");
    return name_end != std::string::npos && text.size() > name_end + 2 && text[name_end + 2] != 'Z' && text[name_end + 2] != 'X';
}

}  // namespace brio_test

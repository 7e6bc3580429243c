// SPDX-License-Identifier: BSL-1.0
// A program run by a test.
#include "child_process.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <stdexcept>
#include <thread>

extern "C" char** environ;

namespace brio_test {

using namespace std::chrono_literals;

child_process::child_process(const std::vector<std::string>& arguments, const std::string& input) {
    write_file(folder_ / "in", input);
    std::vector<char*> argv;
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);

    posix_spawn_file_actions_t files;
    ::posix_spawn_file_actions_init(&files);
    ::posix_spawn_file_actions_addopen(&files, 0, (folder_ / "in").c_str(), O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&files, 1, (folder_ / "out").c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                       0600);
    ::posix_spawn_file_actions_addopen(&files, 2, (folder_ / "err").c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                       0600);
    const int error = ::posix_spawn(&pid_, argv[0], &files, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&files);
    if (error != 0) throw std::runtime_error("cannot start " + arguments[0]);
}

child_process::~child_process() {
    if (!running()) return;
    signal(SIGKILL);
    wait();
}

void child_process::signal(int number) const { ::kill(pid_, number); }

bool child_process::running() {
    if (pid_ < 0) return false;
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == 0) return true;
    pid_ = -1;
    code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
    return false;
}

int child_process::wait(std::chrono::seconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (running()) {
        if (std::chrono::steady_clock::now() > deadline) {
            signal(SIGKILL);
            ::waitpid(pid_, nullptr, 0);
            pid_ = -1;
            throw std::runtime_error("a program did not end in time; it said: " + output() + errors());
        }
        std::this_thread::sleep_for(2ms);
    }
    return code_;
}

std::string run_program(const std::vector<std::string>& arguments) {
    child_process program(arguments);
    if (program.wait() == 0) return program.output();
    throw std::runtime_error(arguments[0] + " " + arguments[1] + " failed: " + program.errors());
}

} // namespace brio_test

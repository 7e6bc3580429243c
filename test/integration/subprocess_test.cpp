// SPDX-License-Identifier: BSL-1.0
// Children in great numbers, programs nobody here wrote, and our own job runner.
#include "temp_folder.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::command;
using brio::process_result;
using brio::run_process;
using brio::run_process_options;
using brio_test::temp_folder;
using brio_test::write_file;

std::size_t open_descriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

class file_opener {
public:
    file_opener() : thread_([this] { work(); }) {}
    file_opener(const file_opener&) = delete;
    file_opener& operator=(const file_opener&) = delete;
    ~file_opener() {
        stop_ = true;
        thread_.join();
    }

private:
    void work() {
        while (!stop_) {
            const int fd = ::open("/dev/null", O_RDONLY);
            std::this_thread::yield();
            if (::close(fd) != 0) ADD_FAILURE() << "descriptor " << fd << " was closed by somebody else";
        }
    }
    std::atomic<bool> stop_{false};
    std::thread thread_;
};

// A quarter of all is killed by each of two signals while it sleeps.
awaitable<> one_of_many(int number) {
    if (number % 2 == 0) {
        const int code = number / 2 % 256;
        EXPECT_EQ(co_await brio_test::code_of(command::shell("exit " + std::to_string(code))), code);
        co_return;
    }
    brio::process child = co_await brio::create_subprocess_exec("sleep", "1000");
    const int signal = number % 4 == 1 ? SIGKILL : SIGTERM;
    child.send_signal(signal);
    EXPECT_EQ(co_await child.wait(), -signal);
}

awaitable<> five_thousand() {
    std::vector<awaitable<>> all;
    for (int i = 0; i < 5000; ++i) all.push_back(one_of_many(i));
    co_await brio::gather(brio::limit(8), std::move(all));
}

TEST(subprocess_storm, five_thousand_children_8_at_once_half_of_them_killed) {
    const std::size_t before = open_descriptors();
    brio::testing::run_case(
        []() -> awaitable<> {
            const file_opener others;
            co_await five_thousand();
        },
        brio::testing::case_options().real_time().watchdog(120s));
    siginfo_t info{};
    EXPECT_NE(::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT), 0);
    EXPECT_EQ(errno, ECHILD) << "zombies";
    EXPECT_EQ(open_descriptors(), before);
}

BRIO_TEST(foreign_programs, cat_sort_sh_yes_head) {
    std::string numbers;
    for (int i = 0; i < 50'000; ++i) numbers += std::to_string(i * 7919 % 50'000) + "\n";
    const process_result sorted = co_await run_process(command("cat") | command("sort", "-n") | command("sha256sum"), run_process_options().input(numbers).check());
    std::string ordered;
    for (int i = 0; i < 50'000; ++i) ordered += std::to_string(i) + "\n";
    const process_result expected = co_await run_process(command("sha256sum"), run_process_options().input(ordered).check());
    EXPECT_EQ(sorted.out(), expected.out());
    const process_result lines = co_await run_process(command("yes") | command("head", "-n", "100000") | command("wc", "-l"), run_process_options().check());
    EXPECT_EQ(std::stoi(lines.out()), 100'000);
}

#ifdef BRIO_JOB_RUNNER

BRIO_TEST(job_runner, needs_come_first_and_lines_have_prefixes) {
    const temp_folder folder;
    write_file(folder / "jobs", "all: one two\n  echo last\none:\n  echo first; echo error >&2\ntwo: one\n  echo second\n");
    const process_result done = co_await run_process(command(BRIO_JOB_RUNNER, "-j", "2", folder / "jobs"));
    EXPECT_EQ(done.returncode(), 0) << done.err();
    const auto first = done.out().find("one | first\n");
    const auto second = done.out().find("two | second\n");
    const auto last = done.out().find("all | last\n");
    EXPECT_LT(first, second) << done.out();
    EXPECT_LT(second, last) << done.out();
    EXPECT_NE(last, std::string::npos);
    EXPECT_NE(done.out().find("one | error\n"), std::string::npos);
    EXPECT_NE(done.out().find("3 done, 0 failed, 0 skipped\n"), std::string::npos);
}

BRIO_TEST(job_runner, a_failure_skips_what_needs_it) {
    const temp_folder folder;
    write_file(folder / "jobs", "bad:\n  echo trying\n  false\n  echo never\nafter: bad\n  echo never\nother:\n  true\n");
    const process_result done = co_await run_process(command(BRIO_JOB_RUNNER, "-k", folder / "jobs"));
    EXPECT_EQ(done.returncode(), 1);
    EXPECT_NE(done.out().find("1 done, 1 failed, 1 skipped\n"), std::string::npos) << done.out();
    EXPECT_EQ(done.out().find("never"), std::string::npos);
}

BRIO_TEST(job_runner, files_that_make_no_sense) {
    const temp_folder folder;
    write_file(folder / "circle", "a: b\nb: c\nc: a\n");
    write_file(folder / "missing", "a: b\n");
    const process_result circle = co_await run_process(command(BRIO_JOB_RUNNER, folder / "circle"));
    EXPECT_EQ(circle.returncode(), 2);
    EXPECT_NE(circle.err().find("waits for itself"), std::string::npos) << circle.err();
    const process_result missing = co_await run_process(command(BRIO_JOB_RUNNER, folder / "missing"));
    EXPECT_NE(missing.err().find("line 1: 'a' needs 'b', and there is no such job"), std::string::npos) << missing.err();
}

BRIO_TEST_REAL_TIME(job_runner, ctrl_c_stops_every_program) {
    const temp_folder folder;
    write_file(folder / "jobs", "a:\n  echo $$; exec sleep 1000\nb:\n  echo $$; exec sleep 1000\n");
    command what(BRIO_JOB_RUNNER, folder / "jobs");
    what.stdout_to(brio::stdio::pipe).kill_on_drop();
    brio::process runner = co_await brio::create_subprocess_exec(what);
    std::vector<int> pids;
    for (int i = 0; i < 2; ++i) {
        const std::optional<std::string> line = co_await runner.stdout_stream().next_line();
        BRIO_ASSERT_TRUE(line.has_value());
        pids.push_back(std::stoi(line->substr(line->find('|') + 2)));
    }
    for (const int pid : pids) EXPECT_TRUE(brio_test::lives(pid));
    runner.send_signal(SIGINT);
    EXPECT_EQ(co_await runner.wait(), 130);
    for (const int pid : pids) EXPECT_FALSE(brio_test::lives(pid));
}

#endif

}  // namespace

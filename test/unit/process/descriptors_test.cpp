// SPDX-License-Identifier: BSL-1.0
// No descriptor of ours in a child, none lost by failures.
#include "sanitized.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::command;
using brio::create_subprocess_exec;
using brio::process;
using brio::stdio;

constexpr const char* only_its_own = "0\n1\n2\n3\n";  // 3 is the folder that ls reads

// report 15: sockets are inherited, the peer never sees the end.
BRIO_TEST(child_descriptors, report_15_a_child_has_its_three_streams_and_nothing_else) {
    const int low = ::open("/dev/null", O_RDONLY);  // not close-on-exec
    const int high = ::fcntl(low, F_DUPFD, 200);
    EXPECT_EQ(co_await brio_test::output_of(command("ls", "/proc/self/fd")), only_its_own);
    EXPECT_EQ(co_await brio_test::output_of(command("ls", "/proc/self/fd").limit(brio::process_limit::open_files, 20)), only_its_own);
    ::close(low);
    ::close(high);
}

BRIO_TEST(child_descriptors, report_15_the_end_of_a_socket_is_seen_while_a_child_lives) {
    std::array<int, 2> ends{};
    BRIO_ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
    process child = co_await create_subprocess_exec("sleep", "1000");
    ::close(ends[0]);
    char byte = 0;
    EXPECT_EQ(::recv(ends[1], &byte, 1, MSG_DONTWAIT), 0);
    ::close(ends[1]);
    child.close();
    co_await child.wait();
}

// Children of several threads at once: no pipe of one is held open by another.
BRIO_TEST(child_descriptors, pipes_of_one_child_are_not_in_another) {
    process reader = co_await create_subprocess_exec(command("cat").stdin_from(stdio::pipe).stdout_to(stdio::null));
    process sleeper = co_await create_subprocess_exec(command("sleep", "1000").stdin_from(stdio::pipe).stdout_to(stdio::pipe).stderr_to(stdio::pipe));
    reader = process();  // our end goes with the handle, and nobody else has it
    process last = co_await create_subprocess_exec(command("cat").stdin_from(stdio::pipe).stdout_to(stdio::null));
    auto waiting = brio::create_task(last.wait());
    last = process();
    EXPECT_EQ(co_await waiting.join(), 0);
    sleeper.close();
    co_await sleeper.wait();
}

class descriptor_limit {
public:
    explicit descriptor_limit(rlim_t count) {
        ::getrlimit(RLIMIT_NOFILE, &before_);
        rlimit lower = before_;
        lower.rlim_cur = count;
        ::setrlimit(RLIMIT_NOFILE, &lower);
    }
    descriptor_limit(const descriptor_limit&) = delete;
    descriptor_limit& operator=(const descriptor_limit&) = delete;
    ~descriptor_limit() { ::setrlimit(RLIMIT_NOFILE, &before_); }

private:
    rlimit before_{};
};

// Opens and closes files on a thread and looks whether anybody else closes them.
class file_opener {
public:
    file_opener() : thread_([this] { work(); }) {}
    file_opener(const file_opener&) = delete;
    file_opener& operator=(const file_opener&) = delete;
    ~file_opener() {
        stop_ = true;
        thread_.join();
        EXPECT_EQ(stolen_, 0) << "descriptors of this thread were closed by others";
        EXPECT_GT(opened_, 0);
    }

private:
    void work() {
        while (!stop_) {
            const int fd = ::open("/dev/null", O_RDONLY);
            if (fd < 0) continue;
            ++opened_;
            std::this_thread::yield();
            if (::close(fd) != 0) ++stolen_;
        }
    }

    std::atomic<bool> stop_{false};
    int opened_ = 0;
    int stolen_ = 0;
    std::thread thread_;
};

// report 27: descriptors leak on each failed start until there is none left, or are closed twice.
BRIO_TEST(child_descriptors, report_27_failing_starts_under_a_low_limit) {
    process first = co_await create_subprocess_exec("true");  // what the loop opens once is open now
    co_await first.wait();
    const descriptor_limit limit(40);
    const file_opener others;
    for (int i = 0; i < 5000; ++i) {
        command what("/no/such/program");
        what.stdin_from(stdio::pipe).stdout_to(stdio::pipe);
        if (i % 2 == 0) what.stderr_to(stdio::null);
        EXPECT_EQ(co_await brio_test::errno_of_start(what), ENOENT);
    }
    process last = co_await create_subprocess_exec(command("true").stdin_from(stdio::pipe).stdout_to(stdio::pipe).stderr_to(stdio::pipe));
    EXPECT_EQ(co_await last.wait(), 0);
}

// With no descriptor left, starting fails or the child is watched by a thread; nothing is lost, nothing hangs.
BRIO_TEST(child_descriptors, out_of_descriptors) {
    if (brio_test::is_sanitized) {
        brio_test::mark_skipped("sanitizers need descriptors themselves");
        co_return;
    }
    process first = co_await create_subprocess_exec("true");
    co_await first.wait();
    std::vector<int> hogs;
    const descriptor_limit limit(60);
    while (true) {
        const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
        if (fd < 0) break;
        hogs.push_back(fd);
    }
    for (int left = 0; left < 12; ++left) {
        int code = -1;
        try {
            process child = co_await create_subprocess_exec(command("true").stdin_from(stdio::pipe).stdout_to(stdio::pipe).stderr_to(stdio::null));
            code = co_await child.wait();
        } catch (const std::system_error& error) {
            EXPECT_EQ(error.code().value(), EMFILE);
            code = EMFILE;
        }
        EXPECT_TRUE(code == 0 || (code == EMFILE && left < 8)) << code << " with " << left;
        ::close(hogs.back());
        hogs.pop_back();
    }
    for (const int fd : hogs) ::close(fd);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Many children at once, half of them killed, while other threads open files and start children of their own.
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

extern "C" char** environ;

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::command;
using brio::create_subprocess_exec;
using brio::process;

// Opens files and sockets that are not close-on-exec, and starts children by itself, until it goes.
class noise {
public:
    noise() : opener_([this] { open_files(); }), starter_([this] { start_children(); }) {}
    noise(const noise&) = delete;
    noise& operator=(const noise&) = delete;
    ~noise() {
        stop_ = true;
        opener_.join();
        starter_.join();
    }

private:
    void open_files() {
        while (!stop_) {
            std::vector<int> open;
            for (int i = 0; i < 20; ++i) {
                open.push_back(::open("/dev/null", O_RDONLY));
                open.push_back(::socket(AF_UNIX, SOCK_STREAM, 0));
            }
            for (const int fd : open) {
                if (fd >= 0) ::close(fd);
            }
        }
    }
    void start_children() {
        char name[] = "true";
        char* const argv[] = {name, nullptr};
        while (!stop_) {
            pid_t pid = -1;
            if (::posix_spawnp(&pid, "true", nullptr, nullptr, argv, environ) == 0) ::waitpid(pid, nullptr, 0);
        }
    }

    std::atomic<bool> stop_{false};
    std::thread opener_;
    std::thread starter_;
};

// Half of them end by themselves with a code of their own, a quarter each is killed or terminated.
awaitable<> one_of_many(int number) {
    const int code = number % 200;
    if (number % 2 == 0) {
        EXPECT_EQ(co_await brio_test::code_of(command::shell("exit " + std::to_string(code))), code);
        co_return;
    }
    process child = co_await create_subprocess_exec("sleep", "1000");
    if (number % 4 == 1) {
        child.kill();
        EXPECT_EQ(co_await child.wait(), -SIGKILL);
    } else {
        auto waiting = brio::create_task(child.wait());
        co_await brio::sleep(0s);
        child.terminate();
        EXPECT_EQ(co_await waiting.join(), -SIGTERM);
    }
}

awaitable<> storm(int count) {
    std::vector<awaitable<>> all;
    for (int i = 0; i < count; ++i) all.push_back(one_of_many(i));
    co_await brio::gather(brio::limit(8), std::move(all));
}

BRIO_TEST(child_storm, exact_codes_of_500_children_8_at_once) {
    const noise others;
    co_await storm(500);
}

BRIO_TEST(child_storm, several_loops_at_once) {
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([] { brio::run(storm(40)); });
    co_await storm(40);
    for (std::thread& thread : threads) thread.join();
}

// What a child has open while all that happens, its 0 to 2 and the folder it reads.
BRIO_TEST(child_storm, report_19_no_foreign_descriptor_gets_in) {
    const noise others;
    for (int i = 0; i < 100; ++i) EXPECT_EQ(co_await brio_test::output_of(command("ls", "/proc/self/fd")), "0\n1\n2\n3\n");
}

}  // namespace

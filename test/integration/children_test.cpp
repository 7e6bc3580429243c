// SPDX-License-Identifier: BSL-1.0
// Five thousand children, eight at once, half of them killed, while another thread opens and closes files.
#include "real_time.hpp"

#include <brio/brio.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <string>
#include <thread>

using namespace brio_test;
using brio::awaitable;

namespace {

constexpr int children = 5000;

std::size_t open_descriptors() {
    std::size_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd")) {
        static_cast<void>(each);
        ++count;
    }
    return count;
}

// Odd numbers are killed, the others exit with a code of their own.
awaitable<> one_child(int number, int& right) {
    if (number % 2 == 1) {
        brio::process child = co_await brio::create_subprocess_exec("/bin/sleep", "1000");
        const int signal = number % 4 == 1 ? SIGKILL : SIGTERM;
        child.send_signal(signal);
        right += co_await child.wait() == -signal;
    } else {
        brio::process child = co_await brio::create_subprocess_exec("/bin/sh", "-c", "exit " + std::to_string(number % 256));
        right += co_await child.wait() == number % 256;
    }
}

awaitable<> some_children(int& next, int& right) {
    while (next < children) co_await one_child(next++, right);
}

// Opens and closes files all the time.
class busy_thread {
public:
    busy_thread()
        : thread_([this] {
              while (!stop_) {
                  const int fd = ::open("/dev/null", O_RDONLY);  // without close-on-exec, on purpose
                  ::close(fd);
              }
          }) {}
    busy_thread(const busy_thread&) = delete;
    busy_thread& operator=(const busy_thread&) = delete;
    ~busy_thread() {
        stop_ = true;
        thread_.join();
    }

private:
    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

TEST(children, five_thousand_with_exact_codes_and_nothing_left) {
    int right = 0;
    const std::size_t before = open_descriptors();
    in_real_time([&]() -> awaitable<> {
        const busy_thread other;
        int next = 0;
        std::vector<awaitable<>> workers;
        for (int i = 0; i < 8; ++i) workers.push_back(some_children(next, right));
        co_await brio::gather(std::move(workers));
    });
    EXPECT_EQ(right, children);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
    EXPECT_EQ(errno, ECHILD);  // no zombie, no child
    EXPECT_EQ(open_descriptors(), before);
}

}  // namespace

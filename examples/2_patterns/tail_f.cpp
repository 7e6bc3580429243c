// SPDX-License-Identifier: BSL-1.0
// tail_f FILE: prints a file as it grows, like `tail -F`, across truncation and rotation. Without a name: a demonstration.
#include <brio/brio.hpp>

#include <csignal>
#include <functional>
#include <iostream>
#include <string>
#include <system_error>

using namespace std::chrono_literals;

namespace {

// [follow]
/// Gives `out` what the file has and what it gets, until the file has another name or is gone.
brio::awaitable<> follow_once(const std::string& path, const std::function<void(const std::string&)>& out) {
    const brio::file f = co_await brio::open_file(path);
    const brio::file_info mine = co_await brio::stat_file(path);
    for (;;) {
        const std::string news = co_await f.read();
        if (!news.empty()) {
            out(news);
            continue;
        }
        if (co_await f.size() < f.tell()) co_await f.seek(0);  // somebody has emptied it
        co_await brio::sleep(20ms);
        if (!co_await brio::file_exists(path)) co_return;
        if ((co_await brio::stat_file(path)).inode() != mine.inode()) co_return;
    }
}

brio::awaitable<> follow(std::string path, std::function<void(const std::string&)> out) {
    for (;;) {
        try {
            co_await follow_once(path, out);
        } catch (const std::system_error& e) {
            if (e.code() != std::errc::no_such_file_or_directory) throw;
        }
        co_await brio::sleep(20ms);  // until there is a new one
    }
}
// [/follow]

void print(const std::string& text) { std::cout << text << std::flush; }

brio::awaitable<> tail(std::string path) {
    const auto until_told = []() -> brio::awaitable<> { co_await brio::wait_signal(SIGINT, SIGTERM); };
    co_await brio::race(follow(path, print), until_told());
}

brio::awaitable<> demonstrate() {
    const brio::temp_directory folder = co_await brio::make_temp_directory();
    const std::string log = folder / "log";
    co_await brio::append_text(log, "the log begins\n");
    std::size_t printed = 0;
    const auto count_and_print = [&printed](const std::string& text) {
        printed += text.size();
        print(text);
    };
    auto following = brio::create_task(follow(log, count_and_print));
    const auto shown = [&printed](std::size_t bytes) -> brio::awaitable<> {
        while (printed < bytes) co_await brio::sleep(1ms);
    };
    co_await brio::append_text(log, "and goes on\n");
    co_await shown(27);
    co_await brio::rename_file(log, log + ".1");
    co_await brio::append_text(log, "a new one, after rotation\n");
    co_await shown(53);
    co_await brio::write_text(log, "short\n");
    co_await shown(59);
    following.cancel();
}

brio::awaitable<> main_(std::string path) {
    if (path.empty()) {
        co_await demonstrate();
    } else {
        co_await tail(path);
    }
}

}  // namespace

int main(int argc, char** argv) { brio::run(main_, std::string(argc > 1 ? argv[1] : "")); }

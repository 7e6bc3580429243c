// SPDX-License-Identifier: BSL-1.0
// Everything that the guide on subprocesses shows.
#include <brio/brio.hpp>

#include <chrono>
#include <csignal>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

using namespace std::chrono_literals;

// [first]
brio::awaitable<> first() {
    const brio::process_result done = co_await brio::run_process(brio::command("echo", "hello", "world"));
    std::cout << done.out() << "ended with " << done.returncode() << "\n";
}
// [/first]

// [check]
brio::awaitable<> check() {
    try {
        brio::run_process_options options;
        options.check().timeout(10s);
        co_await brio::run_process(brio::command::shell("echo 'out of paper' >&2; exit 2"), options);
    } catch (const brio::process_error& error) {
        std::cout << error.what() << "\n";
    }
}
// [/check]

// [input]
brio::awaitable<> sorted() {
    brio::run_process_options options;
    options.input("pear\napple\nplum\napple\n").check();
    const auto done = co_await brio::run_process(brio::command("sort") | brio::command("uniq", "-c") | brio::command("tr", "-s", " "), options);
    std::cout << done.out();
}
// [/input]

// [lines]
brio::awaitable<> lines() {
    brio::run_process_options options;
    options.on_line([](std::string_view line) { std::cout << "it says: " << line << "\n"; });
    co_await brio::run_process(brio::command::shell("echo one; echo two"), options);
}
// [/lines]

// [timeout]
brio::awaitable<> timeout() {
    brio::run_process_options options;
    options.timeout(50ms).grace(1s);
    try {
        co_await brio::run_process(brio::command("sleep", "1000"), options);
    } catch (const brio::process_timeout_error& error) {
        std::cout << error.what() << "\n";
    }
}
// [/timeout]

// [command]
brio::awaitable<> circumstances() {
    brio::command what = brio::command::shell("echo $GREETING from $(pwd), with $(ulimit -n) files; echo and an error >&2");
    what.cwd("/").env("GREETING", "hello").limit(brio::process_limit::open_files, 64);
    what.stdin_from(brio::stdio::null).stderr_to(brio::stdio::merged);
    const auto done = co_await brio::run_process(what);
    std::cout << done.out();
}
// [/command]

// [dialogue]
brio::awaitable<> dialogue() {
    brio::command what("tr", "a-z", "A-Z");
    what.stdin_from(brio::stdio::pipe).stdout_to(brio::stdio::pipe);
    brio::process upper = co_await brio::create_subprocess_exec(what);
    co_await upper.stdin_stream().write("quiet\nwords\n");
    upper.stdin_stream().close();
    while (auto line = co_await upper.stdout_stream().next_line()) std::cout << *line << "\n";
    std::cout << "ended with " << co_await upper.wait() << "\n";
}
// [/dialogue]

// [signals]
brio::awaitable<> signals() {
    brio::process sleeper = co_await brio::create_subprocess_exec("sleep", "1000");
    sleeper.terminate();
    const int code = co_await sleeper.wait();
    std::cout << "ended by signal " << -code << "\n";
}
// [/signals]

// [stages]
brio::awaitable<> stages() {
    brio::command producer("yes", "again and again");
    brio::command consumer("head", "-n", "1");
    consumer.stdout_to(brio::stdio::pipe);
    std::vector<brio::process> both = co_await brio::create_subprocess_pipeline(producer | consumer);
    std::cout << co_await both.back().stdout_stream().read();
    for (brio::process& one : both) std::cout << one.program() << ": " << co_await one.wait() << "\n";
}
// [/stages]

// [many]
brio::awaitable<int> code_of(int number) {
    const auto done = co_await brio::run_process(brio::command::shell("exit " + std::to_string(number)));
    co_return done.returncode();
}

brio::awaitable<> many() {
    std::vector<brio::awaitable<int>> all;
    for (int i = 0; i < 20; ++i) all.push_back(code_of(i));
    int sum = 0;
    for (const int code : co_await brio::gather(brio::limit(4), std::move(all))) sum += code;
    std::cout << "20 programs, 4 at a time: " << sum << "\n";
}
// [/many]

brio::awaitable<> tour() {
    co_await first();
    co_await check();
    co_await sorted();
    co_await lines();
    co_await timeout();
    co_await circumstances();
    co_await dialogue();
    co_await signals();
    co_await stages();
    co_await many();
}

int main() { brio::run(tour()); }

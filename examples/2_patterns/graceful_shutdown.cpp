// SPDX-License-Identifier: BSL-1.0
// Ends in good order on SIGTERM or Ctrl-C: takes no more jobs and lets those that run end; a second signal cuts that short.
#include <brio/brio.hpp>

#include <csignal>
#include <iostream>
#include <string>
#include <vector>

using namespace std::chrono_literals;

namespace {

brio::awaitable<> job(int number) {
    co_await brio::sleep(200ms);
    std::cout << "job " << number << " is done\n";
}

brio::awaitable<> take_jobs(std::vector<brio::task<>>& jobs) {
    for (int number = 1; number <= 3; ++number) {
        std::cout << "job " << number << " begins\n";
        jobs.push_back(brio::create_task(job(number)));
        co_await brio::sleep(1ms);
    }
    std::raise(SIGTERM);  // in real life somebody else sends it
    co_await brio::sleep(1h);
}

// [shutdown]
brio::awaitable<int> finish(const std::vector<brio::task<>>& jobs) {
    co_await brio::wait(jobs, 10s);
    co_return 0;
}

brio::awaitable<> run_until_told() {
    brio::signal_listener signals(SIGTERM, SIGINT);  // from here on they do not end the process
    std::vector<brio::task<>> jobs;
    auto taking = brio::create_task(take_jobs(jobs));

    const int first = co_await signals.next();
    std::cout << brio::signal_name(first) << ": no more jobs\n";
    taking.cancel();

    const auto winner = co_await brio::race(finish(jobs), signals.next());
    if (winner.value != 0) std::cout << brio::signal_name(winner.value) << ": at once, then\n";
}  // jobs that are left are cancelled at the end of run, and may clean up
// [/shutdown]

brio::awaitable<> main_() {
    co_await run_until_told();
    std::cout << "good bye\n";
}

}  // namespace

int main() { brio::run(main_); }

// SPDX-License-Identifier: BSL-1.0
// Several event loops in one program: work goes over to them with its arguments, and its value comes back.
#include <brio/brio.hpp>

#include <atomic>
#include <iostream>
#include <numeric>
#include <vector>

using namespace std::chrono_literals;

namespace {

// [pool]
// Runs in one of the loops, as any task: it may wait, and is cancelled when the one who asked for it is.
brio::awaitable<long> count_primes(long from, long to) {
    long count = 0;
    for (long n = from; n < to; ++n) {
        bool prime = n > 1;
        for (long d = 2; d * d <= n && prime; ++d) prime = n % d != 0;
        count += prime;
        if (n % 1000 == 0) co_await brio::sleep(0s);  // lets others of its loop have their turn
    }
    co_return count;
}

brio::awaitable<long> count_elsewhere(const brio::loop_pool& pool, long from, long to) {
    co_return co_await pool.run(count_primes, from, to);  // in the loop whose turn it is
}

brio::awaitable<long> count_in_parallel(const brio::loop_pool& pool, long limit) {
    constexpr long pieces = 8;
    std::vector<brio::awaitable<long>> parts;
    for (long i = 0; i < pieces; ++i) parts.push_back(count_elsewhere(pool, i * limit / pieces, (i + 1) * limit / pieces));
    const std::vector<long> counts = co_await brio::gather(std::move(parts));
    co_return std::accumulate(counts.begin(), counts.end(), 0L);
}
// [/pool]

brio::awaitable<> main_() {
    brio::loop_pool pool(2);
    std::cout << co_await count_in_parallel(pool, 20'000) << " primes below 20000\n";
    // [everywhere]
    std::atomic<int> loops{0};
    co_await pool.run_on_all([](std::atomic<int>* count) { ++*count; }, &loops);
    // [/everywhere]
    std::cout << loops << " loops\n";
    co_await pool.aclose();
}

}  // namespace

int main() { brio::run(main_); }

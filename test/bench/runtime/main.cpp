// SPDX-License-Identifier: BSL-1.0
// The runtime workloads, done with brio. Protocol: `brio --list`, `brio WORKLOAD [N]`, one line of figures.
#include "harness.hpp"
#include "io.hpp"
#include "processes.hpp"

#include <brio/brio.hpp>

#include <memory>
#include <thread>
#include <vector>

namespace {

using bench::check;
using bench::context;
using brio::awaitable;
using namespace std::chrono_literals;

long counter = 0;

template <class F>
void in_loop(F body) {
    brio::run(body());
}

awaitable<> trivial() {
    ++counter;
    co_return;
}

void w01(context& c) {
    in_loop([&]() -> awaitable<> {
        c.start();
        for (long i = 0; i < c.n; ++i) co_await brio::create_task(trivial()).join();
        c.stop();
    });
    check("spawned", counter, c.n);
}

void w02(context& c) {
    const long rounds = 20;
    in_loop([&]() -> awaitable<> {
        c.start();
        for (long r = 0; r < rounds; ++r) {
            std::vector<awaitable<>> children;
            children.reserve(static_cast<std::size_t>(c.n));
            for (long i = 0; i < c.n; ++i) children.push_back(trivial());
            co_await brio::gather(std::move(children));
        }
        c.stop();
    });
    c.operations = c.n * rounds;
    check("spawned", counter, c.operations);
}

awaitable<> yielder(long n) {
    for (long i = 0; i < n; ++i) {
        co_await brio::sleep(0s);
        ++counter;
    }
}

void w03a(context& c) {
    in_loop([&]() -> awaitable<> {
        c.start();
        co_await yielder(c.n);
        c.stop();
    });
    check("yields", counter, c.n);
}

void w03b(context& c) {
    in_loop([&]() -> awaitable<> {
        std::vector<awaitable<>> tasks;
        for (int i = 0; i < 100; ++i) tasks.push_back(yielder(c.n / 100));
        c.start();
        co_await brio::gather(std::move(tasks));
        c.stop();
    });
    check("yields", counter, c.n);
}

awaitable<int> deep(int levels) {
    if (levels == 0) co_return 0;
    co_return 1 + co_await deep(levels - 1);
}

void w04(context& c) {
    long sum = 0;
    in_loop([&]() -> awaitable<> {
        c.start();
        for (long i = 0; i < c.n; ++i) sum += co_await deep(100);
        c.stop();
    });
    check("depth", sum, c.n * 100);
    c.operations = c.n * 100;
}

awaitable<> produce(brio::queue<long>& items, long n) {
    for (long i = 0; i < n; ++i) co_await items.put(i);
}

awaitable<> consume(brio::queue<long>& items, long n, long& got) {
    for (long i = 0; i < n; ++i) {
        co_await items.get();
        ++got;
    }
}

void through_queue(context& c, int pairs) {
    long got = 0;
    in_loop([&]() -> awaitable<> {
        brio::queue<long> items(128);
        std::vector<awaitable<>> tasks;
        for (int i = 0; i < pairs; ++i) {
            tasks.push_back(produce(items, c.n / pairs));
            tasks.push_back(consume(items, c.n / pairs, got));
        }
        c.start();
        co_await brio::gather(std::move(tasks));
        c.stop();
    });
    check("items", got, c.n);
}

void w05(context& c) { through_queue(c, 1); }
void w06(context& c) { through_queue(c, 100); }

awaitable<> ping(brio::queue<int>& out, brio::queue<int>& in, long n, long& trips) {
    for (long i = 0; i < n; ++i) {
        co_await out.put(1);
        co_await in.get();
        ++trips;
    }
}

awaitable<> pong(brio::queue<int>& in, brio::queue<int>& out, long n) {
    for (long i = 0; i < n; ++i) {
        co_await in.get();
        co_await out.put(1);
    }
}

void w07(context& c) {
    long trips = 0;
    in_loop([&]() -> awaitable<> {
        brio::queue<int> there(1);
        brio::queue<int> back(1);
        c.start();
        co_await brio::gather(ping(there, back, c.n, trips), pong(there, back, c.n));
        c.stop();
    });
    check("trips", trips, c.n);
}

awaitable<> contend(brio::lock& shared, long n, long& inside, long& acquired) {
    for (long i = 0; i < n; ++i) {
        auto guard = co_await shared.acquire();
        check("exclusive", ++inside, 1);
        co_await brio::sleep(0s);
        --inside;
        ++acquired;
    }
}

void w08(context& c) {
    long acquired = 0;
    long inside = 0;
    in_loop([&]() -> awaitable<> {
        brio::lock shared;
        std::vector<awaitable<>> tasks;
        for (int i = 0; i < 100; ++i) tasks.push_back(contend(shared, c.n / 100, inside, acquired));
        c.start();
        co_await brio::gather(std::move(tasks));
        c.stop();
    });
    check("acquired", acquired, c.n);
}

awaitable<> sleeper(long ms, long& fired) {
    co_await brio::sleep(std::chrono::milliseconds(ms));
    ++fired;
}

void w09a(context& c) {
    long fired = 0;
    in_loop([&]() -> awaitable<> {
        c.start();
        std::vector<awaitable<>> tasks;
        for (long i = 0; i < c.n; ++i) tasks.push_back(sleeper(i % 1000, fired));
        co_await brio::gather(std::move(tasks));
        c.stop();
    });
    check("fired", fired, c.n);
}

awaitable<long> ready(long value) { co_return value; }

void w09b(context& c) {
    long sum = 0;
    in_loop([&]() -> awaitable<> {
        c.start();
        for (long i = 0; i < c.n; ++i) sum += co_await brio::wait_for(ready(1), 10s);
        c.stop();
    });
    check("ready", sum, c.n);
}

// The cheapest correct way: a timer around the awaited thing, and its cancel.
void w09c(context& c) {
    long sum = 0;
    in_loop([&]() -> awaitable<> {
        brio::loop& loop = brio::get_running_loop();
        c.start();
        for (long i = 0; i < c.n; ++i) {
            bool timed_out = false;
            brio::timer_handle timer = loop.call_later(10s, [&timed_out] { timed_out = true; });
            sum += co_await ready(1);
            timer.cancel();
            if (timed_out) bench::die("timeout", 1, 0);
        }
        c.stop();
    });
    check("ready", sum, c.n);
}

awaitable<> wait_and_count(brio::event& signal, long& woke) {
    co_await signal.wait();
    ++woke;
}

void w10(context& c) {
    long woke = 0;
    in_loop([&]() -> awaitable<> {
        brio::event signal;
        brio::task<> last;
        const long before = bench::current_rss_kb();
        c.start();
        for (long i = 0; i < c.n; ++i) last = brio::create_task(wait_and_count(signal, woke));
        co_await brio::sleep(0s);
        c.stop();
        c.note("bytes_per_task", static_cast<double>(bench::current_rss_kb() - before) * 1024.0 / static_cast<double>(c.n));
        const double begin = bench::wall_now();
        signal.set();
        co_await last.join();
        c.note("wake_ns", (bench::wall_now() - begin) * 1e9 / static_cast<double>(c.n));
    });
    check("woke", woke, c.n);
}

awaitable<> sleep_long(long& sleeping) {
    ++sleeping;
    co_await brio::sleep(1h);
}

void w11(context& c) {
    long cancelled = 0;
    long sleeping = 0;
    in_loop([&]() -> awaitable<> {
        c.start();
        std::vector<brio::task<>> tasks;
        for (long i = 0; i < c.n; ++i) tasks.push_back(brio::create_task(sleep_long(sleeping)));
        co_await brio::sleep(0s);
        check("sleeping", sleeping, c.n);
        for (auto& task : tasks) task.cancel();
        co_await brio::gather(brio::return_exceptions, tasks);
        for (auto& task : tasks) cancelled += task.cancelled();
        c.stop();
    });
    check("cancelled", cancelled, c.n);
}

void w12(context& c) {
    long got = 0;
    in_loop([&]() -> awaitable<> {
        brio::loop& loop = brio::get_running_loop();
        brio::event finished;
        c.start();
        std::thread other([&] {
            for (long i = 0; i < c.n; ++i) loop.call_soon_threadsafe([&got] { ++got; });
            loop.call_soon_threadsafe([&finished] { finished.set(); });
        });
        co_await finished.wait();
        other.join();
        c.stop();
    });
    check("posts", got, c.n);
}

awaitable<> offload(long& left, long& sum) {
    while (left > 0) {
        --left;
        sum += co_await brio::to_thread([] { return 1L; });
    }
}

void w13(context& c) {
    long sum = 0;
    in_loop([&]() -> awaitable<> {
        long left = c.n;
        std::vector<awaitable<>> tasks;
        for (int i = 0; i < 64; ++i) tasks.push_back(offload(left, sum));
        c.start();
        co_await brio::gather(std::move(tasks));
        c.stop();
    });
    check("offloads", sum, c.n);
}

}  // namespace

int main(int argc, char** argv) {
    return bench::run_main(argc, argv, "brio",
                           {{"w01_spawn_join", w01, 1000000},
                            {"w02_spawn_many", w02, 100000},
                            {"w03a_yield_1", w03a, 1000000},
                            {"w03b_yield_100", w03b, 1000000},
                            {"w04_deep_await", w04, 10000},
                            {"w05_queue_spsc", w05, 1000000},
                            {"w06_queue_mpmc", w06, 1000000},
                            {"w07_ping_pong", w07, 500000},
                            {"w08_lock", w08, 1000000},
                            {"w09a_sleep_many", w09a, 100000, true},
                            {"w09b_timeout_cancel", w09b, 100000},
                            {"w09c_timeout_manual", w09c, 100000},
                            {"w10_idle_memory", w10, 1000000},
                            {"w11_cancel", w11, 100000},
                            {"w12_threadsafe", w12, 1000000},
                            {"w13_to_thread", w13, 100000},
                            {"w14a_echo_1", bench::w14a, 100000},
                            {"w14b_echo_200", bench::w14b, 400000},
                            {"w14c_stream", bench::w14c, 4096},
                            {"w15a_proc_seq", bench::w15a, 1000},
                            {"w15b_proc_8", bench::w15b, 1000},
                            {"w16_proc_io", bench::w16, 256}});
}

// SPDX-License-Identifier: BSL-1.0
// Locks, events, conditions, semaphores, barriers and queues, as doc/guide/synchronisation.md shows them.
#include <brio/brio.hpp>

#include <chrono>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

// [lock]
class counter {
public:
    brio::awaitable<> add(int amount) {
        auto guard = co_await lock_.acquire();                 // released when the guard goes, however that is
        const int before = total_;
        co_await brio::sleep(1ms);                             // others run here, but none of them in this function
        total_ = before + amount;
    }
    int total() const { return total_; }

private:
    brio::lock lock_;
    int total_ = 0;
};
// [/lock]

// [give_up]
brio::awaitable<> impatient(brio::lock& busy) {
    if (auto guard = busy.try_acquire()) std::cout << "free\n"; // does not wait at all
    try {
        auto guard = co_await brio::wait_for(busy.acquire(), 10ms);
        std::cout << "got it\n";
    } catch (const brio::timeout_error&) {
        std::cout << "still locked\n";
    }
}
// [/give_up]

// [event]
brio::awaitable<> server(brio::event& started) {
    co_await brio::sleep(5ms);                                 // opens its files
    started.set();                                             // all who wait go on; later ones do not wait
}

brio::awaitable<> client(brio::event& started) {
    co_await started.wait();
    std::cout << "the server is there\n";
}
// [/event]

// [condition]
class tank {
public:
    brio::awaitable<> fill(int litres) {
        auto guard = co_await changed_.acquire();
        litres_ += litres;
        changed_.notify_all();                                 // they go on when the lock is free
    }
    brio::awaitable<> draw(int litres) {
        auto guard = co_await changed_.acquire();
        co_await changed_.wait_for([&] { return litres_ >= litres; });
        litres_ -= litres;                                     // the lock is held, and it is so
        std::cout << litres << " litres, " << litres_ << " left\n";
    }

private:
    brio::condition changed_;
    int litres_ = 0;
};
// [/condition]

// [semaphore]
brio::awaitable<> fetch(int number, brio::semaphore& connections) {
    auto permit = co_await connections.acquire();              // the third waits until one of two has gone
    std::cout << "page " << number << "\n";
    co_await brio::sleep(5ms);
}
// [/semaphore]

// [bounded]
brio::awaitable<> one_too_many() {
    brio::bounded_semaphore permits(2);
    auto permit = co_await permits.acquire();
    permit.unlock();
    try {
        permits.release();                                     // nobody has one
    } catch (const brio::invalid_state_error& e) {
        std::cout << e.what() << "\n";
    }
}
// [/bounded]

// [barrier]
brio::awaitable<> player(std::string name, brio::barrier& round) {
    for (int number = 1; number <= 2; ++number) {
        const std::size_t place = co_await round.wait();       // until all have come
        if (place == 0) std::cout << "round " << number << ", says " << name << "\n";
    }
}
// [/barrier]

// [queue]
brio::awaitable<> worker(brio::queue<int>& jobs, int& sum) {
    try {
        for (;;) {
            const int job = co_await jobs.get();               // waits while there is none
            co_await brio::sleep(1ms);
            sum += job;
            jobs.task_done();
        }
    } catch (const brio::queue_shutdown&) {                    // closed, and empty
    }
}

brio::awaitable<> work() {
    brio::queue<int> jobs(2);                                  // put() waits while there are two
    int sum = 0;
    auto workers = brio::gather(worker(jobs, sum), worker(jobs, sum));
    for (int job = 1; job <= 5; ++job) co_await jobs.put(job);
    co_await jobs.join();                                      // each has been marked by task_done()
    std::cout << "the sum is " << sum << "\n";
    jobs.shutdown();
    co_await std::move(workers);
}
// [/queue]

// [kinds]
brio::awaitable<> kinds() {
    brio::priority_queue<std::pair<int, std::string>> urgent;  // the smallest first, equal ones as they came
    urgent.put_nowait({2, "mail"});
    urgent.put_nowait({1, "fire"});
    brio::lifo_queue<std::string> newest;                      // the last one first
    newest.put_nowait("old");
    newest.put_nowait("new");
    std::cout << (co_await urgent.get()).second << ", " << co_await newest.get() << "\n";
}
// [/kinds]

brio::awaitable<> main_() {
    counter visits;
    co_await brio::gather(visits.add(1), visits.add(2), visits.add(3));
    std::cout << visits.total() << " visits\n";

    brio::lock busy;
    {
        auto guard = co_await busy.acquire();
        co_await impatient(busy);
    }

    brio::event started;
    co_await brio::gather(client(started), client(started), server(started));

    tank water;
    co_await brio::gather(water.draw(5), water.draw(3), water.fill(4), water.fill(6));

    brio::semaphore connections(2);
    std::vector<brio::awaitable<>> pages;
    for (int number = 1; number <= 3; ++number) pages.push_back(fetch(number, connections));
    co_await brio::gather(std::move(pages));
    co_await one_too_many();

    brio::barrier round(2);
    co_await brio::gather(player("Ann", round), player("Bob", round));

    co_await work();
    co_await kinds();
}

int main() { brio::run(main_); }

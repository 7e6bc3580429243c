// SPDX-License-Identifier: BSL-1.0
// Workers behind a priority queue: jobs of which some fail, an orderly end, and one at once.
#include <brio/brio.hpp>

#include <chrono>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <utility>

using namespace std::chrono_literals;

namespace {

class job {
public:
    job(int priority, std::string name) : priority_(priority), name_(std::move(name)) {}
    const std::string& name() const { return name_; }
    // The smallest is first.
    friend bool operator<(const job& a, const job& b) { return a.priority_ < b.priority_; }

private:
    int priority_;
    std::string name_;
};

brio::awaitable<> do_it(const job& todo) {
    co_await brio::sleep(1ms);
    if (todo.name() == "mend the printer") throw std::runtime_error("no spare parts");
    std::cout << "done: " << todo.name() << "\n";
}

// [pool]
class worker_pool {
public:
    /// Lets `count` workers work until `close()`.
    brio::awaitable<> run(int count) {
        co_await brio::with_task_group([&](brio::task_group& group) -> brio::awaitable<> {
            for (int i = 1; i <= count; ++i) group.create_task(work(), "worker " + std::to_string(i));
            co_return;
        });
    }
    void add(job todo) { jobs_.put_nowait(std::move(todo)); }
    /// Until every job is done.
    brio::awaitable<> idle() { co_await jobs_.join(); }
    /// Takes no more jobs. The workers end when they have done what is left; `at_once`, that is dropped.
    void close(bool at_once = false) { jobs_.shutdown(at_once); }

private:
    brio::awaitable<> work() {
        try {
            for (;;) {
                const job todo = co_await jobs_.get();
                co_await try_it(todo);
                jobs_.task_done();
            }
        } catch (const brio::queue_shutdown&) {                // closed, and empty
        }
    }
    // A job that fails does not stop the worker; a cancel does, as it is no std::exception.
    brio::awaitable<> try_it(const job& todo) {
        try {
            co_await do_it(todo);
        } catch (const std::exception& e) {
            std::cout << "failed: " << todo.name() << ": " << e.what() << "\n";
        }
    }

    brio::priority_queue<job> jobs_;
};
// [/pool]

brio::awaitable<> main_() {
    worker_pool pool;
    pool.add(job(3, "sweep the floor"));
    pool.add(job(1, "put out the fire"));
    pool.add(job(2, "mend the printer"));
    brio::task<> running = brio::create_task(pool.run(1), "pool");
    co_await pool.idle();
    std::cout << "nothing left to do\n";

    pool.add(job(9, "paint the fence"));
    pool.close(true);
    co_await running.join();
    std::cout << "the workers have gone home\n";
}

}  // namespace

int main() { brio::run(main_); }

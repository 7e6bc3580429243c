// SPDX-License-Identifier: BSL-1.0
// Scenarios over thread.
#include "proof/world.hpp"

#include <memory>
#include <stdexcept>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

awaitable<> threads(world& w) {
    const frame here(w);
    cancel_point();
    auto work = brio::gather(brio::to_thread([] { return 1; }), brio::to_thread([] { return 2; }));
    co_await std::move(work);
    cancel_point();
    co_await brio::sleep(1ms);
}

awaitable<> thread_with_deadline(world& w) {
    const frame here(w);
    const int value = co_await brio::wait_for(brio::to_thread([] { return 1; }), 10s);
    static_cast<void>(value);
}

awaitable<> pool_of_the_callers(world& w) {
    const frame here(w);
    brio::thread_pool pool(2);
    cancel_point();
    co_await brio::gather(brio::run_in_executor(pool, [] { return 1; }), brio::run_in_executor(pool, [] { return 2; }),
                          brio::run_in_executor(pool, [] { return 3; }));
}
awaitable<> thread_that_fails(world& w) {
    const frame here(w);
    try {
        co_await brio::to_thread([] { throw std::runtime_error("failed on purpose"); });
    } catch (const std::runtime_error&) {
    }
    cancel_point();
    co_await brio::sleep(0s);
}
awaitable<> shielded_thread(world& w) {
    const frame here(w);
    auto work = create_task(brio::to_thread([] { return 1; }));
    cancel_point();
    EXPECT_EQ(co_await brio::shield(work), 1);
}
awaitable<> woken_from_a_thread(world& w) {
    const frame here(w);
    const auto done = std::make_shared<brio::event>();
    brio::loop& loop = brio::get_running_loop();
    const auto job = [&loop, done] { loop.call_soon_threadsafe([done] { done->set(); }); };
    co_await brio::to_thread(job);
    cancel_point();
    co_await done->wait();
}
awaitable<> threads_under_a_lock(world& w) {
    const frame here(w);
    const auto job = [](world& books) -> awaitable<> {
        const frame mine(books);
        const auto guard = co_await books.lock.acquire();
        const holding held(books);
        co_await brio::to_thread([] {});
    };
    co_await brio::gather(job(w), job(w), job(w));
}

}  // namespace

std::vector<entry> thread_scenarios() {
    return {
        {"threads", threads},
        {"thread_with_deadline", thread_with_deadline},
        {"pool_of_the_callers", pool_of_the_callers},
        {"thread_that_fails", thread_that_fails},
        {"shielded_thread", shielded_thread},
        {"woken_from_a_thread", woken_from_a_thread},
        {"threads_under_a_lock", threads_under_a_lock},
    };
}

}  // namespace brio_proof

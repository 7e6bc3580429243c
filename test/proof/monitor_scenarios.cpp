// SPDX-License-Identifier: BSL-1.0
// Scenarios over semaphore, condition and barrier.
#include "proof/world.hpp"

#include <memory>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

// --- semaphore -------------------------------------------------------------------------------------------------

brio::semaphore& keep_semaphore(world& w) {
    const auto permits = std::make_shared<brio::semaphore>(1);
    w.at_rest = [permits] {
        EXPECT_TRUE(permits->value() == 0 || !anybody_in("semaphore.acquire()")) << "I3: a permit is free";
    };
    w.at_end = [permits] {
        EXPECT_EQ(permits->value(), 1) << "I2: a permit was lost or doubled";
        EXPECT_FALSE(permits->locked()) << "I3: somebody stands in the semaphore's list";
    };
    return *permits;
}

awaitable<> visitor(world& w, brio::semaphore& permits, std::chrono::milliseconds length) {
    const frame here(w);
    cancel_point();
    const auto guard = co_await permits.acquire();
    const holding inside(w);
    cancel_point();
    co_await brio::sleep(length);
}

awaitable<> semaphores(world& w) {
    const frame here(w);
    brio::semaphore& permits = keep_semaphore(w);
    co_await brio::gather(visitor(w, permits, 3ms), visitor(w, permits, 0ms), visitor(w, permits, 5ms),
                          visitor(w, permits, 0ms));
}

awaitable<> semaphore_with_deadline(world& w) {
    const frame here(w);
    brio::semaphore& permits = keep_semaphore(w);
    auto first = create_task(visitor(w, permits, 5ms));
    co_await brio::sleep(0s);
    try {
        co_await brio::wait_for(visitor(w, permits, 1ms), 5ms);
    } catch (const brio::timeout_error&) {
    }
    co_await brio::gather(first, visitor(w, permits, 1ms));
}

// --- condition -------------------------------------------------------------------------------------------------

struct store {
    brio::condition changed;
    int items = 0;
};

awaitable<> taker(world& w, store& shared) {
    const frame here(w);
    cancel_point();
    const auto guard = co_await shared.changed.acquire();
    cancel_point();
    co_await shared.changed.wait_for([&shared] { return shared.items > 0; });
    EXPECT_TRUE(shared.changed.locked()) << "I2: the wait ended without the lock";
    const holding inside(w);
    --shared.items;
    cancel_point();
    co_await brio::sleep(0s);
}

awaitable<> giver(world& w, store& shared, int count) {
    const frame here(w);
    for (int i = 0; i < count; ++i) {
        cancel_point();
        const auto guard = co_await shared.changed.acquire();
        const holding inside(w);
        ++shared.items;
        shared.changed.notify();
        cancel_point();
        co_await brio::sleep(1ms);
    }
}

store& keep_store(world& w) {
    const auto kept = std::make_shared<store>();
    w.at_rest = [kept] {
        EXPECT_TRUE(kept->items == 0 || !anybody_in("condition.wait_for()")) << "I3: a notification was lost";
        EXPECT_FALSE(kept->changed.locked()) << "I2: the condition's lock is held for ever";
    };
    w.at_end = [kept] { EXPECT_TRUE(kept->changed.try_acquire().has_value()) << "I3: somebody wants the lock"; };
    return *kept;
}

awaitable<> conditions(world& w) {
    const frame here(w);
    store& shared = keep_store(w);
    co_await brio::gather(taker(w, shared), taker(w, shared), giver(w, shared, 3), taker(w, shared));
}

// A taker that was notified and leaves must tell the next one, before more notifications come.
awaitable<> condition_two_takers_one_item(world& w) {
    const frame here(w);
    store& shared = keep_store(w);
    auto a = create_task(taker(w, shared));
    auto b = create_task(taker(w, shared));
    for (int i = 0; i < 2; ++i) {
        co_await brio::sleep(1ms);
        co_await giver(w, shared, 1);
        co_await brio::sleep(1ms);
        EXPECT_TRUE(shared.items == 0 || (a.done() && b.done())) << "I3: a taker waits, and there is an item";
    }
    co_await brio::gather(brio::return_exceptions, a, b);
}

// --- barrier ---------------------------------------------------------------------------------------------------

awaitable<> meet(world& w, brio::barrier& meeting, int times) {
    const frame here(w);
    for (int i = 0; i < times; ++i) {
        cancel_point();
        EXPECT_LT(co_await meeting.wait(), meeting.parties());
    }
}

awaitable<> barriers(world& w) {
    const frame here(w);
    const auto kept = std::make_shared<brio::barrier>(2);
    w.at_rest = [kept] { EXPECT_LT(kept->n_waiting(), 2U) << "I3: enough have come"; };
    w.at_end = [kept] {
        EXPECT_EQ(kept->n_waiting(), 0U);
        EXPECT_EQ(kept->state(), brio::barrier::phase::filling) << "I3: somebody never left";
    };
    brio::barrier& meeting = *kept;
    co_await brio::gather(meet(w, meeting, 3), meet(w, meeting, 3));
}

}  // namespace

std::vector<entry> monitor_scenarios() {
    return {
        {"semaphores", semaphores},
        {"semaphore_with_deadline", semaphore_with_deadline},
        {"conditions", conditions},
        {"condition_two_takers_one_item", condition_two_takers_one_item},
        {"barriers", barriers},
    };
}

}  // namespace brio_proof

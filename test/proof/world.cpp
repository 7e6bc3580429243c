// SPDX-License-Identifier: BSL-1.0
// What must hold whatever was cancelled when, and in whatever order.
#include "proof/world.hpp"

#include <algorithm>
#include <string>

namespace brio_proof {

namespace {

int stored(const world& w) {
    return static_cast<int>(w.queue.qsize() + w.unbounded.qsize() + w.sorted.qsize() + w.stack.qsize());
}

// A task that still waits has a reason.
void check_at_rest(world& w) {
    EXPECT_TRUE(w.lock.locked() || !anybody_in("lock.acquire()")) << "I3: the lock is free";
    EXPECT_TRUE(w.queue.full() || w.sorted.full() || w.stack.full() || !anybody_in("queue.put()"))
        << "I3: there is room in the queue";
    EXPECT_TRUE(stored(w) == 0 || !anybody_in("queue.get()")) << "I3: there is an item in the queue";
    if (w.at_rest) {
        w.at_rest();  // of a semaphore of its own, say
    } else {
        EXPECT_TRUE(w.permits.value() == 0 || !anybody_in("semaphore.acquire()")) << "I3: there is a free permit";
    }
}

void check_at_end(world& w) {
    EXPECT_EQ(w.put, w.got + stored(w)) << "I1: an item was lost or doubled";
    EXPECT_FALSE(w.lock.locked()) << "I2: the lock is held for ever";
    EXPECT_LE(w.most_holders, 1) << "I2: what is exclusive was held twice";
    EXPECT_EQ(w.permits.value(), 2) << "I2: a permit was lost or doubled";
    EXPECT_LE(w.most_with_permit, 2) << "I2: more holders than permits";
    EXPECT_FALSE(w.condition.locked()) << "I2: the condition's lock is held for ever";
    EXPECT_EQ(w.barrier.n_waiting(), 0U) << "I3: somebody stands in the barrier";
    EXPECT_TRUE(w.condition.try_acquire().has_value()) << "I3: somebody stands in the list of the condition's lock";
    EXPECT_TRUE(w.lock.try_acquire().has_value()) << "I3: somebody stands in the lock's list";
    EXPECT_EQ(w.frames, 0) << "I4: a coroutine frame is left";
    EXPECT_LE(w.seen_cancels, brio::testing::injected_cancels()) << "I7: a request was delivered twice";
    EXPECT_EQ(w.late_calls, 0) << "I8: a callback ran outside of the loop";
    if (w.at_end) w.at_end();
}

}  // namespace

void world::called() {
    if (!brio::get_running_loop().is_running()) ++late_calls;
}

holding::holding(world& w) : world_(w) { world_.most_holders = std::max(world_.most_holders, ++world_.holders); }

std::vector<entry> all_scenarios() {
    std::vector<entry> all = core_scenarios();
    for (const auto& more : {compose_scenarios(), several_scenarios(), group_scenarios(), generator_scenarios(), future_scenarios(), monitor_scenarios(),
                             sync_scenarios(), sync_more_scenarios(), thread_scenarios()}) {
        all.insert(all.end(), more.begin(), more.end());
    }
    return all;
}

brio::testing::scenario checked(const entry& item) {
    return brio::testing::with_state<world>(item.body, check_at_end, check_at_rest);
}

bool anybody_in(const char* operation) {
    if (brio::all_tasks().size() < 2) return false;  // the supervisor
    return brio::format_tasks(brio::get_running_loop()).find(operation) != std::string::npos;
}

}  // namespace brio_proof

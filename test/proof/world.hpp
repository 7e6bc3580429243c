// SPDX-License-Identifier: BSL-1.0
// The books that every scenario keeps about itself, and the parts that scenarios are made of.
#pragma once

#include <brio/brio.hpp>
#include <brio/testing/test.hpp>

#include <chrono>
#include <functional>
#include <ostream>
#include <utility>
#include <vector>

namespace brio_proof {

using brio::awaitable;
using brio::testing::cancel_point;

/// Each run has a fresh one.
class world {
public:
    brio::event event;
    brio::event other_event;
    brio::lock lock;
    brio::queue<int> queue{2};
    brio::queue<int> unbounded;
    brio::priority_queue<int> sorted{2};
    brio::lifo_queue<int> stack{2};
    brio::condition condition;
    brio::semaphore permits{2};
    brio::barrier barrier{2};

    // I1: what went into queues came out, or is inside still.
    int put = 0;
    int got = 0;
    // I2: holders of what is exclusive, at most one; of permits, at most two.
    int holders = 0;
    int most_holders = 0;
    int with_permit = 0;
    int most_with_permit = 0;
    // I4: live frames of the scenario's coroutines.
    int frames = 0;
    // I7: cancels that were caught; see stubborn().
    int seen_cancels = 0;
    // I8: callbacks that ran outside of the loop.
    int late_calls = 0;

    /// To be called by every callback of a scenario.
    void called();
    /// Checks of one more primitive, which they keep alive.
    std::function<void()> at_rest;
    std::function<void()> at_end;
};

/// Counts one more frame while it lives.
class frame {
public:
    explicit frame(world& w) : world_(w) { ++world_.frames; }
    frame(const frame&) = delete;
    frame& operator=(const frame&) = delete;
    ~frame() { --world_.frames; }

private:
    world& world_;
};

/// Counts one more holder while it lives.
class holding {
public:
    explicit holding(world& w);
    holding(const holding&) = delete;
    holding& operator=(const holding&) = delete;
    ~holding() { --world_.holders; }

private:
    world& world_;
};

/// Calls `function` when its scope ends.
template <class F>
class on_exit {
public:
    explicit on_exit(F function) : function_(std::move(function)) {}
    on_exit(const on_exit&) = delete;
    on_exit& operator=(const on_exit&) = delete;
    ~on_exit() { function_(); }

private:
    F function_;
};

/// A callback that goes with its scope.
class timer {
public:
    explicit timer(brio::timer_handle handle) : handle_(std::move(handle)) {}
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;
    ~timer() { handle_.cancel(); }

private:
    brio::timer_handle handle_;
};

struct entry {
    const char* name;
    awaitable<> (*body)(world&);
};
inline void PrintTo(const entry& item, std::ostream* out) { *out << item.name; }

std::vector<entry> core_scenarios();
std::vector<entry> compose_scenarios();
std::vector<entry> future_scenarios();
std::vector<entry> generator_scenarios();
std::vector<entry> group_scenarios();
std::vector<entry> monitor_scenarios();
std::vector<entry> several_scenarios();
std::vector<entry> sync_scenarios();
std::vector<entry> sync_more_scenarios();
std::vector<entry> thread_scenarios();
std::vector<entry> all_scenarios();

/// The entry with the checks of the books.
[[nodiscard]] brio::testing::scenario checked(const entry& item);

/// Somebody waits in `operation`, as the task tree calls it.
[[nodiscard]] bool anybody_in(const char* operation);

// --- parts -----------------------------------------------------------------------------------------------------

awaitable<> nap(world& w, std::chrono::milliseconds length);
awaitable<int> value_after(world& w, std::chrono::milliseconds length, int value);
awaitable<> fail_after(world& w, std::chrono::milliseconds length);
/// Catches the first cancel and takes its time to end.
awaitable<int> clean_up_slowly(world& w, std::chrono::milliseconds length);
awaitable<> holder(world& w, std::chrono::milliseconds length);
/// Four of them.
awaitable<> holders(world& w);
template <class Queue>
awaitable<> producer(world& w, Queue& target, int count) {
    const frame here(w);
    for (int i = 0; i < count; ++i) {
        cancel_point();
        co_await target.put(i);
        ++w.put;
    }
}
template <class Queue>
awaitable<> consumer(world& w, Queue& source, int count) {
    const frame here(w);
    for (int i = 0; i < count; ++i) {
        cancel_point();
        co_await source.get();
        ++w.got;
        cancel_point();
        co_await brio::sleep(std::chrono::seconds(0));
    }
}
awaitable<> wait_for_event(world& w);

}  // namespace brio_proof

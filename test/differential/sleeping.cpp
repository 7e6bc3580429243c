// SPDX-License-Identifier: BSL-1.0
// sleep, turns, and what does not yield.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::create_task;

BRIO_SCENARIO(SLP_1_three_tasks_take_turns) {
    auto a = create_task(stepper(out, "a", 3));
    auto b = create_task(stepper(out, "b", 1));
    auto c = create_task(stepper(out, "c", 2));
    co_await a.join();
    co_await b.join();
    co_await c.join();
    out("end");
}

BRIO_SCENARIO(SLP_1_what_was_queued_before_runs_first) {
    brio::loop& loop = brio::get_running_loop();
    loop.call_soon([&] { out("before"); });
    auto task = create_task([&]() -> awaitable<> {
        out("other");
        loop.call_soon([&] { out("queued by other"); });
        co_return;
    });
    co_await brio::sleep(0s);
    out("main");
    co_await brio::sleep(0s);
    out("main again");
    co_await task.join();
}

BRIO_SCENARIO(SLP_3_negative_is_one_yield) {
    auto other = create_task(stepper(out, "other", 3));
    for (const int delay : {-1, -1000}) {
        co_await brio::sleep(milliseconds(delay));
        out("main at", out.at());
    }
    co_await other.join();
}

BRIO_SCENARIO(sleepers_wake_by_time) {
    std::vector<brio::task<>> tasks;
    for (const int ms : {50, 20, 40, 10, 30}) tasks.push_back(create_task(worker(out, std::to_string(ms), ms)));
    for (const auto& task : tasks) co_await task.join();
    out("end at", out.at());
}

BRIO_SCENARIO(SLP_5_a_cancelled_sleep_leaves_nothing_behind) {
    auto task = create_task(worker(out, "w", 50));
    co_await brio::sleep(10ms);
    task.cancel();
    co_await attempt(out, "w", task);
    co_await brio::sleep(100ms);
    out("end at", out.at());
}

awaitable<> ticker(trace& out, std::string name, int ms, int count) {
    for (int i = 0; i < count; ++i) {
        co_await brio::sleep(milliseconds(ms));
        out(name, i, "at", out.at());
    }
}

BRIO_SCENARIO(sleeps_add_up) {
    auto a = create_task(ticker(out, "a", 10, 5));
    auto b = create_task(ticker(out, "b", 25, 2));
    co_await a.join();
    co_await b.join();
}

awaitable<> inner(trace& out, std::string name) {
    co_await brio::sleep(0s);
    out(name, "inner");
}

awaitable<> outer(trace& out, std::string name) {
    co_await inner(out, name);
    co_await inner(out, name);
    out(name, "outer");
}

BRIO_SCENARIO(yields_of_nested_coroutines) {
    auto a = create_task(outer(out, "a"));
    auto b = create_task(outer(out, "b"));
    co_await a.join();
    co_await b.join();
}

BRIO_SCENARIO(what_is_ready_does_not_yield) {
    auto other = create_task(stepper(out, "other", 2));
    brio::lock lock;
    brio::event event;
    brio::queue<int> queue;
    event.set();
    {
        const auto held = co_await lock.acquire();
        out("locked");
    }
    co_await event.wait();
    out("event");
    co_await queue.put(1);
    const int got = co_await queue.get();
    out("got", got);
    queue.task_done();
    co_await queue.join();
    out("joined");
    co_await other.join();
}

BRIO_SCENARIO(a_sleeper_and_a_callback_of_one_moment) {
    brio::get_running_loop().call_later(10ms, [&] { out("callback"); });
    co_await brio::sleep(10ms);
    out("sleeper at", out.at());
}

BRIO_SCENARIO(a_deadlock_is_found) {
    out("before");
    brio::event never;
    co_await never.wait();
}

BRIO_SCENARIO(an_hour_of_turns_and_a_second) {
    co_await brio::sleep(1h);
    out("at", out.at());
    co_await turns(10);
    out("at", out.at());
    co_await brio::sleep(1s);
    out("at", out.at());
}

}  // namespace
}  // namespace differential

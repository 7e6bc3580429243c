// SPDX-License-Identifier: BSL-1.0
// wait and as_completed.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::as_completed;
using brio::create_task;
using tasks_of_int = std::vector<brio::task<int>>;

struct named_delay {
    const char* name;
    int ms;
};

tasks_of_int make(std::initializer_list<named_delay> which) {
    tasks_of_int tasks;
    for (const auto& [name, ms] : which) tasks.push_back(create_task(value_after(ms, ms), name));
    return tasks;
}

template <class Handle>
std::vector<std::string> named(const std::vector<Handle>& tasks) {
    std::vector<std::string> names;
    for (const auto& task : tasks) names.push_back(task.name());
    return names;
}

std::vector<std::string> outcomes(const tasks_of_int& tasks) {
    std::vector<std::string> all;
    for (const auto& task : tasks) all.push_back(outcome(task));
    return all;
}

awaitable<int> int_or_boom(int ms, std::string text) {
    co_await brio::sleep(milliseconds(ms));
    if (!text.empty()) throw boom(text);
    co_return ms;
}

BRIO_SCENARIO(WAIT_1_all) {
    const auto tasks = make({{"a", 30}, {"b", 10}, {"c", 20}});
    auto sorted = co_await brio::wait(tasks);
    out(named(sorted.done), named(sorted.pending), "at", out.at());
    sorted = co_await brio::wait(tasks);
    out("again", named(sorted.done), named(sorted.pending), "at", out.at());
}

BRIO_SCENARIO(WAIT_1_a_second_call_on_done_tasks_is_immediate) {
    const auto tasks = make({{"a", 0}, {"b", 0}});
    (void)co_await brio::wait(tasks);
    auto other = create_task(stepper(out, "other", 1));
    (void)co_await brio::wait(tasks);
    out("main");
    co_await other.join();
}

BRIO_SCENARIO(WAIT_2_errors_stay_inside) {
    tasks_of_int tasks;
    tasks.push_back(create_task(int_or_boom(10, "x"), "a"));
    tasks.push_back(create_task(value_after(20, 1), "b"));
    const auto sorted = co_await brio::wait(tasks);
    out(named(sorted.done), named(sorted.pending), outcomes(tasks));
}

BRIO_SCENARIO(WAIT_3_the_first_completed) {
    const auto tasks = make({{"a", 30}, {"b", 10}, {"c", 20}});
    auto sorted = co_await brio::wait(tasks, brio::first_completed);
    out(named(sorted.done), named(sorted.pending), "at", out.at());
    sorted = co_await brio::wait(sorted.pending, brio::first_completed);
    out(named(sorted.done), named(sorted.pending), "at", out.at());
    co_await tasks[0].join();
}

BRIO_SCENARIO(WAIT_3_a_failure_is_a_completion) {
    tasks_of_int tasks;
    tasks.push_back(create_task(int_or_boom(10, "x"), "a"));
    tasks.push_back(create_task(value_after(20, 1), "b"));
    const auto sorted = co_await brio::wait(tasks, brio::first_completed);
    out(named(sorted.done), named(sorted.pending), outcome(tasks[0]));
    co_await tasks[1].join();
}

BRIO_SCENARIO(the_first_exception) {
    tasks_of_int tasks;
    tasks.push_back(create_task(value_after(10, 1), "a"));
    tasks.push_back(create_task(int_or_boom(20, "x"), "b"));
    tasks.push_back(create_task(value_after(30, 1), "c"));
    const auto sorted = co_await brio::wait(tasks, brio::first_exception);
    out(named(sorted.done), named(sorted.pending), "at", out.at(), outcome(tasks[1]));
    co_await tasks[2].join();
}

BRIO_SCENARIO(WAIT_7_a_cancelled_task_is_no_exception) {
    const auto tasks = make({{"a", 30}, {"b", 40}});
    auto waiter = create_task(brio::wait(tasks, brio::first_exception));
    co_await brio::sleep(10ms);
    tasks[0].cancel();
    const auto sorted = co_await waiter.join();
    out(named(sorted.done), named(sorted.pending), "at", out.at(), outcome(tasks[0]));
}

BRIO_SCENARIO(a_wait_with_a_deadline) {
    const auto tasks = make({{"a", 10}, {"b", 30}});
    auto sorted = co_await brio::wait(tasks, 20ms);
    out(named(sorted.done), named(sorted.pending), "at", out.at(), tasks[1].cancelling());
    sorted = co_await brio::wait(tasks, 20ms);
    out(named(sorted.done), named(sorted.pending), "at", out.at());
}

BRIO_SCENARIO(a_wait_without_time) {
    const auto tasks = make({{"a", 0}, {"b", 10}});
    const auto sorted = co_await brio::wait(tasks, 0s);
    out(named(sorted.done), named(sorted.pending));
    co_await tasks[1].join();
}

BRIO_SCENARIO(WAIT_9_completion_and_deadline_at_one_moment) {
    const auto tasks = make({{"a", 20}});
    co_await turns(1);
    const auto sorted = co_await brio::wait(tasks, 20ms);
    out(named(sorted.done), named(sorted.pending), "at", out.at());
}

BRIO_SCENARIO(WAIT_10_a_task_given_twice) {
    auto tasks = make({{"a", 10}, {"b", 20}});
    tasks.push_back(tasks[0]);
    const auto sorted = co_await brio::wait(tasks);
    out(named(sorted.done), named(sorted.pending));
}

BRIO_SCENARIO(a_cancelled_wait_leaves_the_tasks_alone) {
    const auto tasks = make({{"a", 30}, {"b", 10}});
    auto waiter = create_task([&]() -> awaitable<> { (void)co_await brio::wait(tasks); });
    co_await brio::sleep(20ms);
    waiter.cancel();
    co_await attempt(out, "waiter", waiter);
    out("at", out.at(), outcomes(tasks));
    co_await tasks[0].join();
}

awaitable<int> opened(brio::event& gate, int value) {
    co_await gate.wait();
    co_return value;
}

BRIO_SCENARIO(WAIT_4_what_ended_meanwhile_is_done_too) {
    brio::event gate;
    tasks_of_int tasks;
    tasks.push_back(create_task(opened(gate, 1), "a"));
    tasks.push_back(create_task(opened(gate, 2), "b"));
    brio::get_running_loop().call_later(10ms, [&] { gate.set(); });
    const auto sorted = co_await brio::wait(tasks, brio::first_completed);
    out(named(sorted.done), named(sorted.pending));
}

BRIO_SCENARIO(as_completed_gives_them_in_the_order_of_their_ends) {
    auto ends = as_completed(make({{"a", 30}, {"b", 10}, {"c", 20}}));
    while (auto next = co_await ends.next()) out(next->result(), "at", out.at());
}

BRIO_SCENARIO(as_completed_of_coroutines_with_an_error) {
    std::vector<awaitable<int>> parts;
    parts.push_back(int_or_boom(30, ""));
    parts.push_back(int_or_boom(10, ""));
    parts.push_back(int_or_boom(20, "x"));
    auto ends = as_completed(std::move(parts));
    while (auto next = co_await ends.next()) out("next", outcome(*next));
}

BRIO_SCENARIO(as_completed_of_nothing) {
    auto ends = as_completed(tasks_of_int());
    while (auto next = co_await ends.next()) out("never here");
    out("end");
}

BRIO_SCENARIO(ASC_3_the_time_is_up) {
    const auto tasks = make({{"a", 10}, {"b", 100}});
    auto ends = as_completed(tasks, 50ms);
    try {
        while (auto next = co_await ends.next()) out("next", outcome(*next));
    } catch (const brio::timeout_error&) {
        out("next", std::current_exception());
    }
    out("at", out.at(), outcomes(tasks));
    co_await tasks[1].join();
}

BRIO_SCENARIO(ASC_8_a_task_given_twice) {
    auto tasks = make({{"a", 20}, {"b", 10}});
    tasks.push_back(tasks[0]);
    auto ends = as_completed(tasks);
    while (auto next = co_await ends.next()) out(next->result());
}

BRIO_SCENARIO(ASC_11_broken_off) {
    const auto tasks = make({{"a", 30}, {"b", 10}});
    {
        auto ends = as_completed(tasks);
        const auto next = co_await ends.next();
        out(next->result());
    }
    out(outcomes(tasks));
    co_await tasks[0].join();
    out("at", out.at());
}

BRIO_SCENARIO(ASC_5_with_work_in_between) {
    auto ends = as_completed(make({{"a", 10}, {"b", 20}, {"c", 30}}));
    while (auto next = co_await ends.next()) {
        out(next->result(), "at", out.at());
        co_await brio::sleep(25ms);
    }
}

}  // namespace
}  // namespace differential

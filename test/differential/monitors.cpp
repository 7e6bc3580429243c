// SPDX-License-Identifier: BSL-1.0
// condition, semaphore, barrier.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::cancelled_error;
using brio::create_task;

std::string describe_broken(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const brio::broken_barrier_error&) {
        return "broken";
    } catch (...) {
        return "";
    }
}
[[maybe_unused]] const bool added = add_description(&describe_broken);

awaitable<> waits(trace& out, brio::condition& condition, std::string name) {
    {
        const auto held = co_await condition.acquire();
        out(name, "waits");
        co_await condition.wait();
        out(name, "was notified at", out.at(), condition.locked());
    }
    out(name, "left");
}

awaitable<> notify(brio::condition& condition, std::size_t count) {
    const auto held = co_await condition.acquire();
    condition.notify(count);
}

BRIO_SCENARIO(CND_1_wait_gives_the_lock_up_and_has_it_again) {
    brio::condition condition;
    auto task = create_task(waits(out, condition, "a"));
    co_await turns(1);
    out("locked:", condition.locked());
    {
        const auto held = co_await condition.acquire();
        out("main holds");
        condition.notify();
        co_await turns(2);
        out("main gives back");
    }
    co_await task.join();
}

BRIO_SCENARIO(CND_4_notified_in_order) {
    brio::condition condition;
    std::vector<brio::task<>> tasks;
    for (const char* const name : {"a", "b", "c", "d"}) tasks.push_back(create_task(waits(out, condition, name)));
    co_await turns(1);
    co_await notify(condition, 1);
    co_await turns(5);
    out("--");
    co_await notify(condition, 2);
    co_await turns(5);
    out("--");
    co_await notify(condition, 2048);
    for (const auto& task : tasks) co_await task.join();
}

BRIO_SCENARIO(CND_4_notify_all) {
    brio::condition condition;
    std::vector<brio::task<>> tasks;
    for (const char* const name : {"a", "b", "c"}) tasks.push_back(create_task(waits(out, condition, name)));
    co_await turns(1);
    {
        const auto held = co_await condition.acquire();
        condition.notify_all();
    }
    for (const auto& task : tasks) co_await task.join();
}

BRIO_SCENARIO(notify_without_waiters_is_forgotten) {
    brio::condition condition;
    co_await notify(condition, 1);
    auto task = create_task(waits(out, condition, "a"));
    co_await turns(5);
    out("still waiting:", !task.done());
    co_await notify(condition, 1);
    co_await task.join();
}

BRIO_SCENARIO(without_the_lock_both_are_refused) {
    brio::condition condition;
    co_await attempt(out, "wait", condition.wait());
    try {
        condition.notify();
    } catch (const brio::error&) {
        out("notify", std::current_exception());
    }
}

awaitable<> cancelled_in_wait(trace& out, brio::condition& condition) {
    const auto held = co_await condition.acquire();
    try {
        co_await condition.wait();
    } catch (const cancelled_error&) {
        out(std::current_exception(), "locked:", condition.locked(), "at", out.at());
        throw;
    }
}

BRIO_SCENARIO(CND_6_a_cancelled_wait_holds_the_lock_again) {
    brio::condition condition;
    auto task = create_task(cancelled_in_wait(out, condition));
    co_await turns(1);
    task.cancel();
    co_await attempt(out, "main", task);
    out("locked:", condition.locked());
}

BRIO_SCENARIO(CND_7_a_cancelled_wait_waits_for_a_contested_lock) {
    brio::condition condition;
    auto task = create_task(cancelled_in_wait(out, condition));
    co_await turns(1);
    {
        const auto held = co_await condition.acquire();
        task.cancel();
        co_await brio::sleep(50ms);
        out("main gives back");
    }
    co_await attempt(out, "main", task);
}

awaitable<> waits_for_three(trace& out, brio::condition& condition, const int& value) {
    const auto held = co_await condition.acquire();
    const int got = co_await condition.wait_for([&value] { return value > 2 ? value : 0; });
    out("got", got, "at", out.at());
}

BRIO_SCENARIO(CND_12_wait_for_a_predicate) {
    brio::condition condition;
    int value = 0;
    auto task = create_task(waits_for_three(out, condition, value));
    for (int i = 0; i < 4; ++i) {
        co_await brio::sleep(10ms);
        const auto held = co_await condition.acquire();
        ++value;
        condition.notify_all();
    }
    co_await task.join();
}

BRIO_SCENARIO(CND_13_a_predicate_that_is_true_at_once) {
    brio::condition condition;
    const int got = co_await condition.wait_for([] { return 5; });
    out(got);
    co_await attempt(out, "false", condition.wait_for([] { return 0; }));
}

struct one_lock {
    brio::lock lock;
    brio::condition full{lock};
    brio::condition empty{lock};
    std::vector<int> items;
};

awaitable<> producer(trace& out, one_lock& shared) {
    for (int i = 0; i < 3; ++i) {
        const auto held = co_await shared.empty.acquire();
        co_await shared.empty.wait_for([&shared] { return shared.items.empty(); });
        shared.items.push_back(i);
        out("put", i);
        shared.full.notify();
    }
}

awaitable<> consumer(trace& out, one_lock& shared) {
    for (int i = 0; i < 3; ++i) {
        const auto held = co_await shared.full.acquire();
        co_await shared.full.wait_for([&shared] { return !shared.items.empty(); });
        out("got", shared.items.back());
        shared.items.pop_back();
        shared.empty.notify();
    }
}

BRIO_SCENARIO(two_conditions_of_one_lock) {
    one_lock shared;
    auto consuming = create_task(consumer(out, shared));
    auto producing = create_task(producer(out, shared));
    co_await consuming.join();
    co_await producing.join();
}

awaitable<> uses(trace& out, brio::semaphore& semaphore, std::string name, int ms) {
    const auto held = co_await semaphore.acquire();
    out(name, "in at", out.at());
    co_await brio::sleep(milliseconds(ms));
}

BRIO_SCENARIO(SEM_9_first_come_first_served) {
    brio::semaphore semaphore(2);
    auto a = create_task(uses(out, semaphore, "a", 30));
    auto b = create_task(uses(out, semaphore, "b", 10));
    auto c = create_task(uses(out, semaphore, "c", 10));
    auto d = create_task(uses(out, semaphore, "d", 10));
    co_await a.join();
    co_await b.join();
    co_await c.join();
    co_await d.join();
    out("at", out.at(), semaphore.locked());
}

awaitable<> taker(trace& out, brio::semaphore& semaphore, std::string name) {
    auto held = co_await semaphore.acquire();
    held.detach();
    out(name, "in");
}

BRIO_SCENARIO(SEM_4_two_releases_let_two_through) {
    brio::semaphore semaphore(0);
    auto a = create_task(taker(out, semaphore, "a"));
    auto b = create_task(taker(out, semaphore, "b"));
    auto c = create_task(taker(out, semaphore, "c"));
    co_await turns(1);
    out("locked:", semaphore.locked());
    semaphore.release();
    semaphore.release();
    co_await turns(3);
    const std::tuple<bool, bool, bool> done(a.done(), b.done(), c.done());
    out(done);
    semaphore.release();
    co_await c.join();
}

BRIO_SCENARIO(SEM_6_cancelled_before_the_release) {
    brio::semaphore semaphore(0);
    std::vector<brio::task<>> tasks;
    for (const char* const name : {"a", "b", "c", "d"}) tasks.push_back(create_task(taker(out, semaphore, name)));
    co_await turns(1);
    tasks[0].cancel();
    tasks[1].cancel();
    semaphore.release();
    co_await turns(4);
    std::vector<std::string> outcomes;
    for (const auto& task : tasks) outcomes.push_back(outcome(task));
    out(outcomes);
    semaphore.release();
    co_await tasks[3].join();
}

BRIO_SCENARIO(SEM_8_cancelled_with_the_permit_in_hand) {
    brio::semaphore semaphore(0);
    auto a = create_task(taker(out, semaphore, "a"));
    auto b = create_task(taker(out, semaphore, "b"));
    co_await turns(1);
    semaphore.release();
    a.cancel();
    co_await attempt(out, "a", a);
    co_await b.join();
    out(semaphore.locked());
}

BRIO_SCENARIO(SEM_13_a_bounded_one_refuses_too_many) {
    brio::bounded_semaphore bounded(1);
    brio::semaphore free(1);
    try {
        bounded.release();
    } catch (const brio::error&) {
        out(std::current_exception());
    }
    free.release();
    auto first = co_await free.acquire();
    auto second = co_await free.acquire();
    out(free.locked(), bounded.locked());
}

BRIO_SCENARIO(a_negative_value_is_refused) {
    try {
        const brio::semaphore negative(-1);
    } catch (const std::invalid_argument&) {
        out(std::current_exception());
    }
    const brio::semaphore none(0);
    out(none.locked());
    co_return;
}

awaitable<> passes(trace& out, brio::barrier& barrier, std::string name, int ms) {
    co_await brio::sleep(milliseconds(ms));
    const std::size_t number = co_await barrier.wait();
    out(name, "number", number, "at", out.at());
}

BRIO_SCENARIO(BAR_2_the_last_one_releases_all) {
    brio::barrier barrier(3);
    auto a = create_task(passes(out, barrier, "a", 30));
    auto b = create_task(passes(out, barrier, "b", 10));
    auto c = create_task(passes(out, barrier, "c", 20));
    co_await brio::sleep(25ms);
    out("waiting:", barrier.n_waiting(), barrier.broken());
    co_await a.join();
    co_await b.join();
    co_await c.join();
    out("waiting:", barrier.n_waiting());
}

BRIO_SCENARIO(BAR_3_of_one_party) {
    brio::barrier barrier(1);
    const std::size_t first = co_await barrier.wait();
    const std::size_t second = co_await barrier.wait();
    out(first, second);
}

awaitable<> runner(trace& out, brio::barrier& barrier, std::string name, int ms) {
    for (int i = 0; i < 3; ++i) {
        co_await brio::sleep(milliseconds(ms));
        (void)co_await barrier.wait();
        out(name, "round", i, "at", out.at());
    }
}

BRIO_SCENARIO(BAR_5_again_and_again) {
    brio::barrier barrier(2);
    auto a = create_task(runner(out, barrier, "a", 10));
    auto b = create_task(runner(out, barrier, "b", 20));
    co_await a.join();
    co_await b.join();
}

BRIO_SCENARIO(BAR_10_reset_while_they_wait) {
    brio::barrier barrier(3);
    auto a = create_task(attempt(out, "a", barrier.wait()));
    auto b = create_task(attempt(out, "b", barrier.wait()));
    co_await brio::sleep(10ms);
    barrier.reset();
    co_await a.join();
    co_await b.join();
    out(barrier.n_waiting(), barrier.broken());
    auto c = create_task(attempt(out, "c", barrier.wait()));
    auto d = create_task(attempt(out, "d", barrier.wait()));
    auto e = create_task(attempt(out, "e", barrier.wait()));
    co_await c.join();
    co_await d.join();
    co_await e.join();
}

BRIO_SCENARIO(BAR_14_aborted) {
    brio::barrier barrier(3);
    auto a = create_task(attempt(out, "a", barrier.wait()));
    auto b = create_task(attempt(out, "b", barrier.wait()));
    co_await brio::sleep(10ms);
    barrier.abort();
    co_await a.join();
    co_await b.join();
    out(barrier.broken());
    co_await attempt(out, "late", barrier.wait());
}

BRIO_SCENARIO(a_cancelled_party) {
    brio::barrier barrier(2);
    auto a = create_task(attempt(out, "a", barrier.wait()));
    co_await turns(1);
    a.cancel();
    co_await a.join();
    out(barrier.n_waiting(), barrier.broken());
    auto b = create_task(attempt(out, "b", barrier.wait()));
    auto c = create_task(attempt(out, "c", barrier.wait()));
    co_await b.join();
    co_await c.join();
}

}  // namespace
}  // namespace differential

// SPDX-License-Identifier: BSL-1.0
// Scenarios over futures and promises: several waiters, shields, who sets and who gives up, results from threads.
#include "proof/world.hpp"

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

// The cancel of one reader goes to the future, and so to the others.
awaitable<> reads(world& w, brio::future<int> result, int expected) {
    const frame here(w);
    cancel_point();
    EXPECT_EQ(co_await result.join(), expected);
}

// ... unless it is shielded.
awaitable<> reads_shielded(world& w, brio::future<int> result, int expected, int& readers) {
    const frame here(w);
    cancel_point();
    EXPECT_EQ(co_await brio::shield(result), expected);
    ++readers;
}

awaitable<> futures(world& w) {
    const frame here(w);
    brio::promise<int> source;
    auto a = create_task(reads(w, source.get_future(), 5));
    auto b = create_task(reads(w, source.get_future(), 5));
    co_await brio::sleep(1ms);
    EXPECT_EQ(source.try_set_value(5), !source.cancelled());
    cancel_point();
    co_await brio::gather(a, b);
}

awaitable<> future_with_shielded_readers(world& w) {
    const frame here(w);
    brio::promise<int> source;
    int readers = 0;
    auto a = create_task(reads_shielded(w, source.get_future(), 5, readers));
    auto b = create_task(reads_shielded(w, source.get_future(), 5, readers));
    co_await brio::sleep(1ms);
    EXPECT_FALSE(source.cancelled()) << "a shield lets no cancel through";
    source.set_value(5);
    cancel_point();
    const auto ends = co_await brio::gather(brio::return_exceptions, a, b);
    static_cast<void>(ends);
    EXPECT_GE(readers + brio::testing::injected_cancels(), 2) << "a cancel stops one of them at most";
}

awaitable<> shielded_future(world& w) {
    const frame here(w);
    const auto source = std::make_shared<brio::promise<>>();
    const timer setting(brio::get_running_loop().call_later(2ms, [source] { source->set_value(); }));
    cancel_point();
    co_await brio::shield(source->get_future());
}

awaitable<> future_that_is_done(world& w) {
    const frame here(w);
    brio::promise<int> source;
    source.set_value(3);
    cancel_point();
    EXPECT_EQ(co_await source.get_future().join(), 3);
    EXPECT_FALSE(source.try_set_value(4));
    co_await reads(w, source.get_future(), 3);
    co_await brio::sleep(0s);
}

awaitable<> future_that_fails(world& w) {
    const frame here(w);
    brio::promise<> source;
    const timer setting(brio::get_running_loop().call_later(1ms, [&source] {
        source.try_set_exception(std::runtime_error("failed on purpose"));
    }));
    const auto reader = [](world& books, brio::future<> result) -> awaitable<> {
        const frame mine(books);
        try {
            co_await result.join();
            ADD_FAILURE() << "it failed";
        } catch (const std::runtime_error&) {
        }
        cancel_point();
    };
    co_await brio::gather(reader(w, source.get_future()), reader(w, source.get_future()));
}

awaitable<> future_cancelled_by_its_promise(world& w) {
    const frame here(w);
    brio::promise<int> source;
    auto reader = create_task(reads(w, source.get_future(), 0));
    cancel_point();
    co_await brio::sleep(1ms);
    source.cancel("not today");
    EXPECT_TRUE(source.cancelled());
    co_await brio::wait(reader);
    EXPECT_TRUE(reader.cancelled());
}

awaitable<> promise_that_is_broken(world& w) {
    const frame here(w);
    brio::future<> result;
    {
        brio::promise<> source;
        result = source.get_future();
    }
    try {
        co_await result.join();
    } catch (const brio::broken_promise_error&) {
    }
    cancel_point();
    co_await brio::sleep(0s);
}

// Who was to set it is stopped: nobody waits for ever.
awaitable<> promise_of_a_task_that_is_stopped(world& w) {
    const frame here(w);
    brio::promise<int> source;
    const auto result = source.get_future();
    const auto producer = [](world& books, brio::promise<int> target) -> awaitable<> {
        const frame mine(books);
        cancel_point();
        co_await brio::sleep(2ms);
        if (!target.cancelled()) target.set_value(1);
    };
    auto working = create_task(producer(w, std::move(source)));
    try {
        co_await result.join();
    } catch (const brio::broken_promise_error&) {
        EXPECT_TRUE(working.done());
    }
    co_await brio::wait(working);
}

// Requests and replies, as a client of some protocol has them: who gives up takes its request back.
class replies {
public:
    brio::future<int> ask(int question) {
        open_.emplace_back(question, brio::promise<int>());
        return open_.back().second.get_future();
    }
    void answer_all() {
        for (auto& [question, reply] : std::exchange(open_, {})) reply.try_set_value(question + 1);
    }
    [[nodiscard]] bool empty() const { return open_.empty(); }

private:
    std::vector<std::pair<int, brio::promise<int>>> open_;
};

// When the server goes, so does the desk: those who wait for a reply hear of it.
awaitable<> futures_of_replies(world& w) {
    const frame here(w);
    const auto client = [](world& books, std::weak_ptr<replies> at, int question) -> awaitable<> {
        const frame mine(books);
        brio::future<int> reply;
        if (const auto desk = at.lock()) reply = desk->ask(question);
        cancel_point();
        if (!reply) co_return;
        try {
            EXPECT_EQ(co_await reply.join(), question + 1);
        } catch (const brio::broken_promise_error&) {
            EXPECT_TRUE(at.expired());
        }
    };
    const auto server = [](world& books, std::shared_ptr<replies> desk) -> awaitable<> {
        const frame mine(books);
        for (int i = 0; i < 3; ++i) {
            co_await brio::sleep(1ms);
            desk->answer_all();
        }
        EXPECT_TRUE(desk->empty());
    };
    auto desk = std::make_shared<replies>();
    const std::weak_ptr<replies> at = desk;
    auto serving = create_task(server(w, std::move(desk)));
    const auto ends = co_await brio::gather(brio::return_exceptions, client(w, at, 1), client(w, at, 2), client(w, at, 3));
    static_cast<void>(ends);
    co_await serving.join();
}

awaitable<> future_with_deadline(world& w) {
    const frame here(w);
    brio::promise<int> source;
    const timer setting(brio::get_running_loop().call_later(5ms, [&source] { source.try_set_value(1); }));
    try {
        co_await brio::wait_for(source.get_future(), 5ms);  // due at the same moment
    } catch (const brio::timeout_error&) {
        EXPECT_TRUE(source.cancelled());
    }
    cancel_point();
    co_await brio::sleep(0s);
}

awaitable<> future_with_deadline_and_shield(world& w) {
    const frame here(w);
    brio::promise<int> source;
    try {
        co_await brio::wait_for(brio::shield(source.get_future()), 2ms);
    } catch (const brio::timeout_error&) {
    }
    EXPECT_FALSE(source.cancelled());
    source.set_value(1);
    co_await reads(w, source.get_future(), 1);
}

awaitable<> futures_waited_for(world& w) {
    const frame here(w);
    brio::promise<int> first;
    brio::promise<int> second;
    const timer one(brio::get_running_loop().call_later(1ms, [&first] { first.try_set_value(1); }));
    const timer two(brio::get_running_loop().call_later(3ms, [&second] { second.try_set_value(2); }));
    const auto early = co_await brio::wait(first.get_future(), second.get_future(), brio::first_completed);
    EXPECT_GE(early.done.size(), 1U);
    cancel_point();
    auto ends = brio::as_completed(first.get_future(), second.get_future());
    int count = 0;
    while (co_await ends.next()) ++count;
    EXPECT_EQ(count, 2);
}

awaitable<> futures_gathered(world& w) {
    const frame here(w);
    brio::promise<int> first;
    brio::promise<> second;
    const timer one(brio::get_running_loop().call_later(2ms, [&first] { first.try_set_value(1); }));
    const timer two(brio::get_running_loop().call_later(1ms, [&second] { second.try_set_value(); }));
    cancel_point();
    co_await brio::gather(first.get_future(), second.get_future(), nap(w, 1ms));
}

awaitable<> futures_raced(world& w) {
    const frame here(w);
    brio::promise<int> first;
    brio::promise<int> second;
    const timer one(brio::get_running_loop().call_later(2ms, [&first] { first.try_set_value(1); }));
    const auto won = co_await brio::race(first.get_future(), second.get_future(), value_after(w, 2ms, 3));
    EXPECT_TRUE(won.index == 0 || won.index == 2);
    EXPECT_TRUE(second.cancelled()) << "losers are cancelled";
    cancel_point();
}

awaitable<> future_with_callbacks(world& w) {
    const frame here(w);
    brio::promise<int> source;
    const auto called = std::make_shared<int>(0);
    const auto result = source.get_future();
    result.add_done_callback([&w, called](const brio::task_handle&) {
        w.called();
        ++*called;
    });
    const auto removed = result.add_done_callback([](const brio::task_handle&) { ADD_FAILURE() << "it was removed"; });
    EXPECT_TRUE(result.remove_done_callback(removed));
    auto reader = create_task(reads(w, result, 2));
    co_await brio::sleep(1ms);
    source.try_set_value(2);
    cancel_point();
    co_await reader.join();
    co_await brio::sleep(0s);
    EXPECT_EQ(*called, 1);
}

// A future of a task of a future: a cancel goes all the way, a value comes all the way.
awaitable<> future_behind_tasks(world& w) {
    const frame here(w);
    brio::promise<int> source;
    const auto pass_on = [](world& books, brio::future<int> result) -> awaitable<int> {
        const frame mine(books);
        cancel_point();
        co_return co_await result.join();
    };
    auto outer = create_task(pass_on(w, create_task(pass_on(w, source.get_future()))));
    co_await brio::sleep(1ms);
    EXPECT_EQ(source.try_set_value(9), !source.cancelled());
    EXPECT_EQ(co_await outer.join(), 9);
}

// --- from threads ----------------------------------------------------------------------------------------------

// The job counts as work that is under way: virtual time waits for it.
awaitable<> set_in_a_thread(brio::threadsafe_promise<int> target, int value) {
    const auto shared = std::make_shared<brio::threadsafe_promise<int>>(std::move(target));
    const auto job = [shared, value] { shared->set_value(value); };
    co_await brio::to_thread(job);
}

awaitable<> future_set_by_a_thread(world& w) {
    const frame here(w);
    brio::threadsafe_promise<int> source;
    const auto result = source.get_future();
    auto work = create_task(set_in_a_thread(std::move(source), 4));
    auto other = create_task(reads(w, result, 4));
    cancel_point();
    try {
        EXPECT_EQ(co_await result.join(), 4);
    } catch (const brio::broken_promise_error&) {
        EXPECT_GT(brio::testing::injected_cancels(), 0) << "the job was stopped before it began";
    }
    const auto ends = co_await brio::gather(brio::return_exceptions, work, other);
    static_cast<void>(ends);
}

awaitable<> future_broken_in_a_thread(world& w) {
    const frame here(w);
    const auto drop = [](brio::threadsafe_promise<int> target) -> awaitable<> {
        auto shared = std::make_shared<brio::threadsafe_promise<int>>(std::move(target));
        const auto job = [shared] { static_cast<void>(shared->stop_token()); };
        shared.reset();
        co_await brio::to_thread(job);
    };
    brio::threadsafe_promise<int> source;
    const auto result = source.get_future();
    auto work = create_task(drop(std::move(source)));
    try {
        co_await result.join();
        ADD_FAILURE() << "nobody set it";
    } catch (const brio::broken_promise_error&) {
    }
    cancel_point();
    co_await brio::wait(work);
}

awaitable<> future_cancelled_before_a_thread_sets_it(world& w) {
    const frame here(w);
    brio::threadsafe_promise<int> source;
    const auto result = source.get_future();
    result.cancel();
    cancel_point();
    co_await set_in_a_thread(std::move(source), 4);
    EXPECT_TRUE(result.cancelled());
}

}  // namespace

std::vector<entry> future_scenarios() {
    return {
        {"futures", futures},
        {"future_with_shielded_readers", future_with_shielded_readers},
        {"shielded_future", shielded_future},
        {"future_that_is_done", future_that_is_done},
        {"future_that_fails", future_that_fails},
        {"future_cancelled_by_its_promise", future_cancelled_by_its_promise},
        {"promise_that_is_broken", promise_that_is_broken},
        {"promise_of_a_task_that_is_stopped", promise_of_a_task_that_is_stopped},
        {"futures_of_replies", futures_of_replies},
        {"future_with_deadline", future_with_deadline},
        {"future_with_deadline_and_shield", future_with_deadline_and_shield},
        {"futures_waited_for", futures_waited_for},
        {"futures_gathered", futures_gathered},
        {"futures_raced", futures_raced},
        {"future_with_callbacks", future_with_callbacks},
        {"future_behind_tasks", future_behind_tasks},
        {"future_set_by_a_thread", future_set_by_a_thread},
        {"future_broken_in_a_thread", future_broken_in_a_thread},
        {"future_cancelled_before_a_thread_sets_it", future_cancelled_before_a_thread_sets_it},
    };
}

}  // namespace brio_proof

// SPDX-License-Identifier: BSL-1.0
// The task tree as text: names, states, what is waited for, who waits for whom.
#include <brio/debug/print_tasks.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;

std::string tree() { return brio::format_tasks(brio::get_running_loop()); }

// The line of `text` that speaks of task `name`; empty when there is none.
std::string line_of(const std::string& text, const std::string& name) {
    const auto at = text.find(" " + name + " [");
    if (at == text.npos) return "";
    const auto begin = text.rfind('\n', at) + 1;
    return text.substr(begin, text.find('\n', at) - begin);
}
std::size_t indent_of(const std::string& line) { return line.find_first_not_of(' '); }
bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

awaitable<> wait_for_event(brio::event& signal) { co_await signal.wait(); }
awaitable<> join(brio::task<> other) { co_await other.join(); }

BRIO_TEST(print_tasks, TASK_9_shows_name_state_and_place) {
    brio::event signal;
    brio::current_task().set_name("the test");
    auto waiting = create_task(wait_for_event(signal), "waiter");
    EXPECT_TRUE(contains(line_of(tree(), "waiter"), "waiter [not started]")) << tree();
    co_await brio::sleep(0s);
    EXPECT_TRUE(contains(line_of(tree(), "the test"), "the test [running]")) << tree();
    EXPECT_TRUE(contains(line_of(tree(), "waiter"), "waiter [waiting]")) << tree();
    EXPECT_TRUE(contains(line_of(tree(), "waiter"), "created at print_tasks_test.cpp:")) << tree();
    signal.set();
    EXPECT_TRUE(contains(line_of(tree(), "waiter"), "waiter [ready]")) << tree();
    co_await waiting.join();
    EXPECT_EQ(line_of(tree(), "waiter"), "") << "a task that is done is not listed";
}

BRIO_TEST(print_tasks, TASK_9_shows_a_pending_cancel) {
    brio::event signal;
    auto inner = create_task([&signal]() -> awaitable<> {
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error&) {
        }
        co_await signal.wait();
    }, "inner");
    co_await brio::sleep(0s);
    inner.cancel();
    EXPECT_TRUE(contains(line_of(tree(), "inner"), "cancelling")) << tree();
    co_await brio::sleep(0s);
    EXPECT_TRUE(contains(line_of(tree(), "inner"), "[waiting, cancelling] in event.wait()")) << tree();
    signal.set();
    co_await inner.join();
}

BRIO_TEST_REAL_TIME(print_tasks, TASK_10_shows_what_each_task_waits_for) {
    brio::event signal;
    brio::lock lock;
    brio::queue<int> empty;
    brio::queue<int> full(1);
    full.put_nowait(1);
    const auto guard = co_await lock.acquire();
    std::vector<brio::task_handle> all;
    all.push_back(create_task(wait_for_event(signal), "e"));
    all.push_back(create_task([&lock]() -> awaitable<> { const auto held = co_await lock.acquire(); }, "l"));
    all.push_back(create_task([&empty]() -> awaitable<> { co_await empty.get(); }, "g"));
    all.push_back(create_task([&full]() -> awaitable<> { co_await full.put(2); }, "p"));
    all.push_back(create_task(brio::sleep(1h), "s"));
    all.push_back(create_task([]() -> awaitable<> { co_await brio::gather(brio::sleep(1h), brio::sleep(1h)); }, "a"));
    all.push_back(create_task([]() -> awaitable<> { co_await brio::wait_for(brio::sleep(1h), 1h); }, "w"));
    all.push_back(create_task([]() -> awaitable<> { co_await brio::shield(brio::sleep(1ms)); }, "h"));
    all.push_back(create_task([]() -> awaitable<> {
        boost::asio::steady_timer timer(brio::get_running_loop().context(), 1h);
        co_await timer.async_wait(boost::asio::use_awaitable);
    }, "x"));
    co_await brio::sleep(0s);
    const std::string text = tree();
    EXPECT_TRUE(contains(line_of(text, "e"), "in event.wait()")) << text;
    EXPECT_TRUE(contains(line_of(text, "l"), "in lock.acquire()")) << text;
    EXPECT_TRUE(contains(line_of(text, "g"), "in queue.get()")) << text;
    EXPECT_TRUE(contains(line_of(text, "p"), "in queue.put()")) << text;
    EXPECT_TRUE(contains(line_of(text, "s"), "in sleep")) << text;
    EXPECT_TRUE(contains(line_of(text, "a"), "in gather")) << text;
    EXPECT_TRUE(contains(line_of(text, "w"), "deadline")) << text;
    EXPECT_TRUE(contains(line_of(text, "h"), "in shield")) << text;
    EXPECT_TRUE(contains(line_of(text, "x"), "in an Asio operation")) << text;
    for (const brio::task_handle& task : all) task.cancel();
    co_await brio::sleep(5ms);
    EXPECT_EQ(brio::all_tasks().size(), 1U) << tree();
}

BRIO_TEST(print_tasks, GRAPH_1_a_task_stands_under_the_first_of_those_that_wait_for_it) {
    brio::event signal;
    auto root = create_task(wait_for_event(signal), "root");
    auto a = create_task(join(root), "a");
    auto b = create_task(join(root), "b");
    co_await brio::sleep(0s);
    const std::string text = tree();
    for (const std::string name : {"a", "b"}) {
        EXPECT_TRUE(contains(line_of(text, name), "in task.join() at print_tasks_test.cpp:")) << text;
        EXPECT_EQ(indent_of(line_of(text, name)), 2U) << text;
    }
    EXPECT_EQ(indent_of(line_of(text, "root")), 4U) << text;
    EXPECT_TRUE(contains(text, "(see above)")) << text;
    EXPECT_TRUE(contains(text, "4 task(s) not done")) << text;
    signal.set();
    co_await brio::gather(a, b);
}

BRIO_TEST(print_tasks, GRAPH_5_tasks_without_waiters_are_roots) {
    auto one = create_task(brio::sleep(1s), "one");
    auto two = create_task(brio::sleep(1s), "two");
    co_await brio::sleep(0s);
    const std::string text = tree();
    EXPECT_EQ(indent_of(line_of(text, "one")), 2U) << text;
    EXPECT_EQ(indent_of(line_of(text, "two")), 2U) << text;
    co_await brio::gather(one, two);
}

BRIO_TEST(print_tasks, GRAPH_6_tasks_that_wait_for_each_other_are_named) {
    brio::task<> first;
    auto second = create_task([&first]() -> awaitable<> { co_await first.join(); }, "second");
    first = create_task(join(second), "first");
    co_await brio::sleep(0s);
    const std::string text = tree();
    EXPECT_TRUE(contains(text, "circle")) << text;
    EXPECT_NE(line_of(text, "first"), "") << text;
    EXPECT_NE(line_of(text, "second"), "") << text;
    first.cancel();
    EXPECT_THROW(co_await second.join(), brio::cancelled_error);
    first = {};
}

BRIO_TEST(print_tasks, GRAPH_8_deep_chains_are_drawn_complete) {
    brio::event signal;
    constexpr int depth = 50;
    auto last = create_task(wait_for_event(signal), "t0");
    for (int i = 1; i < depth; ++i) last = create_task(join(std::move(last)), "t" + std::to_string(i));
    co_await brio::sleep(0s);
    const std::string text = tree();
    for (int i = 1; i < depth; ++i) {
        BRIO_ASSERT_EQ(indent_of(line_of(text, "t" + std::to_string(i))),
                       indent_of(line_of(text, "t" + std::to_string(i - 1))) - 2);
    }
    signal.set();
    co_await last.join();
}

BRIO_TEST(print_tasks, prints_to_standard_error) {
    ::testing::internal::CaptureStderr();
    brio::print_tasks();
    const std::string text = ::testing::internal::GetCapturedStderr();
    EXPECT_TRUE(contains(text, "1 task(s) not done")) << text;
    co_return;
}

TEST(print_tasks, a_loop_without_tasks) {
    brio::loop loop;
    EXPECT_EQ(brio::format_tasks(loop), "0 task(s) not done\n");
    EXPECT_THROW(brio::print_tasks(), brio::loop_error);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Who waits for a task, level by level.
#include <brio/debug/call_graph.hpp>

#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <algorithm>
#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::contains;
using brio_test::thrown_by;

awaitable<> wait_for_event(brio::event& signal) { co_await signal.wait(); }
awaitable<> join(brio::task<> other) { co_await other.join(); }

std::size_t lines(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }
bool starts_line(const std::string& text, const std::string& part) {
    return text.starts_with(part) || contains(text, "\n" + part);
}

BRIO_TEST(call_graph, GRAPH_1_a_task_and_recursively_everyone_awaiting_it) {
    brio::event signal;
    std::string graph;
    auto inner = create_task([&signal, &graph]() -> awaitable<> {
        co_await signal.wait();
        graph = brio::format_call_graph();
    }, "inner");
    auto a = create_task(join(inner), "a");
    auto b = create_task(join(inner), "b");
    auto c = create_task(join(inner), "c");
    auto outer = create_task(join(a), "outer");
    co_await brio::sleep(0s);
    const std::string seen = brio::format_call_graph(inner);
    EXPECT_TRUE(seen.starts_with("  inner [waiting] in event.wait()")) << seen;
    for (const std::string name : {"a", "b", "c"}) {
        EXPECT_TRUE(starts_line(seen, "    " + name + " [waiting] in task.join() at call_graph_test.cpp:")) << seen;
    }
    EXPECT_TRUE(starts_line(seen, "      outer [")) << seen;
    EXPECT_EQ(lines(seen), 5U) << seen;
    signal.set();
    co_await brio::gather(b, c, outer);
    EXPECT_TRUE(graph.starts_with("  inner [running], created at ")) << graph;
    EXPECT_TRUE(starts_line(graph, "        main [waiting] in gather")) << graph;
    EXPECT_EQ(lines(graph), 8U) << "main waits for b and c too\n" << graph;
}

BRIO_TEST(call_graph, GRAPH_1_a_gather_waits_for_all_its_children) {
    brio::event signal;
    auto one = create_task(wait_for_event(signal), "one");
    auto two = create_task(wait_for_event(signal), "two");
    auto both = create_task([](brio::task<> a, brio::task<> b) -> awaitable<> {
        co_await brio::gather(a, b);
    }(one, two), "both");
    co_await brio::sleep(0s);
    EXPECT_TRUE(starts_line(brio::format_call_graph(one), "    both [waiting] in gather")) << brio::format_call_graph(one);
    EXPECT_TRUE(starts_line(brio::format_call_graph(two), "    both [waiting] in gather")) << brio::format_call_graph(two);
    signal.set();
    co_await both.join();
}

BRIO_TEST(call_graph, GRAPH_4_a_bare_future_has_no_stack_but_known_waiters) {
    brio::promise<> source;
    const auto wait = [](brio::future<> waited) -> awaitable<> { co_await waited.join(); };
    auto a = create_task(wait(source.get_future()), "a");
    auto b = create_task(wait(source.get_future()), "b");
    co_await brio::sleep(0s);
    const std::string seen = brio::format_call_graph(source.get_future());
    EXPECT_TRUE(seen.starts_with("  Future-")) << seen;
    EXPECT_TRUE(starts_line(seen, "    a [waiting] in task.join()")) << seen;
    EXPECT_TRUE(starts_line(seen, "    b [waiting] in task.join()")) << seen;
    source.set_value();
    co_await brio::gather(a, b);
}

BRIO_TEST(call_graph, GRAPH_9_limit_cuts_from_either_end_and_0_omits_the_rest) {
    brio::event signal;
    auto inner = create_task(wait_for_event(signal), "t0");
    auto last = inner;
    for (int i = 1; i < 5; ++i) last = create_task(join(std::move(last)), "t" + std::to_string(i));
    co_await brio::sleep(0s);

    const std::string none = brio::format_call_graph(inner, 0);
    EXPECT_TRUE(none.starts_with("  t0 [")) << none;
    EXPECT_EQ(none.find("t1"), none.npos) << none;
    EXPECT_TRUE(contains(none, "... 1 more")) << none;

    const std::string near = brio::format_call_graph(inner, 2);
    EXPECT_TRUE(contains(near, "t0 [") && contains(near, "t1 [") && contains(near, "t2 [")) << near;
    EXPECT_FALSE(contains(near, "t3 [")) << near;

    const std::string far = brio::format_call_graph(inner, -2);
    EXPECT_TRUE(far.starts_with("  t3 [")) << far;
    EXPECT_TRUE(starts_line(far, "    t4 [")) << far;
    EXPECT_EQ(lines(far), 2U) << far;

    EXPECT_EQ(brio::format_call_graph(inner, 99), brio::format_call_graph(inner));
    EXPECT_EQ(brio::format_call_graph(inner, -99), brio::format_call_graph(inner));
    signal.set();
    co_await last.join();
}

TEST(call_graph, GRAPH_9_no_current_task_gives_none) {
    EXPECT_EQ(brio::format_call_graph(), "");
    std::string in_callback = "not called";
    brio::loop loop;
    loop.call_soon([&] {
        in_callback = brio::format_call_graph();
        loop.stop();
    });
    loop.run_forever();
    EXPECT_EQ(in_callback, "");
}

BRIO_TEST(call_graph, a_task_that_is_done_or_none) {
    auto task = create_task(brio::sleep(0s));
    co_await task.join();
    EXPECT_EQ(brio::format_call_graph(task), "");
    const std::string error = thrown_by([] { static_cast<void>(brio::format_call_graph(brio::task_handle())); });
    EXPECT_TRUE(contains(error, "the task handle is empty")) << error;
}

BRIO_TEST(call_graph, prints_to_standard_error) {
    ::testing::internal::CaptureStderr();
    brio::print_call_graph();
    const std::string text = ::testing::internal::GetCapturedStderr();
    EXPECT_TRUE(contains(text, "main [running]")) << text;
    co_return;
}

}  // namespace

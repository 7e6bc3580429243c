// SPDX-License-Identifier: BSL-1.0
// The picture of a loop's tasks: data, circles, text, table, JSON.
#include <brio/debug/task_tree.hpp>

#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::task_info;
using brio::task_tree;
using brio_test::contains;
using ids = std::vector<std::uint64_t>;

constexpr unsigned event_line = __LINE__ + 1;
awaitable<> wait_for_event(brio::event& signal) { co_await signal.wait(); }
awaitable<> join(brio::task<> other) { co_await other.join(); }

const task_info& named(const task_tree& tree, const std::string& name) {
    for (const task_info& task : tree.tasks()) {
        if (task.name == name) return task;
    }
    throw std::runtime_error("no task " + name + " in\n" + tree.to_text());
}

const std::string event_place = "task_tree_test.cpp:" + std::to_string(event_line);
const std::string join_place = "task_tree_test.cpp:" + std::to_string(event_line + 1);

std::size_t lines(const std::string& text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n')); }

// A tree out of names and edges: task i has the id i + 1.
task_tree made(const std::vector<ids>& awaits) {
    std::vector<task_info> tasks;
    for (const ids& edges : awaits) {
        task_info task;
        task.id = tasks.size() + 1;
        task.name = "t" + std::to_string(task.id);
        task.state = "waiting";
        task.awaits = edges;
        tasks.push_back(std::move(task));
    }
    return task_tree(std::move(tasks));
}

BRIO_TEST(task_tree, holds_what_is_known_of_each_task) {
    brio::event signal;
    auto worker = create_task(wait_for_event(signal), "worker");
    const auto line = static_cast<std::uint_least32_t>(__LINE__ - 1);
    co_await brio::sleep(3s);
    auto joiner = create_task(join(worker), "joiner");
    co_await brio::sleep(2s);
    const task_tree tree = brio::capture_task_tree();
    const task_info& main = named(tree, "main");
    EXPECT_EQ(main.state, "running");
    EXPECT_EQ(main.waits_for, "");
    EXPECT_EQ(main.age, 5s);
    const task_info& waiting = named(tree, "worker");
    EXPECT_EQ(waiting.state, "waiting");
    EXPECT_EQ(waiting.waits_for, "event.wait()");
    EXPECT_EQ(waiting.waits_at.line(), event_line);
    EXPECT_TRUE(contains(waiting.waits_at.file_name(), "task_tree_test.cpp"));
    EXPECT_EQ(waiting.created_at.line(), line);
    EXPECT_EQ(waiting.age, 5s);
    EXPECT_EQ(waiting.waiting, 5s);
    EXPECT_EQ(named(tree, "joiner").age, 2s);
    EXPECT_EQ(named(tree, "joiner").awaits, ids{waiting.id});
    EXPECT_EQ(waiting.waiters, ids{named(tree, "joiner").id});
    EXPECT_EQ(tree.find(waiting.id), &waiting);
    EXPECT_EQ(tree.find(999), nullptr);
    EXPECT_TRUE(contains(tree.to_text(), "in event.wait() at " + event_place + " for 5.0 s, created at ")) << tree.to_text();
    signal.set();
    co_await joiner.join();
}

BRIO_TEST(task_tree, GRAPH_1_a_task_awaited_by_three_has_three_waiters) {
    brio::event signal;
    auto root = create_task(wait_for_event(signal), "root");
    auto a = create_task(join(root), "a");
    auto b = create_task(join(root), "b");
    auto c = create_task(join(root), "c");
    co_await brio::sleep(0s);
    const task_tree tree = brio::capture_task_tree();
    const ids expected{named(tree, "a").id, named(tree, "b").id, named(tree, "c").id};
    EXPECT_EQ(named(tree, "root").waiters, expected);
    signal.set();
    co_await brio::gather(a, b, c);
}

BRIO_TEST(task_tree, a_gather_waits_for_each_child_that_is_not_done) {
    brio::event signal;
    auto gathering = create_task([&signal]() -> awaitable<> {
        co_await brio::gather(wait_for_event(signal), brio::sleep(1s), wait_for_event(signal));
    }, "gathering");
    co_await brio::sleep(0s);
    co_await brio::sleep(0s);
    EXPECT_EQ(named(brio::capture_task_tree(), "gathering").awaits.size(), 3U);
    co_await brio::sleep(2s);
    EXPECT_EQ(named(brio::capture_task_tree(), "gathering").awaits.size(), 2U);
    signal.set();
    co_await gathering.join();
}

BRIO_TEST(task_tree, waits_for_several_tasks_show_each) {
    brio::event signal;
    std::vector<brio::task<>> inner;
    for (int i = 0; i < 3; ++i) inner.push_back(create_task(wait_for_event(signal)));
    auto waiting = create_task([](std::vector<brio::task<>> tasks) -> awaitable<> {
        co_await brio::wait(std::move(tasks));
    }(inner), "waiting");
    auto racing = create_task([](brio::task<> a, brio::task<> b) -> awaitable<> {
        co_await brio::race(a, b);
    }(inner[0], inner[1]), "racing");
    co_await brio::sleep(0s);
    const task_tree tree = brio::capture_task_tree();
    EXPECT_EQ(named(tree, "waiting").awaits.size(), 3U);
    EXPECT_EQ(named(tree, "racing").awaits.size(), 2U);
    signal.set();
    co_await brio::gather(waiting, racing);
}

BRIO_TEST(task_tree, waits_for_one_inner_task_show_it) {
    brio::event signal;
    auto timed = create_task([&signal]() -> awaitable<> { co_await brio::wait_for(signal.wait(), 1h); }, "timed");
    auto shielded = create_task([&signal]() -> awaitable<> { co_await brio::shield(signal.wait()); }, "shielded");
    co_await brio::sleep(0s);
    co_await brio::sleep(0s);
    const task_tree tree = brio::capture_task_tree();
    for (const std::string name : {"timed", "shielded"}) {
        BRIO_ASSERT_EQ(named(tree, name).awaits.size(), 1U);
        EXPECT_EQ(tree.find(named(tree, name).awaits.front())->waits_for, "event.wait()");
    }
    signal.set();
    co_await brio::gather(timed, shielded);
}

TEST(task_tree, GRAPH_5_tasks_without_waiters_are_roots) {
    const task_tree tree = made({{2, 3}, {4}, {4}, {}, {}});
    EXPECT_EQ(tree.roots(), (ids{1, 5}));
    const std::string text = tree.to_text();
    const std::string expected =
        "5 task(s) not done\n"
        "  t1 [waiting], created 0 us ago\n"
        "    t2 [waiting], created 0 us ago\n"
        "      t4 [waiting], created 0 us ago\n"
        "    t3 [waiting], created 0 us ago\n"
        "      t4 [waiting], created 0 us ago (see above)\n"
        "  t5 [waiting], created 0 us ago\n";
    EXPECT_EQ(text, expected);
}

TEST(task_tree, GRAPH_6_circles_are_named) {
    const task_tree tree = made({{2}, {3}, {2}, {}});
    EXPECT_EQ(tree.circles(), (std::vector<ids>{{2, 3}}));
    const std::string text = tree.to_text();
    EXPECT_TRUE(contains(text, "  a circle of tasks that wait for each other: t2 -> t3 -> t2\n")) << text;
    EXPECT_TRUE(contains(text, "t2 [waiting], created 0 us ago (see above)\n")) << text;
    EXPECT_EQ(made({{2}, {1}}).roots(), ids());
    EXPECT_EQ(lines(made({{2}, {1}}).to_text()), 5U) << "a circle without a root is drawn too";
}

TEST(task_tree, GRAPH_6_several_circles_through_one_task_and_a_task_that_awaits_itself) {
    EXPECT_EQ(made({{2, 3}, {1}, {1}}).circles(), (std::vector<ids>{{1, 2}, {1, 3}}));
    EXPECT_EQ(made({{1}}).circles(), (std::vector<ids>{{1}}));
    EXPECT_TRUE(contains(made({{1}}).to_text(), "t1 -> t1"));
    EXPECT_EQ(made({{2, 3}, {4}, {4}, {}}).circles(), std::vector<ids>());
}

BRIO_TEST(task_tree, GRAPH_6_of_live_tasks) {
    brio::task<> first;
    auto second = create_task([&first]() -> awaitable<> { co_await first.join(); }, "second");
    first = create_task(join(second), "first");
    co_await brio::sleep(0s);
    const task_tree tree = brio::capture_task_tree();
    EXPECT_EQ(tree.circles(), (std::vector<ids>{{named(tree, "second").id, named(tree, "first").id}}));
    first.cancel();
    EXPECT_THROW(co_await second.join(), brio::cancelled_error);
    first = {};
}

BRIO_TEST(task_tree, GRAPH_7_the_table_has_task_wait_and_waiters) {
    brio::event signal;
    auto worker = create_task(wait_for_event(signal), "worker");
    auto joiner = create_task(join(worker), "joiner");
    co_await brio::sleep(0s);
    const std::string table = brio::capture_task_tree().to_table();
    EXPECT_TRUE(table.starts_with("id  task    state    age   waits for     at                     on      waiters\n")) << table;
    EXPECT_TRUE(contains(table, "worker  waiting  0 us  event.wait()  " + event_place + "          joiner\n")) << table;
    EXPECT_TRUE(contains(table, "joiner  waiting  0 us  task.join()   " + join_place + "  worker\n")) << table;
    EXPECT_TRUE(contains(table, "main    running  0 us\n")) << table;
    signal.set();
    co_await joiner.join();
}

TEST(task_tree, GRAPH_7_empty_input_and_unknown_ids_are_fine) {
    EXPECT_EQ(task_tree().to_table(), "id  task  state  age  waits for  at  on  waiters\n");
    EXPECT_EQ(task_tree().to_text(), "0 task(s) not done\n");
    EXPECT_EQ(task_tree().to_json(), "{\"tasks\":[],\"circles\":[]}");
    EXPECT_EQ(task_tree().to_call_graph(1), "");
    std::vector<task_info> tasks(1);
    tasks[0].id = 1;
    tasks[0].name = "one";
    tasks[0].awaits = {7};
    tasks[0].waiters = {9};
    const task_tree tree(std::move(tasks));
    EXPECT_TRUE(contains(tree.to_table(), "?7  ?9\n")) << tree.to_table();
    EXPECT_TRUE(contains(tree.to_call_graph(1), "    ?9 [not known]\n")) << tree.to_call_graph(1);
    EXPECT_EQ(lines(tree.to_text()), 3U) << "a task whose waiter is not known is drawn all the same\n" << tree.to_text();
}

TEST(task_tree, GRAPH_9_limit_cuts_the_branches) {
    const task_tree tree = made({{2, 5}, {3}, {4}, {}, {}});
    EXPECT_EQ(lines(tree.to_text(0)), 3U) << tree.to_text(0);
    EXPECT_TRUE(contains(tree.to_text(0), "    ... 2 more\n")) << tree.to_text(0);
    const std::string one = tree.to_text(1);
    EXPECT_TRUE(contains(one, "    t2 [") && contains(one, "    t5 [") && contains(one, "      ... 1 more\n")) << one;
    EXPECT_FALSE(contains(one, "t3 [")) << one;
    const std::string far = tree.to_text(-1);
    EXPECT_EQ(lines(far), 3U) << far;
    EXPECT_TRUE(contains(far, "  t4 [") && contains(far, "  t5 [")) << far;
}

TEST(task_tree, GRAPH_8_a_chain_of_100000_tasks_is_complete_in_every_form) {
    constexpr std::size_t depth = 100'000;
    std::vector<ids> awaits;
    for (std::size_t i = 0; i + 1 < depth; ++i) awaits.push_back({i + 2});
    awaits.emplace_back();
    const task_tree tree = made(awaits);
    EXPECT_EQ(lines(tree.to_text()), depth + 1);
    EXPECT_TRUE(contains(tree.to_text(), "(level 100000) t100000 ["));
    EXPECT_EQ(lines(tree.to_call_graph(depth)), depth);
    EXPECT_EQ(lines(tree.to_call_graph(depth, -3)), 3U);
    EXPECT_EQ(lines(tree.to_table()), depth + 1);
    EXPECT_GT(tree.to_json().size(), depth * 100);
    awaits.back().push_back(1);
    const std::vector<ids> circles = made(awaits).circles();
    ASSERT_EQ(circles.size(), 1U);
    EXPECT_EQ(circles.front().size(), depth);
}

BRIO_TEST(task_tree, JSON_has_every_field) {
    brio::event signal;
    auto worker = create_task(wait_for_event(signal), "worker");
    auto joiner = create_task(join(worker), "joiner");
    co_await brio::sleep(2s);
    const task_tree tree = brio::capture_task_tree();
    const boost::json::value parsed = boost::json::parse(tree.to_json());
    const auto& tasks = parsed.at("tasks").as_array();
    BRIO_ASSERT_EQ(tasks.size(), 3U);
    EXPECT_EQ(tasks[0].at("name").as_string(), "main");
    EXPECT_EQ(tasks[0].at("state").as_string(), "running");
    EXPECT_TRUE(tasks[0].at("waits_for").is_null());
    EXPECT_TRUE(tasks[0].at("waits_at").is_null());
    const auto& waiting = tasks[1];
    EXPECT_EQ(waiting.at("id").as_int64(), static_cast<std::int64_t>(named(tree, "worker").id));
    EXPECT_EQ(waiting.at("waits_for").as_string(), "event.wait()");
    EXPECT_EQ(waiting.at("waits_at").at("line").as_int64(), event_line);
    EXPECT_EQ(waiting.at("age_us").as_int64(), 2'000'000);
    EXPECT_EQ(waiting.at("waiting_us").as_int64(), 2'000'000);
    EXPECT_EQ(waiting.at("cancelling").as_int64(), 0);
    EXPECT_EQ(waiting.at("waiters").as_array().size(), 1U);
    EXPECT_EQ(tasks[2].at("awaits").as_array().at(0), waiting.at("id"));
    EXPECT_TRUE(parsed.at("circles").as_array().empty());
    signal.set();
    co_await joiner.join();
}

TEST(task_tree, JSON_is_valid_whatever_the_names_contain) {
    const std::string names[] = {"quote \" back \\ slash", "control \x01\n\t", "\u00e4\u20ac\U0001F600 fine",
                                 "cut \xE2\x82", "alone \x80", "overlong \xC0\xAF", "surrogate \xED\xA0\x80",
                                 "too high \xF4\x90\x80\x80", "\xFF"};
    std::vector<task_info> tasks;
    for (const std::string& name : names) {
        task_info task;
        task.id = tasks.size() + 1;
        task.name = name;
        tasks.push_back(std::move(task));
    }
    const boost::json::value parsed = boost::json::parse(task_tree(std::move(tasks)).to_json());
    const auto& read = parsed.at("tasks").as_array();
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(read[i].at("name").as_string(), names[i]);
    EXPECT_EQ(read[3].at("name").as_string(), "cut \uFFFD\uFFFD");
    EXPECT_EQ(read[8].at("name").as_string(), "\uFFFD");
}

TEST(task_tree, of_a_loop_without_tasks_and_without_a_loop) {
    brio::loop loop;
    EXPECT_TRUE(brio::capture_task_tree(loop).tasks().empty());
    EXPECT_THROW(static_cast<void>(brio::capture_task_tree()), brio::loop_error);
}

awaitable<> wait_and_yield(brio::yielder<int> yield, brio::event& signal) {
    co_await signal.wait();
    co_await yield(1);
}

BRIO_TEST(task_tree, GRAPH_3_generators_whose_bodies_wait_are_shown_with_the_task_that_awaits_them) {
    brio::event signal;
    auto consumer = create_task([&signal]() -> awaitable<> {
        auto doubled = brio::transform(brio::make_generator<int>(wait_and_yield, std::ref(signal)), [](int n) { return 2 * n; });
        co_await doubled.next();
        co_await brio::sleep(1s);
    });
    constexpr unsigned next_line = __LINE__ - 3;
    consumer.set_name("consumer");
    co_await brio::sleep(0s);

    const task_tree waiting = brio::capture_task_tree();
    const task_info& seen = named(waiting, "consumer");
    EXPECT_EQ(seen.waits_for, "event.wait()");
    BRIO_ASSERT_EQ(seen.generators.size(), 2U);
    EXPECT_TRUE(contains(seen.generators[0].file_name(), "generator_tools.hpp")) << "transform awaits the inner one";
    EXPECT_EQ(seen.generators[1].line(), next_line);
    const std::string place = "task_tree_test.cpp:" + std::to_string(next_line);
    EXPECT_TRUE(contains(waiting.to_text(), ", in a generator awaited at " + place)) << waiting.to_text();
    const boost::json::value json = boost::json::parse(waiting.to_json());
    EXPECT_EQ(json.at("tasks").at(1).at("generators").as_array().size(), 2U);

    signal.set();
    co_await brio::sleep(1ms);
    EXPECT_TRUE(named(brio::capture_task_tree(), "consumer").generators.empty()) << "the bodies stand at their yields";
    co_await consumer.join();
}

}  // namespace

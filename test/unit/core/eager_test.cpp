// SPDX-License-Identifier: BSL-1.0
// Tasks that begin inside create_task.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::task_options;

const brio::context_var<int> number("number", 0);

task_options eager() { return task_options().eager(); }
awaitable<int> answer() { co_return 42; }
awaitable<int> late_answer() {
    co_await brio::sleep(1ms);
    co_return 42;
}

// Every task of this test's loop is eager until the object goes.
class all_eager {
public:
    all_eager() { brio::get_running_loop().set_eager_tasks(true); }
    all_eager(const all_eager&) = delete;
    all_eager& operator=(const all_eager&) = delete;
    ~all_eager() { brio::get_running_loop().set_eager_tasks(false); }
};

// Steps that the ready queue has run.
std::uint64_t steps() { return brio::get_running_loop().scheduler().steps; }

BRIO_TEST(eager, EAG_1_what_never_suspends_is_done_at_once) {
    const auto before = steps();
    auto task = create_task(answer(), eager());
    EXPECT_TRUE(task.done());
    EXPECT_EQ(co_await task.join(), 42);
    EXPECT_EQ(steps(), before);
}

BRIO_TEST(eager, EAG_2_what_suspends_goes_on_as_any_task) {
    auto task = create_task(late_answer(), eager());
    EXPECT_FALSE(task.done());
    EXPECT_EQ(co_await task.join(), 42);
}

BRIO_TEST(eager, EAG_4_cancelled_after_the_eager_step) {
    std::string seen;
    const auto body = [&seen]() -> awaitable<> {
        seen += "begun; ";
        try {
            co_await brio::sleep(1h);
        } catch (const brio::cancelled_error& e) {
            seen += "cancelled: " + e.message();
            throw;
        }
    };
    auto task = create_task(body, eager());
    EXPECT_EQ(seen, "begun; ");
    EXPECT_TRUE(task.cancel("enough"));
    while (!task.done()) co_await brio::sleep(0s);
    EXPECT_TRUE(task.cancelled());
    EXPECT_EQ(seen, "begun; cancelled: enough");
}

BRIO_TEST(eager, EAG_4_one_that_cancels_itself_in_the_eager_step) {
    const auto body = []() -> awaitable<int> {
        brio::current_task().cancel();
        co_return 1;
    };
    EXPECT_TRUE(create_task(body, eager()).cancelled());
    co_return;
}

BRIO_TEST(eager, EAG_5_the_current_task_is_the_new_one_and_then_the_creator_again) {
    const auto name = []() -> awaitable<std::string> { co_return brio::current_task().name(); };
    const brio::task_handle me = brio::current_task();
    auto task = create_task(name, eager().name("inner"));
    EXPECT_TRUE(brio::current_task() == me);
    EXPECT_EQ(co_await task.join(), "inner");
    // Also where there is no creator: in a callback.
    brio::task_handle in_callback(me);
    brio::get_running_loop().call_soon([&in_callback, &name] {
        auto nested = create_task(name, eager().name("from a callback"));
        EXPECT_EQ(nested.result(), "from a callback");
        in_callback = brio::current_task();
    });
    co_await brio::sleep(0s);
    EXPECT_FALSE(in_callback);
}

BRIO_TEST(eager, EAG_6_listed_during_its_step_and_gone_when_done) {
    const auto count = []() -> awaitable<std::size_t> { co_return brio::all_tasks().size(); };
    auto done = create_task(count, eager());
    EXPECT_EQ(done.result(), 2U);
    EXPECT_EQ(brio::all_tasks().size(), 1U);
    auto waiting = create_task(late_answer(), eager());
    EXPECT_EQ(brio::all_tasks().size(), 2U);
    co_await waiting.join();
    EXPECT_EQ(brio::all_tasks().size(), 1U);
}

BRIO_TEST_FIFO(eager, EAG_7_changes_of_context_stay_inside) {
    number.set(1);
    const auto body = []() -> awaitable<int> {
        const int inherited = number.get();
        number.set(2);
        co_await brio::sleep(0s);
        co_return inherited * 10 + number.get();
    };
    auto task = create_task(body, eager());
    EXPECT_EQ(number.get(), 1);
    EXPECT_EQ(co_await task.join(), 12);
    int in_callback = 0;
    brio::get_running_loop().call_soon([&] {
        auto nested = create_task(body, eager());
        in_callback = number.get();
    });
    co_await brio::sleep(0s);
    co_await brio::sleep(0s);
    EXPECT_EQ(in_callback, 1);
}

BRIO_TEST(eager, EAG_8_the_name_is_there_before_the_first_step) {
    std::string seen;
    const auto body = [&seen]() -> awaitable<> {
        seen = brio::current_task().name();
        co_return;
    };
    auto task = create_task(body, eager().name("early"));
    EXPECT_EQ(seen, "early");
    co_return;
}

BRIO_TEST(eager, EAG_9_an_option_overrides_the_loop) {
    EXPECT_FALSE(brio::get_running_loop().eager_tasks());
    EXPECT_TRUE(create_task(answer(), task_options().eager(true)).done());
    const all_eager here;
    EXPECT_TRUE(brio::get_running_loop().eager_tasks());
    EXPECT_TRUE(create_task(answer()).done());
    auto lazy = create_task(answer(), task_options().eager(false));
    EXPECT_FALSE(lazy.done());
    co_await lazy.join();
}

awaitable<int> tree(int depth) {
    if (depth == 0) co_return 1;
    auto both = co_await brio::gather(tree(depth - 1), tree(depth - 1));
    co_return std::get<0>(both) + std::get<1>(both);
}

BRIO_TEST(eager, EAG_10_a_tree_of_gathers_that_never_block_schedules_nothing) {
    const all_eager here;
    const auto before = steps();
    EXPECT_EQ(co_await tree(5), 32);
    EXPECT_EQ(steps(), before);
}

BRIO_TEST(eager, EAG_10_the_same_lazily_is_a_task_for_each_node) {
    const auto before = brio::get_running_loop().scheduler().next_task_id;
    EXPECT_EQ(co_await tree(3), 8);
    EXPECT_EQ(brio::get_running_loop().scheduler().next_task_id - before, 14U);
}

awaitable<int> down(int depth) {
    if (depth == 0) co_return static_cast<int>(brio::all_tasks().size());
    co_return co_await down(depth - 1);
}

BRIO_TEST(eager, EAG_11_awaiting_a_coroutine_makes_no_task) {
    const auto before = brio::get_running_loop().scheduler().next_task_id;
    EXPECT_EQ(co_await down(1000), 1);
    EXPECT_EQ(brio::get_running_loop().scheduler().next_task_id, before);
}

BRIO_TEST(eager, a_failure_in_the_eager_step_is_in_the_task) {
    const auto fail = []() -> awaitable<> {
        throw std::runtime_error("on purpose");
        co_return;
    };
    auto task = create_task(fail, eager());
    EXPECT_TRUE(task.done());
    EXPECT_TRUE(task.exception() != nullptr);
    co_return;
}

awaitable<int> chain(int depth) {
    if (depth == 0) co_return 0;
    auto next = create_task(chain(depth - 1), eager());
    co_return 1 + co_await next.join();
}

BRIO_TEST(eager, a_long_chain_of_eager_tasks_does_not_use_up_the_stack) {
    EXPECT_EQ(co_await chain(20000), 20000);
}

BRIO_TEST(eager, timeouts_and_waits_around_what_is_done_at_once) {
    const all_eager here;
    EXPECT_EQ(co_await brio::wait_for(answer(), 1s), 42);
    EXPECT_EQ(co_await brio::with_timeout(1s, answer()), 42);
    EXPECT_EQ(co_await brio::shield(answer()), 42);
    EXPECT_EQ(co_await brio::wait_for(late_answer(), 1s), 42);
    EXPECT_EQ(co_await brio::with_timeout(1s, late_answer()), 42);
    bool late = false;
    try {
        co_await brio::wait_for(late_answer(), 1us);
    } catch (const brio::timeout_error&) {
        late = true;
    }
    EXPECT_TRUE(late);
}

BRIO_TEST(task_options, TASK_7_the_factory_sees_the_name_and_may_change_it) {
    std::vector<std::string> names;
    brio::loop& loop = brio::get_running_loop();
    loop.set_task_factory([&names](task_options& options) {
        names.push_back(options.chosen_name());
        options.name(options.chosen_name() + "!");
    });
    auto named = create_task(answer(), "fetch");
    auto with_options = create_task(answer(), task_options().name("parse"));
    auto both = co_await brio::gather(answer(), named);
    loop.set_task_factory({});
    EXPECT_EQ(named.name(), "fetch!");
    EXPECT_EQ(with_options.name(), "parse!");
    EXPECT_EQ(names, (std::vector<std::string>{"fetch", "parse", ""}));
    EXPECT_EQ(std::get<0>(both), 42);
    co_await with_options.join();
}

BRIO_TEST(task_options, TASK_30_a_factory_that_throws_makes_no_task) {
    brio::loop& loop = brio::get_running_loop();
    loop.set_task_factory([](task_options&) { throw std::runtime_error("no more tasks"); });
    EXPECT_THROW(static_cast<void>(create_task(answer())), std::runtime_error);
    loop.set_task_factory({});
    EXPECT_EQ(brio::all_tasks().size(), 1U);
    co_return;
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Task-local variables: who sees which value.
#include "unit/core/capture.hpp"

#include <brio/testing/test.hpp>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::invalid_state_error;
using brio::task_options;

const brio::context_var<int> number("number", 0);
const brio::context_var<std::string> user("user");

awaitable<int> read_number() { co_return number.get(); }
awaitable<> set_number(int value) {
    number.set(value);
    co_return;
}

BRIO_TEST(context_var, has_a_default_or_says_that_it_has_none) {
    EXPECT_EQ(number.get(), 0);
    EXPECT_FALSE(number.has_value());
    EXPECT_FALSE(user.has_value());
    EXPECT_EQ(user.get_or("nobody"), "nobody");
    try {
        static_cast<void>(user.get());
        ADD_FAILURE() << "no error";
    } catch (const invalid_state_error& e) {
        EXPECT_NE(std::string(e.what()).find("'user' has no value here"), std::string::npos) << e.what();
    }
    co_return;
}

BRIO_TEST(context_var, a_token_undoes_one_set) {
    auto first = number.set(1);
    EXPECT_EQ(first.old_value(), std::nullopt);
    auto second = number.set(2);
    EXPECT_EQ(second.old_value(), 1);
    number.reset(second);
    EXPECT_EQ(number.get(), 1);
    EXPECT_THROW(number.reset(second), invalid_state_error);
    number.reset(first);
    EXPECT_FALSE(number.has_value());
    co_return;
}

BRIO_TEST(context_var, a_token_is_for_its_variable_and_context_only) {
    const brio::context_var<int> other("other", 0);
    auto token = number.set(1);
    EXPECT_THROW(other.reset(token), invalid_state_error);
    const auto elsewhere = [&token]() -> awaitable<> {
        EXPECT_THROW(number.reset(token), invalid_state_error);
        co_return;
    };
    co_await create_task(elsewhere).join();
    number.reset(token);
}

BRIO_TEST(context_var, TASK_33_a_task_starts_with_a_copy_of_its_creators_values) {
    number.set(1);
    auto reader = create_task(read_number());
    number.set(2);
    EXPECT_EQ(co_await reader.join(), 1);
    co_await create_task(set_number(3)).join();
    EXPECT_EQ(number.get(), 2);
}

BRIO_TEST(context_var, TASK_34_done_callbacks_run_in_the_context_of_who_registered_them) {
    auto task = create_task(set_number(5));
    number.set(7);
    std::vector<int> seen;
    task.add_done_callback([&seen](const brio::task_handle&) {
        seen.push_back(number.get());
        number.set(8);
    });
    number.set(9);
    co_await task.join();
    co_await brio::sleep(0s);
    EXPECT_EQ(seen, std::vector<int>{7});
    EXPECT_EQ(number.get(), 9);
    const auto in_task = [] { return number.get(); };
    EXPECT_EQ(task.context().run(in_task), 5);
}

BRIO_TEST(context_var, TASK_35_a_hundred_tasks_do_not_see_each_other) {
    const auto count = [](int id) -> awaitable<int> {
        number.set(id);
        for (int i = 0; i < 10; ++i) {
            co_await brio::sleep(0s);
            if (number.get() != id + i) co_return -1;
            number.set(number.get() + 1);
        }
        co_return number.get();
    };
    std::vector<brio::task<int>> tasks;
    for (int id = 0; id < 100; ++id) tasks.push_back(create_task(count(id * 100)));
    const std::vector<int> ends = co_await brio::gather(tasks);
    for (int id = 0; id < 100; ++id) EXPECT_EQ(ends[static_cast<std::size_t>(id)], id * 100 + 10);
    EXPECT_EQ(number.get(), 0);
}

BRIO_TEST(context_var, TASK_36_a_context_given_is_used_itself) {
    const brio::context shared = brio::copy_context();
    const auto read = [] { return number.get(); };
    co_await create_task(set_number(4), task_options().context(shared)).join();
    EXPECT_EQ(number.get(), 0);
    EXPECT_EQ(shared.run(read), 4);
    EXPECT_EQ(co_await create_task(read_number(), task_options().context(shared)).join(), 4);
}

BRIO_TEST(context_var, TASK_37_the_context_in_use_can_be_asked_for) {
    const brio::context mine = brio::current_context();
    EXPECT_EQ(mine, brio::current_task().context());
    const auto ask = [](brio::context* out) -> awaitable<> {
        *out = brio::current_context();
        co_return;
    };
    brio::context seen;
    const brio::context given;
    co_await create_task(ask(&seen), task_options().context(given)).join();
    EXPECT_EQ(seen, given);
    EXPECT_FALSE(seen == mine);
}

// What would be a thread-local in a program without tasks.
BRIO_TEST(context_var, TASK_38_settings_are_per_task) {
    const brio::context_var<int> precision("precision", 6);
    const auto format = [&precision](int digits, double value) -> awaitable<std::string> {
        precision.set(digits);
        co_await brio::sleep(0s);
        char text[32];
        static_cast<void>(std::snprintf(text, sizeof text, "%.*f", precision.get(), value));
        co_return std::string(text);
    };
    auto both = co_await brio::gather(format(2, 1.0 / 3), format(4, 1.0 / 3));
    EXPECT_EQ(std::get<0>(both), "0.33");
    EXPECT_EQ(std::get<1>(both), "0.3333");
    EXPECT_EQ(precision.get(), 6);
}

BRIO_TEST_FIFO(context_var, TASK_39_the_exception_handler_runs_in_the_context_of_what_failed) {
    std::vector<int> seen;
    brio::get_running_loop().set_exception_handler([&seen](const brio::error_context&) { seen.push_back(number.get()); });
    const auto fail = []() -> awaitable<> {
        number.set(21);
        throw std::runtime_error("on purpose");
        co_return;
    };
    {
        auto failing = create_task(fail);
        while (!failing.done()) co_await brio::sleep(0s);
    }
    number.set(22);
    brio::get_running_loop().call_soon([] { throw std::runtime_error("on purpose"); });
    number.set(23);
    co_await brio::sleep(0s);
    brio::get_running_loop().set_exception_handler({});
    EXPECT_EQ(seen, (std::vector<int>{21, 22}));
}

BRIO_TEST(context_var, a_callback_changes_only_its_own_copy) {
    std::vector<int> seen;
    brio::loop& loop = brio::get_running_loop();
    number.set(1);
    loop.call_soon([&seen] {
        seen.push_back(number.get());
        number.set(10);
        brio::get_running_loop().call_soon([&seen] { seen.push_back(number.get()); });
    });
    loop.call_later(1ms, [&seen] { seen.push_back(number.get()); });
    number.set(2);
    co_await brio::sleep(2ms);
    EXPECT_EQ(seen, (std::vector<int>{1, 10, 1}));
    EXPECT_EQ(number.get(), 2);
}

BRIO_TEST(context_var, with_value_holds_while_its_body_runs) {
    const auto body = []() -> awaitable<int> {
        co_await brio::sleep(1ms);
        const int inherited = co_await create_task(read_number()).join();
        co_return number.get() * 100 + inherited;
    };
    number.set(1);
    EXPECT_EQ(co_await brio::with_value(number, 7, body), 707);
    EXPECT_EQ(number.get(), 1);
    EXPECT_EQ(co_await brio::with_value(number, 8, read_number()), 8);
    EXPECT_EQ(number.get(), 1);
}

BRIO_TEST(context_var, with_value_ends_with_an_error_or_a_cancel) {
    const auto fail = []() -> awaitable<> {
        throw std::runtime_error("on purpose");
        co_return;
    };
    bool failed = false;
    try {
        co_await brio::with_value(number, 7, fail);
    } catch (const std::runtime_error&) {
        failed = true;
    }
    EXPECT_TRUE(failed);
    EXPECT_EQ(number.get(), 0);

    int after = -1;
    const auto interrupted = [&after]() -> awaitable<> {
        try {
            co_await brio::with_value(number, 7, brio::sleep(1h));
        } catch (const brio::cancelled_error&) {
            after = number.get();
            throw;
        }
    };
    auto task = create_task(interrupted);
    co_await brio::sleep(1ms);
    task.cancel();
    while (!task.done()) co_await brio::sleep(0s);
    EXPECT_TRUE(task.cancelled());
    EXPECT_EQ(after, 0);
}

BRIO_TEST_REAL_TIME(context_var, a_function_in_a_thread_sees_a_copy) {
    number.set(5);
    const int seen = co_await brio::to_thread([] {
        const int inherited = number.get();
        number.set(6);
        return inherited;
    });
    EXPECT_EQ(seen, 5);
    EXPECT_EQ(number.get(), 5);
}

TEST(context_var, outside_of_a_loop_it_is_the_threads) {
    auto token = number.set(3);
    int elsewhere = -1;
    std::thread([&elsewhere] { elsewhere = number.get(); }).join();
    EXPECT_EQ(elsewhere, 0);
    EXPECT_EQ(brio::run(read_number()), 3);
    number.reset(token);
    EXPECT_EQ(number.get(), 0);
}

TEST(context, copies_share_until_one_changes) {
    const brio::context empty;
    EXPECT_EQ(empty.size(), 0U);
    const auto set_to = [](int value) { number.set(value); };
    const auto read = [] { return number.get(); };
    empty.run(set_to, 1);
    const brio::context copy = empty.copy();
    copy.run(set_to, 2);
    EXPECT_EQ(empty.run(read), 1);
    EXPECT_EQ(copy.run(read), 2);
    EXPECT_EQ(copy.size(), 1U);
    EXPECT_EQ(number.get(), 0);
}

}  // namespace

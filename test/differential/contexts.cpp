// SPDX-License-Identifier: BSL-1.0
// Context variables: who sees which value.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::create_task;

const brio::context_var<std::string> var("var", "0");

BRIO_SCENARIO(TASK_33_a_task_copies_the_context) {
    var.set("1");
    auto task = create_task([&]() -> awaitable<> {
        out("child sees", var.get());
        var.set("2");
        co_await turns(2);
        out("child still sees", var.get());
    });
    var.set("3");
    co_await turns(1);
    out("main sees", var.get());
    var.set("4");
    co_await task.join();
    out("main sees", var.get());
}

awaitable<> callee() {
    var.set("5");
    co_await turns(1);
}

BRIO_SCENARIO(an_awaited_coroutine_shares_it) {
    co_await callee();
    out("main sees", var.get());
}

BRIO_SCENARIO(TASK_34_done_callbacks_have_the_context_of_who_added_them) {
    auto task = create_task(value_after(10, 1));
    var.set("at the first");
    task.add_done_callback([&](const brio::task_handle&) {
        out("first", var.get());
        var.set("spoiled");
    });
    var.set("at the second");
    task.add_done_callback([&](const brio::task_handle&) { out("second", var.get()); });
    var.set("main");
    co_await task.join();
    co_await turns(1);
    out("main sees", var.get());
}

BRIO_SCENARIO(callbacks_have_a_context_too) {
    brio::loop& loop = brio::get_running_loop();
    var.set("soon");
    loop.call_soon([&] {
        out("call_soon", var.get());
        var.set("spoiled");
    });
    var.set("later");
    loop.call_later(10ms, [&] { out("call_later", var.get()); });
    var.set("main");
    co_await brio::sleep(20ms);
    out("main sees", var.get());
}

awaitable<int> changes(int i) {
    int wrong = 0;
    for (int step = 0; step < 5; ++step) {
        const std::string mine = std::to_string(i * 100 + step);
        var.set(mine);
        co_await brio::sleep(milliseconds(i % 3));
        if (var.get() != mine) ++wrong;
    }
    co_return wrong;
}

BRIO_SCENARIO(TASK_35_many_tasks_change_one_variable) {
    std::vector<brio::task<int>> tasks;
    for (int i = 0; i < 20; ++i) tasks.push_back(create_task(changes(i)));
    int wrong = 0;
    for (const auto& task : tasks) wrong += co_await task.join();
    out(wrong, var.get());
}

awaitable<> sees_and_sets(trace& out, std::string value) {
    out("child sees", var.get());
    var.set(value);
    co_await turns(1);
}

BRIO_SCENARIO(TASK_36_a_context_that_is_given_is_shared) {
    const brio::context context = brio::copy_context();
    const auto get = [] { return var.get(); };
    co_await create_task(sees_and_sets(out, "1"), brio::task_options().context(context)).join();
    out("main sees", var.get(), "there it is", context.run(get));
    co_await create_task(sees_and_sets(out, "2"), brio::task_options().context(context)).join();
    out("there it is", context.run(get));
}

BRIO_SCENARIO(set_and_reset) {
    auto token = var.set("1");
    auto inner = var.set("2");
    out(var.get());
    var.reset(inner);
    out(var.get());
    var.reset(token);
    out(var.get());
    try {
        var.reset(token);
    } catch (const brio::error&) {
        out(std::current_exception());
    }
    co_return;
}

BRIO_SCENARIO(a_token_of_another_context_is_refused) {
    std::optional<brio::context_var<std::string>::token> token;
    auto task = create_task([&]() -> awaitable<> {
        token.emplace(var.set("1"));
        co_return;
    });
    co_await task.join();
    try {
        var.reset(*token);
    } catch (const brio::error&) {
        out(std::current_exception());
    }
}

awaitable<> child(trace& out, std::string name) {
    out(name, "sees", var.get());
    var.set(name);
    co_await turns(1);
    out(name, "sees", var.get());
}

BRIO_SCENARIO(a_gather_copies_it_for_each_child) {
    var.set("main");
    co_await brio::gather(child(out, "a"), child(out, "b"));
    out("main sees", var.get());
}

}  // namespace
}  // namespace differential

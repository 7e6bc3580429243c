// SPDX-License-Identifier: BSL-1.0
// Asynchronous generators: whose task runs the body, how it ends, who cleans up when.
#include "differential/scenario.hpp"

#include <brio/core/context_var.hpp>

#include <functional>
#include <optional>

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::create_task;
using brio::make_generator;
using brio::yielder;
using numbers = brio::generator<int>;

awaitable<> counts(yielder<int> yield, trace& out, int count, int ms) {
    for (int i = 0; i < count; ++i) {
        out("body makes", i);
        if (ms >= 0) co_await brio::sleep(milliseconds(ms));
        co_await yield(i);
    }
    out("body ends");
}

// Its clean-up takes 20 ms, whatever stops it.
awaitable<> tidy(yielder<int> yield, trace& out, int ms) {
    std::exception_ptr stop;
    try {
        for (int i = 0;; ++i) {
            co_await brio::sleep(milliseconds(ms));
            co_await yield(i);
        }
    } catch (const brio::generator_exit&) {
        out("body is closed at", out.at());
        stop = std::current_exception();
    } catch (const brio::cancelled_error&) {
        out("body is cancelled at", out.at());
        stop = std::current_exception();
    }
    co_await brio::sleep(20ms);
    out("body is clean at", out.at());
    std::rethrow_exception(stop);
}

awaitable<> takes_all(trace& out, const numbers& source) {
    while (const auto item = co_await source.next()) out("got", *item, "at", out.at());
    out("no more");
}

awaitable<> takes(trace& out, std::string name, numbers source, int count) {
    for (int i = 0; i < count; ++i) {
        const auto item = co_await source.next();
        out(name, "got", item, "at", out.at());
    }
}

BRIO_SCENARIO(items_are_made_when_they_are_asked_for) {
    const auto source = make_generator<int>(counts, std::ref(out), 3, -1);
    out("nothing runs yet");
    co_await takes_all(out, source);
    co_await attempt(out, "after the end", source.next());
}

BRIO_SCENARIO(a_body_that_never_waits_does_not_give_way) {
    auto other = create_task(stepper(out, "other", 3));
    co_await takes_all(out, make_generator<int>(counts, std::ref(out), 3, -1));
    co_await other.join();
}

BRIO_SCENARIO(a_body_that_waits_lets_others_run) {
    auto other = create_task(worker(out, "other", 15));
    co_await takes_all(out, make_generator<int>(counts, std::ref(out), 3, 10));
    co_await other.join();
}

BRIO_SCENARIO(the_body_is_a_part_of_who_asks) {
    const auto body = [](yielder<std::string> yield) -> awaitable<> {
        for (int i = 0; i < 2; ++i) co_await yield(brio::current_task().name());
    };
    const auto source = make_generator<std::string>(body);
    const auto ask = [](trace& to, const brio::generator<std::string>& from) -> awaitable<> {
        const auto name = co_await from.next();
        to(*name);
    };
    for (const char* name : {"first", "second"}) co_await create_task(ask(out, source), name).join();
}

BRIO_SCENARIO(AG_5_closing_runs_the_clean_up) {
    const auto source = make_generator<int>(tidy, std::ref(out), 10);
    co_await attempt(out, "item", source.next());
    co_await attempt(out, "close", source.close());
    co_await attempt(out, "next", source.next());
    out("at", out.at());
}

BRIO_SCENARIO(AG_5_yielding_while_it_is_closed) {
    const auto body = [](yielder<int> yield, trace& to) -> awaitable<> {
        bool closed = false;
        try {
            co_await yield(1);
        } catch (const brio::generator_exit&) {
            to("body does not listen");
            closed = true;
        }
        if (closed) co_await yield(2);
    };
    const auto source = make_generator<int>(body, std::ref(out));
    co_await attempt(out, "item", source.next());
    co_await attempt(out, "close", source.close());
}

BRIO_SCENARIO(AG_6_closing_what_has_ended) {
    const auto exhausted = make_generator<int>(counts, std::ref(out), 1, -1);
    co_await takes_all(out, exhausted);
    co_await attempt(out, "exhausted", exhausted.close());
    const auto closed = make_generator<int>(counts, std::ref(out), 2, -1);
    co_await attempt(out, "item", closed.next());
    co_await attempt(out, "close", closed.close());
    co_await attempt(out, "again", closed.close());
}

BRIO_SCENARIO(closing_what_has_not_begun) {
    const auto source = make_generator<int>(counts, std::ref(out), 2, -1);
    co_await attempt(out, "close", source.close());
    co_await attempt(out, "next", source.next());
}

BRIO_SCENARIO(an_error_of_the_body_is_thrown_once) {
    const auto body = [](yielder<int> yield) -> awaitable<> {
        co_await yield(1);
        co_await brio::sleep(10ms);
        throw boom("body");
    };
    const auto source = make_generator<int>(body);
    for (int i = 0; i < 3; ++i) co_await attempt(out, "next", source.next());
    out("at", out.at());
}

BRIO_SCENARIO(an_error_of_the_clean_up) {
    const auto body = [](yielder<int> yield) -> awaitable<> {
        bool closed = false;
        try {
            co_await yield(1);
        } catch (const brio::generator_exit&) {
            closed = true;
        }
        co_await brio::sleep(10ms);
        if (closed) throw boom("clean-up");
    };
    const auto source = make_generator<int>(body);
    co_await attempt(out, "item", source.next());
    co_await attempt(out, "close", source.close());
    co_await attempt(out, "next", source.next());
}

BRIO_SCENARIO(a_cancel_meets_the_body_where_it_waits) {
    const auto source = make_generator<int>(tidy, std::ref(out), 10);
    co_await attempt(out, "item", source.next());
    const auto ask = [](const numbers& from) -> awaitable<std::optional<int>> { co_return co_await from.next(); };
    auto task = create_task(attempt(out, "task", ask(source)));
    co_await brio::sleep(5ms);
    task.cancel();
    co_await task.join();
    co_await attempt(out, "next", source.next());
    out("at", out.at());
}

BRIO_SCENARIO(a_body_that_swallows_a_cancel_goes_on) {
    const auto body = [](yielder<int> yield, trace& to) -> awaitable<> {
        for (int i = 0; i < 3; ++i) {
            try {
                co_await brio::sleep(10ms);
            } catch (const brio::cancelled_error&) {
                to("body swallows it");
            }
            co_await yield(i);
        }
    };
    auto task = create_task(takes(out, "task", make_generator<int>(body, std::ref(out)), 3));
    co_await brio::sleep(15ms);
    task.cancel();
    co_await attempt(out, "main", task);
    out("cancelling", task.cancelling());
}

BRIO_SCENARIO(a_deadline_for_one_item) {
    const auto source = make_generator<int>(tidy, std::ref(out), 30);
    co_await attempt(out, "in time", brio::wait_for(source.next(), 50ms));
    co_await attempt(out, "too late", brio::wait_for(source.next(), 10ms));
    co_await attempt(out, "then", source.next());
    out("at", out.at());
}

BRIO_SCENARIO(a_second_consumer_is_refused) {
    const auto source = make_generator<int>(counts, std::ref(out), 2, 10);
    const auto ask = [](const numbers& from) -> awaitable<std::optional<int>> { co_return co_await from.next(); };
    const auto end = [](const numbers& of) -> awaitable<> { co_await of.close(); };
    auto first = create_task(attempt(out, "first", ask(source)));
    auto second = create_task(attempt(out, "second", ask(source)));
    auto third = create_task(attempt(out, "third", end(source)));
    co_await brio::gather(first, second, third);
    co_await attempt(out, "close", source.close());
}

BRIO_SCENARIO(AG_1_dropped_half_way_it_is_closed_by_the_loop) {
    const auto leaves = [](trace& to) -> awaitable<> {
        const auto source = make_generator<int>(tidy, std::ref(to), 10);
        while (const auto item = co_await source.next()) {
            to("got", *item);
            if (*item == 1) break;
        }
        to("leaves at", to.at());
    };
    co_await leaves(out);
    out("main goes on at", out.at());
    co_await brio::sleep(50ms);
    out("main ends at", out.at());
}

BRIO_SCENARIO(AG_1_what_a_dropped_one_throws_is_reported) {
    const auto body = [](yielder<int> yield) -> awaitable<> {
        bool closed = false;
        try {
            co_await yield(1);
        } catch (const brio::generator_exit&) {
            closed = true;
        }
        co_await brio::sleep(10ms);
        if (closed) throw boom("clean-up");
    };
    {
        const auto source = make_generator<int>(body);
        co_await attempt(out, "item", source.next());
    }
    co_await brio::sleep(50ms);
    out("at", out.at());
}

BRIO_SCENARIO(AG_1_left_half_way_it_is_closed_at_the_end) {
    static std::optional<numbers> kept;
    kept.emplace(make_generator<int>(tidy, std::ref(out), 10));
    co_await attempt(out, "item", kept->next());
    out("main ends at", out.at());
}

// The outer one closes the inner one on its way out.
awaitable<> doubled(yielder<int> yield, trace& out, numbers source) {
    std::exception_ptr stop;
    try {
        while (const auto item = co_await source.next()) co_await yield(2 * *item);
    } catch (...) {
        stop = std::current_exception();
        out("outer is left at", out.at());
    }
    co_await source.close();
    out("outer is clean at", out.at());
    if (stop) std::rethrow_exception(stop);
}

BRIO_SCENARIO(a_generator_over_a_generator_closed_from_outside) {
    const auto source = make_generator<int>(doubled, std::ref(out), make_generator<int>(tidy, std::ref(out), 10));
    for (int i = 0; i < 2; ++i) co_await attempt(out, "item", source.next());
    co_await attempt(out, "close", source.close());
}

BRIO_SCENARIO(a_generator_over_a_generator_cancelled) {
    auto source = make_generator<int>(doubled, std::ref(out), make_generator<int>(tidy, std::ref(out), 10));
    auto task = create_task(takes(out, "task", std::move(source), 9));
    co_await brio::sleep(25ms);
    task.cancel();
    co_await attempt(out, "main", task);
}

BRIO_SCENARIO(collected_transformed_and_filtered) {
    const auto square = [](int x) -> awaitable<int> {
        co_await brio::sleep(1ms);
        co_return x * x;
    };
    const auto odd = [](int x) { return x % 2 == 1; };
    auto source = make_generator<int>(counts, std::ref(out), 5, 10);
    const auto all = co_await brio::collect(brio::transform(brio::filter(std::move(source), odd), square));
    out(all, "at", out.at());
}

BRIO_SCENARIO(a_deadline_around_the_loop) {
    const auto body = [&out]() -> awaitable<> {
        const auto source = make_generator<int>(tidy, std::ref(out), 10);
        std::exception_ptr stop;
        try {
            while (const auto item = co_await source.next()) out("got", *item);
        } catch (...) {
            stop = std::current_exception();
        }
        out("the loop is left at", out.at());
        std::rethrow_exception(stop);
    };
    co_await attempt(out, "main", brio::with_timeout(25ms, body));
    out("at", out.at());
}

BRIO_SCENARIO(the_context_is_that_of_who_asks) {
    static const brio::context_var<int> depth("depth", 0);
    const auto body = [](yielder<int> yield) -> awaitable<> {
        for (int i = 0; i < 3; ++i) co_await yield(depth.get());
    };
    const auto source = make_generator<int>(body);
    const auto ask = [](trace& to, const numbers& from, int value) -> awaitable<> {
        static_cast<void>(depth.set(value));
        const auto seen = co_await from.next();
        to("seen", *seen);
    };
    co_await create_task(ask(out, source, 1)).join();
    co_await create_task(ask(out, source, 2)).join();
    const auto seen = co_await source.next();
    out("main", *seen);
}

}  // namespace
}  // namespace differential

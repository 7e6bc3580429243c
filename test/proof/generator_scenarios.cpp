// SPDX-License-Identifier: BSL-1.0
// Scenarios over generators: every await of a body and of its consumer, closing with a clean-up, errors either way, chains.
#include "proof/world.hpp"

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;
using brio::yielder;
using numbers = brio::generator<int>;

// --- bodies ----------------------------------------------------------------------------------------------------

// What it gives is received: the books must balance whatever happens (I1).
awaitable<> counts(yielder<int> yield, world& w, int count) {
    const frame here(w);
    for (int i = 0; i < count; ++i) {
        co_await brio::sleep(1ms);
        cancel_point();
        ++w.put;
        co_await yield(i);
    }
}

awaitable<> counts_without_waiting(yielder<int> yield, world& w, int count) {
    const frame here(w);
    for (int i = 0; i < count; ++i) {
        ++w.put;
        co_await yield(i);
        cancel_point();
    }
}

// Holds the lock all the while, and gives way twice when it is told to stop.
awaitable<> counts_under_the_lock(yielder<int> yield, world& w) {
    const frame here(w);
    const auto guard = co_await w.lock.acquire();
    const holding held(w);
    std::exception_ptr stop;
    try {
        for (int i = 0;; ++i) {
            co_await brio::sleep(1ms);
            ++w.put;
            co_await yield(i);
        }
    } catch (...) {
        stop = std::current_exception();
    }
    cancel_point();
    co_await brio::sleep(2ms);
    cancel_point();
    co_await brio::sleep(0s);
    std::rethrow_exception(stop);
}

awaitable<> fails_behind(yielder<int> yield, world& w, int count) {
    const frame here(w);
    co_await counts(yield, w, count);
    cancel_point();
    throw std::runtime_error("failed on purpose");
}

// A cancel meets it where it waits, and becomes an item.
awaitable<> gives_cancels(yielder<int> yield, world& w) {
    const frame here(w);
    for (int i = 0; i < 4; ++i) {
        bool cancelled = false;
        try {
            co_await brio::sleep(2ms);
        } catch (const brio::cancelled_error&) {
            cancelled = true;
        }
        ++w.put;
        co_await yield(cancelled ? -1 : i);
    }
}

// --- consumers -------------------------------------------------------------------------------------------------

awaitable<> takes_all(world& w, const numbers& source) {
    const frame here(w);
    while (co_await source.next()) {
        ++w.got;
        cancel_point();
    }
}

awaitable<> takes(world& w, const numbers& source, int count) {
    const frame here(w);
    for (int i = 0; i < count; ++i) {
        if (co_await source.next()) ++w.got;
        cancel_point();
    }
}

awaitable<> generator_to_the_end(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(counts, std::ref(w), 3);
    co_await takes_all(w, source);
    EXPECT_FALSE((co_await source.next()).has_value());
}

awaitable<> generator_that_never_waits(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(counts_without_waiting, std::ref(w), 5);
    co_await takes(w, source, 2);
    co_await brio::sleep(0s);
    co_await takes_all(w, source);
}

awaitable<> generator_closed_half_way(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(counts, std::ref(w), 1000);
    co_await takes(w, source, 2);
    co_await source.close();
    cancel_point();
    co_await source.close();
    EXPECT_FALSE((co_await source.next()).has_value());
}

awaitable<> generator_closed_before_it_began(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(counts, std::ref(w), 1000);
    cancel_point();
    co_await source.close();
    co_await brio::sleep(1ms);
}

// Somebody else waits for the lock that the body holds: whatever happens, it is given back once.
awaitable<> generator_closed_with_a_clean_up(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(counts_under_the_lock, std::ref(w));
    auto other = create_task(holder(w, 1ms));
    co_await takes(w, source, 2);
    cancel_point();
    co_await source.close();
    co_await other.join();
}

awaitable<> generator_dropped(world& w) {
    const frame here(w);
    {
        const auto source = brio::make_generator<int>(counts, std::ref(w), 1000);
        co_await takes(w, source, 1);
    }
    co_await brio::sleep(1ms);
}

awaitable<> generator_dropped_with_a_clean_up(world& w) {
    const frame here(w);
    {
        const auto source = brio::make_generator<int>(counts_under_the_lock, std::ref(w));
        co_await takes(w, source, 2);
    }
    co_await holder(w, 1ms);
}

awaitable<> generator_left_by_an_error(world& w) {
    const frame here(w);
    const auto leaves = [](world& books) -> awaitable<> {
        const frame mine(books);
        const auto source = brio::make_generator<int>(counts_under_the_lock, std::ref(books));
        co_await takes(books, source, 1);
        cancel_point();
        throw std::runtime_error("failed on purpose");
    };
    try {
        co_await leaves(w);
    } catch (const std::runtime_error&) {
    }
    co_await holder(w, 1ms);
}

awaitable<> generator_that_fails(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(fails_behind, std::ref(w), 2);
    try {
        co_await takes_all(w, source);
    } catch (const std::runtime_error&) {
    }
    cancel_point();
    EXPECT_FALSE((co_await source.next()).has_value()) << "it has ended";
}

awaitable<> generator_with_deadline(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(counts, std::ref(w), 1000);
    for (int i = 0; i < 3; ++i) {
        try {
            if (co_await brio::wait_for(source.next(), 1ms)) ++w.got;  // due at the same moment
        } catch (const brio::timeout_error&) {
        }
    }
    co_await source.close();
}

awaitable<> generator_that_survives_cancels(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(gives_cancels, std::ref(w));
    int cancels = 0;
    while (const auto item = co_await source.next()) {
        ++w.got;
        if (*item == -1) ++cancels;
        cancel_point();
    }
    EXPECT_LE(cancels, brio::testing::injected_cancels());
}

// Made here, begun in one task, ended in another.
awaitable<> generator_handed_on(world& w) {
    const frame here(w);
    const auto begin = [](world& books, numbers source) -> awaitable<numbers> {
        co_await takes(books, source, 2);
        co_return source;
    };
    const auto finish = [](world& books, numbers source) -> awaitable<> { co_await takes_all(books, source); };
    auto first = create_task(begin(w, brio::make_generator<int>(counts, std::ref(w), 4)));
    cancel_point();
    auto source = co_await std::move(first).join();
    co_await create_task(finish(w, std::move(source))).join();
}

// One consumer at a time: who comes second is refused, and does no harm.
awaitable<> generator_wanted_by_two(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(counts, std::ref(w), 3);
    const auto consumer = [](world& books, const numbers& shared) -> awaitable<> {
        const frame mine(books);
        try {
            co_await takes_all(books, shared);
        } catch (const brio::invalid_state_error&) {
        }
    };
    const auto ends = co_await brio::gather(brio::return_exceptions, consumer(w, source), consumer(w, source));
    static_cast<void>(ends);
    co_await source.close();
}

// A generator over another one, and an early end at the outer end.
awaitable<> relays(yielder<int> yield, world& w, numbers source) {
    const frame here(w);
    std::exception_ptr stop;
    try {
        while (const auto item = co_await source.next()) {
            cancel_point();
            co_await yield(*item);
        }
    } catch (...) {
        stop = std::current_exception();
    }
    co_await source.close();
    if (stop) std::rethrow_exception(stop);
}

awaitable<> generator_over_a_generator(world& w) {
    const frame here(w);
    auto inner = brio::make_generator<int>(counts_under_the_lock, std::ref(w));
    const auto outer = brio::make_generator<int>(relays, std::ref(w), std::move(inner));
    co_await takes(w, outer, 2);
    cancel_point();
    co_await outer.close();
    co_await holder(w, 0ms);
}

awaitable<> generators_in_turns(world& w) {
    const frame here(w);
    const auto first = brio::make_generator<int>(counts, std::ref(w), 2);
    const auto second = brio::make_generator<int>(counts_without_waiting, std::ref(w), 3);
    for (int i = 0; i < 3; ++i) {
        co_await takes(w, first, 1);
        co_await takes(w, second, 1);
    }
}

// Children of the consumer's, made by the body.
awaitable<> gives_results(yielder<int> yield, world& w) {
    const frame here(w);
    for (int i = 0; i < 2; ++i) {
        auto work = create_task(value_after(w, 2ms, i));
        cancel_point();
        const int value = co_await work.join();
        ++w.put;
        co_await yield(value);
    }
}

awaitable<> generator_with_tasks(world& w) {
    const frame here(w);
    const auto source = brio::make_generator<int>(gives_results, std::ref(w));
    co_await takes_all(w, source);
}

// --- what one does with them -----------------------------------------------------------------------------------

awaitable<int> doubled_later(world& w, int value) {
    const frame here(w);
    cancel_point();
    co_await brio::sleep(1ms);
    co_return 2 * value;
}

awaitable<bool> is_even_later(world& w, int value) {
    const frame here(w);
    co_await brio::sleep(0s);
    cancel_point();
    co_return value % 2 == 0;
}

awaitable<> generator_collected(world& w) {
    const frame here(w);
    const on_exit balance([&w] { w.got = w.put; });
    const auto items = co_await brio::collect(brio::make_generator<int>(counts, std::ref(w), 3));
    EXPECT_EQ(items.size(), 3U);
}

// Whoever stops it, the lock that the source holds is free when the chain has ended.
awaitable<> generator_through_a_chain(world& w) {
    const frame here(w);
    const on_exit balance([&w] { w.got = w.put; });
    const auto twice = [&w](int value) { return doubled_later(w, value); };
    const auto even = [&w](int value) { return is_even_later(w, value); };
    auto chain = brio::enumerate(brio::transform(brio::filter(brio::make_generator<int>(counts_under_the_lock, std::ref(w)), even), twice));
    for (int i = 0; i < 2; ++i) {
        const auto item = co_await chain.next();
        EXPECT_TRUE(item && item->second == static_cast<int>(4 * item->first));
        cancel_point();
    }
    co_await chain.close();
    co_await holder(w, 0ms);
}

awaitable<> generator_chain_dropped(world& w) {
    const frame here(w);
    const on_exit balance([&w] { w.got = w.put; });
    {
        const auto twice = [&w](int value) { return doubled_later(w, value); };
        auto chain = brio::transform(brio::make_generator<int>(counts_under_the_lock, std::ref(w)), twice);
        co_await chain.next();
    }
    co_await holder(w, 0ms);
}

awaitable<> generator_for_each_that_fails(world& w) {
    const frame here(w);
    const on_exit balance([&w] { w.got = w.put; });
    const auto check = [&w](int value) -> awaitable<> {
        const frame mine(w);
        co_await brio::sleep(1ms);
        if (value == 1) throw std::runtime_error("failed on purpose");
    };
    try {
        co_await brio::for_each(brio::make_generator<int>(counts_under_the_lock, std::ref(w)), check);
    } catch (const std::runtime_error&) {
    }
    co_await holder(w, 0ms);
}

awaitable<> generator_filter_of_a_failure(world& w) {
    const frame here(w);
    const on_exit balance([&w] { w.got = w.put; });
    const auto even = [&w](int value) { return is_even_later(w, value); };
    try {
        co_await brio::collect(brio::filter(brio::make_generator<int>(fails_behind, std::ref(w), 2), even));
    } catch (const std::runtime_error&) {
    }
    cancel_point();
    co_await brio::sleep(0s);
}

}  // namespace

std::vector<entry> generator_scenarios() {
    return {
        {"generator_to_the_end", generator_to_the_end},
        {"generator_that_never_waits", generator_that_never_waits},
        {"generator_closed_half_way", generator_closed_half_way},
        {"generator_closed_before_it_began", generator_closed_before_it_began},
        {"generator_closed_with_a_clean_up", generator_closed_with_a_clean_up},
        {"generator_dropped", generator_dropped},
        {"generator_dropped_with_a_clean_up", generator_dropped_with_a_clean_up},
        {"generator_left_by_an_error", generator_left_by_an_error},
        {"generator_that_fails", generator_that_fails},
        {"generator_with_deadline", generator_with_deadline},
        {"generator_that_survives_cancels", generator_that_survives_cancels},
        {"generator_handed_on", generator_handed_on},
        {"generator_wanted_by_two", generator_wanted_by_two},
        {"generator_over_a_generator", generator_over_a_generator},
        {"generators_in_turns", generators_in_turns},
        {"generator_with_tasks", generator_with_tasks},
        {"generator_collected", generator_collected},
        {"generator_through_a_chain", generator_through_a_chain},
        {"generator_chain_dropped", generator_chain_dropped},
        {"generator_for_each_that_fails", generator_for_each_that_fails},
        {"generator_filter_of_a_failure", generator_filter_of_a_failure},
    };
}

}  // namespace brio_proof

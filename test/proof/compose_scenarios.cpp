// SPDX-License-Identifier: BSL-1.0
// Scenarios over compose.
#include "proof/world.hpp"

#include <stdexcept>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

awaitable<> gathers(world& w) {
    const frame here(w);
    cancel_point();
    co_await brio::gather(value_after(w, 5ms, 1), value_after(w, 0ms, 2), nap(w, 9ms));
}

awaitable<> gather_with_failure(world& w) {
    const frame here(w);
    try {
        co_await brio::gather(fail_after(w, 3ms), nap(w, 9ms));
    } catch (const std::runtime_error&) {
    }
    cancel_point();
    co_await brio::sleep(1ms);
}

awaitable<> gather_keeping_errors(world& w) {
    const frame here(w);
    const auto results = co_await brio::gather(brio::return_exceptions, fail_after(w, 3ms), value_after(w, 9ms, 1));
    static_cast<void>(results);
    cancel_point();
    co_await brio::sleep(0s);
}

awaitable<> nested_gathers(world& w) {
    const frame here(w);
    co_await brio::gather(gathers(w), gathers(w));
}

awaitable<> wait_for_in_time(world& w) {
    const frame here(w);
    cancel_point();
    co_await brio::wait_for(value_after(w, 5ms, 1), 10ms);
}

awaitable<> wait_for_too_late(world& w) {
    const frame here(w);
    try {
        cancel_point();
        co_await brio::wait_for(clean_up_slowly(w, 50ms), 10ms);
    } catch (const brio::timeout_error&) {
    }
    cancel_point();
    co_await brio::sleep(1ms);
}

awaitable<> wait_for_at_the_same_moment(world& w) {
    const frame here(w);
    try {
        co_await brio::wait_for(nap(w, 10ms), 10ms);
    } catch (const brio::timeout_error&) {
    }
    cancel_point();
}

awaitable<> wait_for_a_task(world& w) {
    const frame here(w);
    auto task = create_task(clean_up_slowly(w, 20ms));
    try {
        co_await brio::wait_for(task, 5ms);
    } catch (const brio::timeout_error&) {
    }
}

awaitable<> timeout_expires(world& w) {
    const frame here(w);
    try {
        co_await brio::with_timeout(10ms, [&w]() -> awaitable<> { co_await clean_up_slowly(w, 50ms); });
    } catch (const brio::timeout_error&) {
    }
    cancel_point();
    co_await brio::sleep(1ms);
}

awaitable<> timeouts_nested(world& w) {
    const frame here(w);
    try {
        co_await brio::with_timeout(10ms, [&w]() -> awaitable<> {
            co_await brio::with_timeout(20ms, [&w]() -> awaitable<> { co_await nap(w, 50ms); });
        });
    } catch (const brio::timeout_error&) {
    }
}

awaitable<> timeout_rescheduled(world& w) {
    const frame here(w);
    brio::timeout limit(5ms);
    auto body = [&w, &limit]() -> awaitable<> {
        limit.reschedule(brio::get_running_loop().time() + 20ms);
        co_await nap(w, 10ms);
        limit.reschedule(std::nullopt);
        co_await nap(w, 30ms);
    };
    co_await brio::with_timeout(limit, body);
}

awaitable<> shields(world& w) {
    const frame here(w);
    auto inner = create_task(clean_up_slowly(w, 5ms));
    cancel_point();
    co_await brio::shield(inner);
}

awaitable<> shield_with_deadline(world& w) {
    const frame here(w);
    auto inner = create_task(nap(w, 20ms));
    try {
        co_await brio::wait_for(brio::shield(inner), 5ms);
    } catch (const brio::timeout_error&) {
    }
    co_await inner.join();
}

awaitable<> pipeline(world& w) {
    const frame here(w);
    auto body = [&w]() -> awaitable<> {
        co_await brio::gather(producer(w, w.queue, 3), consumer(w, w.queue, 3), holders(w));
    };
    try {
        co_await brio::with_timeout(6ms, body);
    } catch (const brio::timeout_error&) {
    }
    co_await brio::shield(nap(w, 2ms));
}

}  // namespace

std::vector<entry> compose_scenarios() {
    return {
        {"gathers", gathers},
        {"gather_with_failure", gather_with_failure},
        {"gather_keeping_errors", gather_keeping_errors},
        {"nested_gathers", nested_gathers},
        {"wait_for_in_time", wait_for_in_time},
        {"wait_for_too_late", wait_for_too_late},
        {"wait_for_at_the_same_moment", wait_for_at_the_same_moment},
        {"wait_for_a_task", wait_for_a_task},
        {"timeout_expires", timeout_expires},
        {"timeouts_nested", timeouts_nested},
        {"timeout_rescheduled", timeout_rescheduled},
        {"shields", shields},
        {"shield_with_deadline", shield_with_deadline},
        {"pipeline", pipeline},
    };
}

}  // namespace brio_proof

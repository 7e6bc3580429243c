// SPDX-License-Identifier: BSL-1.0
// shield: who is protected from what.
#include "differential/scenario.hpp"

namespace differential {
namespace {

using namespace std::chrono_literals;
using brio::create_task;
using brio::shield;

BRIO_SCENARIO(SHD_1_passes_values_and_errors_through) {
    co_await attempt(out, "value", shield(value_after(10, 1)));
    co_await attempt(out, "error", shield(boom_after(10, "x")));
    out("at", out.at());
}

BRIO_SCENARIO(SHD_3_the_inner_does_not_notice) {
    auto inner = create_task(worker(out, "inner", 100));
    auto waiter = create_task(attempt(out, "waiter", shield(inner)));
    co_await brio::sleep(10ms);
    waiter.cancel();
    co_await waiter.join();
    out("at", out.at(), inner.cancelling(), outcome(inner));
    co_await inner.join();
}

BRIO_SCENARIO(SHD_4_the_cancel_comes_at_once) {
    auto task = create_task([&]() -> awaitable<> { co_await shield(cleaner(out, "inner", 100)); });
    co_await brio::sleep(10ms);
    task.cancel("go");
    co_await attempt(out, "main", task);
    out("at", out.at());
}

BRIO_SCENARIO(SHD_7_of_a_task_that_is_done) {
    auto task = create_task(value_after(0, 5));
    co_await task.join();
    const int value = co_await shield(task);
    out(value, "at", out.at());
}

awaitable<> pair(trace& out) {
    const auto values = co_await brio::gather(value_after(100, 1), value_after(50, 2));
    out("gathered", values);
}

BRIO_SCENARIO(SHD_8_of_a_gather) {
    auto waiter = create_task(attempt(out, "waiter", shield(pair(out))));
    co_await brio::sleep(10ms);
    waiter.cancel();
    co_await waiter.join();
    co_await brio::sleep(200ms);
}

BRIO_SCENARIO(the_inner_is_cancelled_directly) {
    auto inner = create_task(worker(out, "inner", 100));
    auto waiter = create_task(attempt(out, "waiter", shield(inner)));
    co_await brio::sleep(10ms);
    inner.cancel();
    co_await waiter.join();
    out("at", out.at());
}

BRIO_SCENARIO(two_shields_of_one_task) {
    auto inner = create_task(value_after(50, 3));
    auto a = create_task(attempt(out, "a", shield(inner)));
    auto b = create_task(attempt(out, "b", shield(inner)));
    co_await brio::sleep(10ms);
    a.cancel();
    co_await a.join();
    co_await b.join();
    out("at", out.at());
}

BRIO_SCENARIO(SHD_5_a_failure_after_the_cancel_that_somebody_reads) {
    auto inner = create_task(boom_after(50, "late"));
    auto waiter = create_task(attempt(out, "waiter", shield(inner)));
    co_await brio::sleep(10ms);
    waiter.cancel();
    co_await waiter.join();
    co_await attempt(out, "inner", inner);
}

BRIO_SCENARIO(a_shield_in_a_wait_for) {
    auto inner = create_task(value_after(100, 4));
    co_await attempt(out, "first", brio::wait_for(shield(inner), 30ms));
    out("at", out.at(), outcome(inner));
    co_await attempt(out, "second", brio::wait_for(shield(inner), 200ms));
    out("at", out.at());
}

BRIO_SCENARIO(a_leftover_behind_a_shield_is_cancelled_at_the_end) {
    auto waiter = create_task(attempt(out, "waiter", shield(worker(out, "inner", 1000))));
    co_await turns(2);
    waiter.cancel();
    co_await waiter.join();
    out("main ends");
}

}  // namespace
}  // namespace differential

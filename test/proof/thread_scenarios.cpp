// SPDX-License-Identifier: BSL-1.0
// Scenarios over thread.
#include "proof/world.hpp"

#include <stdexcept>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

awaitable<> threads(world& w) {
    const frame here(w);
    cancel_point();
    auto work = brio::gather(brio::to_thread([] { return 1; }), brio::to_thread([] { return 2; }));
    co_await std::move(work);
    cancel_point();
    co_await brio::sleep(1ms);
}

awaitable<> thread_with_deadline(world& w) {
    const frame here(w);
    const int value = co_await brio::wait_for(brio::to_thread([] { return 1; }), 10s);
    static_cast<void>(value);
}

}  // namespace

std::vector<entry> thread_scenarios() {
    return {
        {"threads", threads},
        {"thread_with_deadline", thread_with_deadline},
    };
}

}  // namespace brio_proof

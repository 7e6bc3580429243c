// SPDX-License-Identifier: BSL-1.0
// What scenarios are made of.
#include "proof/world.hpp"

#include <exception>
#include <stdexcept>

namespace brio_proof {

using namespace std::chrono_literals;

awaitable<> nap(world& w, std::chrono::milliseconds length) {
    const frame here(w);
    cancel_point();
    co_await brio::sleep(length);
}

awaitable<int> value_after(world& w, std::chrono::milliseconds length, int value) {
    const frame here(w);
    cancel_point();
    co_await brio::sleep(length);
    cancel_point();
    co_return value;
}

awaitable<> fail_after(world& w, std::chrono::milliseconds length) {
    const frame here(w);
    cancel_point();
    co_await brio::sleep(length);
    throw std::runtime_error("failed on purpose");
}

awaitable<int> clean_up_slowly(world& w, std::chrono::milliseconds length) {
    const frame here(w);
    std::exception_ptr stop;
    try {
        cancel_point();
        co_await brio::sleep(length);
    } catch (const brio::cancelled_error&) {
        stop = std::current_exception();
    }
    cancel_point();
    co_await brio::sleep(10ms);
    if (stop) std::rethrow_exception(stop);
    co_return 1;
}

awaitable<> holder(world& w, std::chrono::milliseconds length) {
    const frame here(w);
    cancel_point();
    const auto guard = co_await w.lock.acquire();
    const holding held(w);
    cancel_point();
    co_await brio::sleep(length);
}

awaitable<> wait_for_event(world& w) {
    const frame here(w);
    cancel_point();
    co_await w.event.wait();
}

awaitable<> holders(world& w) {
    const frame here(w);
    co_await brio::gather(holder(w, 3ms), holder(w, 0ms), holder(w, 5ms), holder(w, 0ms));
}

}  // namespace brio_proof

// SPDX-License-Identifier: BSL-1.0
// Scenarios over core.
#include "proof/world.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

awaitable<> sleeps(world& w) {
    const frame here(w);
    co_await nap(w, 0ms);
    co_await nap(w, 5ms);
    co_await nap(w, 0ms);
}

awaitable<> joins(world& w) {
    const frame here(w);
    auto a = create_task(value_after(w, 5ms, 1));
    auto b = create_task(value_after(w, 0ms, 2));
    cancel_point();
    co_await a.join();
    cancel_point();
    co_await b.join();
}

awaitable<> join_chain(world& w) {
    const frame here(w);
    auto a = create_task(nap(w, 5ms));
    auto b = create_task([](world& books, brio::task<> inner) -> awaitable<> {
        const frame mine(books);
        co_await inner.join();
    }(w, a));
    cancel_point();
    co_await b.join();
}

awaitable<> join_of_a_failure(world& w) {
    const frame here(w);
    auto bad = create_task(fail_after(w, 3ms));
    try {
        co_await bad.join();
    } catch (const std::runtime_error&) {
    }
    cancel_point();
    co_await brio::sleep(1ms);
}

awaitable<> raw_asio(world& w) {
    const frame here(w);
    cancel_point();
    co_await boost::asio::post(brio::get_running_loop().context(), boost::asio::use_awaitable);
    cancel_point();
    co_await nap(w, 1ms);
}

// Catches every cancel and goes on: each accepted request may be seen once at most (I7).
awaitable<> stubborn(world& w) {
    const frame here(w);
    auto inner = create_task(nap(w, 4ms));
    for (int i = 0; i < 6; ++i) {
        try {
            cancel_point();
            switch (i) {
                case 0: co_await brio::sleep(0s); break;
                case 1: co_await brio::sleep(2ms); break;
                case 2: co_await brio::shield(inner); break;
                case 3: {
                    const auto guard = co_await w.lock.acquire();
                    co_await brio::sleep(1ms);
                    break;
                }
                case 4:
                    brio::get_running_loop().call_soon([&w] { w.other_event.set(); });
                    co_await w.other_event.wait();
                    break;
                default: co_await brio::sleep(0s);
            }
        } catch (const brio::cancelled_error& e) {
            // The shielded one may have been the victim: then this is its end, not a request of ours.
            if (i != 2 || !inner.cancelled()) {
                if (e.message() == "injected") ++w.seen_cancels;
            }
        }
    }
}

}  // namespace

std::vector<entry> core_scenarios() {
    return {
        {"sleeps", sleeps},
        {"joins", joins},
        {"join_chain", join_chain},
        {"join_of_a_failure", join_of_a_failure},
        {"raw_asio", raw_asio},
        {"stubborn", stubborn},
    };
}

}  // namespace brio_proof

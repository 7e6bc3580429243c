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

awaitable<> sleeps_until_a_moment(world& w) {
    const frame here(w);
    const auto begin = brio::get_running_loop().time();
    co_await brio::sleep_until(begin + 3ms);
    cancel_point();
    co_await brio::sleep_until(begin);  // over already: one turn
}
awaitable<> equal_deadlines(world& w) {
    const frame here(w);
    auto a = create_task(nap(w, 5ms));
    auto b = create_task(nap(w, 5ms));
    co_await nap(w, 5ms);
    co_await a.join();
    co_await b.join();
}
awaitable<> join_by_several(world& w) {
    const frame here(w);
    auto shared = create_task(value_after(w, 5ms, 7));
    const auto reader = [](world& books, brio::task<int> source) -> awaitable<> {
        const frame mine(books);
        cancel_point();
        EXPECT_EQ(co_await source.join(), 7);
    };
    auto a = create_task(reader(w, shared));
    auto b = create_task(reader(w, shared));
    co_await a.join();
    co_await b.join();
}
awaitable<> cancels_a_child(world& w) {
    const frame here(w);
    auto child = create_task(clean_up_slowly(w, 1h));
    co_await brio::sleep(1ms);
    child.cancel("by its parent");
    try {
        co_await child.join();
        ADD_FAILURE() << "it was cancelled";
    } catch (const brio::cancelled_error&) {
    }
    // A request of the sweep's that was made meanwhile comes here.
    co_await brio::sleep(0s);
}
awaitable<> cancels_an_unborn_child(world& w) {
    const frame here(w);
    auto child = create_task(nap(w, 1ms));
    child.cancel();
    cancel_point();
    co_await brio::wait(child);
    EXPECT_TRUE(child.cancelled());
}
awaitable<> takes_a_cancel_back(world& w) {
    const frame here(w);
    auto child = create_task(clean_up_slowly(w, 5ms));
    co_await brio::sleep(1ms);
    child.cancel();
    child.uncancel();
    cancel_point();
    try {
        co_await child.join();
    } catch (const brio::cancelled_error&) {
    }
}
awaitable<> done_callbacks(world& w) {
    const frame here(w);
    auto child = create_task(value_after(w, 2ms, 1));
    child.add_done_callback([&w](const brio::task_handle&) { w.called(); });
    const auto removed = child.add_done_callback([](const brio::task_handle&) { ADD_FAILURE() << "it was removed"; });
    EXPECT_TRUE(child.remove_done_callback(removed));
    co_await child.join();
    cancel_point();
    co_await brio::sleep(0s);
}
awaitable<> callbacks(world& w) {
    const frame here(w);
    brio::loop& loop = brio::get_running_loop();
    auto dropped = loop.call_soon([] { ADD_FAILURE() << "it was cancelled"; });
    dropped.cancel();
    loop.call_soon([&w] { w.called(); });
    const timer late(loop.call_later(2ms, [&w] { w.called(); }));
    const timer never(loop.call_later(1h, [] { ADD_FAILURE() << "it was cancelled"; }));
    cancel_point();
    co_await brio::sleep(3ms);
}
awaitable<> children_of_children(world& w) {
    const frame here(w);
    const auto inner = [](world& books) -> awaitable<> {
        const frame mine(books);
        auto a = create_task(nap(books, 2ms));
        auto b = create_task(nap(books, 0ms));
        co_await a.join();
        co_await b.join();
    };
    auto first = create_task(inner(w));
    auto second = create_task(inner(w));
    co_await first.join();
    cancel_point();
    co_await second.join();
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
        {"sleeps_until_a_moment", sleeps_until_a_moment},
        {"equal_deadlines", equal_deadlines},
        {"join_by_several", join_by_several},
        {"cancels_a_child", cancels_a_child},
        {"cancels_an_unborn_child", cancels_an_unborn_child},
        {"takes_a_cancel_back", takes_a_cancel_back},
        {"done_callbacks", done_callbacks},
        {"callbacks", callbacks},
        {"children_of_children", children_of_children},
    };
}

}  // namespace brio_proof

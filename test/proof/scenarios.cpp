// SPDX-License-Identifier: BSL-1.0
// Small programs over every operation of the core that waits.
#include "proof/scenarios.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <stdexcept>

namespace brio_proof {

namespace {

using namespace std::chrono_literals;
using brio::create_task;

awaitable<> nap(world& w, std::chrono::milliseconds length) {
    const frame here(w);
    w.point();
    co_await brio::sleep(length);
}
awaitable<int> value_after(world& w, std::chrono::milliseconds length, int value) {
    const frame here(w);
    w.point();
    co_await brio::sleep(length);
    w.point();
    co_return value;
}
awaitable<> fail_after(world& w, std::chrono::milliseconds length) {
    const frame here(w);
    w.point();
    co_await brio::sleep(length);
    throw std::runtime_error("failed on purpose");
}
// Catches the first cancel and takes its time to end.
awaitable<int> clean_up_slowly(world& w, std::chrono::milliseconds length) {
    const frame here(w);
    std::exception_ptr stop;
    try {
        w.point();
        co_await brio::sleep(length);
    } catch (const brio::cancelled_error&) {
        stop = std::current_exception();
    }
    w.point();
    co_await brio::sleep(10ms);
    if (stop) std::rethrow_exception(stop);
    co_return 1;
}
awaitable<> holder(world& w, std::chrono::milliseconds length) {
    const frame here(w);
    w.point();
    const auto guard = co_await w.lock.acquire();
    w.most_holders = std::max(w.most_holders, ++w.holders);
    struct leave {
        world& w;
        ~leave() { --w.holders; }
    } const leaving{w};
    w.point();
    co_await brio::sleep(length);
}
awaitable<> producer(world& w, brio::queue<int>& target, int count) {
    const frame here(w);
    for (int i = 0; i < count; ++i) {
        w.point();
        co_await target.put(i);
        ++w.put;
    }
}
awaitable<> consumer(world& w, brio::queue<int>& source, int count) {
    const frame here(w);
    for (int i = 0; i < count; ++i) {
        w.point();
        co_await source.get();
        ++w.got;
        w.point();
        co_await brio::sleep(0s);
    }
}
// A callback that goes with its scope.
class timer {
public:
    explicit timer(brio::timer_handle handle) : handle_(std::move(handle)) {}
    timer(const timer&) = delete;
    timer& operator=(const timer&) = delete;
    ~timer() { handle_.cancel(); }

private:
    brio::timer_handle handle_;
};
awaitable<> wait_for_event(world& w) {
    const frame here(w);
    w.point();
    co_await w.event.wait();
}

// --- scenarios -------------------------------------------------------------------------------------------------

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
    w.point();
    co_await a.join();
    w.point();
    co_await b.join();
}
awaitable<> join_chain(world& w) {
    const frame here(w);
    auto a = create_task(nap(w, 5ms));
    auto b = create_task([](world& books, brio::task<> inner) -> awaitable<> {
        const frame mine(books);
        co_await inner.join();
    }(w, a));
    w.point();
    co_await b.join();
}
awaitable<> join_of_a_failure(world& w) {
    const frame here(w);
    auto bad = create_task(fail_after(w, 3ms));
    try {
        co_await bad.join();
    } catch (const std::runtime_error&) {
    }
    w.point();
    co_await brio::sleep(1ms);
}
awaitable<> gathers(world& w) {
    const frame here(w);
    w.point();
    co_await brio::gather(value_after(w, 5ms, 1), value_after(w, 0ms, 2), nap(w, 9ms));
}
awaitable<> gather_with_failure(world& w) {
    const frame here(w);
    try {
        co_await brio::gather(fail_after(w, 3ms), nap(w, 9ms));
    } catch (const std::runtime_error&) {
    }
    w.point();
    co_await brio::sleep(1ms);
}
awaitable<> gather_keeping_errors(world& w) {
    const frame here(w);
    const auto results = co_await brio::gather(brio::return_exceptions, fail_after(w, 3ms), value_after(w, 9ms, 1));
    static_cast<void>(results);
    w.point();
    co_await brio::sleep(0s);
}
awaitable<> nested_gathers(world& w) {
    const frame here(w);
    co_await brio::gather(gathers(w), joins(w));
}
awaitable<> wait_for_in_time(world& w) {
    const frame here(w);
    w.point();
    co_await brio::wait_for(value_after(w, 5ms, 1), 10ms);
}
awaitable<> wait_for_too_late(world& w) {
    const frame here(w);
    try {
        w.point();
        co_await brio::wait_for(clean_up_slowly(w, 50ms), 10ms);
    } catch (const brio::timeout_error&) {
    }
    w.point();
    co_await brio::sleep(1ms);
}
awaitable<> wait_for_at_the_same_moment(world& w) {
    const frame here(w);
    try {
        co_await brio::wait_for(nap(w, 10ms), 10ms);
    } catch (const brio::timeout_error&) {
    }
    w.point();
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
    w.point();
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
    w.point();
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
awaitable<> locks(world& w) {
    const frame here(w);
    co_await brio::gather(holder(w, 3ms), holder(w, 0ms), holder(w, 5ms), holder(w, 0ms));
}
awaitable<> lock_with_deadline(world& w) {
    const frame here(w);
    auto first = create_task(holder(w, 20ms));
    co_await brio::sleep(0s);
    try {
        co_await brio::wait_for(holder(w, 1ms), 5ms);
    } catch (const brio::timeout_error&) {
    }
    co_await brio::gather(first, holder(w, 1ms));
}
awaitable<> events(world& w) {
    const frame here(w);
    auto a = create_task(wait_for_event(w));
    auto b = create_task(wait_for_event(w));
    const timer setting(brio::get_running_loop().call_later(5ms, [&w] {
        w.called();
        w.event.set();
        w.event.clear();
    }));
    w.point();
    co_await brio::gather(a, b);
}
awaitable<> queue_bounded(world& w) {
    const frame here(w);
    co_await brio::gather(producer(w, w.queue, 5), consumer(w, w.queue, 5));
}
awaitable<> queue_many_to_many(world& w) {
    const frame here(w);
    co_await brio::gather(consumer(w, w.queue, 2), consumer(w, w.queue, 2), producer(w, w.queue, 2),
                          producer(w, w.queue, 2));
}
// A getter (a putter) that was told of the news and leaves must tell the next one, before more news come.
awaitable<> queue_two_getters_one_item(world& w) {
    const frame here(w);
    auto a = create_task(consumer(w, w.queue, 1));
    auto b = create_task(consumer(w, w.queue, 1));
    for (int i = 0; i < 2; ++i) {
        co_await brio::sleep(1ms);
        w.queue.put_nowait(i);
        ++w.put;
        co_await brio::sleep(1ms);
        EXPECT_TRUE(w.queue.empty() || (a.done() && b.done())) << "I3: a getter waits, and there is an item";
    }
    co_await brio::gather(brio::return_exceptions, a, b);
}
awaitable<> queue_two_putters_one_place(world& w) {
    const frame here(w);
    for (int i = 0; i < 2; ++i, ++w.put) w.queue.put_nowait(i);
    auto a = create_task(producer(w, w.queue, 1));
    auto b = create_task(producer(w, w.queue, 1));
    for (int i = 0; i < 2; ++i) {
        co_await brio::sleep(1ms);
        w.queue.get_nowait();
        ++w.got;
        co_await brio::sleep(1ms);
        EXPECT_TRUE(w.queue.full() || (a.done() && b.done())) << "I3: a putter waits, and there is room";
    }
    co_await brio::gather(brio::return_exceptions, a, b);
}
awaitable<> queue_unbounded_with_deadline(world& w) {
    const frame here(w);
    auto feeding = create_task([](world& books) -> awaitable<> {
        const frame mine(books);
        co_await brio::sleep(5ms);
        books.unbounded.put_nowait(1);
        ++books.put;
        co_await brio::sleep(5ms);
        books.unbounded.put_nowait(2);
        ++books.put;
    }(w));
    for (int i = 0; i < 4; ++i) {
        try {
            w.point();
            co_await brio::wait_for(consumer(w, w.unbounded, 1), 4ms);
        } catch (const brio::timeout_error&) {
        }
    }
    co_await feeding.join();
}
awaitable<> queue_shut_down(world& w) {
    const frame here(w);
    auto eater = create_task(consumer(w, w.queue, 100));
    auto feeder = create_task(producer(w, w.queue, 100));
    const timer closing(brio::get_running_loop().call_later(0ms, [&w] {
        w.called();
        w.queue.shutdown();
    }));
    try {
        co_await brio::gather(eater, feeder);
    } catch (const brio::queue_shutdown&) {
    }
    w.point();
    co_await brio::sleep(1ms);
}
awaitable<> threads(world& w) {
    const frame here(w);
    w.point();
    auto work = brio::gather(brio::to_thread([] { return 1; }), brio::to_thread([] { return 2; }));
    co_await std::move(work);
    w.point();
    co_await brio::sleep(1ms);
}
awaitable<> thread_with_deadline(world& w) {
    const frame here(w);
    const int value = co_await brio::wait_for(brio::to_thread([] { return 1; }), 10s);
    static_cast<void>(value);
}
awaitable<> raw_asio(world& w) {
    const frame here(w);
    w.point();
    co_await boost::asio::post(brio::get_running_loop().context(), boost::asio::use_awaitable);
    w.point();
    co_await nap(w, 1ms);
}
// Catches every cancel and goes on: each accepted request may be seen once at most (I7).
awaitable<> stubborn(world& w) {
    const frame here(w);
    auto inner = create_task(nap(w, 4ms));
    for (int i = 0; i < 6; ++i) {
        try {
            w.point();
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
                if (e.message() == "sweep") ++w.seen_cancels;
            }
        }
    }
}
awaitable<> pipeline(world& w) {
    const frame here(w);
    auto body = [&w]() -> awaitable<> {
        co_await brio::gather(producer(w, w.queue, 3), consumer(w, w.queue, 3), locks(w));
    };
    try {
        co_await brio::with_timeout(6ms, body);
    } catch (const brio::timeout_error&) {
    }
    co_await brio::shield(nap(w, 2ms));
}

}  // namespace

std::vector<scenario> all_scenarios() {
    return {
        {"sleeps", sleeps},
        {"joins", joins},
        {"join_chain", join_chain},
        {"join_of_a_failure", join_of_a_failure},
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
        {"locks", locks},
        {"lock_with_deadline", lock_with_deadline},
        {"events", events},
        {"queue_bounded", queue_bounded},
        {"queue_many_to_many", queue_many_to_many},
        {"queue_two_getters_one_item", queue_two_getters_one_item},
        {"queue_two_putters_one_place", queue_two_putters_one_place},
        {"queue_unbounded_with_deadline", queue_unbounded_with_deadline},
        {"queue_shut_down", queue_shut_down},
        {"threads", threads},
        {"thread_with_deadline", thread_with_deadline},
        {"raw_asio", raw_asio},
        {"stubborn", stubborn},
        {"pipeline", pipeline},
    };
}

}  // namespace brio_proof

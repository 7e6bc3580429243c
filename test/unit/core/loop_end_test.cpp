// SPDX-License-Identifier: BSL-1.0
// A loop that is destroyed with everything pending: in which order tasks go, and what of it they may still touch. Under
// the address sanitizer these tests say the most.
#include "unit/core/capture.hpp"

#include <brio/detail/operation.hpp>
#include <brio/testing/test.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio_test::captured_log;

/// Runs `body` as the first task of a loop until nothing moves any more, and destroys the loop.
template <class F>
void die_in(F body) {
    const captured_log reports;
    brio::loop loop;
    loop.call_soon([&] {
        create_task(body);
        brio::get_running_loop().call_later(5ms, [] { brio::get_running_loop().stop(); });
    });
    loop.run_forever();
}

/// Something in a frame that others refer to, and what they find when they look at it.
class owned {
public:
    explicit owned(std::string& log, std::string name) : log_(log), name_(std::move(name)) {}
    owned(const owned&) = delete;
    owned& operator=(const owned&) = delete;
    ~owned() {
        log_ += name_ + " ";
        alive_ = false;
    }
    void touch(const std::string& by) { log_ += by + (alive_ ? "(" + name_ + ") " : "(gone) "); }

private:
    std::string& log_;
    std::string name_;
    bool alive_ = true;
};

/// Touches it when it goes, as the guard of a lock does.
struct reference {
    owned& of;
    std::string name;
    ~reference() { of.touch(name); }
};

TEST(loop_end, the_tasks_that_were_made_last_go_first) {
    std::string log;
    auto grandchild = [](owned& parents) -> awaitable<> {
        const reference here{parents, "grandchild"};
        co_await brio::sleep(1h);
    };
    auto child = [&](owned& parents) -> awaitable<> {
        const reference here{parents, "child"};
        owned own(log, "b");
        co_await create_task(grandchild, std::ref(own)).join();
    };
    die_in([&]() -> awaitable<> {
        owned own(log, "a");
        co_await create_task(child, std::ref(own)).join();
    });
    EXPECT_EQ(log, "grandchild(b) b child(a) a ");
}

/// A wait that touches what it waits for when it is left.
class touching_wait final : public brio::detail::operation_base {
public:
    using value_type = void;
    touching_wait(owned& target, std::string name) : target_(target), name_(std::move(name)) {}
    touching_wait(touching_wait&&) noexcept = default;
    static bool ready() noexcept { return false; }
    static void suspend() noexcept {}
    static void resume() noexcept {}
    brio::detail::cancel_reply cancel() noexcept override {
        target_.touch(name_);
        return brio::detail::cancel_reply::left;
    }
    [[nodiscard]] const char* describe() const noexcept override { return "touching_wait"; }

private:
    owned& target_;
    std::string name_;
};

TEST(loop_end, every_task_leaves_its_wait_before_the_first_one_goes) {
    std::string log;
    auto waits = [](owned*& target) -> awaitable<> {
        co_await brio::sleep(0s);
        co_await touching_wait(*target, "older");
    };
    auto owns = [&](owned*& target) -> awaitable<> {
        owned own(log, "younger");
        target = &own;
        co_await touching_wait(own, "itself");
    };
    owned* target = nullptr;
    die_in([&]() -> awaitable<> {
        create_task(waits, std::ref(target));
        create_task(owns, std::ref(target));
        co_return;
    });
    EXPECT_EQ(log, "older(younger) itself(younger) younger ");
}

/// In the frame of the oldest task: one that holds it, one that waits, one that was just woken.
template <class Primitive>
void die_with_holders_of(Primitive& (*make)(std::optional<Primitive>&)) {
    auto hold = [](Primitive& what, bool leaves) -> awaitable<> {
        const auto guard = co_await what.acquire();
        co_await brio::sleep(leaves ? 1ms : 1h);
    };
    die_in([&]() -> awaitable<> {
        std::optional<Primitive> storage;
        Primitive& what = make(storage);
        create_task(hold, std::ref(what), true);
        create_task(hold, std::ref(what), false);
        create_task(hold, std::ref(what), false);
        co_await brio::sleep(1h);
    });
}

TEST(loop_end, holders_and_waiters_of_a_lock_in_a_frame) {
    die_with_holders_of<brio::lock>([](std::optional<brio::lock>& storage) -> brio::lock& { return storage.emplace(); });
}

TEST(loop_end, holders_and_waiters_of_a_semaphore_in_a_frame) {
    die_with_holders_of<brio::semaphore>([](std::optional<brio::semaphore>& storage) -> brio::semaphore& { return storage.emplace(1); });
}

TEST(loop_end, holders_and_waiters_of_a_condition_in_a_frame) {
    die_with_holders_of<brio::condition>([](std::optional<brio::condition>& storage) -> brio::condition& { return storage.emplace(); });
}

// Woken, and the loop ends before they run.
TEST(loop_end, those_who_were_woken_in_the_last_turn) {
    auto lock_it = [](brio::lock& door) -> awaitable<> {
        const auto guard = co_await door.acquire();
        co_await brio::sleep(1h);
    };
    auto take = [](brio::queue<int>& items) -> awaitable<> { co_await items.get(); };
    auto meet = [](brio::barrier& corner) -> awaitable<> { co_await corner.wait(); };
    auto listen = [](brio::event& signal) -> awaitable<> { co_await signal.wait(); };
    die_in([&]() -> awaitable<> {
        brio::lock door;
        brio::queue<int> items;
        brio::barrier corner(2);
        brio::event signal;
        std::optional<brio::lock::guard> guard(co_await door.acquire());
        create_task(lock_it, std::ref(door));
        create_task(lock_it, std::ref(door));
        create_task(take, std::ref(items));
        create_task(take, std::ref(items));
        create_task(meet, std::ref(corner));
        create_task(listen, std::ref(signal));
        co_await brio::sleep(1ms);
        brio::get_running_loop().stop();
        guard.reset();
        items.put_nowait(1);
        signal.set();
        co_await corner.wait();
        co_await brio::sleep(1h);
    });
}

// Its body goes with the frame that holds it, and may refer to that.
TEST(loop_end, a_generator_left_half_way_goes_with_its_owner) {
    std::string log;
    auto body = [](brio::yielder<int> yield, owned& consumers) -> awaitable<> {
        const reference here{consumers, "body"};
        co_await yield(1);
    };
    die_in([&]() -> awaitable<> {
        owned own(log, "consumer");
        auto numbers = brio::make_generator<int>(body, std::ref(own));
        co_await numbers.next();
        co_await brio::sleep(1h);
    });
    EXPECT_EQ(log, "body(consumer) consumer ");
}

TEST(loop_end, futures_that_nobody_set) {
    auto join = [](brio::future<int> value) -> awaitable<> { co_await value.join(); };
    auto listen = [](brio::future<int> value) -> awaitable<> { co_await brio::shield(value); };
    std::optional<brio::promise<int>> source;
    die_in([&]() -> awaitable<> {
        brio::promise<int> own;
        source.emplace();
        for (const auto& each : {own.get_future(), source->get_future()}) {
            create_task(join, each);
            create_task(listen, each);
        }
        co_await brio::sleep(1h);
    });
    EXPECT_TRUE(source->cancelled()) << "who joins passes the end on";
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// The proofs find a bug that was put there: a lock whose hand-over is lost when the woken waiter is cancelled.
#include "proof/world.hpp"
#include "unit/testing/failures_of.hpp"

#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/operation.hpp>

#include <string>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::testing::with_state;
using brio_test::contains;
using brio_test::failures_during;

// brio::lock in small. With the bug, a waiter that was told that the lock is free and leaves tells nobody.
template <bool HandsOver>
class small_lock {
public:
    class acquire_operation final : public brio::detail::operation_base {
    public:
        using value_type = void;
        acquire_operation(small_lock& target, const brio::source_location& where) : operation_base(where), lock_(target) {}
        acquire_operation(acquire_operation&&) noexcept = default;

        bool ready() noexcept {
            if (lock_.locked || !lock_.waiters_.empty()) return false;
            return lock_.locked = true;
        }
        void suspend() noexcept { lock_.waiters_.push_back(*this); }
        void resume() const noexcept {}
        bool resumable() noexcept override {
            if (lock_.locked) return false;
            unlink();
            return lock_.locked = true;
        }
        brio::detail::cancel_reply cancel() noexcept override {
            unlink();
            return brio::detail::cancel_reply::left;
        }
        brio::detail::cancel_reply cancel_woken() noexcept override {
            unlink();
            if (HandsOver && !lock_.locked) lock_.release();
            return brio::detail::cancel_reply::left;
        }
        [[nodiscard]] const char* describe() const noexcept override { return "small_lock.acquire()"; }

    private:
        small_lock& lock_;
    };

    acquire_operation acquire(const brio::source_location& where = brio::source_location::current()) { return {*this, where}; }
    void release() noexcept {
        locked = false;
        if (brio::detail::waiter* const next = waiters_.first()) next->wake();
    }
    bool locked = false;

private:
    brio::detail::intrusive_list<brio::detail::waiter> waiters_;
};

template <class Lock>
awaitable<> hold(Lock& lock, int turns) {
    co_await lock.acquire();
    struct leave {
        Lock& held;
        ~leave() { held.release(); }
    } const leaving{lock};
    for (int i = 0; i < turns; ++i) co_await brio::sleep(0s);
}

awaitable<> cancel_after(int turns, brio::task<>& victim) {
    for (int i = 0; i < turns; ++i) co_await brio::sleep(0s);
    victim.cancel();
}

// In FIFO order the impatient one is cancelled right before the lock is free. In another it has just been told that it is.
template <class Lock>
awaitable<> two_wait_and_one_leaves(Lock& lock) {
    brio::task<> impatient;
    auto killer = brio::create_task(cancel_after(3, impatient), "killer");
    auto owner = brio::create_task(hold(lock, 3), "owner");
    impatient = brio::create_task(hold(lock, 0), "impatient");
    auto patient = brio::create_task(hold(lock, 0), "patient");
    const auto ends = co_await brio::gather(brio::return_exceptions, killer, owner, impatient, patient);
    static_cast<void>(ends);
}

template <class Lock>
void nobody_waits_for_a_free_lock(Lock& lock) {
    EXPECT_TRUE(lock.locked || !brio_proof::anybody_in("small_lock.acquire()")) << "the lock is free, and a task waits for it";
}

template <bool HandsOver>
brio::testing::scenario waiters() {
    using lock = small_lock<HandsOver>;
    return with_state<lock>(two_wait_and_one_leaves<lock>, {}, nobody_waits_for_a_free_lock<lock>);
}

constexpr std::uint64_t seeds = 340;

class planted_bug : public ::testing::Test {
    const brio_test::without_seed fifo_by_default_;
};

TEST_F(planted_bug, is_not_seen_in_fifo_order) {
    EXPECT_FALSE(brio::testing::for_each_seed(waiters<true>(), 0, 1).failed);
    const std::string text = failures_during([] {
        brio::testing::run_case([]() -> awaitable<> {
            small_lock<false> lock;
            co_await two_wait_and_one_leaves(lock);
        });
    });
    EXPECT_EQ(text, "");
}

TEST_F(planted_bug, is_found_by_random_schedules_and_its_seed_finds_it_again) {
    const std::string text = failures_during([] {
        EXPECT_TRUE(brio::testing::for_each_seed(waiters<false>(), 0, seeds).failed);
    });
    EXPECT_TRUE(contains(text, "the scenario hangs")) << text;
    const auto at = text.find("BRIO_TEST_SEED=");
    ASSERT_NE(at, std::string::npos) << text;
    const std::uint64_t seed = std::stoull(text.substr(at + 15));
    EXPECT_LT(seed, seeds);
    for (int again = 0; again < 3; ++again) {
        EXPECT_EQ(failures_during([seed] { brio::testing::for_each_seed(waiters<false>(), seed, seed + 1); }).empty(), false);
    }
    EXPECT_EQ(failures_during([seed] { brio::testing::for_each_seed(waiters<true>(), seed, seed + 1); }), "");
}

TEST_F(planted_bug, is_found_by_priority_schedules) {
    const auto priorities = brio::testing::scenario_options().priorities();
    const std::string text = failures_during([&priorities] {
        EXPECT_TRUE(brio::testing::for_each_seed(waiters<false>(), 0, seeds, priorities).failed);
    });
    EXPECT_TRUE(contains(text, "the scenario hangs")) << text;
    EXPECT_EQ(brio::testing::for_each_seed(waiters<true>(), 0, seeds, priorities).runs, seeds) << "without it nothing is found";
}

TEST_F(planted_bug, is_found_by_the_sweep) {
    const auto options = brio::testing::scenario_options().every_task().allow_leftovers();
    const std::string text = failures_during([&options] {
        EXPECT_TRUE(brio::testing::cancel_at_each_await(waiters<false>(), options).failed);
    });
    EXPECT_TRUE(contains(text, "the lock is free, and a task waits for it")) << text;
}

TEST_F(planted_bug, without_it_nothing_is_found) {
    const auto options = brio::testing::scenario_options().every_task().allow_leftovers();
    EXPECT_FALSE(brio::testing::cancel_at_each_await(waiters<true>(), options).failed);
    EXPECT_EQ(brio::testing::for_each_seed(waiters<true>(), 0, seeds).runs, seeds);
}

}  // namespace

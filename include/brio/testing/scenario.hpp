// SPDX-License-Identifier: BSL-1.0
// scenario: a small program that is run many times, each time with state of its own.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/detail/awaitable_traits.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace brio::inline v0::testing {

/// One run of a scenario. Made before its loop is, destroyed after it has closed.
class BRIO_API scenario_run {
public:
    scenario_run() noexcept = default;
    scenario_run(const scenario_run&) = delete;
    scenario_run& operator=(const scenario_run&) = delete;
    virtual ~scenario_run();

    virtual awaitable<> body() = 0;
    /// Inside the loop, when the body has ended and nothing moves any more, before tasks that are left are cancelled.
    virtual void check_at_rest();
    /// When the loop has closed: everything has ended.
    virtual void check_at_end();
};

/// What `cancel_at_each_await`, `fail_each` and `for_seeds` run. A coroutine function without arguments that makes its
/// own state converts to it; `with_state` adds state that outlives the run, to be checked.
class BRIO_API scenario {
public:
    explicit scenario(std::function<std::unique_ptr<scenario_run>()> make) noexcept : make_(std::move(make)) {}
    template <class F>
        requires detail::coroutine_function<F> && (!std::same_as<std::decay_t<F>, scenario>)
    scenario(F&& body) : scenario(stateless(std::forward<F>(body))) {}  // NOLINT: a coroutine function is a scenario

    [[nodiscard]] std::unique_ptr<scenario_run> make_run() const { return make_(); }

private:
    static scenario stateless(std::function<awaitable<>()> body);

    std::function<std::unique_ptr<scenario_run>()> make_;
};

/// A check of a scenario's state, with EXPECT_*.
template <class State>
using state_check = std::function<void(State&)>;

/// A scenario over a `State` that is made anew (by its default constructor) for each run. `at_end` checks what must hold
/// whatever happened, when everything has ended; `at_rest` the same when the body has ended and nothing moves any more,
/// while tasks that were left behind still wait: it is inside the loop, so `format_tasks` shows who waits.
template <class State>
scenario with_state(std::function<awaitable<>(State&)> body, state_check<State> at_end = {}, state_check<State> at_rest = {}) {
    struct program {
        std::function<awaitable<>(State&)> body;
        state_check<State> at_end;
        state_check<State> at_rest;
    };
    class run final : public scenario_run {
    public:
        explicit run(std::shared_ptr<const program> what) : what_(std::move(what)) {}
        awaitable<> body() override { return what_->body(state_); }
        void check_at_rest() override {
            if (what_->at_rest) what_->at_rest(state_);
        }
        void check_at_end() override {
            if (what_->at_end) what_->at_end(state_);
        }

    private:
        std::shared_ptr<const program> what_;
        State state_;
    };
    const std::shared_ptr<const program> what(new program{std::move(body), std::move(at_end), std::move(at_rest)});
    return scenario([what]() -> std::unique_ptr<scenario_run> { return std::make_unique<run>(what); });
}

/// How the runs of a scenario are made; every setter gives the object back.
class BRIO_API scenario_options {
public:
    scenario_options() noexcept = default;

    /// A run that takes more virtual time than this hangs (default: an hour).
    scenario_options& time_limit(std::chrono::seconds limit) { time_limit_ = limit; return *this; }
    /// A run of more steps than this (task steps and callbacks; default: 1,000,000) goes round in circles.
    scenario_options& step_limit(std::uint64_t limit) { step_limit_ = limit; return *this; }
    /// Tasks that outlive the body may end by themselves within `time` of virtual time (30 s); those that do not are
    /// cancelled without complaint. Otherwise a task that is left fails the run.
    scenario_options& allow_leftovers(std::chrono::seconds time = std::chrono::seconds(30)) {
        leftovers_ = time;
        return *this;
    }
    /// Every task of the scenario is cancelled in turn, not only the scenario itself (cancel_at_each_await). A task that
    /// was waiting for a cancelled one must notice.
    scenario_options& every_task(bool on = true) { every_task_ = on; return *this; }
    /// A fault is injected once only (fail_each), not also into all calls from the chosen one on.
    scenario_options& once_only(bool on = true) { once_only_ = on; return *this; }
    /// The exception that fails a fault point, in place of `injected_fault`.
    scenario_options& fault(std::exception_ptr error) { fault_ = std::move(error); return *this; }
    /// Only the fault points of this name fail.
    scenario_options& only(std::string name) { only_ = std::move(name); return *this; }
    /// The runs of a sweep have this seed's schedule in place of FIFO order.
    scenario_options& seed(std::uint64_t value) { seed_ = value; return *this; }
    /// Seeds stand for schedules by priority (`priority_order`) with that many changes, in place of uniformly random ones.
    scenario_options& priorities(int changes = 3) { priorities_ = changes; return *this; }

    [[nodiscard]] std::chrono::seconds max_time() const noexcept { return time_limit_; }
    [[nodiscard]] std::uint64_t max_steps() const noexcept { return step_limit_; }
    [[nodiscard]] std::optional<std::chrono::seconds> leftover_time() const noexcept { return leftovers_; }
    [[nodiscard]] bool cancels_every_task() const noexcept { return every_task_; }
    [[nodiscard]] bool fails_once_only() const noexcept { return once_only_; }
    [[nodiscard]] const std::exception_ptr& chosen_fault() const noexcept { return fault_; }
    [[nodiscard]] const std::string& chosen_point() const noexcept { return only_; }
    [[nodiscard]] std::optional<std::uint64_t> chosen_seed() const noexcept { return seed_; }
    [[nodiscard]] std::optional<int> chosen_priorities() const noexcept { return priorities_; }

private:
    std::chrono::seconds time_limit_{3600};
    std::uint64_t step_limit_ = 1'000'000;
    std::optional<std::chrono::seconds> leftovers_;
    bool every_task_ = false;
    bool once_only_ = false;
    std::exception_ptr fault_;
    std::string only_;
    std::optional<std::uint64_t> seed_;
    std::optional<int> priorities_;
};

/// What a sweep did.
class BRIO_API scenario_report {
public:
    /// Runs of the scenario, the plain one included.
    std::size_t runs = 0;
    /// Runs in which something was injected: a cancel that was accepted, a fault.
    std::size_t injected = 0;
    /// A run failed; the sweep ended there.
    bool failed = false;
};

}  // namespace brio::inline v0::testing

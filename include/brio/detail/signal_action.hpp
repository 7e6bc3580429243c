// SPDX-License-Identifier: BSL-1.0
// A signal's number, checked, and the function that a loop calls for it.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task_options.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/context_state.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/scheduler.hpp>

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace brio::inline v0::detail {

/// `SIGTERM` for 15, `SIGRTMIN+2`, `signal 99`.
[[nodiscard]] BRIO_API std::string name_of_signal(int number);

/// A signal that a loop can handle; every other number throws std::invalid_argument. Knows where it was written.
class BRIO_API signal_number {
public:
    signal_number(int number, const source_location& where = source_location::current());  // NOLINT: stands for the number

    [[nodiscard]] int value() const noexcept { return number_; }
    [[nodiscard]] std::uint64_t bit() const noexcept { return std::uint64_t{1} << (number_ - 1); }
    [[nodiscard]] const source_location& where() const noexcept { return where_; }

private:
    int number_;
    source_location where_;
};

/// Stands in the ready queue once, however many signals come meanwhile. Loop thread only.
class BRIO_API signal_action : public ready_node {
public:
    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

    /// The signal has come.
    void trigger(scheduler& sched) noexcept;
    /// It is not called any more.
    void remove() noexcept { removed_ = true; }

    void run() noexcept final;
    void drop() noexcept final { release(); }

protected:
    explicit signal_action(const signal_number& number) : number_(number), context_(inherited_context()) {}
    ~signal_action() override;

    [[nodiscard]] const source_location& where() const noexcept { return number_.where(); }
    /// Of the tasks that it starts.
    [[nodiscard]] task_options options() const;

private:
    virtual void invoke() = 0;

    std::uint32_t refs_ = 1;
    bool removed_ = false;
    signal_number number_;
    ref<context_state> context_;
};

/// Calls a plain function.
template <class F, class... Args>
class signal_callback final : public signal_action {
public:
    template <class G, class... As>
    explicit signal_callback(const signal_number& number, G&& function, As&&... args)
        : signal_action(number), function_(std::forward<G>(function)), args_(std::forward<As>(args)...) {}

private:
    void invoke() override {
        std::apply([this](Args&... args) { std::invoke(function_, args...); }, args_);
    }

    F function_;
    std::tuple<Args...> args_;
};

/// Starts a task.
template <class F, class... Args>
class signal_task final : public signal_action {
public:
    using maker = awaitable<coroutine_result_t<F, Args...>> (*)(F, Args...);

    /// `make` is call_stored. It is handed in so that the user's source is what instantiates that coroutine: g++ warns of
    /// types without linkage in its frame otherwise.
    template <class G, class... As>
    explicit signal_task(const signal_number& number, maker make, G&& function, As&&... args)
        : signal_action(number), make_(make), function_(std::forward<G>(function)), args_(std::forward<As>(args)...) {}

private:
    void invoke() override {
        // Nobody joins it: its failure is reported.
        std::apply([this](Args&... args) { spawn(*scheduler::current(), make_(function_, args...), options(), where()); }, args_);
    }

    maker make_;
    F function_;
    std::tuple<Args...> args_;
};

/// A function that can be called again and again, or a coroutine function that can be copied into task after task.
template <class F, class... Args>
concept signal_function =
    std::invocable<std::decay_t<F>&, std::decay_t<Args>&...> ||
    (coroutine_function<F, Args...> && (std::copy_constructible<std::decay_t<F>> && ... && std::copy_constructible<std::decay_t<Args>>));

}  // namespace brio::inline v0::detail

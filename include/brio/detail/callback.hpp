// SPDX-License-Identifier: BSL-1.0
// A scheduled callback: counted, runs once through the ready queue, maybe after a timer.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/block_cache.hpp>
#include <brio/detail/context_state.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/scheduler.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <tuple>
#include <utility>

namespace brio::inline v0::detail {

/// Owned by its handles, and by the loop from scheduling until it ran or was dropped.
class BRIO_API callback : public ready_node, public timer_node, public block_allocated {
public:
    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    void cancel() noexcept;
    [[nodiscard]] bool is_cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
    [[nodiscard]] time_point due() const noexcept { return due_; }
    /// What it runs in; null as long as no variable is set there.
    [[nodiscard]] ref<context_state>& context() noexcept { return context_; }

    void schedule_soon(scheduler& sched) noexcept;
    void schedule_at(scheduler& sched, time_point due);
    /// From any thread. False: the loop is closed.
    [[nodiscard]] bool schedule_threadsafe(mailbox& inbox);

    void run() noexcept final;
    void fire() noexcept final;
    void drop() noexcept final { release(); }

protected:
    explicit callback(ref<context_state> context) noexcept : context_(std::move(context)) {}
    ~callback() override;

private:
    virtual void invoke() = 0;

    std::atomic<std::uint32_t> refs_{1};
    std::atomic<bool> cancelled_{false};
    scheduler* sched_ = nullptr;
    time_point due_{};
    ref<context_state> context_;
};

template <class F, class... Args>
class callback_of final : public callback {
public:
    template <class G, class... As>
    explicit callback_of(std::in_place_t, ref<context_state> context, G&& function, As&&... args)
        : callback(std::move(context)), function_(std::forward<G>(function)), args_(std::forward<As>(args)...) {}

private:
    void invoke() override {
        std::apply([this](Args&... args) { std::invoke(std::move(function_), std::move(args)...); }, args_);
    }

    F function_;
    std::tuple<Args...> args_;
};

/// A callback that runs in `context` itself.
template <class F, class... Args>
ref<callback> make_callback_in(ref<context_state> context, F&& function, Args&&... args) {
    static_assert(std::is_invocable_v<std::decay_t<F>, std::decay_t<Args>...>,
                  "the callback cannot be called with these arguments");
    using type = callback_of<std::decay_t<F>, std::decay_t<Args>...>;
    return ref<callback>(
        new type(std::in_place, std::move(context), std::forward<F>(function), std::forward<Args>(args)...), adopt);
}

/// One that runs in a copy of the context of who makes it.
template <class F, class... Args>
ref<callback> make_callback(F&& function, Args&&... args) {
    return make_callback_in(inherited_context(), std::forward<F>(function), std::forward<Args>(args)...);
}

}  // namespace brio::inline v0::detail

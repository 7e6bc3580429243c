// SPDX-License-Identifier: BSL-1.0
// The untyped part of to_thread: a job shared by the waiting task and the pool.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/result.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/block_cache.hpp>
#include <brio/detail/context_state.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/ref.hpp>
#include <brio/thread/thread_pool.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <type_traits>
#include <utility>

namespace brio::inline v0::detail {

class mailbox;
class thread_wait;

/// Goes to a pool thread, then back to the loop through its mailbox. It owns itself while it is on its way.
class BRIO_API thread_call : public pool_job, public ready_node, public block_allocated {
public:
    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    /// Sends it to `pool`, or to the default one of the running loop when that is null; it comes back to this loop. Throws
    /// loop_error when the pool is shut down, and what starting a thread throws; nothing has happened then.
    void start(thread_pool* pool);

    /// Stops by `source` when the waiting task leaves.
    void stop_with(std::stop_source source) noexcept { stop_ = std::move(source); }

    void execute() noexcept final;
    void abandon() noexcept final;
    void run() noexcept final;
    void drop() noexcept final;

protected:
    thread_call();
    ~thread_call() override;
    /// Throws loop_error when the pool was shut down before the call began.
    void require_executed() const;
    /// In the loop, when it has come back, whether or not a task still waits. Not called when the loop has ended.
    virtual void returned() noexcept;

private:
    friend class thread_wait;
    class counter;

    virtual void call() noexcept = 0;
    void send_back() noexcept;

    // In this order two cache lines hold all of it and a small function with its result.
    std::atomic<std::uint32_t> refs_{1};
    bool abandoned_ = false;
    std::shared_ptr<mailbox> inbox_;
    ref<context_state> context_;
    thread_wait* wait_ = nullptr;  // loop thread only; null once the waiting task has left
    counter* counter_ = nullptr;   // loop thread only
    std::stop_source stop_{std::nostopstate};
};

/// A call with its outcome.
template <class R>
class thread_call_result : public thread_call {
public:
    R take() {
        require_executed();
        if (error_) std::rethrow_exception(error_);
        if constexpr (!std::is_void_v<R>) return std::move(*value_);
    }

protected:
    std::optional<std::conditional_t<std::is_void_v<R>, nothing, R>> value_;
    std::exception_ptr error_;
};

class BRIO_API thread_wait : public operation_base {
public:
    static bool ready() noexcept { return false; }
    void suspend();
    cancel_reply cancel() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return what_; }

protected:
    /// `what`: for people.
    thread_wait(thread_pool* pool, ref<thread_call> call, const char* what = "to_thread",
                const source_location& where = source_location()) noexcept
        : operation_base(where), call_(std::move(call)), pool_(pool), what_(what) {}
    thread_wait(thread_wait&&) noexcept = default;
    ~thread_wait();

    ref<thread_call> call_;

private:
    thread_pool* pool_;  // null: the loop's default
    const char* what_;
};

/// Waits for a call, whatever its function is.
template <class R>
class [[nodiscard("this does nothing unless it is awaited: co_await it")]] thread_operation final : public thread_wait {
public:
    using value_type = R;

    thread_operation(thread_pool* pool, ref<thread_call_result<R>> call, const char* what = "to_thread",
                     const source_location& where = source_location()) noexcept
        : thread_wait(pool, std::move(call), what, where) {}
    thread_operation(thread_operation&&) noexcept = default;

    R resume() { return static_cast<thread_call_result<R>&>(*call_).take(); }
};

/// The default pool of the running loop.
BRIO_API const std::shared_ptr<thread_pool>& default_pool();
/// The one before lives as long as the loop.
BRIO_API void replace_default_pool(std::shared_ptr<thread_pool> pool);

}  // namespace brio::inline v0::detail

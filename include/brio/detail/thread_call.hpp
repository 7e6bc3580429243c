// SPDX-License-Identifier: BSL-1.0
// The untyped part of to_thread: a job shared by the waiting task and the pool.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/context_state.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/ref.hpp>
#include <brio/thread/thread_pool.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <utility>

namespace brio::inline v0::detail {

class mailbox;
class thread_wait;

/// Goes to a pool thread, then back to the loop through its mailbox. It owns itself while it is on its way.
class BRIO_API thread_call : public pool_job, public ready_node {
public:
    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

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

private:
    friend class thread_wait;
    class counter;

    virtual void call() noexcept = 0;
    void send_back() noexcept;

    std::atomic<std::uint32_t> refs_{1};
    thread_wait* wait_ = nullptr;  // loop thread only; null once the waiting task has left
    bool abandoned_ = false;
    std::shared_ptr<mailbox> inbox_;
    counter* counter_ = nullptr;  // loop thread only
    ref<context_state> context_;
    std::stop_source stop_{std::nostopstate};
};

class BRIO_API thread_wait : public operation_base {
public:
    static bool ready() noexcept { return false; }
    void suspend();
    cancel_reply cancel() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return "to_thread"; }

protected:
    thread_wait(thread_pool* pool, ref<thread_call> call) noexcept : call_(std::move(call)), pool_(pool) {}
    thread_wait(thread_wait&&) noexcept = default;
    ~thread_wait();

    ref<thread_call> call_;

private:
    thread_pool* pool_;  // null: the loop's default
};

/// The default pool of the running loop.
BRIO_API const std::shared_ptr<thread_pool>& default_pool();
/// The one before lives as long as the loop.
BRIO_API void replace_default_pool(std::shared_ptr<thread_pool> pool);

}  // namespace brio::inline v0::detail

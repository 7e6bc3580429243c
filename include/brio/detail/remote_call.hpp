// SPDX-License-Identifier: BSL-1.0
// A coroutine on its way to the loop of another thread, its task there, and the way back of its end.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/join.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/task_state.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace brio::inline v0::detail {

class mailbox;
class remote_wait;

/// A loop as seen by other threads: what may be used when it has gone, too.
class BRIO_API remote_loop {
public:
    explicit remote_loop(std::shared_ptr<mailbox> inbox) noexcept : inbox_(std::move(inbox)) {}

    [[nodiscard]] mailbox& inbox() const noexcept { return *inbox_; }
    /// Whether the calling thread runs it now.
    [[nodiscard]] bool is_here() const noexcept {
        const scheduler* const here = scheduler::current();
        return here && here->inbox() == inbox_;
    }

private:
    std::shared_ptr<mailbox> inbox_;
};

/// Shared by the target loop, until the task has ended, and by whoever wants to know the end: one task of some loop, or
/// a thread that blocks.
class BRIO_API remote_call : public ready_node, public completion {
public:
    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

    /// Once, from any thread. Throws loop_error when the target is closed.
    void send();
    /// From any thread, after `send`.
    void cancel(std::string message) noexcept;

    [[nodiscard]] bool is_done();
    /// Blocks until it is done, or until `deadline`; says which. Throws loop_error in the target's own thread.
    bool wait_until(std::chrono::steady_clock::time_point deadline, const char* what);
    /// Blocks without a limit.
    void wait(const char* what);

    /// When it is done: the ended task. Throws when there never was one.
    [[nodiscard]] task_state& ended_task() const;

    void run() noexcept final;
    void drop() noexcept final;
    void completed(task_state& ended) noexcept final;

protected:
    remote_call(remote_loop target, const source_location& where) noexcept : where_(where), target_(std::move(target)) {}
    ~remote_call() override;

    source_location where_;

private:
    friend class remote_wait;
    class disposal;
    class request;

    /// Goes back to the loop of the task that waits.
    class notice final : public ready_node {
    public:
        explicit notice(remote_call& owner) noexcept : owner_(owner) {}
        void run() noexcept override;
        void drop() noexcept override { owner_.release(); }

    private:
        remote_call& owner_;
    };

    /// In the target loop.
    virtual ref<task_state> make_task() = 0;
    void finish(std::exception_ptr error) noexcept;
    void require_other_thread(const char* what) const;
    /// False when it is done already.
    bool join(remote_wait& wait, std::shared_ptr<mailbox> inbox);
    void leave() noexcept;

    std::atomic<std::uint32_t> refs_{1};
    remote_loop target_;
    bool ended_ = false;                // target loop only
    std::uint32_t requests_heard_ = 0;  // target loop, until it is done
    ref<task_state> task_;              // the same; null if none could be made
    std::exception_ptr error_;          // why

    std::mutex mutex_;  // for what follows, and what was written before `done_`
    std::condition_variable changed_;
    bool done_ = false;
    std::shared_ptr<mailbox> joiner_;

    remote_wait* wait_ = nullptr;  // joiner's loop only
    notice notice_{*this};
};

template <class T>
class remote_call_of final : public remote_call {
public:
    remote_call_of(remote_loop target, awaitable<T> body, const source_location& where) noexcept
        : remote_call(std::move(target), where), body_(std::move(body)) {}

private:
    ref<task_state> make_task() override { return spawn(*scheduler::current(), std::move(body_), where_); }

    awaitable<T> body_;
};

/// Waits for the end of a remote call, and sends it on its way first unless that was done.
class BRIO_API remote_wait : public operation_base {
public:
    bool ready();
    void suspend();
    cancel_reply cancel() noexcept override;
    [[nodiscard]] bool forwards_cancel() const noexcept override { return sent_; }
    [[nodiscard]] const char* describe() const noexcept override { return "a task of another loop"; }

protected:
    remote_wait(ref<remote_call> call, bool sent, const source_location& where) noexcept;
    remote_wait(remote_wait&&) noexcept;
    ~remote_wait();

    /// The ended task; throws when there never was one.
    task_state& ended();

private:
    friend class remote_call;
    class work;

    ref<remote_call> call_;
    bool sent_;
    std::uint32_t requests_ = 0;
    std::unique_ptr<work> work_;  // the joiner's loop is not idle meanwhile
};

template <class T>
class [[nodiscard("nothing happens, or nobody hears of it, unless this is awaited: co_await it")]] remote_join final
    : public remote_wait {
public:
    using value_type = T;

    remote_join(ref<remote_call> call, bool sent, const source_location& where) noexcept
        : remote_wait(std::move(call), sent, where) {}
    remote_join(remote_join&&) noexcept = default;

    T resume() { return take_result<T>(ended(), true); }
};

}  // namespace brio::inline v0::detail

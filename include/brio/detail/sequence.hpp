// SPDX-License-Identifier: BSL-1.0
// Operations on one object that blocks: done one after the other, by threads of the loop's pool, or at once.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/thread_call.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <utility>

namespace brio::inline v0::detail {

class mailbox;
class sequence;
class sequence_operation;

/// What a thread does for one operation. It shares what it works on, and comes back to the object if that is still there.
class BRIO_API sequence_job : public thread_call {
public:
    /// Nobody waits for it any more: it may stop early.
    void give_up() noexcept { given_up_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool is_given_up() const noexcept { return given_up_.load(std::memory_order_relaxed); }
    /// Throws when the pool was shut down before it began.
    void check() const { require_executed(); }

protected:
    ~sequence_job() override;

private:
    friend class sequence;
    void returned() noexcept final;

    sequence* owner_ = nullptr;  // loop thread only
    std::atomic<bool> given_up_{false};
};

/// An object of one loop whose operations take their turns: a file, a directory. What a thread has found is applied to it
/// in its loop, so that it needs no lock; an operation that was cancelled meanwhile has not happened, but the next one
/// begins only when the thread has come back.
class BRIO_API sequence {
public:
    sequence(const sequence&) = delete;
    sequence& operator=(const sequence&) = delete;

    void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
    void release() noexcept {
        if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
    }

protected:
    /// On the running loop, whose it is from now on.
    sequence();
    virtual ~sequence();

private:
    friend class sequence_job;
    friend class sequence_operation;

    /// Does it without a thread, if that can be done; may throw.
    virtual bool serve(sequence_operation& operation) = 0;
    /// The thread's part of it.
    virtual ref<sequence_job> make_job(sequence_operation& operation) = 0;
    /// The thread has come back. `operation` is null when it was cancelled meanwhile. May throw: it then fails.
    virtual void accept(sequence_job& job, sequence_operation* operation) = 0;

    void require_home() const;
    [[nodiscard]] bool is_idle() noexcept { return !job_ && waiting_.empty(); }
    void enlist(sequence_operation& operation);
    void leave(sequence_operation& operation) noexcept;
    void start_next() noexcept;
    void returned(sequence_job& job) noexcept;

    std::atomic<std::uint32_t> refs_{1};
    std::shared_ptr<mailbox> home_;  // of its loop: the loop's address may be another one's later
    intrusive_list<sequence_operation> waiting_;
    sequence_operation* served_ = nullptr;  // whose job is under way, unless it was cancelled
    ref<sequence_job> job_;
};

class BRIO_API sequence_operation : public operation_base {
public:
    bool ready();
    void suspend();
    cancel_reply cancel() noexcept override;
    [[nodiscard]] const char* describe() const noexcept override { return what_; }

protected:
    sequence_operation(ref<sequence> target, const char* what, const source_location& where) noexcept
        : operation_base(where), target_(std::move(target)), what_(what) {}
    sequence_operation(sequence_operation&&) noexcept = default;
    ~sequence_operation();

    void throw_if_failed() const {
        if (error_) std::rethrow_exception(error_);
    }
    [[nodiscard]] sequence& target() const noexcept { return *target_; }

private:
    friend class sequence;

    ref<sequence> target_;
    const char* what_;
    std::exception_ptr error_;
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// What all queues share: sizes, waiters, unfinished work, shutdown.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/sync/event.hpp>

#include <cstddef>

namespace brio::inline v0 {

/// There is nothing to take without waiting; asyncio's `QueueEmpty`.
class BRIO_API queue_empty : public error {
public:
    using error::error;
    ~queue_empty() override;
};

/// There is no room to put without waiting; asyncio's `QueueFull`.
class BRIO_API queue_full : public error {
public:
    using error::error;
    ~queue_full() override;
};

/// The queue was shut down; asyncio's `QueueShutDown`.
class BRIO_API queue_shutdown : public error {
public:
    using error::error;
    ~queue_shutdown() override;
};

namespace detail {

/// A wait in a queue's `get` or `put`.
class BRIO_API queue_waiter : public operation_base {
public:
    cancel_reply cancel() noexcept override;
    cancel_reply cancel_woken() noexcept override;

protected:
    explicit queue_waiter(const source_location& where) noexcept : operation_base(where) {}
    queue_waiter(queue_waiter&&) noexcept = default;
    [[gnu::always_inline]] ~queue_waiter() = default;

private:
    /// The news that woke this waiter is for the next one.
    virtual void pass_on() noexcept = 0;
};

/// Base of `queue<T>` and its relatives.
class BRIO_API queue_base {
public:
    queue_base(const queue_base&) = delete;
    queue_base& operator=(const queue_base&) = delete;

    /// Items in the queue now.
    [[nodiscard]] std::size_t qsize() const noexcept { return size_; }
    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
    [[nodiscard]] bool full() const noexcept { return maxsize_ > 0 && size_ >= static_cast<std::size_t>(maxsize_); }
    /// As given; 0 or less means unbounded.
    [[nodiscard]] std::ptrdiff_t maxsize() const noexcept { return maxsize_; }

    /// Says that one item taken from the queue has been dealt with. Throws invalid_state_error when called more often
    /// than items were put.
    void task_done();
    /// Completes when every item put has been marked by `task_done()`; at once when there is none. **Cancellation** ends
    /// the wait; once woken, it ends normally and the cancel comes at the next suspension.
    event::wait_operation join(const source_location& where = source_location::current()) noexcept {
        return finished_.wait(where);
    }

    /// Closes the queue: `put` throws queue_shutdown from now on, waiting putters included; `get` gives what is left
    /// and then throws. With `immediate` what is left is dropped (and counts as done): waiting getters throw, too.
    void shutdown(bool immediate = false) noexcept;
    [[nodiscard]] bool is_shutdown() const noexcept { return shutdown_; }

protected:
    explicit queue_base(std::ptrdiff_t maxsize) noexcept : maxsize_(maxsize) { finished_.set(); }
    virtual ~queue_base();

    void item_arrived() noexcept {
        ++size_;
        if (unfinished_++ == 0) finished_.clear();
        if (!getters_.empty()) wake_getter();
    }
    void item_left() noexcept {
        --size_;
        if (!putters_.empty()) wake_putter();
    }
    void wake_getter() noexcept;
    void wake_putter() noexcept;
    void require_open() const;
    void require_room() const;
    [[noreturn]] static void throw_empty();
    [[noreturn]] static void throw_shutdown();

    intrusive_list<waiter> getters_;
    intrusive_list<waiter> putters_;

private:
    virtual void drop_items() noexcept = 0;

    std::ptrdiff_t maxsize_;
    std::size_t size_ = 0;
    std::size_t unfinished_ = 0;
    bool shutdown_ = false;
    event finished_;
};

}  // namespace detail

}  // namespace brio::inline v0

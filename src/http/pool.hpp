// SPDX-License-Identifier: BSL-1.0
// The connection pool: pool_machine with real connections, waiting tasks and an expiry timer.
#pragma once

#include "http/connection.hpp"
#include "http/pool_machine.hpp"
#include "io/io_operation.hpp"

#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/timer_heap.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace brio::inline v0::detail {
class scheduler;
}

namespace brio::inline v0::http::detail {

class pool final : private brio::detail::timer_node {
public:
    using duration = std::chrono::steady_clock::duration;
    using time_point = std::chrono::steady_clock::time_point;

    pool(brio::detail::scheduler& sched, const pool_machine::limits& limits, duration idle_lifetime);
    pool(const pool&) = delete;
    pool& operator=(const pool&) = delete;
    ~pool();

    class acquire_operation;
    class lease;

    /// A connection to reuse, or the right to open one; waits for its turn until `deadline`.
    acquire_operation acquire(const pool_key& key, time_point deadline);

    /// Closes idle connections, wakes waiters, and makes I/O of busy ones fail.
    void close() noexcept;
    /// The loop goes: closes every connection. They stay, for operations that still refer to them, until ...
    void detach() noexcept;
    /// ... this. Leases that are still held are empty from now on.
    void destroy_connections() noexcept;
    [[nodiscard]] bool is_closed() const noexcept { return machine_.is_closed(); }
    [[nodiscard]] pool_machine::statistics stats() const noexcept {
        return detached_ ? pool_machine::statistics() : machine_.stats();
    }

private:
    void fire() noexcept override;
    void settle() noexcept;
    void arm();

    brio::detail::scheduler& sched_;
    pool_machine machine_;
    duration idle_lifetime_;
    time_point armed_for_{};  // while it is armed
    bool detached_ = false;
    std::vector<std::unique_ptr<connection>> table_;
};

/// What an acquire gave: an open connection, or an empty slot to be filled. Destroyed without `give_back`, it
/// closes the connection and frees the slot.
class pool::lease {
public:
    lease() noexcept = default;
    lease(pool& owner, pool_machine::slot at) noexcept : pool_(&owner), slot_(at) {}
    lease(lease&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), slot_(other.slot_) {}
    lease& operator=(lease&& other) noexcept {
        drop();
        pool_ = std::exchange(other.pool_, nullptr);
        slot_ = other.slot_;
        return *this;
    }
    ~lease() { drop(); }

    explicit operator bool() const noexcept { return pool_ != nullptr; }
    [[nodiscard]] bool has_connection() const noexcept { return pool_->table_[slot_] != nullptr; }
    [[nodiscard]] connection& get() const noexcept { return *pool_->table_[slot_]; }
    void fill(std::unique_ptr<connection> made);
    /// The request is over. `reusable` connections are kept, for as long as the server's hint allows.
    void give_back(bool reusable);
    /// Closes now.
    void drop() noexcept;

private:
    pool* pool_ = nullptr;
    pool_machine::slot slot_ = 0;
};

class pool::acquire_operation final : public brio::detail::operation_base, public brio::detail::timer_node {
public:
    /// Empty when the deadline passed or the pool is closed.
    using value_type = lease;

    acquire_operation(pool& from, const pool_key& key, time_point deadline) noexcept
        : pool_(from), key_(key), deadline_(deadline), waiter_(this) {}
    acquire_operation(acquire_operation&&) = delete;
    ~acquire_operation();

    bool ready();
    void suspend();
    lease resume();

    void fire() noexcept override;
    brio::detail::cancel_reply cancel() noexcept override;
    brio::detail::cancel_reply cancel_woken() noexcept override { return cancel(); }
    [[nodiscard]] const char* describe() const noexcept override { return "a free connection of the pool"; }

private:
    pool& pool_;
    const pool_key& key_;
    time_point deadline_;
    pool_waiter waiter_;
    pool_machine::decision decision_{pool_machine::action::wait, 0};
};

} // namespace brio::inline v0::http::detail

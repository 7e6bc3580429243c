// SPDX-License-Identifier: BSL-1.0
// The book-keeping of the connection pool: who may open, reuse or must wait. It knows no sockets and no
// clock.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace brio::inline v0::http::detail {

/// Everything that must be equal for two requests to share a connection. All text is compared exactly.
class pool_key {
public:
    pool_key(std::string_view scheme, std::string_view host, std::uint16_t port);
    /// Adds a component: proxy with its credentials, TLS settings identity, client certificate, SNI, local
    /// address, Unix path. The order of the names does not matter, an empty value is the same as none.
    pool_key& with(std::string_view name, std::string_view value);
    [[nodiscard]] const std::string& text() const noexcept { return text_; }

private:
    std::string text_;
    std::size_t origin_size_;
};

class pool_machine;

/// A place in the queue of a pool. Lives in the frame of whoever waits; leaves the queue when it is
/// destroyed.
class pool_waiter {
public:
    enum class state : unsigned char {
        detached, ///< not queued
        queued,
        reuse,  ///< granted: slot() holds an open connection
        open,   ///< granted: slot() is reserved, open a connection
        closed, ///< the pool was closed
    };

    explicit pool_waiter(void* owner = nullptr) noexcept : owner_(owner) {}
    pool_waiter(const pool_waiter&) = delete;
    pool_waiter& operator=(const pool_waiter&) = delete;
    ~pool_waiter();

    [[nodiscard]] state status() const noexcept { return state_; }
    [[nodiscard]] std::uint32_t slot() const noexcept { return slot_; }
    /// For the shell, to find the task to wake.
    [[nodiscard]] void* owner() const noexcept { return owner_; }

private:
    friend class pool_machine;
    struct links {
        pool_waiter* previous = nullptr;
        pool_waiter* next = nullptr;
    };
    links all_;
    links same_;
    pool_machine* pool_ = nullptr;
    void* group_ = nullptr;
    void* owner_;
    std::uint32_t slot_ = 0;
    state state_ = state::detached;
};

/// Slots 0, 1, 2, ... stand for connections, open or being opened; the shell keeps its connection objects in
/// a table by slot. Every call may add slots to `to_close` (the shell closes those connections; the slots are
/// free again and may be handed out by the same call, so close first) and waiters to `to_wake`: empty both
/// after each call.
class pool_machine {
public:
    using time_point = std::chrono::steady_clock::time_point;
    using duration = std::chrono::steady_clock::duration;
    using slot = std::uint32_t;

    struct limits {
        std::size_t total = 100;
        std::size_t per_host = 0; // 0: only the total counts
        duration max_age = std::chrono::minutes(10);
    };
    enum class action : unsigned char { reuse, open, wait, closed };
    struct decision {
        action what;
        slot at = 0;
    };
    struct statistics {
        std::size_t opening = 0, active = 0, idle = 0, waiting = 0;
        std::uint64_t created = 0, reused = 0, expired = 0, evicted = 0;
    };

    explicit pool_machine(const limits& l);
    pool_machine(const pool_machine&) = delete;
    pool_machine& operator=(const pool_machine&) = delete;
    ~pool_machine();

    /// Asks for a connection. `wait`: the waiter is queued; its grant arrives through to_wake.
    decision acquire(const pool_key& key, time_point now, pool_waiter& waiter);
    /// Takes a grant out of a woken waiter: reuse, open or closed; `wait` when it was not granted.
    decision take(pool_waiter& waiter);
    /// Leaves the queue; a grant that was not taken goes to the next one. `now` as for release().
    void cancel(pool_waiter& waiter, time_point now);

    /// The connection of a slot that was granted with `open` is up.
    void opened(slot s, time_point now);
    /// It could not be opened: the slot is free.
    void failed(slot s);
    /// A request is over. Keeps the connection for `idle_lifetime` or hands it on when `reusable`; otherwise
    /// the caller closes it and the slot is free. Returns false when the connection must be closed by the
    /// caller, also because of its age.
    bool release(slot s, time_point now, bool reusable, duration idle_lifetime);
    /// An idle connection died (readable or closed by the peer): the slot is free, the caller closes it.
    /// False when it is not idle any more.
    bool drop_idle(slot s);

    /// Moves idle connections whose time has come to to_close.
    void expire(time_point now);
    /// When expire() has work; time_point::max() when nothing is idle.
    [[nodiscard]] time_point next_expiry() const noexcept;
    /// Moves all idle connections to to_close.
    void close_idle();
    /// Ends the pool: idle connections to to_close, waiters to to_wake, later acquire() calls say closed.
    void close();

    [[nodiscard]] bool is_closed() const noexcept { return closed_; }
    [[nodiscard]] statistics stats() const noexcept;
    /// Hosts known at the moment; those without connection and waiter are forgotten.
    [[nodiscard]] std::size_t hosts() const noexcept { return groups_.size(); }

    std::vector<slot> to_close;
    std::vector<pool_waiter*> to_wake;

private:
    static constexpr slot none = UINT32_MAX;
    enum class slot_state : unsigned char { free, opening, active, idle };

    struct group {
        const std::string* key = nullptr;
        std::size_t slots = 0;
        slot newest = none; // idle stack
        pool_waiter* first = nullptr;
        pool_waiter* last = nullptr;
    };
    struct entry {
        group* of = nullptr;
        time_point created{};
        time_point idle_until{};
        slot older_same = none, newer_same = none; // idle stack of the group
        slot older = none, newer = none;           // idle list of the pool
        slot_state state = slot_state::free;
    };
    struct hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    group& group_of(const pool_key& key);
    void forget_if_unused(group& g);
    slot reserve(group& g);
    void free_slot(slot s);
    void push_idle(slot s, time_point until);
    void unlink_idle(slot s);
    slot pop_fresh(group& g, time_point now);
    bool may_open(const group& g) const noexcept;
    void enqueue(pool_waiter& w, group& g);
    void dequeue(pool_waiter& w);
    void grant(pool_waiter& w, pool_waiter::state what, slot s);
    bool hand_on(slot s);
    void serve_waiters();
    bool make_room();

    limits limits_;
    std::unordered_map<std::string, group, hash, std::equal_to<>> groups_;
    std::vector<entry> slots_;
    std::vector<slot> free_;
    std::size_t used_ = 0;
    std::size_t idle_ = 0;
    std::size_t opening_ = 0;
    std::size_t waiting_ = 0;
    std::size_t bypassed_ = 0; // times that others were served before the oldest waiter
    slot oldest_ = none, newest_ = none;
    pool_waiter* first_ = nullptr;
    pool_waiter* last_ = nullptr;
    std::uint64_t created_ = 0, reused_ = 0, expired_ = 0, evicted_ = 0;
    bool closed_ = false;
};

} // namespace brio::inline v0::http::detail

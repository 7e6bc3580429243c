// SPDX-License-Identifier: BSL-1.0
// The get and put of all queues, over a storage that decides the order of the items.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/sync/queue_base.hpp>

#include <cstddef>
#include <optional>
#include <utility>

namespace brio::inline v0::detail {

/// `Storage` has `push(T&&)` and `T pop()`, which change nothing when they throw, `empty()` and `clear()`.
///
/// Nothing is ever lost: a waiting getter is told that there is an item and takes it when it runs; one that is
/// cancelled in between passes the news on.
template <class T, class Storage>
class basic_queue : public queue_base {
public:
    using value_type = T;

    class [[nodiscard("get does nothing unless it is awaited: co_await it")]] get_operation final
        : public queue_waiter {
    public:
        using value_type = T;
        get_operation(basic_queue& source, const source_location& where) noexcept : queue_waiter(where), queue_(source) {}
        get_operation(get_operation&&) noexcept = default;
        [[gnu::always_inline]] ~get_operation() = default;

        bool ready() const noexcept { return queue_.can_get(); }
        void suspend() { enlist(queue_.getters_, *this); }
        T resume() {
            try {
                return queue_.get_nowait_or_closed();
            } catch (...) {
                pass_on();
                throw;
            }
        }
        bool resumable() noexcept override { return queue_.can_get() || (queue_.getters_.push_back(*this), false); }
        [[nodiscard]] const char* describe() const noexcept override { return "queue.get()"; }

    private:
        void pass_on() noexcept override { queue_.wake_getter(); }

        basic_queue& queue_;
    };

    class [[nodiscard("put does nothing unless it is awaited: co_await it")]] put_operation final
        : public queue_waiter {
    public:
        using value_type = void;
        put_operation(basic_queue& target, T item, const source_location& where)
            : queue_waiter(where), queue_(target), item_(std::move(item)) {}
        put_operation(put_operation&&) noexcept = default;
        [[gnu::always_inline]] ~put_operation() = default;

        bool ready() const noexcept { return queue_.can_put(); }
        void suspend() { enlist(queue_.putters_, *this); }
        [[gnu::always_inline]] void resume() {
            queue_.require_open();
            try {
                queue_.add(std::move(item_));
            } catch (...) {
                pass_on();
                throw;
            }
        }
        bool resumable() noexcept override { return queue_.can_put() || (queue_.putters_.push_back(*this), false); }
        [[nodiscard]] const char* describe() const noexcept override { return "queue.put()"; }

    private:
        void pass_on() noexcept override { queue_.wake_putter(); }

        basic_queue& queue_;
        T item_;
    };

    /// Adds `item`, waiting while the queue is full. Does not suspend when there is room. Throws queue_shutdown once
    /// the queue is shut down. **Cancellation** while waiting adds nothing and passes any room on; the item is
    /// destroyed with the operation.
    put_operation put(T item, const source_location& where = source_location::current()) {
        return {*this, std::move(item), where};
    }
    /// Takes the next item, waiting while there is none. Does not suspend when there is one. Throws queue_shutdown
    /// once the queue is shut down and empty. **Cancellation** while waiting takes nothing.
    get_operation get(const source_location& where = source_location::current()) noexcept { return {*this, where}; }

    /// Adds without waiting; throws queue_full (the item is lost), queue_shutdown. Needs no running loop.
    void put_nowait(T item) {
        require_open();
        require_room();
        add(std::move(item));
    }
    /// Takes without waiting; throws queue_empty, queue_shutdown.
    T get_nowait() {
        if (items_.empty() && !is_shutdown()) throw_empty();
        return get_nowait_or_closed();
    }
    /// Adds without waiting if there is room and the queue is open: only then is `item` moved from.
    bool try_put(T&& item) {
        if (is_shutdown() || full()) return false;
        add(std::move(item));
        return true;
    }
    bool try_put(const T& item) {
        T copy(item);
        return try_put(std::move(copy));
    }
    /// Takes without waiting; none when the queue is empty.
    std::optional<T> try_get() {
        if (items_.empty()) return std::nullopt;
        return take();
    }

protected:
    template <class... Args>
    explicit basic_queue(std::ptrdiff_t maxsize, Args&&... storage)
        : queue_base(maxsize), items_(std::forward<Args>(storage)...) {}
    ~basic_queue() override = default;

private:
    [[nodiscard]] bool can_get() const noexcept { return !items_.empty() || is_shutdown(); }
    [[nodiscard]] bool can_put() const noexcept { return !full() || is_shutdown(); }

    T take() {
        T item = items_.pop();
        item_left();
        return item;
    }
    T get_nowait_or_closed() {
        if (items_.empty()) throw_shutdown();
        return take();
    }
    void add(T&& item) {
        items_.push(std::move(item));
        item_arrived();
    }
    void drop_items() noexcept override { items_.clear(); }

    Storage items_;
};

}  // namespace brio::inline v0::detail

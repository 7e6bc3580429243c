// SPDX-License-Identifier: BSL-1.0
// Posting into a loop from other threads: no lock, and no wake-up while the loop is at work.
#include <brio/detail/mailbox.hpp>

#include <brio/detail/scheduler.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <new>
#include <utility>

namespace brio::inline v0::detail {

namespace {

// Few, and looked at seldom. Neither needs a constructor or a destructor: loops may be static objects.
std::mutex open_mutex;
mailbox* first_open = nullptr;

}  // namespace

mailbox::~mailbox() { forget(); }

std::shared_ptr<mailbox> mailbox::open(scheduler& target) {
    const auto made = std::make_shared<mailbox>(target);
    const std::lock_guard lock(open_mutex);
    made->next_open_ = std::exchange(first_open, made.get());
    return made;
}

void mailbox::forget() noexcept {
    const std::lock_guard lock(open_mutex);
    for (mailbox** link = &first_open; *link; link = &(*link)->next_open_) {
        if (*link != this) continue;
        *link = next_open_;
        return;
    }
}

std::shared_ptr<mailbox> mailbox::of(const scheduler* target) noexcept {
    const std::lock_guard lock(open_mutex);
    for (mailbox* each = first_open; each; each = each->next_open_) {
        if (each->target_ == target) return each->weak_from_this().lock();
    }
    return nullptr;
}

// Gives Asio the memory for the handler; keeps the box until Asio has given it back.
template <class T>
struct mailbox::slot {
    using value_type = T;

    explicit slot(std::shared_ptr<mailbox> from) noexcept : owner(std::move(from)) {}
    template <class U>
    explicit(false) slot(const slot<U>& other) noexcept : owner(other.owner) {}

    [[nodiscard]] T* allocate(std::size_t count) {
        static_assert(alignof(T) <= alignof(std::max_align_t));
        void* const block =
            count * sizeof(T) <= sizeof(owner->wake_memory_) ? owner->wake_memory_ : ::operator new(count * sizeof(T));
        return static_cast<T*>(block);
    }
    void deallocate(T* block, std::size_t) noexcept {
        if (static_cast<void*>(block) != owner->wake_memory_) ::operator delete(block);
    }
    template <class U>
    bool operator==(const slot<U>& other) const noexcept {
        return owner == other.owner;
    }

    std::shared_ptr<mailbox> owner;
};

struct mailbox::wake {
    using allocator_type = slot<void>;

    [[nodiscard]] allocator_type get_allocator() const noexcept { return allocator_type(box); }

    void operator()() const {
        // Before the look at the mail: who puts something in afterwards posts again.
        box->wake_posted_.exchange(false, std::memory_order_acq_rel);
        scheduler* target = nullptr;
        {
            const std::lock_guard lock(box->mutex_);
            target = box->target_;
        }
        if (target) target->mail_came();
    }

    std::shared_ptr<mailbox> box;
};

bool mailbox::put(ready_node& node) noexcept {
    if (node.queued_) return true;
    node.queued_ = true;
    std::shared_ptr<mailbox> alive;
    std::uintptr_t head = head_.load(std::memory_order_relaxed);
    do {
        if (head == closed) {
            node.queued_ = false;
            return false;
        }
        node.next_ = head > closed ? reinterpret_cast<ready_node*>(head) : nullptr;
        // Once the node is in, it may run and go, and this box with it.
        if (head == at_rest && !alive) alive = shared_from_this();
    } while (!head_.compare_exchange_weak(head, reinterpret_cast<std::uintptr_t>(&node), std::memory_order_release,
                                          std::memory_order_relaxed));
    if (head == at_rest) wake_loop();
    return true;
}

void mailbox::wake_loop() noexcept {
    if (wake_posted_.exchange(true, std::memory_order_acq_rel)) return;
    // Posted under the lock: close() cannot let the io_context go meanwhile.
    const std::lock_guard lock(mutex_);
    if (target_) boost::asio::post(target_->context(), wake{shared_from_this()});
}

void mailbox::close() noexcept {
    forget();  // before the target goes: `of` looks at it
    const std::uintptr_t head = head_.exchange(closed, std::memory_order_acquire);
    scheduler* target = nullptr;
    {
        const std::lock_guard lock(mutex_);
        target = std::exchange(target_, nullptr);
    }
    if (target && head > closed) target->accept_mail(*reinterpret_cast<ready_node*>(head));
}

void mailbox::collect(ready_queue& queue) noexcept {
    const std::uintptr_t head = head_.exchange(attended, std::memory_order_acquire);
    queue.append_reversed(reinterpret_cast<ready_node*>(head));
}

bool mailbox::rest() noexcept {
    std::uintptr_t expected = attended;
    return head_.compare_exchange_strong(expected, at_rest, std::memory_order_relaxed) || expected <= closed;
}

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// Posting into a loop from other threads: one wake-up per batch.
#include <brio/detail/mailbox.hpp>

#include <brio/detail/scheduler.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

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

bool mailbox::put(ready_node& node) {
    const std::lock_guard lock(mutex_);
    if (!target_) return false;
    if (!wake_posted_) {
        // Posted under the lock: close() cannot let the io_context go meanwhile. First, as it may throw.
        boost::asio::post(target_->context(), [self = target_->inbox()] { self->collect(); });
        wake_posted_ = true;
    }
    nodes_.push(node);
    return true;
}

void mailbox::close() noexcept {
    forget();  // before the target goes: `of` looks at it
    ready_queue batch;
    scheduler* target = nullptr;
    {
        // In one go: what is put in between would stay inside for ever.
        const std::lock_guard lock(mutex_);
        batch.swap(nodes_);
        target = std::exchange(target_, nullptr);
    }
    while (target && !batch.empty()) target->make_ready(batch.pop());
}

void mailbox::collect() noexcept {
    ready_queue batch;
    scheduler* target = nullptr;
    {
        const std::lock_guard lock(mutex_);
        batch.swap(nodes_);
        wake_posted_ = false;
        target = target_;
    }
    while (target && !batch.empty()) target->make_ready(batch.pop());
}

}  // namespace brio::inline v0::detail

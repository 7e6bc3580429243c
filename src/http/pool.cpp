// SPDX-License-Identifier: BSL-1.0
// Connections of a session, kept and handed on.
#include "http/pool.hpp"

#include <brio/detail/scheduler.hpp>
#include <brio/detail/task_state.hpp>

#include <algorithm>

namespace brio::inline v0::http::detail {

pool::pool(brio::detail::scheduler& sched, const pool_machine::limits& limits, duration idle_lifetime)
    : sched_(sched), machine_(limits), idle_lifetime_(idle_lifetime) {}

pool::~pool() {
    if (detached_) return;
    close();
    sched_.disarm(*this);
}

void pool::detach() noexcept {
    close();
    detached_ = true;
}

void pool::destroy_connections() noexcept {
    for (auto& item : table_) item.reset();
}

pool::acquire_operation pool::acquire(const pool_key& key, time_point deadline) {
    return acquire_operation(*this, key, deadline);
}

// Does what the machine asked for: closes connections, wakes waiters.
void pool::settle() noexcept {
    for (const pool_machine::slot at : machine_.to_close) {
        if (at < table_.size()) table_[at].reset();
    }
    machine_.to_close.clear();
    for (pool_waiter* waiter : machine_.to_wake) static_cast<acquire_operation*>(waiter->owner())->wake();
    machine_.to_wake.clear();
}

void pool::arm() {
    const time_point next = machine_.next_expiry();
    if (is_armed() && armed_for_ <= next) return;
    sched_.disarm(*this);
    armed_for_ = next;
    if (next != time_point::max()) sched_.arm(*this, next);
}

void pool::fire() noexcept {
    machine_.expire(sched_.turn_time());
    settle();
    arm();
}

void pool::close() noexcept {
    machine_.close();
    settle();
    sched_.disarm(*this);
    for (const auto& item : table_) {
        if (item) item->io->close(); // what is under way ends with operation_aborted
    }
}

void pool::lease::fill(std::unique_ptr<connection> made) {
    pool_->table_[slot_] = std::move(made);
    pool_->machine_.opened(slot_, pool_->sched_.turn_time());
}

void pool::lease::give_back(bool reusable) {
    pool& owner = *std::exchange(pool_, nullptr);
    connection& used = *owner.table_[slot_];
    const duration keep = used.idle_hint ? duration(*used.idle_hint) : owner.idle_lifetime_;
    reusable = reusable && !used.last && owner.idle_lifetime_ > duration::zero() && keep > duration::zero();
    if (reusable) {
        ++used.served;
        used.may_be_silent(keep);
        used.input.release();
    }
    if (!owner.machine_.release(slot_, owner.sched_.turn_time(), reusable, keep)) {
        owner.table_[slot_].reset();
    }
    owner.settle();
    if (reusable) owner.arm();
}

void pool::lease::drop() noexcept {
    if (!pool_) return;
    pool& owner = *std::exchange(pool_, nullptr);
    if (owner.detached_) return;
    const bool was_open = owner.table_[slot_] != nullptr;
    owner.table_[slot_].reset();
    if (was_open) {
        owner.machine_.release(slot_, owner.sched_.turn_time(), false, {});
    } else {
        owner.machine_.failed(slot_);
    }
    owner.settle();
}

pool::acquire_operation::~acquire_operation() {
    pool_.sched_.disarm(*this);
    if (waiter_.status() == pool_waiter::state::detached) return;
    pool_.machine_.cancel(waiter_, pool_.sched_.turn_time());
    pool_.settle();
    pool_.arm();  // what it was granted already may be idle now
}

bool pool::acquire_operation::ready() {
    decision_ = pool_.machine_.acquire(key_, pool_.sched_.turn_time(), waiter_);
    pool_.settle();
    return decision_.what != pool_machine::action::wait;
}

void pool::acquire_operation::suspend() {
    if (deadline_ != brio::detail::no_deadline) pool_.sched_.arm(*this, deadline_);
}

pool::lease pool::acquire_operation::resume() {
    pool_.sched_.disarm(*this);
    if (decision_.what == pool_machine::action::wait) decision_ = pool_.machine_.take(waiter_);
    if (decision_.what != pool_machine::action::reuse && decision_.what != pool_machine::action::open)
        return lease();
    if (pool_.table_.size() <= decision_.at) pool_.table_.resize(decision_.at + 1);
    return lease(pool_, decision_.at);
}

void pool::acquire_operation::fire() noexcept {
    pool_.machine_.cancel(waiter_, pool_.sched_.turn_time());
    pool_.settle();
    pool_.arm();  // what it was granted already may be idle now
    wake();
}

brio::detail::cancel_reply pool::acquire_operation::cancel() noexcept {
    pool_.sched_.disarm(*this);
    pool_.machine_.cancel(waiter_, pool_.sched_.turn_time());
    pool_.settle();
    pool_.arm();  // what it was granted already may be idle now
    return brio::detail::cancel_reply::left;
}

} // namespace brio::inline v0::http::detail

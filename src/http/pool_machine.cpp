// SPDX-License-Identifier: BSL-1.0
// Connection pool book-keeping.
#include "pool_machine.hpp"

#include <algorithm>
#include <cassert>

namespace brio::inline v0::http::detail {

namespace {

// One component, with its length in front, so that no text can imitate another component.
void append_component(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append("=").append(std::to_string(value.size())).append(":").append(value).append(";");
}

} // namespace

pool_key::pool_key(std::string_view scheme, std::string_view host, std::uint16_t port) {
    text_.reserve(scheme.size() + host.size() + 16);
    text_.append(scheme).append("://").append(host).append(":").append(std::to_string(port)).append(";");
    origin_size_ = text_.size();
}

pool_key& pool_key::with(std::string_view name, std::string_view value) {
    if (value.empty()) return *this;
    std::string component;
    append_component(component, name, value);
    // Sorted by name: walk over the components that come before.
    std::size_t at = origin_size_;
    while (at < text_.size() && text_.compare(at, text_.find('=', at) - at, name) < 0) {
        const auto equals = text_.find('=', at);
        const auto colon = text_.find(':', equals);
        at = colon + 1 + std::stoul(text_.substr(equals + 1, colon - equals - 1)) + 1;
    }
    text_.insert(at, component);
    return *this;
}

pool_waiter::~pool_waiter() { assert(state_ == state::detached || state_ == state::closed); }

pool_machine::pool_machine(const limits& l) : limits_(l) {
    limits_.total = std::max<std::size_t>(limits_.total, 1);
}
pool_machine::~pool_machine() = default;

pool_machine::decision pool_machine::acquire(const pool_key& key, time_point now, pool_waiter& waiter) {
    if (closed_) return {action::closed};
    group& g = group_of(key);
    // Nobody may overtake those of the same host who wait already.
    if (g.first == nullptr) {
        if (const auto s = pop_fresh(g, now); s != none) {
            slots_[s].state = slot_state::active;
            ++reused_;
            return {action::reuse, s};
        }
        if (may_open(g) && (used_ < limits_.total || make_room())) return {action::open, reserve(g)};
    }
    enqueue(waiter, g);
    return {action::wait};
}

pool_machine::decision pool_machine::take(pool_waiter& waiter) {
    const auto state = waiter.state_;
    if (state == pool_waiter::state::queued) return {action::wait};
    waiter.state_ = pool_waiter::state::detached;
    switch (state) {
    case pool_waiter::state::reuse:
        return {action::reuse, waiter.slot_};
    case pool_waiter::state::open:
        return {action::open, waiter.slot_};
    default:
        return {action::closed};
    }
}

void pool_machine::cancel(pool_waiter& waiter, time_point now) {
    const auto state = waiter.state_;
    if (state == pool_waiter::state::queued) {
        auto& g = *static_cast<group*>(waiter.group_);
        dequeue(waiter);
        waiter.state_ = pool_waiter::state::detached;
        forget_if_unused(g);
        return;
    }
    waiter.state_ = pool_waiter::state::detached;
    std::erase(to_wake, &waiter);
    if (state == pool_waiter::state::open) failed(waiter.slot_);
    if (state == pool_waiter::state::reuse) {
        const auto s = waiter.slot_;
        const auto until = slots_[s].idle_until;
        --reused_;
        if (!release(s, now, until > now, until - now)) to_close.push_back(s);
    }
}

void pool_machine::opened(slot s, time_point now) {
    assert(slots_[s].state == slot_state::opening);
    slots_[s].state = slot_state::active;
    slots_[s].created = now;
    --opening_;
    ++created_;
}

void pool_machine::failed(slot s) {
    assert(slots_[s].state == slot_state::opening);
    --opening_;
    free_slot(s);
    serve_waiters();
}

bool pool_machine::release(slot s, time_point now, bool reusable, duration idle_lifetime) {
    auto& e = slots_[s];
    assert(e.state == slot_state::active);
    const bool keep =
        reusable && !closed_ && idle_lifetime > duration::zero() && now - e.created < limits_.max_age;
    if (keep) {
        e.idle_until = std::min(now + idle_lifetime, e.created + limits_.max_age);
        if (hand_on(s)) return true;
    }
    // Either nobody of this host waits, or the oldest waiter of another host was passed over too often.
    if (!keep || first_ != nullptr) {
        const bool blocked = keep && std::none_of(groups_.begin(), groups_.end(), [this](const auto& g) {
                                 return g.second.first != nullptr && may_open(g.second);
                             });
        if (!blocked) {
            free_slot(s);
            serve_waiters();
            return false;
        }
    }
    push_idle(s, e.idle_until);
    return true;
}

bool pool_machine::drop_idle(slot s) {
    if (s >= slots_.size() || slots_[s].state != slot_state::idle) return false;
    unlink_idle(s);
    free_slot(s);
    serve_waiters();
    return true;
}

void pool_machine::expire(time_point now) {
    for (slot s = oldest_; s != none;) {
        const slot next = slots_[s].newer;
        if (slots_[s].idle_until <= now) {
            unlink_idle(s);
            free_slot(s);
            to_close.push_back(s);
            ++expired_;
        }
        s = next;
    }
    serve_waiters();
}

pool_machine::time_point pool_machine::next_expiry() const noexcept {
    auto first = time_point::max();
    for (slot s = oldest_; s != none; s = slots_[s].newer) first = std::min(first, slots_[s].idle_until);
    return first;
}

void pool_machine::close_idle() {
    while (oldest_ != none) {
        const slot s = oldest_;
        unlink_idle(s);
        free_slot(s);
        to_close.push_back(s);
    }
}

void pool_machine::close() {
    closed_ = true;
    close_idle();
    while (first_ != nullptr) {
        pool_waiter& w = *first_;
        auto& g = *static_cast<group*>(w.group_);
        dequeue(w);
        w.state_ = pool_waiter::state::closed;
        to_wake.push_back(&w);
        forget_if_unused(g);
    }
}

pool_machine::statistics pool_machine::stats() const noexcept {
    statistics s;
    s.opening = opening_;
    s.idle = idle_;
    s.active = used_ - opening_ - idle_;
    s.waiting = waiting_;
    s.created = created_;
    s.reused = reused_;
    s.expired = expired_;
    s.evicted = evicted_;
    return s;
}

pool_machine::group& pool_machine::group_of(const pool_key& key) {
    auto found = groups_.find(key.text());
    if (found == groups_.end()) {
        found = groups_.emplace(key.text(), group{}).first;
        found->second.key = &found->first;
    }
    return found->second;
}

void pool_machine::forget_if_unused(group& g) {
    if (g.slots == 0 && g.first == nullptr) groups_.erase(groups_.find(*g.key));
}

pool_machine::slot pool_machine::reserve(group& g) {
    slot s = 0;
    if (free_.empty()) {
        s = static_cast<slot>(slots_.size());
        slots_.emplace_back();
        free_.reserve(slots_.size()); // so that free_slot() cannot fail
    } else {
        s = free_.back();
        free_.pop_back();
    }
    slots_[s] = entry{};
    slots_[s].of = &g;
    slots_[s].state = slot_state::opening;
    ++g.slots;
    ++used_;
    ++opening_;
    return s;
}

void pool_machine::free_slot(slot s) {
    group& g = *slots_[s].of;
    slots_[s].state = slot_state::free;
    slots_[s].of = nullptr;
    free_.push_back(s);
    --used_;
    --g.slots;
    forget_if_unused(g);
}

void pool_machine::push_idle(slot s, time_point until) {
    auto& e = slots_[s];
    group& g = *e.of;
    e.state = slot_state::idle;
    e.idle_until = until;
    e.older_same = g.newest;
    e.newer_same = none;
    if (g.newest != none) slots_[g.newest].newer_same = s;
    g.newest = s;
    e.older = newest_;
    e.newer = none;
    if (newest_ != none) slots_[newest_].newer = s;
    newest_ = s;
    if (oldest_ == none) oldest_ = s;
    ++idle_;
}

void pool_machine::unlink_idle(slot s) {
    auto& e = slots_[s];
    if (e.newer_same != none)
        slots_[e.newer_same].older_same = e.older_same;
    else
        e.of->newest = e.older_same;
    if (e.older_same != none) slots_[e.older_same].newer_same = e.newer_same;
    if (e.newer != none)
        slots_[e.newer].older = e.older;
    else
        newest_ = e.older;
    if (e.older != none)
        slots_[e.older].newer = e.newer;
    else
        oldest_ = e.newer;
    e.older = e.newer = e.older_same = e.newer_same = none;
    --idle_;
}

// The connection used last, if its time is not over; older ones whose time is over are closed on the way.
pool_machine::slot pool_machine::pop_fresh(group& g, time_point now) {
    while (g.newest != none) {
        const slot s = g.newest;
        unlink_idle(s);
        if (slots_[s].idle_until > now) return s;
        ++expired_;
        to_close.push_back(s);
        ++g.slots; // keeps the group alive while its last slot goes
        free_slot(s);
        --g.slots;
    }
    return none;
}

bool pool_machine::may_open(const group& g) const noexcept {
    return limits_.per_host == 0 || g.slots < limits_.per_host;
}

void pool_machine::enqueue(pool_waiter& w, group& g) {
    assert(w.state_ != pool_waiter::state::queued);
    w.pool_ = this;
    w.group_ = &g;
    w.state_ = pool_waiter::state::queued;
    w.all_ = {last_, nullptr};
    (last_ != nullptr ? last_->all_.next : first_) = &w;
    last_ = &w;
    w.same_ = {g.last, nullptr};
    (g.last != nullptr ? g.last->same_.next : g.first) = &w;
    g.last = &w;
    ++waiting_;
}

void pool_machine::dequeue(pool_waiter& w) {
    if (&w == first_) bypassed_ = 0;
    (w.all_.previous != nullptr ? w.all_.previous->all_.next : first_) = w.all_.next;
    (w.all_.next != nullptr ? w.all_.next->all_.previous : last_) = w.all_.previous;
    auto& g = *static_cast<group*>(w.group_);
    (w.same_.previous != nullptr ? w.same_.previous->same_.next : g.first) = w.same_.next;
    (w.same_.next != nullptr ? w.same_.next->same_.previous : g.last) = w.same_.previous;
    --waiting_;
}

void pool_machine::grant(pool_waiter& w, pool_waiter::state what, slot s) {
    dequeue(w);
    w.state_ = what;
    w.slot_ = s;
    to_wake.push_back(&w);
}

// Gives a live connection to the first waiter of its host, unless the oldest waiter of all is due.
bool pool_machine::hand_on(slot s) {
    group& g = *slots_[s].of;
    if (g.first == nullptr) return false;
    if (g.first != first_) {
        const auto& oldest = *static_cast<group*>(first_->group_);
        if (bypassed_ >= limits_.total && may_open(oldest)) return false;
        ++bypassed_;
    }
    slots_[s].state = slot_state::active;
    ++reused_;
    grant(*g.first, pool_waiter::state::reuse, s);
    return true;
}

// Free slots go to the oldest waiters that may open a connection.
void pool_machine::serve_waiters() {
    for (pool_waiter* w = first_; w != nullptr && (used_ < limits_.total || oldest_ != none);) {
        pool_waiter* next = w->all_.next;
        group& g = *static_cast<group*>(w->group_);
        if (may_open(g) && (used_ < limits_.total || make_room()))
            grant(*w, pool_waiter::state::open, reserve(g));
        w = next;
    }
}

// Closes the connection that has been idle longest.
bool pool_machine::make_room() {
    if (oldest_ == none) return false;
    const slot s = oldest_;
    unlink_idle(s);
    free_slot(s);
    to_close.push_back(s);
    ++evicted_;
    return true;
}

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// Rounds of a barrier.
#include <brio/sync/barrier.hpp>

#include <stdexcept>
#include <string>

namespace brio::inline v0 {

broken_barrier_error::~broken_barrier_error() = default;

barrier::barrier(std::ptrdiff_t parties) : parties_(static_cast<std::size_t>(parties)) {
    if (parties < 1) {
        throw std::invalid_argument("a barrier for " + std::to_string(parties) + " tasks: the number must be 1 or more");
    }
}

void barrier::reset() noexcept {
    send_away(inside_, fate::reset);
    inside_count_ = 0;
    if (phase_ == phase::draining) return;  // they leave with what they have
    phase_ = leaving_ > 0 ? phase::resetting : phase::filling;
}

void barrier::abort() noexcept {
    phase_ = phase::broken;
    send_away(inside_, fate::aborted);
    send_away(door_, fate::aborted);
    inside_count_ = 0;
}

void barrier::let_go() noexcept {
    std::size_t index = 0;
    while (wait_operation* const next = inside_.pop_front()) {
        next->index_ = index++;
        wake(*next, fate::let_go);
    }
    inside_count_ = 0;
    if (leaving_ > 0) phase_ = phase::draining;
}

void barrier::send_away(detail::intrusive_list<wait_operation>& who, fate why) noexcept {
    while (wait_operation* const next = who.pop_front()) wake(*next, why);
}

void barrier::wake(wait_operation& leaving, fate why) noexcept {
    leaving.fate_ = why;
    ++leaving_;
    leaving.wake();
}

void barrier::one_has_left() noexcept {
    if (--leaving_ > 0 || phase_ == phase::broken) return;
    phase_ = phase::filling;
    while (phase_ == phase::filling) {
        wait_operation* const next = door_.pop_front();
        if (!next) return;
        next->fate_ = fate::inside;
        inside_.push_back(*next);
        if (++inside_count_ == parties_) let_go();
    }
}

bool barrier::wait_operation::ready() {
    if (barrier_.phase_ == phase::broken) {
        fate_ = fate::aborted;
        return true;
    }
    if (barrier_.phase_ != phase::filling || barrier_.inside_count_ + 1 < barrier_.parties_) return false;
    index_ = barrier_.inside_count_;
    fate_ = fate::let_go;
    barrier_.let_go();
    return true;
}

void barrier::wait_operation::suspend() {
    if (barrier_.phase_ != phase::filling) {
        detail::enlist(barrier_.door_, *this);
        return;
    }
    detail::enlist(barrier_.inside_, *this);
    fate_ = fate::inside;
    ++barrier_.inside_count_;
}

std::size_t barrier::wait_operation::resume() const {
    if (fate_ == fate::reset) throw broken_barrier_error("barrier.wait(): the barrier was reset while this task waited");
    if (fate_ == fate::aborted) {
        throw broken_barrier_error("barrier.wait(): the barrier was aborted; reset() makes it usable again");
    }
    return index_;
}

bool barrier::wait_operation::resumable() noexcept {
    barrier_.one_has_left();
    return true;
}

detail::cancel_reply barrier::wait_operation::cancel() noexcept {
    unlink();
    if (fate_ == fate::inside) --barrier_.inside_count_;
    return detail::cancel_reply::left;
}

}  // namespace brio::inline v0

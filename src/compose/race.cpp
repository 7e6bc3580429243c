// SPDX-License-Identifier: BSL-1.0
// Who wins, and what becomes of the others.
#include <brio/compose/race.hpp>

#include <brio/core/error.hpp>

#include <stdexcept>

namespace brio::inline v0::detail {

void race_base::seal() {
    if (children_.size() == 0) throw std::invalid_argument("race was given nothing that could win; check that first");
}

bool race_base::may_win(std::size_t index) const noexcept { return winner_ == nobody && !children_[index]->was_cancelled(); }

bool race_base::ready() noexcept {
    for (std::size_t i = 0; i < children_.size(); ++i) {
        if (children_[i]->done() && may_win(i)) winner_ = i;
    }
    if (winner_ != nobody) children_.cancel_all();
    remaining_ = 0;
    for (std::size_t i = 0; i < children_.size(); ++i) {
        if (!children_[i]->done()) ++remaining_;  // a future that was cancelled has ended at once
    }
    return remaining_ == 0;
}

void race_base::child_ended(std::size_t index) noexcept {
    --remaining_;
    if (may_win(index)) {
        winner_ = index;
        if (cancelling_) {
            waiting_task()->take_back_cancel(*children_[index]);
        } else {
            children_.cancel_all();
        }
    }
    if (remaining_ == 0) wake();
}

cancel_reply race_base::cancel() noexcept {
    children_.pass_cancel_on(*waiting_task());
    if (winner_ != nobody) return cancel_reply::completed;
    cancelling_ = true;
    return cancel_reply::forwarded;
}

std::size_t race_base::require_winner() {
    if (winner_ == nobody && cancelling_) throw cancelled_error(waiting_task()->cancel_message());
    throw_unless_value(*children_[winner_ == nobody ? 0 : winner_]);
    return winner_;
}

}  // namespace brio::inline v0::detail

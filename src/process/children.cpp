// SPDX-License-Identifier: BSL-1.0
// The end of a loop that has children left.
#include "process/children.hpp"

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>

namespace brio::inline v0::detail {

const char children::key = 0;

children& children::here() {
    loop& running = get_running_loop();
    auto& found = service_of<children>(running, running.services());
    if (found.closed_) throw loop_error("no process can be started while the event loop closes");
    return found;
}

scheduler& children::sched() const noexcept { return loop_.scheduler(); }

void children::add(child& running) noexcept {
    running.add_ref();
    running_.push_back(running);
}

void children::remove(child& ended) noexcept {
    ended.unlink();
    ended.release();
}

void children::shutdown() noexcept {
    closed_ = true;
    for (child* one = running_.first(); one; one = running_.next(*one)) one->loop_closes();
    while (child* one = running_.pop_front()) {
        one->loop_closed();
        one->release();
    }
}

}  // namespace brio::inline v0::detail

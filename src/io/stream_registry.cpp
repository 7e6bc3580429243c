// SPDX-License-Identifier: BSL-1.0
// Ending the streams of a loop.
#include "io/stream_registry.hpp"

#include "io/stream_state.hpp"

#include <brio/core/loop.hpp>

namespace brio::inline v0::detail {

const char stream_registry::key = 0;

stream_registry& stream_registry::of(loop& owner) { return service_of<stream_registry>(owner, owner.services()); }

void stream_registry::add(stream_state& made) noexcept { streams_.push_back(made); }

void stream_registry::shutdown() noexcept {
    while (stream_state* const one = streams_.pop_front()) {
        const ref<stream_state> alive(one);
        one->loop_ended();
    }
}

}  // namespace brio::inline v0::detail

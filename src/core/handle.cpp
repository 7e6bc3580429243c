// SPDX-License-Identifier: BSL-1.0
// What a handle tells of its callback.
#include <brio/core/handle.hpp>

#include <brio/core/error.hpp>

namespace brio::inline v0 {

context handle::context() const {
    require_callback();
    detail::ref<detail::context_state>& slot = target_->context();
    if (!slot) slot = detail::ref<detail::context_state>(new detail::context_state, detail::adopt);
    return brio::context(slot);
}

void handle::require_callback() const {
    if (!target_) throw invalid_state_error("this handle of a callback is empty: it was default-constructed or moved from");
}

}  // namespace brio::inline v0

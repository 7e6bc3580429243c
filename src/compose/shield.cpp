// SPDX-License-Identifier: BSL-1.0
// Leaving a shield.
#include <brio/compose/shield.hpp>

namespace brio::inline v0::detail {

cancel_reply shield_base::cancel() noexcept {
    completion::unlink();
    return cancel_reply::left;
}

}  // namespace brio::inline v0::detail

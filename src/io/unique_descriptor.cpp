// SPDX-License-Identifier: BSL-1.0
// Closing.
#include <brio/io/unique_descriptor.hpp>

#include <unistd.h>

namespace brio::inline v0 {

void unique_descriptor::reset(int other) noexcept {
    if (native_ >= 0) ::close(native_);
    native_ = other < 0 ? -1 : other;
}

}  // namespace brio::inline v0

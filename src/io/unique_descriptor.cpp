// SPDX-License-Identifier: BSL-1.0
// Closing.
#include <brio/io/unique_descriptor.hpp>

#include <unistd.h>

#include <cerrno>

namespace brio::inline v0 {

void unique_descriptor::reset(int other) noexcept {
    if (native_ >= 0) ::close(native_);
    native_ = other < 0 ? -1 : other;
}

int unique_descriptor::close() noexcept {
    // On Linux the descriptor is gone even when close is interrupted.
    const int closed = release();
    return closed < 0 || ::close(closed) == 0 || errno == EINTR ? 0 : errno;
}

}  // namespace brio::inline v0

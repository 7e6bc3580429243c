// SPDX-License-Identifier: BSL-1.0
// The one definition that programs compiled with the same settings as the library refer to.
#include <brio/core/abi.hpp>

namespace brio::inline v0::abi {

template <>
void built_with<boost_used, library_used, threads_used, frames_used, blocks_used, tracking_used>() noexcept {}

} // namespace brio::inline v0::abi

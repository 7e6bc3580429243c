// SPDX-License-Identifier: BSL-1.0
// Masking of WebSocket payloads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace brio::inline v0::http::detail {

using ws_mask = std::array<unsigned char, 4>;

/// Writes `from` with the mask to `to`, which has as much room (and may be the same). `offset`: how many bytes of the
/// payload came before.
void apply_mask(char* to, std::string_view from, ws_mask key, std::uint64_t offset) noexcept;

/// Keys from the cryptographic generator, which is asked for many at a time.
class ws_mask_source {
public:
    ws_mask next();

private:
    std::array<unsigned char, 256> pool_{};
    std::size_t used_ = sizeof(pool_);
};

} // namespace brio::inline v0::http::detail

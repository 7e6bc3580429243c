// SPDX-License-Identifier: BSL-1.0
// UTF-8 that comes in pieces.
#pragma once

#include <cstdint>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Rejects, at the first byte that shows it, everything but well-formed UTF-8 (no overlong forms, surrogates, or
/// code points above U+10FFFF).
class utf8_validator {
public:
    /// False as soon as the text cannot become valid any more.
    bool feed(std::string_view piece) noexcept;
    /// No character is unfinished.
    [[nodiscard]] bool is_complete() const noexcept { return needed_ == 0; }
    void reset() noexcept { *this = utf8_validator(); }

private:
    bool begin(unsigned char lead) noexcept;

    std::uint8_t needed_ = 0; // continuation bytes to come
    std::uint8_t low_ = 0x80; // ... the next of which lies between these
    std::uint8_t high_ = 0xBF;
};

} // namespace brio::inline v0::http::detail

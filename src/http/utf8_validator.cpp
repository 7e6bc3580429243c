// SPDX-License-Identifier: BSL-1.0
// Table 3-7 of the Unicode standard as a state machine; ASCII goes eight bytes at a time.
#include "utf8_validator.hpp"

#include <cstddef>
#include <cstring>

namespace brio::inline v0::http::detail {

bool utf8_validator::begin(unsigned char lead) noexcept {
    low_ = 0x80;
    high_ = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        needed_ = 1;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        needed_ = 2;
        if (lead == 0xE0) low_ = 0xA0;  // shorter forms exist
        if (lead == 0xED) high_ = 0x9F; // surrogates
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        needed_ = 3;
        if (lead == 0xF0) low_ = 0x90;
        if (lead == 0xF4) high_ = 0x8F; // above U+10FFFF
    } else {
        return false;
    }
    return true;
}

bool utf8_validator::feed(std::string_view piece) noexcept {
    constexpr std::uint64_t high_bits = 0x8080808080808080;
    const char* at = piece.data();
    const char* const end = at + piece.size();
    while (at != end) {
        if (needed_ > 0) {
            const auto c = static_cast<unsigned char>(*at);
            if (c < low_ || c > high_) return false;
            low_ = 0x80;
            high_ = 0xBF;
            --needed_;
            ++at;
            continue;
        }
        for (std::uint64_t word = 0; end - at >= 8; at += 8) {
            std::memcpy(&word, at, 8);
            if ((word & high_bits) != 0) break;
        }
        while (at != end && static_cast<unsigned char>(*at) < 0x80) ++at;
        if (at == end) break;
        if (!begin(static_cast<unsigned char>(*at))) return false;
        ++at;
    }
    return true;
}

} // namespace brio::inline v0::http::detail

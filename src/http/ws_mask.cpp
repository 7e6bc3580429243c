// SPDX-License-Identifier: BSL-1.0
// XOR, eight bytes at a time.
#include "ws_mask.hpp"

#include "crypto.hpp"

#include <cstring>

namespace brio::inline v0::http::detail {

void apply_mask(char* to, std::string_view from, ws_mask key, std::uint64_t offset) noexcept {
    unsigned char turned[8];
    for (std::size_t i = 0; i < 8; ++i) turned[i] = key[(offset + i) % 4];
    std::uint64_t wide = 0;
    std::memcpy(&wide, turned, 8);
    const char* at = from.data();
    std::size_t left = from.size();
    for (; left >= 8; left -= 8, at += 8, to += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        word ^= wide;
        std::memcpy(to, &word, 8);
    }
    for (std::size_t i = 0; i < left; ++i) to[i] = static_cast<char>(static_cast<unsigned char>(at[i]) ^ turned[i]);
}

ws_mask ws_mask_source::next() {
    if (used_ == pool_.size()) {
        fill_random(pool_.data(), pool_.size());
        used_ = 0;
    }
    ws_mask key{};
    std::memcpy(key.data(), pool_.data() + used_, key.size());
    std::memset(pool_.data() + used_, 0, key.size()); // a key is used once
    used_ += key.size();
    return key;
}

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// turn_budget: when a task that reads as fast as a peer sends gives way to the others.
#pragma once

#include <chrono>

namespace brio::inline v0::http::detail {

/// So many pieces in a row, up to 12 MiB, that were there without waiting, or so much time. Not fewer: to empty one socket before the
/// next one is looked at leaves the sending to the server's processor, where it is to be; with many that are half full, the system
/// sends in the name of the reader.
class turn_budget {
public:
    using clock = std::chrono::steady_clock;
    static constexpr unsigned most_pieces = 48;
    static constexpr std::chrono::milliseconds longest{5}; // 12 MiB from memory take 3; unpacked or decrypted, more

    /// There was nothing to read, so that the others had their turn.
    void rest() noexcept { pieces_ = 0; }
    /// A piece was read. True: the turn is over, the next one has begun.
    [[nodiscard]] bool spend(clock::time_point now = clock::now()) noexcept {
        if (pieces_ == 0) begin_ = now;
        if (++pieces_ < most_pieces && now - begin_ < longest) return false;
        rest();
        return true;
    }

private:
    unsigned pieces_ = 0;
    clock::time_point begin_;
};

} // namespace brio::inline v0::http::detail

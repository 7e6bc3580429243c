// SPDX-License-Identifier: BSL-1.0
// turn_budget: when a task that reads as fast as a peer sends gives way to the others.
#pragma once

namespace brio::inline v0::http::detail {

/// So many pieces in a row, up to 4 MiB, that were there without waiting. Not fewer: to empty one socket before the next one is
/// looked at leaves the sending to the server's processor, where it is to be; with many that are half full, the system sends in the
/// name of the reader.
class turn_budget {
public:
    static constexpr unsigned most_pieces = 32;

    /// There was nothing to read, so that the others had their turn.
    void rest() noexcept { pieces_ = 0; }
    /// A piece was read. True: the turn is over, the next one has begun.
    [[nodiscard]] bool spend() noexcept {
        if (++pieces_ < most_pieces) return false;
        rest();
        return true;
    }

private:
    unsigned pieces_ = 0;
};

} // namespace brio::inline v0::http::detail

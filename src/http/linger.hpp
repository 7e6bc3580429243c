// SPDX-License-Identifier: BSL-1.0
// linger: whether a reader that has emptied its socket looks again for a moment before it waits.
#pragma once

#include <cstddef>
#include <cstdint>

namespace brio::inline v0::http::detail {

/// A large body from a server that is near comes in bursts, some microseconds apart. To wait for each of them puts the processor
/// to sleep, and the server has to wake it: over loopback, on a virtual machine, that takes half of the throughput. So a body that
/// is large and comes in large pieces is looked for again and again, while other tasks run, for some 50 us in all; when that is in
/// vain several times running, then less often.
class linger {
public:
    static constexpr unsigned most_looks = 48; // counted, not timed, so that runs can be repeated
    static constexpr std::uint64_t large_body = 256 * 1024;
    static constexpr std::size_t large_piece = 16 * 1024;
    static constexpr unsigned most_misses = 4;
    static constexpr unsigned most_skipped = 64;

    /// A read of a body begins. True: look again up to `most_looks` times before waiting, and say `found` or `in_vain`.
    [[nodiscard]] bool pays() noexcept {
        if (body_ < large_body || last_ < large_piece) return false;
        if (skip_ == 0) return true;
        --skip_;
        return false;
    }
    void found() noexcept {
        misses_ = 0;
        next_skip_ = 1;
    }
    void in_vain() noexcept {
        if (++misses_ < most_misses) return;
        skip_ = next_skip_;
        if (next_skip_ < most_skipped) next_skip_ *= 2;
    }
    /// A read, with or without waiting, brought so much of the body.
    void count(std::size_t bytes) noexcept {
        body_ += bytes;
        last_ = bytes;
    }

private:
    std::uint64_t body_ = 0;
    std::size_t last_ = 0;
    unsigned misses_ = 0;    // one after the other
    unsigned skip_ = 0;      // so many reads wait at once
    unsigned next_skip_ = 1; // and so many after the next miss
};

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// Waiting for another processor for less than a system call takes.
#pragma once

#include <brio/core/config.hpp>

#include <algorithm>
#include <cstdint>
#include <mutex>

namespace brio::inline v0::detail {

/// Tells the processor that this is a loop that waits.
inline void spin_pause() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__) || defined(__arm__)
    asm volatile("yield" ::: "memory");
#endif
}

/// Whether another thread can get anything done while this one spins: not on a single processor.
[[nodiscard]] BRIO_API bool spinning_helps() noexcept;

/// How long it is worth while to look again before a thread goes to sleep: longer after it was, shorter after it was not.
class spin_budget {
public:
    /// Looks until `arrived()`, for some 1 to 20 us; says whether it did.
    template <class F>
    [[nodiscard]] bool wait_for(F&& arrived) noexcept {
        if (!spinning_helps()) return false;
        for (std::uint32_t round = 0; round < rounds_; ++round) {
            // Each look takes the cache line from the one who is to change it: not too often.
            for (int i = 0; i < pauses_of_a_round; ++i) spin_pause();
            if (arrived()) {
                rounds_ = std::min(rounds_ * 2, most);
                return true;
            }
        }
        rounds_ = std::max(rounds_ / 2, least);
        return false;
    }

private:
    static constexpr int pauses_of_a_round = 32;  // about a microsecond
    static constexpr std::uint32_t least = 2;
    static constexpr std::uint32_t most = 16;
    std::uint32_t rounds_ = least;
};

/// Locks a mutex that nobody holds for longer than some instructions.
[[nodiscard]] BRIO_API std::unique_lock<std::mutex> lock_briefly(std::mutex& mutex);

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// Spinning, where there is more than one processor.
#include <brio/detail/spin.hpp>

#include <thread>

namespace brio::inline v0::detail {

bool spinning_helps() noexcept {
    static const bool several = std::thread::hardware_concurrency() > 1;
    return several;
}

std::unique_lock<std::mutex> lock_briefly(std::mutex& mutex) {
    for (int i = 0; i < 40 && spinning_helps(); ++i) {
        if (mutex.try_lock()) return std::unique_lock(mutex, std::adopt_lock);
        spin_pause();
    }
    return std::unique_lock(mutex);
}

}  // namespace brio::inline v0::detail

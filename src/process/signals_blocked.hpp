// SPDX-License-Identifier: BSL-1.0
// signals_blocked: for its life no signal is delivered to this thread, nor to what it makes meanwhile.
#pragma once

#include <brio/core/config.hpp>

#include <csignal>

namespace brio::inline v0::detail {

class signals_blocked {
public:
    signals_blocked() noexcept {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    signals_blocked(const signals_blocked&) = delete;
    signals_blocked& operator=(const signals_blocked&) = delete;
    ~signals_blocked() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_;
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// Who in this process handles which signal: one sigaction per signal, and an inbox for each loop that listens.
#pragma once

#include <brio/core/config.hpp>

#include <atomic>
#include <csignal>
#include <cstdint>

namespace boost::asio {
class io_context;
}

namespace brio::inline v0::detail {

/// A set of signals: bit n - 1 stands for signal n.
using signal_mask = std::uint64_t;
inline constexpr int most_signals = 64;
[[nodiscard]] constexpr signal_mask signal_bit(int number) noexcept { return signal_mask{1} << (number - 1); }

/// Where one loop hears of signals. An inbox is never destroyed, only used again: a signal handler may look at it at any
/// moment. The handler notes the signal here and makes the loop's descriptor readable; signals that come again before
/// they are taken are one.
class signal_inbox {
public:
    /// An inbox that writes to `descriptor`, an eventfd. A loop in virtual time gives its context: its wait for the
    /// descriptor is no work for Asio, else that time would stand still; but a signal that has come is.
    [[nodiscard]] static signal_inbox& open(int descriptor, boost::asio::io_context* in_virtual_time);
    /// Subscribes to nothing any more; afterwards no handler uses descriptor or context.
    void close() noexcept;

    /// Installs the handler, if need be again, when somebody has set another one. Throws std::system_error when the system
    /// refuses.
    void subscribe(int number);
    /// The last one puts back the action that was there before, unless somebody else has set one meanwhile.
    void unsubscribe(int number) noexcept;

    /// What has come since the last call.
    [[nodiscard]] signal_mask take() noexcept { return pending_.exchange(0); }

private:
    friend void on_signal(int number);

    std::atomic<signal_mask> wanted_{0};
    std::atomic<signal_mask> pending_{0};
    std::atomic<int> descriptor_{-1};
    std::atomic<boost::asio::io_context*> context_{nullptr};
    signal_inbox* next_ = nullptr;  // set before it is seen, then never changed
    bool in_use_ = false;
};

/// For those who install a handler of their own and take it back: puts `previous` in place of `handler`, be that in use
/// now, or kept to be put back when the loops do not listen any more. No effect when somebody else's handler is there.
void put_back_action(int number, void (*handler)(int), const struct sigaction& previous) noexcept;

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// What is known of a child, and what may still be done to it: the bookkeeping of reaping, without any system call.
#pragma once

#include <brio/core/config.hpp>

#include <cstdint>

namespace brio::inline v0::detail {

/// A child's number stays taken until it is reaped; after that a signal could hit anybody. So only one party reaps, the
/// child's loop, and everything that needs the number asks here first.
///
///   running --ended--> reaped             the usual way
///   running --ended--> held --let_go--> reaped    its number stays taken, so that its group can be signalled
///   running --nobody--> reaped            somebody else has reaped it: its status is lost
class reap_machine {
public:
    enum class phase : std::uint8_t { running, held, reaped };
    /// What a look at the child (waitid, not blocking) has shown.
    enum class look : std::uint8_t {
        running,  ///< Nothing has happened.
        ended,    ///< A status is there.
        nobody,   ///< There is no such child any more (ECHILD).
    };
    /// What is to be done after a look.
    enum class step : std::uint8_t {
        watch,     ///< Wait for the next sign of life or death.
        announce,  ///< Tell those who wait: the status is there.
        nothing,   ///< They have been told already.
    };

    /// The status given when it is lost; asyncio's.
    static constexpr int lost_code = 255;

    explicit reap_machine(bool hold = false) noexcept : hold_(hold) {}

    /// Whether looking must leave the zombie there (WNOWAIT).
    [[nodiscard]] bool looks_only() const noexcept { return hold_; }

    /// `code` counts when the child has ended: its exit status, or the negative number of the signal that ended it.
    [[nodiscard]] step looked(look seen, int code = 0) noexcept {
        if (phase_ != phase::running) return step::nothing;
        if (seen == look::running) return step::watch;
        lost_ = seen == look::nobody;
        code_ = lost_ ? lost_code : code;
        phase_ = hold_ && !lost_ ? phase::held : phase::reaped;
        return step::announce;
    }

    /// The number is needed no longer. True: there is a zombie, which is to be reaped now.
    [[nodiscard]] bool let_go() noexcept {
        hold_ = false;
        if (phase_ != phase::held) return false;
        phase_ = phase::reaped;
        return true;
    }

    [[nodiscard]] phase now() const noexcept { return phase_; }
    /// The status is known, or known to be lost.
    [[nodiscard]] bool has_ended() const noexcept { return phase_ != phase::running; }
    [[nodiscard]] bool is_lost() const noexcept { return lost_; }
    [[nodiscard]] int code() const noexcept { return code_; }
    /// A signal to the child itself makes sense.
    [[nodiscard]] bool may_signal() const noexcept { return phase_ == phase::running; }
    /// The child's number still names its group and no other.
    [[nodiscard]] bool may_signal_group() const noexcept { return phase_ != phase::reaped; }

private:
    phase phase_ = phase::running;
    bool hold_;
    bool lost_ = false;
    int code_ = 0;
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// Runs one coroutine as a test: clock, schedule, watchdog, leak checks.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace brio::inline v0::testing {

/// How one test runs; every setter gives the object back.
class BRIO_API case_options {
public:
    case_options() noexcept = default;
    /// The real clock, for tests with I/O, instead of the virtual one.
    case_options& real_time(bool on = true) { real_time_ = on; return *this; }
    /// A seeded order of the ready queue; without it, what `BRIO_TEST_SEED` says.
    case_options& seed(std::uint64_t value) { seed_ = value; return *this; }
    /// FIFO order, which brio promises, whatever `BRIO_TEST_SEED` says: for tests of what follows from that order.
    case_options& fifo(bool on = true) { fifo_ = on; return *this; }
    /// After this much real time the task tree is printed and the test fails (default 10 s; times 4 under sanitizers, and
    /// times `BRIO_TEST_PATIENCE`, if that is set: for slow or busy machines).
    case_options& watchdog(std::chrono::seconds limit) { watchdog_ = limit; return *this; }
    /// Tasks still running at the end are cancelled without complaint.
    case_options& allow_leftovers(bool on = true) { allow_leftovers_ = on; return *this; }

    [[nodiscard]] bool is_real_time() const noexcept { return real_time_; }
    [[nodiscard]] std::optional<std::uint64_t> chosen_seed() const noexcept { return seed_; }
    [[nodiscard]] bool is_fifo() const noexcept { return fifo_; }
    [[nodiscard]] std::chrono::seconds watchdog_limit() const noexcept { return watchdog_; }
    [[nodiscard]] bool leftovers_allowed() const noexcept { return allow_leftovers_; }

private:
    bool real_time_ = false;
    bool allow_leftovers_ = false;
    bool fifo_ = false;
    std::optional<std::uint64_t> seed_;
    std::chrono::seconds watchdog_{10};
};

/// Runs `body()` in a fresh loop as a GoogleTest test. Fails the test when it throws, when nothing can move any more
/// (virtual clock), when a task, a timer, a descriptor or a child process outlives it, or when it takes longer than
/// the watchdog allows. A failure names the seed that repeats it.
BRIO_API void run_case(const std::function<awaitable<>()>& body, const case_options& options = case_options());

/// Runs `body()` once for every seed in [first, last), each in a fresh loop with that seed's schedule; stops at the
/// first seed that fails.
BRIO_API void for_seeds(std::uint64_t first, std::uint64_t last, const std::function<awaitable<>()>& body,
                        case_options options = case_options());

}  // namespace brio::inline v0::testing

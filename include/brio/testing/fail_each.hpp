// SPDX-License-Identifier: BSL-1.0
// fail_each: is the code right whichever of its calls fails? With the points that fail on demand.
#pragma once

#include <brio/core/config.hpp>
#include <brio/testing/scenario.hpp>

#include <cstddef>
#include <memory_resource>
#include <stdexcept>
#include <string_view>

namespace brio::inline v0::testing {

/// What a fault point throws unless `scenario_options::fault` says otherwise.
class BRIO_API injected_fault final : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    ~injected_fault() override;
};

/// Places in a test's fakes where `fail_each` lets something go wrong: the fake of a disk calls
/// `fault_points::check("disk.write")` before it writes. Outside of `fail_each` nothing happens. From any thread.
class BRIO_API fault_points {
public:
    /// Throws when it is this call's turn to fail.
    static void check(std::string_view name);
    /// The same for code that reports errors otherwise: true when it is this call's turn to fail.
    [[nodiscard]] static bool fails(std::string_view name);
    /// A memory resource over the default one: `allocate` is the point "memory", and fails with std::bad_alloc. For
    /// containers of std::pmr; brio's own allocations are not among the points.
    [[nodiscard]] static std::pmr::memory_resource* memory() noexcept;
};

/// Runs `body` once to count its calls of fault points, then again for every n, with its n-th call failing: that one
/// alone, and that one and all after it (`scenario_options::once_only` leaves these out).
///
/// The scenario may end with a value or an error. A GoogleTest failure is recorded if it hangs, leaves something behind
/// or one of its checks fails, as for `cancel_at_each_await`; it names the call that failed. The sweep ends there. It
/// fails, too, when the plain run does not end with a value or calls no fault point.
BRIO_API scenario_report fail_each(const scenario& body, const scenario_options& options = scenario_options());

}  // namespace brio::inline v0::testing

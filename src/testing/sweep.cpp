// SPDX-License-Identifier: BSL-1.0
// Runs, counted, and what is said when one fails.
#include "testing/sweep.hpp"

#include <brio/core/error.hpp>
#include <brio/detail/scheduler.hpp>

namespace brio::inline v0::testing {

sweep::sweep(const char* verb, const scenario& what, const scenario_options& options)
    : verb_(verb), what_(what), options_(options) {
    if (detail::scheduler::current()) {
        throw loop_error(std::string(verb) + " makes loops of its own: call it from a plain TEST, not from a coroutine");
    }
}

trial_result sweep::run_plain() {
    failure_collector failures;
    const trial_result plain = run_once(std::nullopt);
    expect_plain_end(plain);
    finish(failures, "in the plain run, without anything injected");
    return plain;
}

trial_result sweep::run_once(std::optional<cancel_plan> plan, std::optional<std::uint64_t> seed) {
    ++report_.runs;
    return run_trial(what_, options_, plan, seed);
}

void sweep::expect_plain_end(const trial_result& got) const {
    if (got.end != "value") ADD_FAILURE() << "the scenario ended with " << (got.end.empty() ? "nothing" : got.end);
}

void sweep::finish(failure_collector& failures, const std::string& remark) {
    if (failures.any()) report_.failed = true;
    failures.report(std::string("  (") + verb_ + ", run " + std::to_string(report_.runs) + ": " + remark + ")");
}

void sweep::fail(const std::string& text) {
    report_.failed = true;
    ADD_FAILURE() << text;
}

}  // namespace brio::inline v0::testing

// SPDX-License-Identifier: BSL-1.0
// The sweep: every moment, every way to cancel, every victim.
#include <brio/testing/cancel_at_each_await.hpp>

#include "testing/sweep.hpp"

#include <brio/core/error.hpp>

#include <string>

namespace brio::inline v0::testing {

namespace {

std::string describe(const cancel_plan& plan) {
    static const char* const moments[] = {"before step ", "after step ", "at cancel_point() "};
    static const char* const times[] = {"", ", twice at once", ", and again in the next turn"};
    return moments[static_cast<int>(plan.when)] + std::to_string(plan.step) + times[plan.times - 1];
}

class cancel_sweep final : public sweep {
public:
    using sweep::sweep;

    void run() {
        const trial_result plain = run_plain();
        const std::size_t victims = options().cancels_every_task() ? plain.most_tasks : 1;
        for (std::size_t victim = 0; victim < victims; ++victim) {
            for (int times = 1; times <= 3; ++times) {
                run_moments(moment::before_step, plain.steps, victim, times);
                run_moments(moment::after_step, plain.steps, victim, times);
                run_moments(moment::in_step, plain.points, victim, times);
            }
        }
        if (!report().failed && report().injected == 0) fail("cancel_at_each_await: nothing could be cancelled");
    }

private:
    void run_moments(moment when, std::uint64_t count, std::size_t victim, int times) {
        cancel_plan plan;
        plan.when = when;
        plan.victim = victim;
        plan.times = times;
        for (plan.step = 1; plan.step <= count && !report().failed; ++plan.step) attempt(plan);
    }

    void attempt(const cancel_plan& plan) {
        failure_collector failures;
        const trial_result got = run_once(plan);
        if (got.cancels > 0) ++report().injected;
        if (got.cancels == 0) expect_plain_end(got);
        finish(failures, got.cancels == 0 ? "in a run without a cancel"
                                          : "cancelled " + describe(plan) + ": " + got.victim + "; the scenario ended with " +
                                                got.end);
    }
};

}  // namespace

scenario_report cancel_at_each_await(const scenario& body, const scenario_options& options) {
    cancel_sweep all("cancel_at_each_await", body, options);
    all.run();
    return all.report();
}

}  // namespace brio::inline v0::testing

// SPDX-License-Identifier: BSL-1.0
// What the functions that run a scenario many times share.
#pragma once

#include "testing/failure_collector.hpp"
#include "testing/trial.hpp"

#include <optional>
#include <string>

namespace brio::inline v0::testing {

class sweep {
public:
    /// Throws loop_error when a loop runs in this thread. `verb`: the public function's name.
    sweep(const char* verb, const scenario& what, const scenario_options& options);
    sweep(const sweep&) = delete;
    sweep& operator=(const sweep&) = delete;

    [[nodiscard]] scenario_report& report() noexcept { return report_; }

protected:
    ~sweep() = default;

    [[nodiscard]] const scenario_options& options() const noexcept { return options_; }

    /// The run without anything injected, which must end with a value.
    trial_result run_plain();
    trial_result run_once(std::optional<cancel_plan> plan) { return run_once(plan, options_.chosen_seed()); }
    trial_result run_once(std::optional<cancel_plan> plan, std::optional<std::uint64_t> seed);
    /// A run with nothing injected ends as the plain one did.
    void expect_plain_end(const trial_result& got) const;
    /// Reports what a run collected, with `remark` on where it comes from.
    void finish(failure_collector& failures, const std::string& remark);
    void fail(const std::string& text);

private:
    const char* verb_;
    const scenario& what_;
    const scenario_options& options_;
    scenario_report report_;
};

}  // namespace brio::inline v0::testing

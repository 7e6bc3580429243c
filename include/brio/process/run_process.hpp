// SPDX-License-Identifier: BSL-1.0
// run_process: a program or a pipeline from its start to its end.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/error.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/wait_deadline.hpp>
#include <brio/process/command.hpp>
#include <brio/process/pipeline.hpp>
#include <brio/process/process.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// How a program has ended, and what it has written; Python's `CompletedProcess`.
class BRIO_API process_result {
public:
    process_result(std::string text, std::vector<int> codes, process_output output) noexcept
        : command_(std::move(text)), codes_(std::move(codes)), output_(std::move(output)) {}

    /// The command as one would type it.
    [[nodiscard]] const std::string& command() const noexcept { return command_; }
    /// The exit status, or the negative number of the signal that ended it. Of a pipeline: of the last stage that has failed,
    /// or 0 (bash's `pipefail`). A stage before the last that was ended by SIGPIPE has not failed: it was not needed any longer.
    [[nodiscard]] int returncode() const noexcept;
    /// Those of all stages of a pipeline.
    [[nodiscard]] const std::vector<int>& returncodes() const noexcept { return codes_; }
    /// What was captured of the standard output; empty if nothing was.
    [[nodiscard]] const std::string& out() const& noexcept;
    [[nodiscard]] std::string out() &&;
    /// The same of the standard error; of all stages of a pipeline.
    [[nodiscard]] const std::string& err() const& noexcept;
    [[nodiscard]] std::string err() &&;
    /// Throws process_error unless `returncode()` is 0.
    void check() const;

private:
    std::string command_;
    std::vector<int> codes_;
    process_output output_;
};

/// A program has ended with another status than 0; Python's `CalledProcessError`.
class BRIO_API process_error : public error {
public:
    explicit process_error(process_result how);
    ~process_error() override;

    [[nodiscard]] int returncode() const noexcept { return result_->returncode(); }
    [[nodiscard]] const std::string& out() const noexcept { return result_->out(); }
    [[nodiscard]] const std::string& err() const noexcept { return result_->err(); }
    [[nodiscard]] const process_result& result() const noexcept { return *result_; }

private:
    std::shared_ptr<const process_result> result_;  // exceptions are copied without a throw
};

/// A program did not end in time and was stopped; Python's `TimeoutExpired`.
class BRIO_API process_timeout_error : public timeout_error {
public:
    process_timeout_error(process_result so_far, std::chrono::nanoseconds limit);
    ~process_timeout_error() override;

    /// What it had written.
    [[nodiscard]] const std::string& out() const noexcept { return result_->out(); }
    [[nodiscard]] const std::string& err() const noexcept { return result_->err(); }
    [[nodiscard]] const process_result& result() const noexcept { return *result_; }

private:
    std::shared_ptr<const process_result> result_;
};

/// How `run_process` runs; every setter gives the object back.
class BRIO_API run_process_options {
public:
    using line_function = std::function<void(std::string_view)>;

    run_process_options() = default;

    /// What it reads as standard input. Without: nothing (/dev/null), unless its command says otherwise.
    run_process_options& input(std::string text) { input_ = std::move(text); return *this; }
    /// Whether standard output and standard error are captured where the command leaves them open (default: yes). If not,
    /// they are inherited, as is standard input.
    run_process_options& capture(bool on) { capture_ = on; return *this; }
    /// Throws process_error when the status is not 0.
    run_process_options& check(bool on = true) { check_ = on; return *this; }
    /// Stops it after so long; 0 or less: at once.
    template <class Rep, class Period>
    run_process_options& timeout(std::chrono::duration<Rep, Period> limit) {
        timeout_ = detail::bounded(limit);
        return *this;
    }
    /// How long it may take to end after SIGTERM, before SIGKILL (default: 5 s; 0: SIGKILL at once).
    template <class Rep, class Period>
    run_process_options& grace(std::chrono::duration<Rep, Period> limit) {
        grace_ = detail::bounded(limit);
        return *this;
    }
    /// Whether grandchildren that keep an output open are waited for (default: `output_until::end`, yes).
    run_process_options& read_until(output_until when) { until_ = when; return *this; }
    /// Is called with every line of standard output as it comes, without its end; these are not kept then. What it throws
    /// stops the program and comes out of `run_process`.
    template <class F>
    run_process_options& on_line(F&& call) {
        detail::check_callable<F>();
        on_line_ = std::forward<F>(call);
        return *this;
    }
    /// The same for standard error.
    template <class F>
    run_process_options& on_error_line(F&& call) {
        detail::check_callable<F>();
        on_error_line_ = std::forward<F>(call);
        return *this;
    }

    /// For brio itself.
    [[nodiscard]] std::optional<std::string>& input() noexcept { return input_; }
    [[nodiscard]] bool captures() const noexcept { return capture_; }
    [[nodiscard]] bool checks() const noexcept { return check_; }
    [[nodiscard]] std::optional<detail::duration> timeout() const noexcept { return timeout_; }
    [[nodiscard]] detail::duration grace() const noexcept { return grace_; }
    [[nodiscard]] output_until until() const noexcept { return until_; }
    [[nodiscard]] line_function& line_call() noexcept { return on_line_; }
    [[nodiscard]] line_function& error_line_call() noexcept { return on_error_line_; }

private:
    std::optional<std::string> input_;
    bool capture_ = true;
    bool check_ = false;
    std::optional<detail::duration> timeout_;
    detail::duration grace_ = std::chrono::seconds(5);
    output_until until_ = output_until::end;
    line_function on_line_;
    line_function on_error_line_;
};

/// Runs a command or a pipeline: starts it, gives it its input, reads its outputs, waits for its end. A non-zero status is
/// no error, unless `check` makes it one. Nothing of it is left when this completes, in whatever way.
///
/// All of it forms a process group of its own, unless its standard input is inherited: then it may talk with the terminal,
/// and stays in this program's group. **Cancellation**, a timeout, or an error while reading stop it: SIGTERM, to the
/// group if there is one, and after `grace` SIGKILL; a second cancel shortens the grace. Then cancelled_error,
/// process_timeout_error or that error is thrown. Processes that have left the group are left alone. Throws what
/// `create_subprocess_exec` throws. Python's `subprocess.run`.
BRIO_API awaitable<process_result> run_process(pipeline what, run_process_options options = run_process_options(),
                                               source_location where = source_location::current());

}  // namespace brio::inline v0

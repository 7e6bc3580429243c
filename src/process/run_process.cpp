// SPDX-License-Identifier: BSL-1.0
// A job from its start to its end, and how that is told.
#include <brio/process/run_process.hpp>

#include "process/job.hpp"

#include <brio/compose/wait.hpp>
#include <brio/core/sleep.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/task_text.hpp>

#include <csignal>
#include <cstring>
#include <exception>
#include <utility>

namespace brio::inline v0 {

namespace {

const std::string& no_text() noexcept {
    static const std::string none;
    return none;
}

// " with exit status 1", " by signal 9 (Killed)"
std::string how_ended(int code) {
    if (code >= 0) return " has ended with exit status " + std::to_string(code);
    const char* const name = ::strsignal(-code);
    return " was ended by signal " + std::to_string(-code) + (name ? " (" + std::string(name) + ")" : std::string());
}

// The end of what it wrote as errors, which is where the reason stands.
std::string last_line(std::string_view text) {
    constexpr std::size_t most = 200;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.remove_suffix(1);
    text.remove_prefix(text.rfind('\n') + 1);  // npos + 1 is 0
    if (text.size() > most) text.remove_prefix(text.size() - most);
    return text.empty() ? std::string() : ": " + std::string(text);
}

awaitable<process_result> run_job(pipeline what, run_process_options options, source_location where) {
    co_await sleep(std::chrono::seconds(0), where);  // a cancel up to here starts nothing
    detail::job running(std::move(what), options);
    const task<> working = create_task(running.work(options.until()), "run_process", where);
    std::exception_ptr error;
    try {
        const std::vector<task<>> one(1, working);
        wait_options limit;
        if (options.timeout()) limit.timeout(*options.timeout());
        co_await wait(one, limit, where);
    } catch (const cancelled_error&) {
        error = std::current_exception();
    }
    const bool in_time = working.done();
    if (!in_time || working.cancelled() || working.exception()) {
        const std::exception_ptr again = co_await running.stop(working, options.grace());
        if (again) error = again;
    }
    if (error) std::rethrow_exception(error);
    if (in_time) working.result();
    process_result result = running.result();
    if (!in_time) throw process_timeout_error(std::move(result), *options.timeout());
    if (options.checks()) result.check();
    co_return result;
}

}  // namespace

int process_result::returncode() const noexcept {
    for (std::size_t i = codes_.size(); i-- > 0;) {
        const bool is_last = i + 1 == codes_.size();
        if (codes_[i] != 0 && (is_last || codes_[i] != -SIGPIPE)) return codes_[i];
    }
    return 0;
}

const std::string& process_result::out() const& noexcept { return output_.out ? *output_.out : no_text(); }
const std::string& process_result::err() const& noexcept { return output_.err ? *output_.err : no_text(); }
std::string process_result::out() && { return output_.out ? std::move(*output_.out) : std::string(); }
std::string process_result::err() && { return output_.err ? std::move(*output_.err) : std::string(); }

void process_result::check() const {
    if (returncode() != 0) throw process_error(*this);
}

process_error::process_error(process_result how)
    : error("'" + how.command() + "'" + how_ended(how.returncode()) + last_line(how.err())),
      result_(std::make_shared<const process_result>(std::move(how))) {}
process_error::~process_error() = default;

process_timeout_error::process_timeout_error(process_result so_far, std::chrono::nanoseconds limit)
    : timeout_error("'" + so_far.command() + "' did not end within " + detail::duration_text(limit) + " and was stopped" +
                    last_line(so_far.err())),
      result_(std::make_shared<const process_result>(std::move(so_far))) {}
process_timeout_error::~process_timeout_error() = default;

awaitable<process_result> run_process(pipeline what, run_process_options options, source_location where) {
    return run_job(std::move(what), std::move(options), where);
}

}  // namespace brio::inline v0

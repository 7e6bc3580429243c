// SPDX-License-Identifier: BSL-1.0
// call: one request of a caller's, over all its hops.
#pragma once

#include "http/body_plan.hpp"
#include "http/body_source.hpp"
#include "http/call_limits.hpp"
#include "http/credentials.hpp"
#include "http/pool.hpp"
#include "http/redirect_machine.hpp"
#include "http/response_data.hpp"
#include "http/retry_machine.hpp"
#include "http/session_core.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/http/options.hpp>
#include <brio/http/response.hpp>
#include <brio/http/trace.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brio::inline v0::http::detail {

class response_stream;

/// Lives in the frame of `run_call` or `run_stream`.
class call {
public:
    /// Checks everything that can be checked before anything is sent.
    call(std::shared_ptr<session_core> core, std::string method, std::string_view url, options opts);

    /// Sends the request and follows redirects until there is an answer for the caller, whose head has been read.
    awaitable<pool::lease> answer();
    /// The answer's head; the parser's header fields are moved out.
    [[nodiscard]] response_head take_head(connection& from);
    /// The codings to undo in the answer's body.
    [[nodiscard]] coding_list codings(unsigned status, const headers& fields) const;

    [[nodiscard]] call_limits& limits() noexcept { return limits_; }
    [[nodiscard]] std::uint64_t max_body() const noexcept { return max_body_; }
    [[nodiscard]] bool raises() const noexcept { return raises_; }
    [[nodiscard]] session_core& core() const noexcept { return *core_; }
    [[nodiscard]] const std::shared_ptr<session_core>& shared_core() const noexcept { return core_; }
    /// The call is over: its timings go into the head, and the observer is told.
    void finish(response_head& head);
    /// Tells the observer, if there is one.
    void note(trace_kind what, unsigned status = 0, std::string_view text = {}) const {
        if (core_->tracer()) tell(what, status, text);
    }
    /// A 101 is welcome.
    void ask_for_upgrade() noexcept { upgrade_ = true; }
    /// Adds the URL to an error, or replaces it when the session was closed: for a handler that rethrows.
    void explain(error& e) const;

private:
    void tell(trace_kind what, unsigned status, std::string_view text) const;
    void opened(const connection& made);
    [[nodiscard]] http::url target_of(std::string_view text) const;
    void take_fields(options& opts, const http::url& target);
    void take_auth(const options& opts, const http::url& target);
    void add_credentials();
    bool is_challenge(unsigned status, const headers& answer);
    void take_cookies(const headers& answer);
    void add_cookies();
    awaitable<> prepare();
    awaitable<> prepare_in_time();
    [[nodiscard]] headers& sent_fields() noexcept { return prepared_ ? *prepared_ : fields_; }
    awaitable<> wait_for_turn();
    std::optional<std::chrono::milliseconds> retry_pause(unsigned status, const headers& answer);
    std::optional<std::chrono::milliseconds> retry_pause(const std::exception_ptr& failure);
    [[nodiscard]] static bool is_passing(const std::exception_ptr& failure);
    void heed_retry_after(unsigned status, const headers& answer);
    [[nodiscard]] bool in_time(std::chrono::milliseconds pause) const;
    awaitable<pool::lease> one_hop();
    awaitable<pool::lease> hop_with_retries();
    awaitable<pool::lease> ready_connection(const pool_key& key, bool opened_now);
    awaitable<> send(connection& over);
    awaitable<> drain(pool::lease used);
    body_plan write_head(connection& over);
    [[nodiscard]] body_kind kind_of_body() const noexcept;
    [[nodiscard]] bool has_body() const noexcept { return hops_.send_body() && (body_ || source_); }
    void compress_body();
    awaitable<bool> ask_for_body(connection& over);

    std::shared_ptr<session_core> core_;
    std::uint64_t number_ = 0;                // of the session's calls
    call_limits::time_point began_;
    call_limits::time_point headed_;          // when the last head was there
    timings times_;
    std::optional<std::string> body_;
    std::unique_ptr<body_source> source_;     // in place of body_
    headers fields_;
    std::optional<headers> prepared_;         // those of this one request, where somebody may change them
    std::vector<std::string> bound_to_origin_; // names of headers that do not leave it
    std::shared_ptr<credentials> auth_;
    unsigned challenges_answered_ = 0;        // in this hop
    bool expects_ = false;                    // to be asked for the body
    bool asked_ = false;                      // in this attempt
    bool body_begun_ = false;                 // bytes of it have been taken
    bool own_authorization_ = false;          // a header of the caller's or the session's
    std::string own_cookies_;                 // the caller's, in front of the jar's
    unsigned automatic_;
    call_limits limits_;
    redirect_machine hops_;
    retry_machine retry_;
    std::uint64_t max_body_;
    pace_guard pace_;
    std::string server_name_;                 // in place of the host's, for TLS
    bool allow_truncated_;
    bool decode_;
    bool raises_;
    bool upgrade_ = false;
};

/// Throws the error that the caller gets for one that came up on the way.
[[noreturn]] void rethrow(const call& of, const std::exception_ptr& error);

/// The whole response.
awaitable<response> run_call(std::shared_ptr<session_core> core, std::string method, std::string url, options opts);
/// The response's head; the body is read by the stream.
awaitable<streaming_response> run_stream(std::shared_ptr<session_core> core, std::string method, std::string url, options opts);

}  // namespace brio::inline v0::http::detail

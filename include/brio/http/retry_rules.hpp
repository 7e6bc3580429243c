// SPDX-License-Identifier: BSL-1.0
// Which requests are sent again after a failure.
#pragma once

#include <brio/core/config.hpp>

#include <chrono>

namespace brio::inline v0::http {

/// Setters chain: `options().retry(retry_rules().attempts(3))`. The defaults are in brackets.
///
/// Sent again are requests whose connection could not be made (in time), whatever their method, but for a proxy's refusal, and those answered with 429, 502,
/// 503 or 504 whose method is idempotent (GET, HEAD, OPTIONS, TRACE, PUT, DELETE); bodies out of generators are not sent
/// again. The pause before is drawn from 0 to 0.5 s, 1 s, 2 s ... (full jitter), and at least as long as the server's Retry-After says. Of a session's
/// requests at most 20 in 100 are sent again (and 10 in any case), so that a server in trouble is not buried. What
/// would have to wait beyond the timeout of the call is not tried: the last answer or error is given.
class BRIO_API retry_rules {
public:
    using duration = std::chrono::milliseconds;

    retry_rules();

    /// Attempts in all, the first one included [3].
    retry_rules& attempts(unsigned most);
    /// The first pause [0.5 s], and the longest [30 s]; each is up to twice as long as the one before.
    retry_rules& pause(duration first, duration longest = std::chrono::seconds(30));
    /// A Retry-After that asks for more is not waited for: the answer is given [120 s].
    retry_rules& longest_retry_after(std::chrono::seconds most);
    /// Also after a 500 [false].
    retry_rules& also_500(bool on = true);
    /// Also POST, PATCH and others that are not idempotent [false].
    retry_rules& any_method(bool on = true);

private:
    friend struct options_access;

    duration first_ = std::chrono::milliseconds(500);
    duration longest_ = std::chrono::seconds(30);
    std::chrono::seconds longest_retry_after_ = std::chrono::seconds(120);
    unsigned attempts_ = 3;
    bool also_500_ = false;
    bool any_method_ = false;
};

} // namespace brio::inline v0::http

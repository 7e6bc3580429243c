// SPDX-License-Identifier: BSL-1.0
// Setters of the retry rules.
#include <brio/http/retry_rules.hpp>

#include <algorithm>

namespace brio::inline v0::http {

retry_rules::retry_rules() = default;

retry_rules& retry_rules::attempts(unsigned most) {
    attempts_ = most;
    return *this;
}
retry_rules& retry_rules::pause(duration first, duration longest) {
    first_ = std::max(first, duration::zero());
    longest_ = std::max(longest, first_);
    return *this;
}
retry_rules& retry_rules::longest_retry_after(std::chrono::seconds most) {
    longest_retry_after_ = most;
    return *this;
}
retry_rules& retry_rules::also_500(bool on) {
    also_500_ = on;
    return *this;
}
retry_rules& retry_rules::any_method(bool on) {
    any_method_ = on;
    return *this;
}

} // namespace brio::inline v0::http

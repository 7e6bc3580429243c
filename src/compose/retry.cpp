// SPDX-License-Identifier: BSL-1.0
// The policy of retrying.
#include <brio/compose/retry.hpp>

#include <brio/detail/backoff.hpp>

#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

namespace brio::inline v0 {

namespace {

double chance() {
    thread_local std::minstd_rand source(std::random_device{}());
    return std::uniform_real_distribution<double>(0, 1)(source);
}

[[noreturn]] void refuse(const char* setting, const std::string& value, const char* wanted) {
    throw std::invalid_argument(std::string("retry_policy().") + setting + "(" + value + "): give " + wanted);
}

}  // namespace

retry_policy::retry_policy() : random_(chance) {}
retry_policy::retry_policy(const retry_policy&) = default;
retry_policy::retry_policy(retry_policy&&) noexcept = default;
retry_policy& retry_policy::operator=(const retry_policy&) = default;
retry_policy& retry_policy::operator=(retry_policy&&) noexcept = default;
retry_policy::~retry_policy() = default;

retry_policy& retry_policy::attempts(int count) {
    if (count < 1) refuse("attempts", std::to_string(count), "1 or more, the first one included");
    attempts_ = count;
    return *this;
}

retry_policy& retry_policy::factor(double times) {
    if (!(times >= 1) || std::isinf(times)) refuse("factor", std::to_string(times), "1 or more");
    factor_ = times;
    return *this;
}

retry_policy& retry_policy::jitter(double share) {
    if (!(share >= 0 && share <= 1)) refuse("jitter", std::to_string(share), "a share between 0 and 1");
    jitter_ = share;
    return *this;
}

retry_policy& retry_policy::random(std::function<double()> source) {
    if (!source) refuse("random", "", "a function that returns numbers in [0, 1)");
    random_ = std::move(source);
    return *this;
}

retry_policy& retry_policy::set_delay(std::chrono::nanoseconds first) {
    if (first.count() < 0) refuse("delay", std::to_string(first.count()) + " ns", "0 or more");
    delay_ = first;
    return *this;
}

retry_policy& retry_policy::set_max_delay(std::chrono::nanoseconds most) {
    if (most.count() < 0) refuse("max_delay", std::to_string(most.count()) + " ns", "0 or more");
    max_delay_ = most;
    return *this;
}

retry_policy& retry_policy::set_filter(std::function<bool(const std::exception_ptr&)> wanted) {
    if (!wanted) refuse("retry_if", "", "a function that takes a std::exception_ptr");
    wanted_ = std::move(wanted);
    return *this;
}

bool retry_policy::wants_another(int failures, const std::exception_ptr& error) const {
    return failures < attempts_ && (!wanted_ || wanted_(error));
}

std::chrono::nanoseconds retry_policy::pause(int failures) const {
    return detail::backoff(static_cast<unsigned>(failures), delay_, factor_, max_delay_, jitter_, jitter_ > 0 ? random_() : 0);
}

}  // namespace brio::inline v0

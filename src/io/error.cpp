// SPDX-License-Identifier: BSL-1.0
// Texts of the errors of streams.
#include <brio/io/error.hpp>

#include <utility>

namespace brio::inline v0 {

namespace {

std::string describe_incomplete(std::size_t got, std::optional<std::size_t> expected) {
    const std::string came = "the stream ended after " + std::to_string(got) + (got == 1 ? " byte" : " bytes");
    if (!expected) return came + ", before the separator";
    return came + " of " + std::to_string(*expected);
}

}  // namespace

incomplete_read_error::incomplete_read_error(std::string partial, std::optional<std::size_t> expected)
    : error(describe_incomplete(partial.size(), expected)),
      partial_(std::make_shared<const std::string>(std::move(partial))),
      expected_(expected) {}

tls_error::tls_error(const std::string& message, std::string reason, bool truncated)
    : error(message), reason_(std::make_shared<const std::string>(std::move(reason))), truncated_(truncated) {}

tls_error::~tls_error() = default;
incomplete_read_error::~incomplete_read_error() = default;
limit_overrun_error::~limit_overrun_error() = default;

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// What an `auth` holds.
#pragma once

#include "http/digest_machine.hpp"

#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0::http::detail {

class credentials {
public:
    /// The same Authorization header for every request.
    explicit credentials(std::string header) : fixed_(std::move(header)) {}
    explicit credentials(digest_machine answers) : digest_(std::move(answers)) {}

    /// For a request to `origin`; empty when there is nothing to say yet.
    [[nodiscard]] std::string header(std::string_view origin, std::string_view method, std::string_view target) {
        return digest_ ? digest_->authorize(origin, method, target) : fixed_;
    }
    /// nullptr unless the answer may be a challenge to answer.
    [[nodiscard]] digest_machine* digest() noexcept { return digest_ ? &*digest_ : nullptr; }

private:
    std::string fixed_;
    std::optional<digest_machine> digest_;
};

/// `Basic ...`. Throws invalid_request.
std::string basic_header(const std::string& user, const std::string& password);

} // namespace brio::inline v0::http::detail

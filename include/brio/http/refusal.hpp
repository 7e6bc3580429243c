// SPDX-License-Identifier: BSL-1.0
// refusal: an error of a handler that has a status of its own.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/error.hpp>

#include <string>

namespace brio::inline v0::http {

/// Thrown by a handler: the request is answered with this status, and with the message, which the client sees; aiohttp's
/// `HTTPException`. Any other exception is a 500 that says nothing.
class BRIO_API refusal : public error {
public:
    explicit refusal(unsigned status, const std::string& message = {});
    ~refusal() override;
    [[nodiscard]] unsigned status() const noexcept { return status_; }

private:
    unsigned status_;
};

}  // namespace brio::inline v0::http

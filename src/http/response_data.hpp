// SPDX-License-Identifier: BSL-1.0
// What a response owns.
#pragma once

#include "http/byte_buffer.hpp"

#include <brio/http/headers.hpp>
#include <brio/http/response.hpp>
#include <brio/http/url.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

/// The part that a streaming response has, too.
struct response_head {
    explicit response_head(http::url answered) : url(std::move(answered)) {}

    unsigned status = 0;
    std::string reason;
    http::headers headers;
    http::url url;
    std::vector<redirect> history;
    http::timings times;
};

struct response_data : response_head {
    explicit response_data(response_head head) : response_head(std::move(head)) {}

    [[nodiscard]] std::string_view body() const noexcept {
        return decoded.empty() ? raw.view() : std::string_view(decoded);
    }

    http::headers trailers;
    byte_buffer raw;     // the body as it came, when nothing had to be undone
    std::string decoded; // else the body
    mutable std::optional<streaming_response> stream; // in place of both: taken by whoever reads it
};

/// The inside of both kinds of responses.
struct response_access {
    static const std::shared_ptr<const response_data>& data(const response& of) noexcept { return of.data_; }
    static const response_head& head(const streaming_response& of) noexcept;
};

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// The body of a streaming response, while it comes.
#pragma once

#include "http/call.hpp"
#include "http/content_decoder.hpp"
#include "http/pool.hpp"
#include "http/response_data.hpp"
#include "http/turn_budget.hpp"

#include <brio/core/awaitable.hpp>

#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

class response_stream {
public:
    /// A body that is there already.
    explicit response_stream(std::shared_ptr<const response_data> whole);
    response_stream(std::shared_ptr<session_core> core, pool::lease from, const call_limits& limits, response_head answered,
                    const coding_list& codings);

    /// The next decoded bytes, beginning with those behind the last line that was handed out; empty at the end.
    awaitable<std::string_view> next();
    /// The next line, none at the end.
    awaitable<std::optional<std::string_view>> next_line();
    /// Throws body_too_large with the URL.
    [[noreturn]] void too_large(std::uint64_t limit, std::uint64_t received, std::string_view knob) const;

    response_head head;
    std::optional<std::uint64_t> content_length;

private:
    awaitable<std::string_view> behind_line();
    awaitable<std::string_view> next_piece();
    awaitable<std::string_view> next_raw();
    awaitable<std::string_view> next_decoded();
    void finish();
    [[nodiscard]] std::exception_ptr closed_meanwhile() const;

    std::shared_ptr<const response_data> whole_; // in place of the three that follow
    std::shared_ptr<session_core> core_;
    pool::lease lease_;
    call_limits limits_;
    std::optional<content_decoder> decoder_;
    std::string line_;           // lines handed out already, with what followed them
    std::size_t line_end_ = 0;   // where the unread part of line_ begins
    bool finished_ = false;
    bool broken_ = false;
    bool reading_ = false;
    turn_budget turn_;
};

}  // namespace brio::inline v0::http::detail

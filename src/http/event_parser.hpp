// SPDX-License-Identifier: BSL-1.0
// The format text/event-stream of the HTML standard, without any I/O.
#pragma once

#include <brio/http/event_stream.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Takes bytes as they come, in any pieces.
class event_parser {
public:
    /// More bytes than `most` in one event, or one line, throw body_too_large.
    explicit event_parser(std::size_t most = 1024 * 1024) : most_(most) {}

    /// Consumes `in` up to the end of the next event and gives that; nullopt when all of it is consumed.
    std::optional<server_event> feed(std::string_view& in);
    /// A new connection: an unfinished event is dropped; id and pause stay.
    void restart() noexcept;

    [[nodiscard]] const std::string& last_id() const noexcept { return last_id_; }
    void set_last_id(std::string id) { last_id_ = std::move(id); }
    /// The pause before connecting again.
    [[nodiscard]] std::chrono::milliseconds pause() const noexcept { return pause_; }

private:
    std::optional<server_event> line(std::string_view text);
    std::optional<server_event> dispatch();
    void field(std::string_view name, std::string_view value);

    std::size_t most_;
    std::string line_; // the beginning of an unfinished line
    std::string type_;
    std::string data_; // each line with a LF behind it
    std::string last_id_;
    std::chrono::milliseconds pause_{3000};
    bool first_line_ = true;
    bool after_cr_ = false;
};

} // namespace brio::inline v0::http::detail

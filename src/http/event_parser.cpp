// SPDX-License-Identifier: BSL-1.0
// Lines end with CR, LF or both; an empty one ends the event.
#include "event_parser.hpp"

#include "chars.hpp"

#include <brio/http/charset.hpp>
#include <brio/http/error.hpp>

#include <algorithm>

namespace brio::inline v0::http {

server_event::server_event() = default;

} // namespace brio::inline v0::http

namespace brio::inline v0::http::detail {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::chrono::milliseconds longest_asked_pause = std::chrono::hours(24);

std::string well_formed(std::string text) {
    if (is_utf8(text)) return text;
    // Behind an ASCII character nothing is taken for a byte order mark.
    return decode_text("x" + text, "utf-8").value_or("x").substr(1);
}

} // namespace

std::optional<server_event> event_parser::feed(std::string_view& in) {
    while (!in.empty()) {
        if (after_cr_) {
            after_cr_ = false;
            if (in.front() == '\n') {
                in.remove_prefix(1);
                continue;
            }
        }
        const std::size_t end = in.find_first_of("\r\n");
        const std::string_view part = in.substr(0, end);
        const std::size_t size = line_.size() + part.size() + data_.size() + type_.size();
        if (size > most_) throw body_too_large(most_, size, "next_chunk() of session::stream, which knows no events,");
        if (end == in.npos) {
            line_ += part;
            in = {};
            break;
        }
        after_cr_ = in[end] == '\r';
        in.remove_prefix(end + 1);
        std::optional<server_event> done;
        if (line_.empty()) {
            done = line(part);
        } else {
            line_ += part;
            done = line(line_);
            line_.clear();
        }
        if (done) return done;
    }
    return std::nullopt;
}

std::optional<server_event> event_parser::line(std::string_view text) {
    if (first_line_ && text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    first_line_ = false;
    if (text.empty()) return dispatch();
    const std::size_t colon = text.find(':');
    if (colon == text.npos) {
        field(text, {});
    } else if (colon > 0) { // else it is a comment
        std::string_view value = text.substr(colon + 1);
        if (value.starts_with(' ')) value.remove_prefix(1);
        field(text.substr(0, colon), value);
    }
    return std::nullopt;
}

void event_parser::field(std::string_view name, std::string_view value) {
    if (name == "data") {
        data_.append(value).append("\n");
    } else if (name == "event") {
        type_ = value;
    } else if (name == "id") {
        if (value.find('\0') == value.npos) last_id_ = well_formed(std::string(value));
    } else if (name == "retry") {
        if (const auto ms = parse_decimal(value)) {
            pause_ = std::chrono::milliseconds(std::min<std::uint64_t>(*ms, static_cast<std::uint64_t>(longest_asked_pause.count())));
        }
    }
}

std::optional<server_event> event_parser::dispatch() {
    std::string type = std::exchange(type_, std::string());
    if (data_.empty()) return std::nullopt;
    std::string data = std::exchange(data_, std::string());
    data.pop_back();
    server_event event;
    if (!type.empty()) event.type = well_formed(std::move(type));
    event.data = well_formed(std::move(data));
    event.id = last_id_;
    return event;
}

void event_parser::restart() noexcept {
    line_.clear();
    type_.clear();
    data_.clear();
    first_line_ = true;
    after_cr_ = false;
}

} // namespace brio::inline v0::http::detail

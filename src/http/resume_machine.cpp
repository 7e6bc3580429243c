// SPDX-License-Identifier: BSL-1.0
// Ranges and validators (RFC 9110 sections 8.8, 13.1.5 and 14).
#include "resume_machine.hpp"

#include "chars.hpp"

#include <brio/http/error.hpp>

#include <algorithm>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::chrono::seconds safely_older{60};
constexpr std::string_view note_begin = "brio download 1\n";
constexpr std::string_view note_end = "end\n";

bool is_strong_tag(std::string_view tag) noexcept {
    if (tag.size() < 2 || tag.front() != '"' || tag.back() != '"') return false;
    const std::string_view inside = tag.substr(1, tag.size() - 2);
    return inside.find('"') == inside.npos && all(inside, value_char);
}

[[noreturn]] void refuse(const std::string& why) {
    throw protocol_error(phase::headers, "the server's answer does not continue the download: " + why + "; delete the .part file to begin anew");
}

std::string_view take_line(std::string_view& text) noexcept {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    return line;
}

} // namespace

std::optional<content_range> parse_content_range(std::string_view text) noexcept {
    const std::size_t space = text.find(' ');
    if (space == text.npos || !iequals(text.substr(0, space), "bytes")) return std::nullopt;
    text = trim(text.substr(space));
    const std::size_t slash = text.find('/');
    if (slash == text.npos) return std::nullopt;
    const std::string_view range = text.substr(0, slash);
    const std::string_view complete = text.substr(slash + 1);
    content_range out;
    out.complete = parse_decimal(complete);
    if (!out.complete && complete != "*") return std::nullopt;
    if (range == "*") return out.complete ? std::optional(out) : std::nullopt;
    const std::size_t dash = range.find('-');
    if (dash == range.npos) return std::nullopt;
    const auto first = parse_decimal(range.substr(0, dash));
    const auto last = parse_decimal(range.substr(dash + 1));
    if (!first || !last || *first > *last || (out.complete && *last >= *out.complete)) return std::nullopt;
    out.has_range = true;
    out.first = *first;
    out.last = *last;
    return out;
}

std::string write_resume_note(const resume_note& note) {
    std::string text(note_begin);
    text.append(note.url).append("\n").append(note.validator).append("\n");
    if (note.complete) text += std::to_string(*note.complete);
    return text.append("\n").append(note_end);
}

std::optional<resume_note> read_resume_note(std::string_view text) {
    if (!text.starts_with(note_begin)) return std::nullopt;
    text.remove_prefix(note_begin.size());
    resume_note note;
    note.url = take_line(text);
    note.validator = take_line(text);
    const std::string_view complete = take_line(text);
    note.complete = parse_decimal(complete);
    if (text != note_end || note.url.empty() || !all(note.validator, value_char) || (!note.complete && !complete.empty())) return std::nullopt;
    return note;
}

std::string strong_validator(const headers& answer, date_point now) {
    const auto tag = answer.get("ETag");
    if (tag && is_strong_tag(*tag)) return std::string(*tag);
    const auto modified = answer.get("Last-Modified");
    if (!modified) return {};
    const auto date = parse_http_date(answer.get("Date").value_or(""), now);
    const auto changed = parse_http_date(*modified, now);
    if (!date || !changed || *date - *changed < safely_older) return {};
    return std::string(*modified);
}

resume_machine::resume_machine(resume_note note, std::uint64_t part) : note_(std::move(note)), part_(part) {
    if (note_.validator.empty()) part_ = 0;
    if (part_ == 0) note_.validator.clear();
}

void resume_machine::add_fields(headers& request) const {
    if (!request.contains("Accept-Encoding")) request.add("Accept-Encoding", "identity");
    if (part_ == 0) return;
    request.set("Range", "bytes=" + std::to_string(part_) + "-");
    request.set("If-Range", note_.validator);
}

resume_action resume_machine::judge(unsigned status, const headers& answer, std::string_view url, date_point now) {
    if (status == 206 && part_ > 0) return on_part(answer);
    if (status == 416 && part_ > 0) return on_not_satisfiable(answer);
    if (status != 200) throw status_error(status, url, {});
    return on_whole(answer, now);
}

resume_action resume_machine::on_part(const headers& answer) {
    const auto range = parse_content_range(answer.get("Content-Range").value_or(""));
    if (!range || !range->has_range) refuse("it has no Content-Range that can be understood");
    if (answer.count("Content-Range") > 1) refuse("it has two Content-Range fields");
    if (range->first != part_) refuse("it begins at byte " + std::to_string(range->first) + " in place of " + std::to_string(part_));
    if (range->complete && range->last + 1 != *range->complete) refuse("it ends before the end of the file");
    if (note_.complete && range->complete && *note_.complete != *range->complete) {
        refuse("the file has " + std::to_string(*range->complete) + " bytes now, not " + std::to_string(*note_.complete));
    }
    const bool by_tag = note_.validator.starts_with('"');
    const auto current = answer.get(by_tag ? "ETag" : "Last-Modified");
    if (current && *current != note_.validator) refuse("it is of another version of the file");
    if (answer.contains("Content-Encoding") && !iequals(*answer.get("Content-Encoding"), "identity")) refuse("it has a content coding");
    if (range->complete) note_.complete = range->complete;
    return resume_action::append;
}

resume_action resume_machine::on_whole(const headers& answer, date_point now) {
    note_.validator = strong_validator(answer, now);
    note_.complete = std::nullopt;
    const auto length = answer.get("Content-Length");
    if (length && !answer.contains("Transfer-Encoding")) note_.complete = parse_decimal(*length);
    part_ = 0;
    return resume_action::restart;
}

resume_action resume_machine::on_not_satisfiable(const headers& answer) {
    const auto range = parse_content_range(answer.get("Content-Range").value_or(""));
    // Nothing is behind the part because the part is everything.
    if (range && !range->has_range && *range->complete == part_ && (!note_.complete || *note_.complete == part_)) {
        note_.complete = part_;
        return resume_action::done;
    }
    part_ = 0;
    note_.validator.clear();
    note_.complete = std::nullopt;
    return resume_action::again;
}

void resume_machine::check_end(std::uint64_t size) const {
    if (note_.complete && *note_.complete != size) throw incomplete_body(phase::body, size, note_.complete);
}

} // namespace brio::inline v0::http::detail

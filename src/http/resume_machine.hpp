// SPDX-License-Identifier: BSL-1.0
// Going on with a download that was cut off: what to ask for, and what the answer means.
#pragma once

#include "http_date.hpp"

#include <brio/http/headers.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// `bytes 0-9/10`, `bytes 0-9/*`, `bytes */10`.
struct content_range {
    bool has_range = false;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::optional<std::uint64_t> complete;
};
/// nullopt when malformed, of another unit, or contradicting itself.
std::optional<content_range> parse_content_range(std::string_view text) noexcept;

/// What is kept beside a part of a file: whose part it is, and of which state of it.
struct resume_note {
    std::string url;
    std::string validator; // a strong ETag or a Last-Modified; empty: the part is worth nothing
    std::optional<std::uint64_t> complete;
};
/// Lines of text; read back only if it is whole.
std::string write_resume_note(const resume_note& note);
std::optional<resume_note> read_resume_note(std::string_view text);

/// What a later attempt can compare with, from the answer that began a download: a strong ETag, else a Last-Modified
/// that is older than the answer by at least a minute (RFC 9110 section 8.8.2.2). Empty when there is neither.
std::string strong_validator(const headers& answer, date_point now);

enum class resume_action : unsigned char {
    append,  ///< write the body behind the part
    restart, ///< write the body to the beginning of the file: the part is void
    again,   ///< the part is void, and this answer has nothing: ask again, without the part
    done,    ///< the part is the whole
};

/// Drives the attempts of one download. In each: add_fields() to the request, judge() the answer.
class resume_machine {
public:
    /// `part`: bytes there are; 0 or a note without validator for none.
    resume_machine(resume_note note, std::uint64_t part);

    /// Range and If-Range, and never a content coding: offsets count the bytes that are stored.
    void add_fields(headers& request) const;
    /// Throws protocol_error for an answer that is neither the rest nor the whole, status_error for a status that is no
    /// success. Updates note() and offset().
    resume_action judge(unsigned status, const headers& answer, std::string_view url, date_point now);

    /// Where the body goes.
    [[nodiscard]] std::uint64_t offset() const noexcept { return part_; }
    [[nodiscard]] const resume_note& note() const noexcept { return note_; }
    /// The file has the size that was announced, if one was. Throws incomplete_body otherwise.
    void check_end(std::uint64_t size) const;

private:
    resume_action on_part(const headers& answer);
    resume_action on_whole(const headers& answer, date_point now);
    resume_action on_not_satisfiable(const headers& answer);

    resume_note note_;
    std::uint64_t part_;
};

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// Status, fields and parts of an answer with a file.
#include "http/file_reply.hpp"

#include "http/chars.hpp"
#include "http/preconditions.hpp"

#include <brio/http/guess_type.hpp>
#include <brio/http/percent.hpp>

#include <utility>

namespace brio::inline v0::http::detail {

namespace {

// filename="..." for old clients, filename*= with all characters for the others.
std::string disposition_of(const std::string& name) {
    std::string plain;
    for (const char c : name) plain += is(c, unreserved_char) || c == ' ' ? c : '_';
    std::string text = "attachment; filename=\"" + plain + "\"";
    if (plain != name) text += "; filename*=UTF-8''" + percent_encode(name);
    return text;
}

// What identifies this version, also in a 304.
void add_validators(reply& made, const found_file& found, const file_options& options) {
    made.header("Last-Modified", format_http_date(found.modified)).header("ETag", found.etag);
    if (options.chosen_max_age()) made.header("Cache-Control", "max-age=" + std::to_string(options.chosen_max_age()->count()));
    if (options.is_precompressed()) made.header("Vary", "Accept-Encoding");
}

void add_representation(reply& made, const found_file& found, const file_options& options) {
    made.header("Accept-Ranges", "bytes");
    if (found.is_packed) made.header("Content-Encoding", "gzip");
    if (!options.chosen_download_name().empty()) made.header("Content-Disposition", disposition_of(options.chosen_download_name()));
    made.header("X-Content-Type-Options", "nosniff");
}

std::shared_ptr<file_body> body_of(const found_file& found) {
    auto body = std::make_shared<file_body>();
    body->file = found.file;
    return body;
}

reply whole_file(const found_file& found) {
    if (found.content) return reply(200, *found.content);
    const auto body = body_of(found);
    body->parts.push_back({{}, {0, found.size}});
    reply made(200);
    server_access::set_source(made, body);
    return made;
}

reply parts_of_file(const found_file& found, const range_choice& chosen, std::string_view type, std::string_view boundary) {
    const auto body = body_of(found);
    reply made(206);
    if (chosen.ranges.size() == 1) {
        body->parts.push_back({{}, chosen.ranges.front()});
        made.content_type(type).header("Content-Range", content_range_text(chosen.ranges.front(), found.size));
    } else {
        const std::string line = "--" + std::string(boundary);
        for (const byte_range& range : chosen.ranges) {
            std::string lead = (body->parts.empty() ? "" : "\r\n") + line + "\r\nContent-Type: " + std::string(type);
            lead += "\r\nContent-Range: " + content_range_text(range, found.size) + "\r\n\r\n";
            body->parts.push_back({std::move(lead), range});
        }
        body->tail = "\r\n" + line + "--\r\n";
        made.content_type("multipart/byteranges; boundary=" + std::string(boundary));
    }
    server_access::set_source(made, body);
    return made;
}

}  // namespace

std::uint64_t file_body::size() const noexcept {
    std::uint64_t total = tail.size();
    for (const part& each : parts) total += each.lead.size() + each.range.size;
    return total;
}

reply make_file_reply(const found_file& found, const file_options& options, std::string_view method, const headers& request,
                      date_point now, std::string_view boundary) {
    const validators current{found.etag, found.modified};
    switch (check_preconditions(request, current, now)) {
        case precondition::failed: return reply::text("412 Precondition Failed\n", 412);
        case precondition::not_modified: {
            reply made(304);
            add_validators(made, found, options);
            return made;
        }
        case precondition::proceed: break;
    }
    std::string_view type = options.chosen_content_type();
    if (type.empty()) type = guess_type(found.name);
    range_choice chosen;
    if (const auto range = request.get("Range"); range && method != "HEAD" && range_applies(request, current, now)) chosen = choose_ranges(*range, found.size);
    if (chosen.what == range_choice::verdict::unsatisfiable) {
        reply made = reply::text("416 Range Not Satisfiable\n", 416);
        made.header("Content-Range", "bytes */" + std::to_string(found.size));
        return made;
    }
    const bool partial = chosen.what == range_choice::verdict::partial;
    reply made = partial ? parts_of_file(found, chosen, type, boundary) : whole_file(found);
    if (!partial) made.content_type(type);
    add_validators(made, found, options);
    add_representation(made, found, options);
    return made;
}

}  // namespace brio::inline v0::http::detail

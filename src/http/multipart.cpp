// SPDX-License-Identifier: BSL-1.0
// The text between the parts.
#include <brio/http/multipart.hpp>

#include "http/body_source.hpp"
#include "http/chars.hpp"
#include "http/crypto.hpp"

#include <brio/http/error.hpp>

#include <utility>

namespace brio::inline v0::http {

namespace {

constexpr std::string_view line = "\r\n";

// What HTML does to names: nothing more, nothing less.
void append_name(std::string& out, std::string_view name) {
    for (const char c : name) {
        switch (c) {
        case '"':
            out += "%22";
            break;
        case '\r':
            out += "%0D";
            break;
        case '\n':
            out += "%0A";
            break;
        default:
            out += c;
        }
    }
}

} // namespace

multipart::multipart() : boundary_("brio-" + detail::random_hex(16)) {}
multipart::multipart(const multipart&) = default;
multipart::multipart(multipart&&) noexcept = default;
multipart& multipart::operator=(const multipart&) = default;
multipart& multipart::operator=(multipart&&) noexcept = default;
multipart::~multipart() = default;

// Each text segment begins with the delimiter of its part; the line end before it belongs to the delimiter.
void multipart::begin(std::string_view name, const std::string* file_name, std::string_view content_type) {
    if (!detail::all(content_type, detail::value_char)) {
        throw invalid_request("invalid content type '" + detail::printable(content_type) + "' of a part: it holds a control character");
    }
    std::string head;
    if (!segments_.empty()) head += line;
    head.append("--").append(boundary_).append(line).append("Content-Disposition: form-data; name=\"");
    append_name(head, name);
    head += '"';
    if (file_name) {
        head += "; filename=\"";
        append_name(head, *file_name);
        head += '"';
    }
    head += line;
    if (!content_type.empty()) head.append("Content-Type: ").append(content_type).append(line);
    head += line;
    segments_.push_back({std::move(head), false});
}

multipart& multipart::field(std::string_view name, std::string_view value, std::string_view content_type) {
    begin(name, nullptr, content_type);
    segments_.back().text += value;
    return *this;
}

multipart& multipart::file(std::string_view name, std::string path, std::string_view content_type, std::string_view file_name) {
    std::string shown(file_name);
    if (shown.empty()) shown = path.substr(path.rfind('/') + 1);
    begin(name, &shown, content_type);
    segments_.push_back({std::move(path), true});
    return *this;
}

multipart& multipart::data(std::string_view name, std::string bytes, std::string_view file_name, std::string_view content_type) {
    const std::string shown(file_name);
    begin(name, &shown, content_type);
    segments_.push_back({std::move(bytes), false});
    return *this;
}

std::string multipart::content_type() const { return "multipart/form-data; boundary=" + boundary_; }

std::shared_ptr<detail::body_factory> multipart::factory() const {
    std::vector<detail::body_segment> all = segments_;
    std::string end(all.empty() ? "" : line);
    all.push_back({end.append("--").append(boundary_).append("--").append(line), false});
    return detail::segments_body(std::move(all), content_type());
}

} // namespace brio::inline v0::http

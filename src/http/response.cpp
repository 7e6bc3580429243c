// SPDX-License-Identifier: BSL-1.0
// Looking at a response.
#include "http/response_data.hpp"

#include <brio/http/charset.hpp>
#include <brio/http/error.hpp>
#include <brio/http/mime.hpp>
#include <brio/http/response.hpp>
#include <brio/http/status.hpp>

#include <boost/json/stream_parser.hpp>
#include <boost/json/value.hpp>

namespace brio::inline v0::http {

namespace {

constexpr std::size_t max_json_depth = 64;

std::string_view charset_of(const headers& fields) {
    const std::optional<std::string_view> type = fields.get("Content-Type");
    if (!type) return {};
    static thread_local media_type parsed;
    parsed = media_type(*type);
    return parsed.charset();
}

} // namespace

response::response(std::shared_ptr<const detail::response_data> data) noexcept : data_(std::move(data)) {}
response::response(const response&) noexcept = default;
response::response(response&&) noexcept = default;
response& response::operator=(const response&) noexcept = default;
response& response::operator=(response&&) noexcept = default;
response::~response() = default;

unsigned response::status() const noexcept { return data_->status; }
std::string_view response::reason() const noexcept { return data_->reason; }
const headers& response::headers() const noexcept { return data_->headers; }
std::optional<std::string_view> response::header(std::string_view name) const noexcept {
    return data_->headers.get(name);
}
const headers& response::trailers() const noexcept { return data_->trailers; }
const url& response::url() const noexcept { return data_->url; }
const std::vector<redirect>& response::history() const noexcept { return data_->history; }
const timings& response::timings() const noexcept { return data_->times; }
bool response::is_streaming() const noexcept { return data_->stream.has_value(); }
std::string_view response::body() const noexcept { return data_->body(); }

std::string response::text() const { return text(charset_decoder()); }

std::string response::text(const charset_decoder& other) const {
    const std::string_view label = charset_of(data_->headers);
    std::optional<std::string> decoded = decode_text(body(), label);
    if (!decoded && other) decoded = other(label, body());
    if (decoded) return std::move(*decoded);
    decode_error error("the charset '" + std::string(label) +
                       "' of the response is not built in: give text() a function that decodes it, or take body()");
    error.attach_url(data_->url.str());
    throw error;
}

boost::json::value response::json() const {
    boost::json::parse_options limits;
    limits.max_depth = max_json_depth;
    boost::json::stream_parser parser({}, limits);
    boost::system::error_code ec;
    const std::size_t used = parser.write_some(body().data(), body().size(), ec);
    if (!ec && used < body().size() && body().find_first_not_of(" \t\r\n", used) != std::string_view::npos) {
        ec = boost::json::error::extra_data;
    }
    if (!ec) parser.finish(ec);
    if (ec) {
        decode_error error("the response body is not JSON: " + ec.message() + " at offset " +
                           std::to_string(used));
        error.attach_url(data_->url.str());
        throw error;
    }
    return parser.release();
}

const response& response::raise_for_status() const {
    if (status() >= 400) throw status_error(status(), data_->url.str(), body());
    return *this;
}

response make_response(unsigned status, std::string body, headers fields, std::string_view url) {
    detail::response_head head{http::url(url)};
    head.status = status;
    head.reason = reason_phrase(status);
    head.headers = std::move(fields);
    auto data = std::make_shared<detail::response_data>(std::move(head));
    data->decoded = std::move(body);
    return response(std::move(data));
}

} // namespace brio::inline v0::http

// SPDX-License-Identifier: BSL-1.0
// What a handler sees of a request.
#include <brio/http/server_request.hpp>

#include "http/chars.hpp"
#include "http/request_source.hpp"
#include "http/server_access.hpp"

#include <brio/http/mime.hpp>
#include <brio/http/refusal.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <stdexcept>

namespace brio::inline v0::http {

server_request::server_request() = default;
server_request::server_request(server_request&&) noexcept = default;
server_request& server_request::operator=(server_request&&) noexcept = default;
server_request::~server_request() = default;

server_request server_access::make_request(request_parts parts) {
    server_request made;
    made.method_ = parts.method;
    made.target_ = parts.target;
    made.version_ = parts.version;
    made.headers_ = std::move(parts.fields);
    made.params_ = std::move(parts.params);
    made.source_ = std::move(parts.source);
    made.client_ = std::move(parts.client);
    return made;
}

std::string_view server_request::path() const noexcept { return std::string_view(target_).substr(0, target_.find('?')); }

std::string_view server_request::query() const noexcept {
    const std::size_t mark = target_.find('?');
    return mark == target_.npos ? std::string_view() : std::string_view(target_).substr(mark + 1);
}

const std::string& server_request::param(std::string_view name) const {
    for (const auto& [key, value] : params_) {
        if (key == name) return value;
    }
    throw std::out_of_range("the route of " + std::string(path()) + " has no parameter {" + std::string(name) + "}");
}

std::optional<std::string> server_request::query(std::string_view name) const {
    for (auto& [key, value] : query_decode(query())) {
        if (key == name) return std::move(value);
    }
    return std::nullopt;
}

name_values server_request::query_pairs() const { return query_decode(query()); }

boost::json::value server_request::json() const {
    boost::json::parse_options how;
    how.max_depth = 64;
    boost::system::error_code ec;
    boost::json::value parsed = boost::json::parse(body_, ec, {}, how);
    if (ec) throw refusal(400, "the body is no JSON: " + ec.message());
    return parsed;
}

name_values server_request::form() const {
    const media_type type(headers_.get("Content-Type").value_or(""));
    if (type.essence() != "application/x-www-form-urlencoded") {
        throw refusal(415, "a form (application/x-www-form-urlencoded) is expected");
    }
    return query_decode(body_);
}

namespace {

awaitable<std::optional<std::string>> nothing() { co_return std::nullopt; }
awaitable<std::string> given(std::string text) { co_return text; }

awaitable<std::string> read_all(std::shared_ptr<detail::request_source> from, std::string* keep) {
    std::string all;
    while (const auto piece = co_await from->next_piece()) {
        if (piece->size() > from->most() - all.size()) {
            throw refusal(413, "the body exceeds the limit of " + std::to_string(from->most()) + " bytes");
        }
        all += *piece;
    }
    *keep = all;
    co_return all;
}

}  // namespace

awaitable<std::optional<std::string>> server_request::next_chunk() {
    if (!source_) return nothing();
    return source_->next_piece();
}

awaitable<std::string> server_request::read() {
    if (!source_) return given(body_);
    return read_all(source_, &body_);
}

std::optional<std::uint64_t> server_request::content_length() const noexcept {
    if (source_) return source_->announced();
    const auto said = headers_.get("Content-Length");
    return said ? detail::parse_decimal(*said) : std::nullopt;
}

const address& server_request::peer() const noexcept {
    static const address none;
    return client_ ? client_->peer : none;
}

bool server_request::is_secure() const noexcept { return client_ && client_->secure; }

}  // namespace brio::inline v0::http

// SPDX-License-Identifier: BSL-1.0
// Answers, before they are sent.
#include <brio/http/reply.hpp>

#include "http/server_access.hpp"

#include <brio/http/error.hpp>
#include <brio/http/refusal.hpp>
#include <brio/http/status.hpp>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <exception>
#include <stdexcept>

namespace brio::inline v0::http {

namespace detail {

reply_source::~reply_source() = default;

namespace {

class generated final : public reply_producer {
public:
    explicit generated(generator<std::string> pieces) : pieces_(std::move(pieces)) {}

    awaitable<> produce(reply_writer& out) override {
        std::exception_ptr error;
        try {
            while (auto piece = co_await pieces_.next()) co_await out.write(std::move(*piece));
        } catch (...) {
            error = std::current_exception();
        }
        if (!error) co_return;
        co_await pieces_.close();
        std::rethrow_exception(error);
    }

private:
    generator<std::string> pieces_;
};

}  // namespace

}  // namespace detail

reply::reply(unsigned status, std::string body) : status_(status), body_(std::move(body)) {}
reply::reply(const reply&) = default;
reply::reply(reply&&) noexcept = default;
reply& reply::operator=(const reply&) = default;
reply& reply::operator=(reply&&) noexcept = default;
reply::~reply() = default;

reply reply::text(std::string utf8, unsigned status) {
    reply made(status, std::move(utf8));
    made.header("Content-Type", "text/plain; charset=utf-8");
    return made;
}

reply reply::html(std::string utf8, unsigned status) {
    reply made(status, std::move(utf8));
    made.header("Content-Type", "text/html; charset=utf-8");
    return made;
}

reply reply::json(const boost::json::value& value, unsigned status) {
    reply made(status, boost::json::serialize(value));
    made.header("Content-Type", "application/json");
    return made;
}

reply reply::redirect(std::string_view location, unsigned status) {
    if (status < 300 || status > 399) throw std::invalid_argument("a redirect has a status of 300 to 399, not " + std::to_string(status));
    reply made(status);
    made.header("Location", location);
    return made;
}

reply reply::made_by(std::shared_ptr<detail::reply_source> source, unsigned status) {
    reply made(status);
    made.source_ = std::move(source);
    return made;
}

reply reply::stream(generator<std::string> pieces, unsigned status) {
    return made_by(std::make_shared<detail::generated>(std::move(pieces)), status);
}

reply reply::file(std::string path, file_options options) {
    return made_by(std::make_shared<detail::file_source>(std::move(path), std::move(options)), 200);
}

reply reply::take_over(std::function<awaitable<>(brio::stream)> then) {
    return made_by(std::make_shared<detail::connection_taker>(std::move(then)), 101);
}

reply& reply::header(std::string_view name, std::string_view value) {
    headers_.add(name, value);
    return *this;
}

reply& reply::content_type(std::string_view type) {
    headers_.set("Content-Type", type);
    return *this;
}

reply& reply::length(std::uint64_t bytes) {
    length_ = bytes;
    return *this;
}

namespace {

std::string message_of(unsigned status, const std::string& given) {
    if (!given.empty()) return given;
    const std::string_view known = reason_phrase(status);
    return known.empty() ? "status " + std::to_string(status) : std::string(known);
}

}  // namespace

refusal::refusal(unsigned status, const std::string& message) : error(phase::status, message_of(status, message)), status_(status) {}
refusal::~refusal() = default;

}  // namespace brio::inline v0::http

// SPDX-License-Identifier: BSL-1.0
// Framing rules of responses on top of message_core.
#include "response_parser.hpp"

#include "message_core.hpp"

namespace brio::inline v0::http::detail {

namespace {

// "HTTP/1.1 200\r\n", without the space that must follow the code, is common; Beast refuses it.
constexpr std::size_t bare_status_line = 14;

} // namespace

struct response_parser::impl {
    explicit impl(const parser_limits& l) : limits(l), core(l) {}

    enum class stage : unsigned char { start_line, head, body, done };

    parser_limits limits;
    message_core<false> core;
    std::optional<std::uint64_t> content_length;
    std::uint64_t remaining = 0;
    std::uint64_t received = 0;
    unsigned interim = 0;
    request_kind kind = request_kind::normal;
    stage at = stage::start_line;
    framing body = framing::none;
    bool got_some = false;
    bool keep_alive = false;
    bool interim_shown = false;

    void reset(request_kind k) {
        core.start(true);
        content_length.reset();
        remaining = received = 0;
        interim = 0;
        kind = k;
        at = stage::start_line;
        body = framing::none;
        got_some = keep_alive = interim_shown = false;
    }

    parse_result feed(std::string_view in) {
        if (!in.empty() && at != stage::done) got_some = true;
        switch (at) {
        case stage::start_line:
        case stage::head:
            return feed_head(in);
        case stage::body:
            return feed_body(in);
        default:
            return {parse_event::done, 0};
        }
    }

    parse_result feed_head(std::string_view in) {
        if (interim_shown) {
            interim_shown = false;
            core.start(false);
        }
        std::size_t consumed = 0;
        if (at == stage::start_line) {
            if (!begins_like_http(in))
                throw protocol_error(phase::headers,
                                     "this is not an HTTP/1 response: \"" + printable(in, 40) + "\"");
            if (in.size() < bare_status_line) return {parse_event::need_more, 0};
            at = stage::head;
            if (in[12] == '\r' && in[13] == '\n') {
                std::string line(in.substr(0, 12));
                line += " \r\n";
                std::size_t ignored = 0;
                core.put_head(line, ignored);
                consumed = bare_status_line;
            }
        }
        if (!core.put_head(in.substr(consumed), consumed)) return {parse_event::need_more, consumed};
        if (core.facts.status < 100)
            throw protocol_error(phase::headers, "invalid status code " + std::to_string(core.facts.status));
        if (core.facts.status < 200 && core.facts.status != 101) return {on_interim(), consumed};
        on_final_head();
        return {parse_event::head, consumed};
    }

    static bool begins_like_http(std::string_view in) noexcept {
        constexpr std::string_view prefix = "HTTP/1.";
        const auto n = std::min(in.size(), prefix.size());
        return in.substr(0, n) == prefix.substr(0, n);
    }

    parse_event on_interim() {
        if (core.facts.has_length || core.facts.chunked)
            throw protocol_error(phase::headers, "an interim response (" + std::to_string(core.facts.status) +
                                                     ") announces a body");
        if (++interim > limits.interim)
            throw protocol_error(phase::headers,
                                 "more than " + std::to_string(limits.interim) + " interim (1xx) responses");
        at = stage::start_line;
        interim_shown = true;
        return parse_event::interim;
    }

    void on_final_head() {
        const auto& facts = core.facts;
        const unsigned status = facts.status;
        content_length = core.content_length();
        if (status == 101 && kind != request_kind::upgrade)
            throw protocol_error(phase::headers, "the server switched protocols (101) without being asked");
        const bool tunnel = status == 101 || (kind == request_kind::connect && status / 100 == 2);
        const bool bodiless = kind == request_kind::head || status == 204 || status == 304;
        if (tunnel || bodiless)
            body = framing::none;
        else if (facts.chunked)
            body = framing::chunked;
        else
            body = content_length ? framing::length : framing::until_eof;
        keep_alive = !tunnel && body != framing::until_eof && !facts.close &&
                     (facts.version >= 11 || facts.keep_alive);
        remaining = body == framing::length ? *content_length : 0;
        at = body == framing::none || (body == framing::length && remaining == 0) ? stage::done : stage::body;
    }

    parse_result feed_body(std::string_view in) {
        if (in.empty()) return {parse_event::need_more, 0};
        if (body == framing::chunked) {
            const auto r = core.put_chunked(in);
            received += r.body.size();
            if (r.event == parse_event::done) at = stage::done;
            return r;
        }
        const auto part =
            body == framing::length ? in.substr(0, std::min<std::uint64_t>(remaining, in.size())) : in;
        account(part.size());
        return {parse_event::body, part.size(), part};
    }

    void account(std::size_t n) noexcept {
        received += n;
        if (body != framing::length) return;
        remaining -= n;
        if (remaining == 0) at = stage::done;
    }
};

response_parser::response_parser(const parser_limits& limits) : impl_(std::make_unique<impl>(limits)) {
    impl_->reset(request_kind::normal);
}
response_parser::~response_parser() = default;
response_parser::response_parser(response_parser&&) noexcept = default;
response_parser& response_parser::operator=(response_parser&&) noexcept = default;

void response_parser::reset(request_kind kind) { impl_->reset(kind); }
parse_result response_parser::feed(std::string_view in) { return impl_->feed(in); }
void response_parser::account_body(std::size_t n) noexcept { impl_->account(n); }

void response_parser::feed_eof(bool truncated) {
    auto& p = *impl_;
    if (p.at == impl::stage::done) return;
    if (!p.got_some)
        throw connection_lost(phase::headers, "the server closed the connection without a response");
    if (p.at != impl::stage::body) throw incomplete_body(phase::headers, 0, std::nullopt);
    if (p.body != framing::until_eof || truncated)
        throw incomplete_body(phase::body, p.received, p.content_length);
    p.at = impl::stage::done;
}

bool response_parser::got_some() const noexcept { return impl_->got_some; }
bool response_parser::head_done() const noexcept { return impl_->at >= impl::stage::body; }
bool response_parser::done() const noexcept { return impl_->at == impl::stage::done; }
unsigned response_parser::status() const noexcept { return impl_->core.facts.status; }
std::string_view response_parser::reason() const noexcept { return impl_->core.facts.reason; }
int response_parser::version() const noexcept { return impl_->core.facts.version; }
http::headers& response_parser::headers() noexcept { return impl_->core.fields; }
http::headers& response_parser::trailers() noexcept { return impl_->core.trailers; }
framing response_parser::body_framing() const noexcept { return impl_->body; }
std::optional<std::uint64_t> response_parser::content_length() const noexcept {
    return impl_->content_length;
}
std::uint64_t response_parser::remaining() const noexcept { return impl_->remaining; }
std::uint64_t response_parser::received() const noexcept { return impl_->received; }
bool response_parser::keep_alive() const noexcept { return impl_->keep_alive; }

bool response_parser::reusable(std::size_t surplus_bytes) const noexcept {
    return done() && impl_->keep_alive && surplus_bytes == 0;
}

} // namespace brio::inline v0::http::detail

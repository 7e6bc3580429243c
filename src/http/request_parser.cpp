// SPDX-License-Identifier: BSL-1.0
// Framing and routing rules of requests on top of message_core.
#include "request_parser.hpp"

#include "message_core.hpp"

namespace brio::inline v0::http::detail {

namespace {

// Host = uri-host [ ":" port ]; enough to keep spaces, paths, user names and lists out.
bool is_host_value(std::string_view v) noexcept {
    for (char c : v)
        if (!is(c, unreserved_char) && std::string_view("!$&'()*+;=:[]%").find(c) == std::string_view::npos)
            return false;
    return true;
}

bool begins_with_http_scheme(std::string_view target) noexcept {
    return iequals(target.substr(0, 7), "http://") || iequals(target.substr(0, 8), "https://");
}

} // namespace

struct request_parser::impl {
    explicit impl(const parser_limits& l) : core(l) {}

    enum class stage : unsigned char { head, body, done };

    message_core<true> core;
    std::optional<std::uint64_t> content_length;
    std::uint64_t body_limit = 0;
    std::uint64_t remaining = 0;
    std::uint64_t received = 0;
    std::size_t path_begin = 0;
    stage at = stage::head;
    framing body = framing::none;
    bool got_some = false;
    bool expects_continue = false;

    void reset(std::uint64_t limit) {
        core.start(true);
        content_length.reset();
        body_limit = limit;
        remaining = received = path_begin = 0;
        at = stage::head;
        body = framing::none;
        got_some = expects_continue = false;
    }

    [[noreturn]] void refuse(unsigned status, const std::string& why) {
        core.facts.fault = status;
        throw protocol_error(phase::request, why);
    }

    parse_result feed(std::string_view in) {
        if (at == stage::done) return {parse_event::done, 0};
        if (at == stage::body) return feed_body(in);
        std::size_t consumed = 0;
        if (!got_some) {
            // One or two empty lines before the request line are to be ignored (RFC 9112 2.2).
            while (consumed < 4 && in.substr(consumed, 2) == "\r\n") consumed += 2;
            if (consumed == in.size()) return {parse_event::need_more, consumed};
            if (in.size() - consumed < 2 && in[consumed] == '\r') return {parse_event::need_more, consumed};
            got_some = true;
        }
        if (!core.put_head(in.substr(consumed), consumed)) return {parse_event::need_more, consumed};
        on_head();
        return {parse_event::head, consumed};
    }

    void on_head() {
        const auto& facts = core.facts;
        if (facts.hosts > 1 || (facts.version >= 11 && facts.hosts == 0))
            refuse(400,
                   facts.hosts == 0 ? "the request has no Host header" : "the request has two Host headers");
        if (facts.hosts == 1 && !is_host_value(*core.fields.get("Host"))) refuse(400, "invalid Host header");
        check_target();
        if (const auto expect = core.fields.get("Expect")) {
            if (!iequals(*expect, "100-continue"))
                refuse(417, "unknown expectation \"" + printable(*expect) + "\"");
            expects_continue = facts.version >= 11;
        }
        content_length = facts.has_length ? core.content_length() : std::nullopt;
        body = facts.chunked ? framing::chunked : content_length ? framing::length : framing::none;
        remaining = content_length.value_or(0);
        if (remaining > body_limit) too_large(remaining);
        at = body == framing::chunked || remaining > 0 ? stage::body : stage::done;
    }

    void check_target() {
        const std::string_view target = core.facts.target;
        for (char c : target)
            if (c == '#' || static_cast<unsigned char>(c) >= 0x80 || static_cast<unsigned char>(c) <= 0x20)
                refuse(400, "invalid character in the request target");
        if (core.facts.method == "CONNECT") {
            const auto colon = target.rfind(':');
            const bool good = colon != std::string_view::npos && colon > 0 &&
                              parse_decimal(target.substr(colon + 1)) && is_host_value(target);
            if (!good) refuse(400, "CONNECT needs host:port as its target");
            path_begin = target.size();
            return;
        }
        if (target.front() == '/') return;
        if (target == "*" && core.facts.method == "OPTIONS") {
            path_begin = 1;
            return;
        }
        if (!begins_with_http_scheme(target))
            refuse(400, "invalid request target \"" + printable(target) + "\"");
        const auto host = target.find("//") + 2;
        const auto end = std::min(target.find_first_of("/?", host), target.size());
        if (end == host || !is_host_value(target.substr(host, end - host)))
            refuse(400, "invalid host in the request target");
        path_begin = end;
        const bool server_itself = end == target.size() && core.facts.method == "OPTIONS";  // as "*" (RFC 9112, 3.2.4)
        if ((end == target.size() || target[end] == '?') && !server_itself) core.facts.target.insert(end, 1, '/');
    }

    [[noreturn]] void too_large(std::uint64_t n) {
        core.facts.fault = 413;
        throw body_too_large(body_limit, n, "the server's body limit");
    }

    parse_result feed_body(std::string_view in) {
        if (in.empty()) return {parse_event::need_more, 0};
        if (body == framing::chunked) {
            const auto r = core.put_chunked(in);
            received += r.body.size();
            if (received > body_limit) too_large(received);
            if (r.event == parse_event::done) at = stage::done;
            return r;
        }
        const auto part = in.substr(0, std::min<std::uint64_t>(remaining, in.size()));
        account(part.size());
        return {parse_event::body, part.size(), part};
    }

    void account(std::size_t n) noexcept {
        received += n;
        remaining -= n;
        if (remaining == 0) at = stage::done;
    }
};

request_parser::request_parser(const parser_limits& limits) : impl_(std::make_unique<impl>(limits)) {
    reset();
}
request_parser::~request_parser() = default;
request_parser::request_parser(request_parser&&) noexcept = default;
request_parser& request_parser::operator=(request_parser&&) noexcept = default;

void request_parser::reset(std::uint64_t body_limit) { impl_->reset(body_limit); }
parse_result request_parser::feed(std::string_view in) { return impl_->feed(in); }
void request_parser::account_body(std::size_t n) noexcept { impl_->account(n); }

void request_parser::feed_eof() {
    const auto& p = *impl_;
    if (p.at == impl::stage::done || !p.got_some) return;
    throw incomplete_body(p.at == impl::stage::body ? phase::body : phase::request, p.received,
                          p.content_length);
}

bool request_parser::got_some() const noexcept { return impl_->got_some; }
bool request_parser::head_done() const noexcept { return impl_->at != impl::stage::head; }
bool request_parser::done() const noexcept { return impl_->at == impl::stage::done; }
std::string_view request_parser::method() const noexcept { return impl_->core.facts.method; }
std::string_view request_parser::target() const noexcept { return impl_->core.facts.target; }
std::string_view request_parser::path_and_query() const noexcept {
    return target().substr(impl_->path_begin);
}
int request_parser::version() const noexcept { return impl_->core.facts.version; }
http::headers& request_parser::headers() noexcept { return impl_->core.fields; }
http::headers& request_parser::trailers() noexcept { return impl_->core.trailers; }
framing request_parser::body_framing() const noexcept { return impl_->body; }
std::optional<std::uint64_t> request_parser::content_length() const noexcept { return impl_->content_length; }
std::uint64_t request_parser::remaining() const noexcept { return impl_->remaining; }
std::uint64_t request_parser::received() const noexcept { return impl_->received; }
bool request_parser::expects_continue() const noexcept { return impl_->expects_continue; }
unsigned request_parser::error_status() const noexcept { return impl_->core.facts.fault; }

bool request_parser::keep_alive() const noexcept {
    const auto& facts = impl_->core.facts;
    return !facts.close && (facts.version >= 11 || facts.keep_alive);
}

} // namespace brio::inline v0::http::detail

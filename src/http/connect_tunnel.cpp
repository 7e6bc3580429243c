// SPDX-License-Identifier: BSL-1.0
// The CONNECT handshake.
#include "tunnel_machine.hpp"

#include "chars.hpp"
#include "credentials.hpp"
#include "request_writer.hpp"
#include "response_parser.hpp"

#include <brio/http/proxy_error.hpp>

#include <algorithm>
#include <utility>

namespace brio::inline v0::http {

namespace {
constexpr std::size_t kept_text = 4096;
}

proxy_error::proxy_error(const std::string& message, unsigned status, std::string text)
    : connect_error(http::phase::proxy, message), status_(status) {
    text.resize(std::min(text.size(), kept_text));
    text_ = std::make_shared<const std::string>(std::move(text));
}
proxy_error::~proxy_error() = default;

namespace detail {

tunnel_machine::~tunnel_machine() = default;

std::string connect_authority(const http::url& target) {
    const bool ipv6 = target.host().find(':') != std::string_view::npos;
    std::string text(ipv6 ? "[" : "");
    return text.append(target.host()).append(ipv6 ? "]:" : ":").append(std::to_string(target.port()));
}

std::string proxy_authorization(const http::url& proxy) {
    return proxy.has_userinfo() ? basic_header(proxy.user(), proxy.password()) : std::string();
}

namespace {

class connect_tunnel final : public tunnel_machine {
public:
    connect_tunnel(const http::url& proxy, const http::url& target, std::string_view user_agent)
        : parser_(limits()), authority_(connect_authority(target)) {
        headers fields;
        if (const std::string value = proxy_authorization(proxy); !value.empty()) fields.add("Proxy-Authorization", value);
        write_connect_head(request_, authority_, fields, user_agent);
        parser_.reset(request_kind::connect);
    }

    std::string output() override { return std::exchange(request_, std::string()); }

    void feed(std::string_view in) override {
        try {
            take(in);
        } catch (const protocol_error& e) {
            throw proxy_error("the proxy answered CONNECT " + authority_ + " with something that is not HTTP: " + e.what());
        }
    }

    void feed_eof() override {
        if (parser_.head_done()) refuse();
        throw proxy_error("the proxy closed the connection in place of an answer to CONNECT " + authority_);
    }

    [[nodiscard]] bool is_done() const noexcept override { return done_; }

private:
    static parser_limits limits() {
        parser_limits l;
        l.head = 16 * 1024;
        return l;
    }

    void take(std::string_view in) {
        pending_ += in;
        while (!pending_.empty() && !parser_.done()) {
            const parse_result step = parser_.feed(pending_);
            if (step.event == parse_event::body) text_.append(step.body.substr(0, kept_text - text_.size()));
            pending_.erase(0, step.consumed);
            if (step.event == parse_event::need_more) return;
            if (text_.size() == kept_text) refuse();
        }
        if (!parser_.done()) return;
        if (parser_.status() / 100 != 2) refuse();
        if (!pending_.empty()) throw proxy_error("the proxy sent bytes behind its answer to CONNECT " + authority_, parser_.status());
        done_ = true;
    }

    [[noreturn]] void refuse() {
        const std::string status = std::to_string(parser_.status()) + " " + printable(parser_.reason());
        const std::string hint = parser_.status() == 407 ? "; it wants a user name and a password in its URL" : "";
        throw proxy_error("the proxy refused CONNECT " + authority_ + " with " + status + hint, parser_.status(), std::move(text_));
    }

    response_parser parser_;
    std::string authority_;
    std::string request_;
    std::string pending_; // arrived, and not consumed by the parser yet
    std::string text_;    // of a refusal
    bool done_ = false;
};

} // namespace

std::unique_ptr<tunnel_machine> make_connect_tunnel(const http::url& proxy, const http::url& target, std::string_view user_agent) {
    return std::make_unique<connect_tunnel>(proxy, target, user_agent);
}

} // namespace detail

} // namespace brio::inline v0::http

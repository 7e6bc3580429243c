// SPDX-License-Identifier: BSL-1.0
// Beast's incremental parser under a strict, reusable, flat-store wrapper; shared by both directions. Beast
// finds the lines and fields and walks the chunks; what it lets pass in some versions is checked here.
#pragma once

#include "chars.hpp"
#include "headers_access.hpp"
#include "parser_types.hpp"

#include <brio/http/error.hpp>
#include <brio/http/headers.hpp>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

namespace beast_http = boost::beast::http;

/// Facts of a head, gathered while its fields go by.
struct head_facts {
    std::string method; // requests
    std::string target;
    std::string reason; // responses
    unsigned status = 0;
    int version = 11;
    unsigned field_count = 0;
    unsigned hosts = 0;
    unsigned fault = 400; // the status that a server answers with when the head is refused
    bool has_length = false;
    bool chunked = false;
    bool close = false;
    bool keep_alive = false;

    void clear() {
        method.clear();
        target.clear();
        reason.clear();
        status = field_count = hosts = 0;
        fault = 400;
        version = 11;
        has_length = chunked = close = keep_alive = false;
    }
};

inline std::string_view to_std(boost::beast::string_view s) noexcept { return {s.data(), s.size()}; }

/// Names that a trailer must not bring: framing, routing, connection, authentication, cookies, and how to
/// read the body.
inline bool forbidden_in_trailer(std::string_view name) noexcept {
    for (std::string_view bad : {"content-length",
                                 "transfer-encoding",
                                 "connection",
                                 "keep-alive",
                                 "proxy-connection",
                                 "host",
                                 "upgrade",
                                 "te",
                                 "trailer",
                                 "authorization",
                                 "proxy-authorization",
                                 "proxy-authenticate",
                                 "www-authenticate",
                                 "cookie",
                                 "set-cookie",
                                 "content-encoding",
                                 "content-type",
                                 "content-range",
                                 "location",
                                 "expect",
                                 "max-forwards",
                                 "cache-control",
                                 "age",
                                 "date",
                                 "expires",
                                 "retry-after",
                                 "vary",
                                 "warning",
                                 "range",
                                 "if-match",
                                 "if-none-match",
                                 "if-modified-since",
                                 "if-unmodified-since",
                                 "if-range"})
        if (iequals(bad, name)) return true;
    return false;
}

template <bool IsRequest>
class beast_adapter final : public beast_http::basic_parser<IsRequest> {
    using error_code = boost::beast::error_code;
    using view = boost::beast::string_view;

public:
    enum class section : unsigned char { head, trailer };

    beast_adapter(const parser_limits& limits, head_facts& facts, http::headers& fields, section part)
        : limits_(limits), facts_(facts), fields_(fields), part_(part) {
        this->header_limit(static_cast<std::uint32_t>(std::min<std::size_t>(limits.head, UINT32_MAX / 2)));
        this->body_limit(boost::none);
    }

    std::size_t put(std::string_view in, error_code& ec) {
        input_ = in;
        chunk_view_ = {};
        return beast_http::basic_parser<IsRequest>::put({in.data(), in.size()}, ec);
    }

    [[nodiscard]] std::string_view chunk_view() const noexcept { return chunk_view_; }
    [[nodiscard]] std::uint64_t chunk_left() const noexcept { return chunk_left_; }

    static constexpr phase here = IsRequest ? phase::request : phase::headers;

protected:
    void on_request_impl(beast_http::verb, view method, view target, int version, error_code&) override {
        facts_.method = to_std(method);
        facts_.target = to_std(target);
        facts_.version = version;
    }

    void on_response_impl(int status, view reason, int version, error_code&) override {
        facts_.status = static_cast<unsigned>(status);
        facts_.reason = to_std(reason);
        facts_.version = version;
    }

    void on_field_impl(beast_http::field id, view raw_name, view raw_value, error_code&) override {
        const auto name = to_std(raw_name);
        const auto value = to_std(raw_value);
        const bool in_head = part_ == section::head;
        if (++facts_.field_count > (in_head ? limits_.fields : limits_.trailer_fields))
            too_large("more than " + std::to_string(facts_.field_count - 1) + " header fields");
        if (name.size() + value.size() > limits_.field)
            too_large("the header field " + printable(name) + " exceeds " + std::to_string(limits_.field) +
                      " bytes");
        if constexpr (IsRequest) refuse_folding(name, value);
        if (!in_head) {
            headers_access::append(fields_, name, value);
            return;
        }
        switch (id) {
        case beast_http::field::transfer_encoding:
            on_transfer_encoding(value);
            break;
        case beast_http::field::content_length:
            on_content_length(value);
            break;
        case beast_http::field::host:
            ++facts_.hosts;
            break;
        case beast_http::field::connection:
            on_connection(value);
            break;
        default:
            break;
        }
        headers_access::append(fields_, name, value);
    }

#if BOOST_BEAST_VERSION >= 359
    // Never reached: the section is cut off at its start and parsed as a head of its own.
    void on_trailer_field_impl(beast_http::field, view, view, error_code&) override {}
#endif

    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(view body, error_code&) override { return body.size(); }
    void on_finish_impl(error_code&) override {}

    void on_chunk_header_impl(std::uint64_t size, view raw_extensions, error_code& ec) override {
        const auto extensions = to_std(raw_extensions);
        // Beast 1.81 lets line breaks and other control bytes through inside quoted strings.
        if (!all(extensions, value_char))
            throw protocol_error(phase::body, "control character in a chunk extension");
        chunk_left_ = size;
        chunk_extras_ += extensions.size();
        if (extensions.size() > limits_.chunk_line || chunk_extras_ > limits_.chunk_extras)
            throw protocol_error(phase::body, "too many bytes of chunk extensions (" +
                                                  std::to_string(chunk_extras_) + ")");
        if (size == 0)
            ec = beast_http::error::end_of_chunk; // stop before Beast merges the trailers into the head
    }

    std::size_t on_chunk_body_impl(std::uint64_t, view body, error_code&) override {
        chunk_view_ = to_std(body);
        chunk_left_ -= body.size();
        return body.size();
    }

private:
    [[noreturn]] void too_large(const std::string& what) {
        facts_.fault = 431;
        throw protocol_error(here, what);
    }

    void on_transfer_encoding(std::string_view value) {
        if (facts_.has_length)
            throw protocol_error(here, "both Content-Length and Transfer-Encoding are present");
        if (facts_.chunked) throw protocol_error(here, "Transfer-Encoding is present twice");
        if (!iequals(value, "chunked"))
            throw protocol_error(here, "Transfer-Encoding \"" + printable(value) +
                                           "\" is not supported, only chunked is");
        if (facts_.version < 11) throw protocol_error(here, "Transfer-Encoding in an HTTP/1.0 message");
        facts_.chunked = true;
    }

    void on_connection(std::string_view value) {
        if (iequals(value, "keep-alive")) {  // nearly always
            facts_.keep_alive = true;
            return;
        }
        for_each_list_element(value, [this](std::string_view option) {
            if (iequals(option, "close")) facts_.close = true;
            if (iequals(option, "keep-alive")) facts_.keep_alive = true;
        });
    }

    void on_content_length(std::string_view value) {
        if (facts_.chunked)
            throw protocol_error(here, "both Transfer-Encoding and Content-Length are present");
        // Beast has compared the numbers; a list must not hide empty elements either.
        if (value.empty() || !is(value.back(), digit_char) || !is(value.front(), digit_char))
            throw protocol_error(here, "invalid Content-Length \"" + printable(value) + "\"");
        facts_.has_length = true;
    }

    // A folded value is not a slice of the input behind "name:", or a line break lies between the two.
    void refuse_folding(std::string_view name, std::string_view value) const {
        const std::less<const char*> before;
        const char* gap = name.data() + name.size() + 1;
        const bool inside =
            !before(value.data(), gap) && !before(input_.data() + input_.size(), value.data());
        if (inside && all({gap, static_cast<std::size_t>(value.data() - gap)}, value_char)) return;
        throw protocol_error(here, "the header field " + printable(name) + " is folded over several lines");
    }

    const parser_limits& limits_;
    head_facts& facts_;
    http::headers& fields_;
    std::string_view input_;
    std::string_view chunk_view_;
    std::size_t chunk_extras_ = 0;
    std::uint64_t chunk_left_ = 0;
    section part_;
};

/// One message after another: start(), put_head() until true, then put_chunked() for a chunked body.
template <bool IsRequest>
class message_core {
    using adapter = beast_adapter<IsRequest>;
    using error_code = boost::beast::error_code;

public:
    explicit message_core(const parser_limits& limits) : limits_(limits) {}
    message_core(const message_core&) = delete;
    message_core& operator=(const message_core&) = delete;

    /// Begins a message. `fresh_budget` is false between an interim response and the next one.
    void start(bool fresh_budget) {
        facts.clear();
        fields.clear();
        fields.reserve(usual_head);
        if (fresh_budget) head_bytes_ = 0;
        trailers.clear();
        chunks_ = false;
        parser_.emplace(limits_, facts, fields, adapter::section::head);
    }

    /// Counts and parses; true when the head is complete. `consumed` grows by what was used.
    bool put_head(std::string_view in, std::size_t& consumed) {
        error_code ec;
        const auto n = parser_->put(in, ec);
        consumed += n;
        head_bytes_ += n;
        const bool more = ec == beast_http::error::need_more;
        const auto pending = more ? in.size() - n : 0;
        if (ec == beast_http::error::header_limit || head_bytes_ + pending > limits_.head) {
            facts.fault = 431;
            throw protocol_error(adapter::here, "the message head exceeds " + std::to_string(limits_.head) +
                                                    " bytes (or a folded field 4096)");
        }
        if (ec == beast_http::error::bad_version && names_a_version(in)) facts.fault = 505;
        if (ec && !more) fail(adapter::here, "malformed message head", ec, in.substr(n));
        return !more;
    }

    [[nodiscard]] std::optional<std::uint64_t> content_length() const {
        const auto length = parser_->content_length();
        if (!length) return std::nullopt;
        return *length;
    }

    /// Walks a chunked body: events body, need_more and, at its end, done.
    parse_result put_chunked(std::string_view in) {
        std::size_t consumed = 0;
        while (consumed < in.size()) {
            const auto rest = in.substr(consumed);
            // "0 CRLF CRLF" is the shortest end; Beast 1.81 asserts when it is asked again with less.
            if (parser_->chunk_left() == 0 && rest.size() < 5) break;
            error_code ec;
            const auto n = parser_->put(rest, ec);
            if (ec == beast_http::error::end_of_chunk)
                return {parse_event::done, consumed + finish_chunks(rest)};
            if (ec == beast_http::error::need_more) {
                limit_pending(rest);
                return {parse_event::need_more, consumed + n};
            }
            if (ec) fail(phase::body, "malformed chunk", ec, rest);
            consumed += n;
            chunks_ = true;
            if (parser_->chunk_view().empty() && n > limits_.chunk_line + slack) refuse_chunk_line();
            if (!parser_->chunk_view().empty()) return {parse_event::body, consumed, parser_->chunk_view()};
        }
        return {parse_event::need_more, consumed};
    }

    head_facts facts;
    http::headers fields;
    http::headers trailers;

private:
    [[noreturn]] static void fail(phase where, std::string_view what, const error_code& ec,
                                  std::string_view at) {
        throw protocol_error(where,
                             std::string(what) + ": " + ec.message() + " at \"" + printable(at, 40) + "\"");
    }

    // Beast has seen the whole last chunk and trailer section, "0[;ext]CRLF *(field CRLF) CRLF", and was
    // stopped.
    std::size_t finish_chunks(std::string_view rest) {
        const auto line_end = rest.find("\r\n", chunks_ ? 2 : 0);
        if (line_end > limits_.chunk_line + slack) refuse_chunk_line();
        const auto end = rest.find("\r\n\r\n", line_end) + 4;
        const auto section = rest.substr(line_end + 2, end - line_end - 2);
        if (section.size() > limits_.trailer + 2)
            throw protocol_error(phase::body,
                                 "the trailer section exceeds " + std::to_string(limits_.trailer) + " bytes");
        if (section.size() > 2) {
            head_facts ignored;
            adapter parser(limits_, ignored, trailers, adapter::section::trailer);
            error_code ec;
            constexpr std::string_view start_line = IsRequest ? "GET / HTTP/1.1\r\n" : "HTTP/1.1 200 \r\n";
            parser.put(start_line, ec);
            ec = {};
            parser.put(without_forbidden(section), ec);
            if (ec) fail(phase::body, "malformed trailer section", ec, section);
        }
        return end;
    }

    // The first line ends in "HTTP/d.d", just not one that is spoken here.
    static bool names_a_version(std::string_view in) noexcept {
        const auto line = in.substr(0, in.find("\r\n"));
        const auto version = line.substr(line.size() < 9 ? 0 : line.size() - 9);
        return version.size() == 9 && version.substr(0, 6) == " HTTP/" && version[7] == '.' &&
               is(version[6], digit_char) && is(version[8], digit_char) &&
               line.find(' ', line.find(' ') + 1) == line.size() - 9;
    }

    // Beast would judge framing fields even here, so well-formed lines with a forbidden name go first.
    static std::string without_forbidden(std::string_view section) {
        std::string kept;
        bool dropping = false;
        while (!section.empty()) {
            const auto size = section.find("\r\n") + 2;
            const auto line = section.substr(0, size);
            const bool folded = line.front() == ' ' || line.front() == '\t';
            if (!folded)
                dropping = forbidden_in_trailer(line.substr(0, line.find(':'))) &&
                           all(line.substr(0, size - 2), value_char);
            if (!dropping) kept += line;
            section.remove_prefix(size);
        }
        return kept;
    }

    void limit_pending(std::string_view pending) const {
        if (pending.size() <= limits_.chunk_line + slack) return;
        const bool one_line = pending.find("\r\n", 2) == std::string_view::npos;
        if (one_line || pending.size() > limits_.chunk_line + limits_.trailer + slack) refuse_chunk_line();
    }

    [[noreturn]] void refuse_chunk_line() const {
        throw protocol_error(phase::body, "a chunk header or trailer section exceeds " +
                                              std::to_string(limits_.chunk_line) + " bytes");
    }

    static constexpr std::size_t usual_head = 1024;
    static constexpr std::size_t slack = 32; // CRLF, size and CRLF

    parser_limits limits_;
    std::optional<adapter> parser_;
    std::size_t head_bytes_ = 0;
    bool chunks_ = false;
};

} // namespace brio::inline v0::http::detail

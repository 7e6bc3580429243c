// SPDX-License-Identifier: BSL-1.0
// What went wrong, in one line.
#include "error_text.hpp"

#include "download.hpp"
#include "retry.hpp"

#include <brio/http/error.hpp>

#include <algorithm>

namespace fetch {

namespace http = brio::http;

namespace {

// The line begins with the URL already.
std::string without_url(const http::error& e) {
    std::string text = e.what();
    const std::string tail = " [" + std::string(e.url()) + "]";
    if (text.ends_with(tail)) text.resize(text.size() - tail.size());
    return text.substr(0, text.find('\n')); // some go on with details
}

std::string advice(const bad_status& e) {
    if (e.status == 401 || e.status == 403 || e.status == 407)
        return "; it may want a --header 'Authorization: ...'";
    if (e.status == 404 || e.status == 410) return "; check the URL";
    if (e.status == 429) return "; ask less often, with --rate or a smaller -c";
    if (e.status >= 500) return "; the fault is the server's, try again later";
    return {};
}

// Where the library's advice names a function, ours names the option.
std::string with_own_advice(const http::tls_error& e) {
    const std::string text = without_url(e);
    const bool unknown_issuer =
        e.reason().find("self-signed") != e.reason().npos || e.reason().find("issuer") != e.reason().npos;
    if (!unknown_issuer) return text;
    return text.substr(0, text.find(';')) + "; if you trust its authority, give that one's certificate by --cacert";
}

std::string advice(const http::connect_error& e) {
    if (e.phase() == http::phase::resolve) return "; check the spelling, and the network";
    return "; check host and port, and whether the server runs";
}

bool is_unsafe(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

} // namespace

std::string explain(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const bad_status& e) {
        return e.what() + advice(e);
    } catch (const http::tls_error& e) {
        return with_own_advice(e);
    } catch (const http::connect_error& e) {
        return without_url(e) + advice(e);
    } catch (const http::error& e) {
        return without_url(e);
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "an unknown error";
    }
}

std::string shown_url(std::string_view url) {
    std::string text(url);
    const auto begin = text.find("://");
    if (begin != text.npos) {
        const auto end = text.find_first_of("/?#", begin + 3);
        const auto at = text.substr(0, end).rfind('@');
        if (at != text.npos && at > begin) text.erase(begin + 3, at - begin - 2);
    }
    std::replace_if(text.begin(), text.end(), is_unsafe, '?');
    return text;
}

} // namespace fetch

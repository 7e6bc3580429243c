// SPDX-License-Identifier: BSL-1.0
// libFuzzer target: an accepted URL is a fixed point of parsing, and its target can stand in a request line.
#include <brio/http/error.hpp>
#include <brio/http/url.hpp>

#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using brio::http::url;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto check = [](const url& u) {
        if (url(u.str()).str() != u.str()) std::abort();
        for (const char c : u.target())
            if (c <= ' ' || c == '#' || c == '\x7f') std::abort();
        if (u.host().empty() || u.path().empty() || u.path().front() != '/') std::abort();
        if (u.authority().find('@') != std::string_view::npos) std::abort();
    };
    try {
        check(url(text));
    } catch (const brio::http::invalid_url&) {}
    try {
        check(url("http://user:pw@base.example/a/b;c?d#e").resolve(text));
    } catch (const brio::http::invalid_url&) {}
    return 0;
}

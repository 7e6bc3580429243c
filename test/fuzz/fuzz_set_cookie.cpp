// SPDX-License-Identifier: BSL-1.0
// libFuzzer target: whatever Set-Cookie says, a jar keeps its rules, and a cookie file keeps the jar.
#include <brio/http/cookie_jar.hpp>
#include <brio/http/error.hpp>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace brio::http;

void require(bool holds) {
    if (!holds) std::abort();
}

} // namespace

// Each line of the input is one header; a first byte of `s` or `p` says over which scheme it came.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const url secure("https://www.example.co.uk/a/b");
    static const url plain("http://www.example.co.uk/a/b");
    constexpr cookie_jar::time_point now{std::chrono::seconds(1'800'000'000)};
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    cookie_jar jar;
    while (!rest.empty()) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const bool is_plain = line.starts_with('p');
        if (!line.empty()) line.remove_prefix(1);
        jar.store(is_plain ? plain : secure, line, now);
    }
    for (const cookie& c : jar.all(now)) {
        require(c.name.size() + c.value.size() <= 4096 && c.path.starts_with('/'));
        require(c.domain == "www.example.co.uk" || (c.domain == "example.co.uk" && !c.host_only));
        require(!c.expires || (*c.expires > now && *c.expires <= now + std::chrono::days(400)));
        for (const char b : c.name + c.value + c.path) require(static_cast<unsigned char>(b) >= 0x20 || b == '\t');
    }
    const std::string sent = jar.header_for(secure, now);
    require(sent.size() <= 8190);
    headers().add("Cookie", sent); // throws when it would break out
    if (jar.header_for(plain, now).size() > sent.size()) require(sent.size() > 4000); // both at the limit
    cookie_jar copy;
    copy.add_netscape(jar.to_netscape(now), now);
    require(copy.size() == jar.size());
    return 0;
}

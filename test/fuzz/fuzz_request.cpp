// SPDX-License-Identifier: BSL-1.0
// libFuzzer target: whatever method, URL and headers are asked for, the head of the request is one head, and a server reads
// in it what was asked for.
#include "http/request_parser.hpp"
#include "http/request_writer.hpp"

#include <brio/http/error.hpp>
#include <brio/http/headers.hpp>
#include <brio/http/method.hpp>
#include <brio/http/url.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace brio::http;
using namespace brio::http::detail;

void require(bool holds) {
    if (!holds) std::abort();
}

std::string_view take(std::string_view& from, char end) {
    const std::string_view part = from.substr(0, from.find(end));
    from.remove_prefix(std::min(part.size() + 1, from.size()));
    return part;
}

void check(std::string_view out, const std::string& method, const url& target, const headers& fields) {
    require(out.ends_with("\r\n\r\n") && out.find("\r\n\r\n") == out.size() - 4);
    require(std::count(out.begin(), out.end(), '\r') == std::count(out.begin(), out.end(), '\n'));
    require(out.starts_with(method + " " + std::string(target.target()) + " HTTP/1.1\r\nHost: "));
    request_parser server;
    server.reset();
    try {
        require(server.feed(out).consumed == out.size());
    } catch (const error&) {
        return; // CONNECT and the like, which the server refuses for their meaning
    }
    require(server.method() == method && server.target() == target.target());
    for (const auto [name, value] : fields) require(server.headers().get(name) == fields.get(name));
}

} // namespace

// Parts end at `|`: the method, the URL, then names and values in turn. The first byte says how the body is framed.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    std::string_view rest(reinterpret_cast<const char*>(data) + 1, size - 1);
    try {
        const std::string method = normalize_method(take(rest, '|'));
        const url target(take(rest, '|'));
        headers fields;
        while (!rest.empty()) {
            const std::string_view name = take(rest, '|');
            fields.add(name, take(rest, '|'));
        }
        request_spec spec{method, target, fields};
        if (data[0] % 3 == 1) spec.body = body_plan::sized(data[0]);
        if (data[0] % 3 == 2) spec.body = body_plan::chunked();
        spec.automatic = data[0] / 3 % 8;
        std::string out;
        write_request_head(out, spec);
        check(out, method, target, fields);
    } catch (const error&) {
    }
    return 0;
}

// SPDX-License-Identifier: BSL-1.0
// libFuzzer target: whatever is done to a header store, its wire form has one line per field.
#include <brio/http/error.hpp>
#include <brio/http/headers.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest(reinterpret_cast<const char*>(data), size);
    const auto take = [&rest](std::size_t n) {
        const auto part = rest.substr(0, n);
        rest.remove_prefix(part.size());
        return part;
    };
    brio::http::headers h;
    while (rest.size() > 3) {
        const auto step = static_cast<unsigned char>(rest[0]);
        const auto name_size = static_cast<unsigned char>(rest[1]) % 8u;
        const auto value_size = static_cast<unsigned char>(rest[2]);
        take(3);
        const auto name = take(name_size);
        const auto value = take(value_size);
        try {
            switch (step % 4) {
            case 0:
                h.set(name, value);
                break;
            case 1:
                h.remove(name);
                break;
            default:
                h.add(name, value);
                break;
            }
        } catch (const brio::http::invalid_request&) {}
        const auto lines = std::count(h.wire().begin(), h.wire().end(), '\n');
        if (lines != static_cast<std::ptrdiff_t>(h.size())) std::abort();
        std::size_t bytes = 0;
        for (const auto [n, v] : h) bytes += n.size() + v.size() + 4;
        if (bytes != h.wire().size()) std::abort();
    }
    return 0;
}

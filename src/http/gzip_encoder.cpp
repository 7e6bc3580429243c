// SPDX-License-Identifier: BSL-1.0
// gzip by zlib, and who wants it.
#include "http/gzip_encoder.hpp"

#include "http/chars.hpp"

#include <brio/http/mime.hpp>

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>
#include <optional>

namespace brio::inline v0::http::detail {

namespace {

constexpr int gzip_window = 16 + MAX_WBITS;
constexpr int memory_level = 8;
constexpr int packing_level = 5;  // nearly as small as 6, a good deal faster

// A weight in thousandths: "q=0.5", "Q=1", "q=0.123"; what is malformed counts as 0.
unsigned weight_of(std::string_view parameters) {
    const std::string_view q = trim(parameters);
    if (q.empty()) return 1000;
    if (q.size() < 3 || to_lower(q[0]) != 'q' || q[1] != '=') return 0;
    const std::string_view digits = q.substr(2);
    unsigned value = digits[0] == '1' ? 1000 : 0;
    if (digits[0] != '0' && digits[0] != '1') return 0;
    if (digits.size() == 1) return value;
    if (digits[1] != '.' || digits.size() > 5) return 0;
    unsigned unit = 100;
    for (const char c : digits.substr(2)) {
        if (!is(c, digit_char)) return 0;
        value += static_cast<unsigned>(c - '0') * unit;
        unit /= 10;
    }
    return std::min(value, 1000U);
}

}  // namespace

struct gzip_encoder::impl {
    impl() {
        if (deflateInit2(&z, packing_level, Z_DEFLATED, gzip_window, memory_level, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
    }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;
    ~impl() { deflateEnd(&z); }
    z_stream z{};
};

gzip_encoder::gzip_encoder() : impl_(std::make_unique<impl>()) {}
gzip_encoder::~gzip_encoder() = default;

std::string gzip_encoder::run(std::string_view piece, int flush) {
    std::string out;
    char block[8 * 1024];
    z_stream& z = impl_->z;
    constexpr std::size_t most = std::numeric_limits<uInt>::max() / 2;
    do {
        const std::string_view part = piece.substr(0, most);
        piece.remove_prefix(part.size());
        // zlib does not change what it reads, though its type says so.
        z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(part.data()));
        z.avail_in = static_cast<uInt>(part.size());
        const int how = piece.empty() ? flush : Z_NO_FLUSH;
        do {
            z.next_out = reinterpret_cast<Bytef*>(block);
            z.avail_out = sizeof block;
            deflate(&z, how);
            out.append(block, sizeof block - z.avail_out);
        } while (z.avail_out == 0);
    } while (!piece.empty());
    return out;
}

std::string gzip_encoder::add(std::string_view piece) { return run(piece, Z_SYNC_FLUSH); }
std::string gzip_encoder::finish() { return run({}, Z_FINISH); }

bool accepts_gzip(const headers& request) {
    std::optional<unsigned> gzip;
    std::optional<unsigned> any;
    std::optional<unsigned> identity;
    for (const auto [name, value] : request) {
        if (!iequals(name, "Accept-Encoding")) continue;
        for_each_list_element(value, [&](std::string_view element) {
            const std::size_t semicolon = std::min(element.find(';'), element.size());
            const std::string_view coding = trim(element.substr(0, semicolon));
            const unsigned weight = semicolon < element.size() ? weight_of(element.substr(semicolon + 1)) : 1000;
            if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) gzip = weight;
            if (coding == "*") any = weight;
            if (iequals(coding, "identity")) identity = weight;
        });
    }
    const unsigned wanted = gzip.value_or(any.value_or(0));
    return wanted > 0 && wanted >= identity.value_or(0);
}

bool is_compressible(std::string_view content_type) {
    const std::string essence = media_type(content_type).essence();
    if (essence.starts_with("text/") || essence.ends_with("+json") || essence.ends_with("+xml")) return essence != "text/event-stream";
    for (const std::string_view known : {"application/json", "application/javascript", "application/xml", "application/wasm",
                                         "application/manifest+json", "application/x-ndjson", "application/graphql-response+json",
                                         "image/bmp", "font/ttf", "font/otf"}) {
        if (essence == known) return true;
    }
    return false;
}

}  // namespace brio::inline v0::http::detail

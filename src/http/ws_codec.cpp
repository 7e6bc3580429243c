// SPDX-License-Identifier: BSL-1.0
// Raw deflate streams whose flush marks are cut off and put back (RFC 7692 section 7.2).
#include "ws_codec.hpp"

#include <brio/http/websocket_error.hpp>

#include <zlib.h>

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <new>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::string_view flush_mark("\x00\x00\xFF\xFF", 4);
constexpr std::size_t step = 16 * 1024;
constexpr unsigned broken_data = 1007;
constexpr unsigned too_large = 1009;

// zlib counts in unsigned int.
std::string_view take_some(std::string_view& in) noexcept {
    const std::string_view part = in.substr(0, INT_MAX);
    in.remove_prefix(part.size());
    return part;
}

Bytef* bytes_of(std::string_view text) noexcept { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

} // namespace

struct ws_inflater::impl {
    explicit impl(bool forgetful) : forgets(forgetful) {
        if (inflateInit2(&z, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
    }
    ~impl() { inflateEnd(&z); }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    // A block marked as the last one ends zlib's stream, not the message: its window lives on.
    void start_anew() {
        std::array<Bytef, 32 * 1024> window{};
        uInt size = window.size();
        const bool kept = inflateGetDictionary(&z, window.data(), &size) == Z_OK;
        inflateReset(&z);
        if (kept) inflateSetDictionary(&z, window.data(), size);
    }

    void run(std::string_view in, std::string& out, std::size_t most) {
        z.next_in = bytes_of(in);
        z.avail_in = static_cast<uInt>(in.size());
        for (;;) {
            Bytef piece[step];
            // One byte more than allowed shows that there is more.
            const std::size_t room = std::min(step - 1, most - out.size()) + 1;
            z.next_out = piece;
            z.avail_out = static_cast<uInt>(room);
            const int rc = inflate(&z, Z_SYNC_FLUSH);
            out.append(reinterpret_cast<const char*>(piece), room - z.avail_out);
            if (out.size() > most) throw websocket_error(too_large, "a WebSocket message inflates to more than " + std::to_string(most) + " bytes; raise its limit");
            if (rc == Z_STREAM_END) {
                start_anew();
            } else if (rc == Z_MEM_ERROR) {
                throw std::bad_alloc();
            } else if (rc != Z_OK && rc != Z_BUF_ERROR) {
                throw websocket_error(broken_data, std::string("a WebSocket message cannot be inflated: ") + (z.msg ? z.msg : "broken data"));
            }
            if (z.avail_in == 0 && z.avail_out > 0) return;
            if (rc == Z_BUF_ERROR && z.avail_out > 0) return;
        }
    }

    z_stream z{};
    bool forgets;
};

ws_inflater::ws_inflater(bool forgets) : impl_(std::make_unique<impl>(forgets)) {}
ws_inflater::~ws_inflater() = default;
ws_inflater::ws_inflater(ws_inflater&&) noexcept = default;
ws_inflater& ws_inflater::operator=(ws_inflater&&) noexcept = default;

void ws_inflater::feed(std::string_view in, std::string& out, std::size_t most) {
    while (!in.empty()) impl_->run(take_some(in), out, most);
}

void ws_inflater::finish(std::string& out, std::size_t most) {
    impl_->run(flush_mark, out, most);
    if (impl_->forgets) inflateReset(&impl_->z);
}

struct ws_deflater::impl {
    impl(bool forgetful, int window_bits) : forgets(forgetful) {
        if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -window_bits, 8, Z_DEFAULT_STRATEGY) != Z_OK) throw std::bad_alloc();
    }
    ~impl() { deflateEnd(&z); }
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    void run(std::string_view in, std::string& out, int flush) {
        z.next_in = bytes_of(in);
        z.avail_in = static_cast<uInt>(in.size());
        do {
            Bytef piece[step];
            z.next_out = piece;
            z.avail_out = static_cast<uInt>(step);
            deflate(&z, flush); // Z_BUF_ERROR: nothing to do
            out.append(reinterpret_cast<const char*>(piece), step - z.avail_out);
        } while (z.avail_out == 0);
    }

    z_stream z{};
    bool forgets;
};

ws_deflater::ws_deflater(bool forgets, int window_bits) : impl_(std::make_unique<impl>(forgets, window_bits)) {}
ws_deflater::~ws_deflater() = default;
ws_deflater::ws_deflater(ws_deflater&&) noexcept = default;
ws_deflater& ws_deflater::operator=(ws_deflater&&) noexcept = default;

void ws_deflater::feed(std::string_view in, std::string& out, bool last) {
    while (!in.empty()) impl_->run(take_some(in), out, Z_NO_FLUSH);
    if (!last) return;
    const std::size_t begin = out.size();
    impl_->run({}, out, Z_SYNC_FLUSH);
    if (out.size() - begin >= flush_mark.size()) {
        out.resize(out.size() - flush_mark.size());
    } else {
        out += '\0'; // zlib does not flush twice in a row: this is what an empty message looks like
    }
    if (impl_->forgets) deflateReset(&impl_->z);
}

} // namespace brio::inline v0::http::detail

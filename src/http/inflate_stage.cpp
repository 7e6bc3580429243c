// SPDX-License-Identifier: BSL-1.0
// gzip (with several members) and deflate (with or without zlib header) by zlib.
#include "decoder_stage.hpp"

#include <brio/http/error.hpp>

#include <zlib.h>

#include <algorithm>
#include <new>

namespace brio::inline v0::http::detail {

namespace {

constexpr int gzip_bits = 16 + MAX_WBITS;

class inflate_stage final : public decoder_stage {
public:
    explicit inflate_stage(bool gzip) : gzip_(gzip) {
        if (inflateInit2(&z_, gzip_ ? gzip_bits : MAX_WBITS) != Z_OK) throw std::bad_alloc();
    }
    ~inflate_stage() override { inflateEnd(&z_); }
    inflate_stage(const inflate_stage&) = delete;
    inflate_stage& operator=(const inflate_stage&) = delete;

    void reset() override {
        inflateReset(&z_);
        state_ = state::untouched;
        pending_ = false;
        have_first_ = false;
        members_ = 0;
    }

    std::size_t run(std::string_view& in, char* out, std::size_t size) override {
        std::size_t written = 0;
        while (written < size && (!in.empty() || pending_)) {
            if (state_ == state::untouched && !begin(in)) break;
            if (state_ == state::ended && !next_member(in)) break;
            written += inflate_some(in, out + written, size - written);
        }
        return written;
    }

    [[nodiscard]] bool at_end() const noexcept override {
        return (state_ == state::untouched && !have_first_) || state_ == state::ended;
    }

private:
    enum class state : unsigned char { untouched, running, ended };

    // "deflate" may lack its zlib header: two bytes tell. False when the second one is not there yet.
    bool begin(std::string_view& in) {
        state_ = state::running;
        if (gzip_) return true;
        if (!have_first_) {
            first_ = static_cast<Bytef>(in.front());
            have_first_ = true;
            in.remove_prefix(1);
        }
        if (in.empty()) {
            state_ = state::untouched;
            return false;
        }
        const auto second = static_cast<unsigned char>(in.front());
        const bool has_header = (first_ & 0x0F) == Z_DEFLATED && (first_ * 256 + second) % 31 == 0;
        inflateReset2(&z_, has_header ? MAX_WBITS : -MAX_WBITS);
        z_.next_in = &first_;
        z_.avail_in = 1;
        Bytef nowhere = 0;
        z_.next_out = &nowhere;
        z_.avail_out = 0;
        check(inflate(&z_, Z_NO_FLUSH));
        return true;
    }

    bool next_member(std::string_view& in) {
        if (gzip_ && in.front() != '\0') {
            if (++members_ >= max_members)
                throw decode_error("the gzip body has more than " + std::to_string(max_members) + " members");
            inflateReset(&z_);
            state_ = state::running;
            return true;
        }
        // Zero padding behind the stream is harmless and common.
        if (std::any_of(in.begin(), in.end(), [](char c) { return c != '\0'; }))
            throw decode_error("there is data behind the end of the compressed body");
        in = {};
        return false;
    }

    std::size_t inflate_some(std::string_view& in, char* out, std::size_t size) {
        const auto take = static_cast<uInt>(std::min<std::size_t>(in.size(), 1u << 30));
        const auto room = static_cast<uInt>(std::min<std::size_t>(size, 1u << 30));
        z_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
        z_.avail_in = take;
        z_.next_out = reinterpret_cast<Bytef*>(out);
        z_.avail_out = room;
        const int rc = inflate(&z_, Z_NO_FLUSH);
        in.remove_prefix(take - z_.avail_in);
        pending_ = z_.avail_out == 0 && rc != Z_STREAM_END;
        check(rc);
        if (rc == Z_STREAM_END) state_ = state::ended;
        return room - z_.avail_out;
    }

    void check(int rc) const {
        if (rc == Z_OK || rc == Z_STREAM_END || rc == Z_BUF_ERROR) return;
        if (rc == Z_MEM_ERROR) throw std::bad_alloc();
        throw decode_error(std::string("the ") + (gzip_ ? "gzip" : "deflate") +
                           " body is corrupt: " + (z_.msg != nullptr ? z_.msg : "unexpected data"));
    }

    z_stream z_{};
    unsigned members_ = 0;
    state state_ = state::untouched;
    Bytef first_ = 0;
    bool have_first_ = false;
    bool gzip_;
};

} // namespace

std::unique_ptr<decoder_stage> make_inflate_stage(bool gzip) { return std::make_unique<inflate_stage>(gzip); }

} // namespace brio::inline v0::http::detail

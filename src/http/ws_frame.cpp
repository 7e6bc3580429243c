// SPDX-License-Identifier: BSL-1.0
// Frame headers, 2 to 14 bytes.
#include "ws_frame.hpp"

#include <brio/http/websocket_error.hpp>

#include <algorithm>

namespace brio::inline v0::http {

websocket_error::~websocket_error() = default;

namespace detail {

namespace {

constexpr unsigned protocol_violation = 1002;

[[noreturn]] void refuse(const std::string& what) { throw websocket_error(protocol_violation, "WebSocket frame refused: " + what); }

bool is_known(unsigned opcode) noexcept { return opcode <= 2 || (opcode >= 8 && opcode <= 10); }

} // namespace

bool ws_header_parser::feed(std::string_view& in) {
    if (have_ == need_) { // of the frame before
        have_ = 0;
        need_ = 2;
    }
    while (have_ < need_) {
        if (in.empty()) return false;
        const std::size_t taken = std::min<std::size_t>(need_ - have_, in.size());
        std::copy_n(in.begin(), taken, bytes_ + have_);
        in.remove_prefix(taken);
        have_ += static_cast<unsigned>(taken);
        if (have_ == 2 && need_ == 2) first_bytes();
    }
    length_bytes();
    return true;
}

// Everything that can be said early is said early.
void ws_header_parser::first_bytes() {
    const unsigned opcode = bytes_[0] & 0x0FU;
    if ((bytes_[0] & 0x30U) != 0) refuse("a reserved bit is set");
    if (!is_known(opcode)) refuse("unknown opcode " + std::to_string(opcode));
    header_.opcode = static_cast<ws_opcode>(opcode);
    header_.last = (bytes_[0] & 0x80U) != 0;
    header_.compressed = (bytes_[0] & 0x40U) != 0;
    const unsigned size = bytes_[1] & 0x7FU;
    if (is_control(header_.opcode) && (!header_.last || size > longest_control)) refuse("a control frame in parts or over 125 bytes");
    if (size == 126) need_ += 2;
    if (size == 127) need_ += 8;
    if ((bytes_[1] & 0x80U) != 0) need_ += 4;
}

void ws_header_parser::length_bytes() {
    const bool masked = (bytes_[1] & 0x80U) != 0;
    const unsigned end = need_ - (masked ? 4 : 0);
    header_.size = bytes_[1] & 0x7FU;
    if (end > 2) {
        header_.size = 0;
        for (unsigned i = 2; i < end; ++i) header_.size = header_.size << 8 | bytes_[i];
        if (header_.size < (end == 4 ? 126U : 65536U)) refuse("its length is written in more bytes than needed");
        if (header_.size >> 63 != 0) refuse("its length has the highest bit set");
    }
    header_.mask.reset();
    if (masked) {
        ws_mask key{};
        std::copy_n(bytes_ + end, key.size(), key.begin());
        header_.mask = key;
    }
}

void append_ws_header(std::string& out, const ws_header& header) {
    const auto put = [&out](std::uint64_t byte) { out += static_cast<char>(static_cast<unsigned char>(byte)); };
    const unsigned masked = header.mask ? 0x80 : 0;
    put(static_cast<unsigned>(header.opcode) | (header.last ? 0x80U : 0U) | (header.compressed ? 0x40U : 0U));
    if (header.size < 126) {
        put(masked | header.size);
    } else {
        const int bytes = header.size < 65536 ? 2 : 8;
        put(masked | (bytes == 2 ? 126U : 127U));
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) put(header.size >> shift & 0xFF);
    }
    if (header.mask) {
        for (const unsigned char byte : *header.mask) put(byte);
    }
}

} // namespace detail

} // namespace brio::inline v0::http

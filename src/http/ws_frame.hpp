// SPDX-License-Identifier: BSL-1.0
// The header of a WebSocket frame (RFC 6455 section 5.2).
#pragma once

#include "ws_mask.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

enum class ws_opcode : unsigned char { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

constexpr bool is_control(ws_opcode op) noexcept { return static_cast<unsigned>(op) >= 8; }

struct ws_header {
    ws_opcode opcode = ws_opcode::continuation;
    bool last = true;
    bool compressed = false; // RSV1
    std::optional<ws_mask> mask;
    std::uint64_t size = 0;
};

/// Longest control payload.
inline constexpr std::size_t longest_control = 125;
/// Longest reason of a close frame: two bytes are its code.
inline constexpr std::size_t longest_reason = 123;

/// Collects the bytes of a header.
class ws_header_parser {
public:
    /// Consumes the bytes of a header from the front of `in`; true when it is complete. Throws websocket_error for
    /// what no frame may have: RSV2, RSV3, unknown opcodes, a length in more bytes than needed or above 2^63, a control
    /// frame in parts or over 125 bytes.
    bool feed(std::string_view& in);
    /// Valid until the next feed().
    [[nodiscard]] const ws_header& header() const noexcept { return header_; }

private:
    void first_bytes();
    void length_bytes();

    ws_header header_;
    unsigned char bytes_[14] = {};
    unsigned have_ = 0;
    unsigned need_ = 2;
};

void append_ws_header(std::string& out, const ws_header& header);

} // namespace brio::inline v0::http::detail

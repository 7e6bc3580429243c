// SPDX-License-Identifier: BSL-1.0
// A WebSocket connection after its handshake, without any I/O: bytes in, messages out, and back.
#pragma once

#include "utf8_validator.hpp"
#include "ws_codec.hpp"
#include "ws_extension.hpp"
#include "ws_frame.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

enum class ws_role : unsigned char { client, server };

struct ws_settings {
    ws_role role = ws_role::client;
    std::size_t max_message = 16 * 1024 * 1024; // of one message that comes in, inflated
    std::optional<ws_deflate> deflate;          // as agreed
    std::size_t compress_from = 64;             // shorter messages go out as they are
};

enum class ws_event_kind : unsigned char {
    need_more, ///< all bytes are consumed
    text,
    binary,
    ping, ///< its pong is ready
    pong,
    close, ///< the peer closes: code and reason; nothing more comes in
};

/// `data` is valid until the next call of next(), and as long as the bytes that were fed.
struct ws_event {
    ws_event_kind kind = ws_event_kind::need_more;
    std::string_view data; // message, payload of ping and pong, reason of close
    unsigned code = 0;     // of close; 1005 when the peer gave none
};

namespace ws_code {
inline constexpr unsigned normal = 1000;
inline constexpr unsigned going_away = 1001;
inline constexpr unsigned violation = 1002;
inline constexpr unsigned none = 1005;     // the peer gave none
inline constexpr unsigned abnormal = 1006; // there was no close frame
inline constexpr unsigned bad_data = 1007;
inline constexpr unsigned too_large = 1009;
inline constexpr unsigned internal_error = 1011;
} // namespace ws_code

/// True for the codes that a close frame may carry.
bool is_close_code(unsigned code) noexcept;

/// Both directions of one connection.
///
/// In: call next() with what has arrived until it says need_more. A violation throws websocket_error once and leaves a
/// close frame among the control frames; then, and after a close of the peer's, what comes in is dropped.
///
/// Out: message(), fragment() and ping() append frames to the caller's buffer. Pongs and the answer to a close wait
/// until take_control() fetches them, between any two frames: however many pings come in, only the latest 16 pongs wait.
class ws_machine {
public:
    explicit ws_machine(const ws_settings& settings);

    ws_event next(std::string_view& in);

    /// A whole message. Throws invalid_request for text that is not UTF-8, and after close().
    void message(std::string& out, ws_opcode kind, std::string_view data);
    /// A piece of a message. Its first piece gives its kind; no other message may begin before its last one.
    void fragment(std::string& out, ws_opcode kind, std::string_view data, bool last);
    /// Throws invalid_request for more than 125 bytes.
    void ping(std::string& out, std::string_view payload);
    /// Says goodbye: appended to the control frames, once. Throws invalid_request for a code that may not be sent (999,
    /// 1005, 1006, 1015, 5000...), a reason over 123 bytes or not UTF-8. Without a code the frame is empty.
    void close(std::optional<unsigned> code = std::nullopt, std::string_view reason = {});

    [[nodiscard]] bool has_control() const noexcept { return !pongs_.empty() || close_.has_value(); }
    /// Appends the control frames that wait. After a close frame nothing more may be sent.
    void take_control(std::string& out);

    [[nodiscard]] bool close_received() const noexcept { return close_received_; }
    /// close() was called or answered, or the connection failed.
    [[nodiscard]] bool is_closing() const noexcept { return closing_; }
    /// The close frame has been taken.
    [[nodiscard]] bool close_sent() const noexcept { return close_sent_; }

private:
    void begin_frame();
    void check_data_frame(const ws_header& h);
    std::optional<ws_event> whole_frame(std::string_view& in);
    void take_payload(std::string_view part);
    void add_to_message(std::string_view part);
    std::optional<ws_event> end_frame();
    ws_event end_control();
    ws_event end_close();
    void check_text(std::string_view part);
    [[noreturn]] void fail(unsigned code, const std::string& what);
    void append_frame(std::string& out, ws_opcode kind, std::string_view payload, bool last, bool compressed);
    void require_open() const;
    ws_deflater& deflater();

    ws_settings settings_;
    // in
    ws_header_parser header_;
    std::uint64_t left_ = 0; // of the payload of the frame
    bool in_frame_ = false;
    bool in_message_ = false;
    bool is_text_ = false;
    bool is_compressed_ = false;
    bool delivered_ = false; // message_ was handed out
    bool closing_ = false;
    bool close_received_ = false;
    bool close_sent_ = false;
    bool failed_ = false;
    std::string message_;
    std::string control_;
    std::string unmasked_; // scratch
    utf8_validator text_;
    std::optional<ws_inflater> inflater_;
    // out
    std::vector<std::string> pongs_;
    std::optional<std::string> close_;
    std::optional<ws_deflater> deflater_;
    bool deflates_ = false;
    utf8_validator text_out_;
    std::string deflated_; // scratch
    ws_opcode kind_out_ = ws_opcode::binary;
    bool in_message_out_ = false;
    bool first_out_ = false; // nothing of that message was sent yet
    bool compressed_out_ = false;
    ws_mask_source masks_;
};

} // namespace brio::inline v0::http::detail

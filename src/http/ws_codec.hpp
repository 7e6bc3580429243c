// SPDX-License-Identifier: BSL-1.0
// The two halves of permessage-deflate, by zlib.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Inflates the messages of the peer.
class ws_inflater {
public:
    /// `forgets`: each message stands for itself.
    explicit ws_inflater(bool forgets);
    ~ws_inflater();
    ws_inflater(ws_inflater&&) noexcept;
    ws_inflater& operator=(ws_inflater&&) noexcept;

    /// Appends what `in` inflates to. Throws websocket_error 1007 for data that is broken, 1009 when `out` would grow
    /// over `most` bytes.
    void feed(std::string_view in, std::string& out, std::size_t most);
    /// The end of the message. Throws the same.
    void finish(std::string& out, std::size_t most);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

/// Deflates our messages.
class ws_deflater {
public:
    /// zlib cannot do a raw window of 8 bits.
    static constexpr int least_window = 9;

    ws_deflater(bool forgets, int window_bits);
    ~ws_deflater();
    ws_deflater(ws_deflater&&) noexcept;
    ws_deflater& operator=(ws_deflater&&) noexcept;

    /// Appends the next piece of a message, deflated; `last`: it ends there.
    void feed(std::string_view in, std::string& out, bool last);

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// reply_writer: takes the body of a reply piece by piece.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>

#include <cstdint>
#include <string>

namespace brio::inline v0::http {

namespace detail {
class reply_sink;
}

/// What a streamed reply is written to; aiohttp's `StreamResponse`. Lives until the function that writes has returned.
class BRIO_API reply_writer {
public:
    explicit reply_writer(detail::reply_sink& sink) noexcept : sink_(sink) {}
    reply_writer(const reply_writer&) = delete;
    reply_writer& operator=(const reply_writer&) = delete;

    /// Sends this piece; completes when the system has taken it, so a slow reader holds the writer back. Empty pieces are left
    /// out. One task at a time. Throws connection_lost when the client has gone, timeout when it takes too long to read,
    /// invalid_request when more comes than was announced. **Cancellation** ends the connection: nobody knows what was sent.
    [[nodiscard]] awaitable<> write(std::string piece);
    /// Bytes that were written so far, before compression.
    [[nodiscard]] std::uint64_t written() const noexcept;

private:
    detail::reply_sink& sink_;
};

}  // namespace brio::inline v0::http

// SPDX-License-Identifier: BSL-1.0
// The errors of streams and of connecting that are not the operating system's own (those are std::system_error).
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/error.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace brio::inline v0 {

/// A stream ended before what was asked for had come; asyncio's `IncompleteReadError`. What had come is in `partial()`
/// and no longer in the stream.
class BRIO_API incomplete_read_error : public error {
public:
    incomplete_read_error(std::string partial, std::optional<std::size_t> expected);
    ~incomplete_read_error() override;

    /// The bytes that came before the end.
    [[nodiscard]] const std::string& partial() const noexcept { return *partial_; }
    /// How many bytes were asked for; empty when a separator was.
    [[nodiscard]] std::optional<std::size_t> expected() const noexcept { return expected_; }

private:
    std::shared_ptr<const std::string> partial_;  // exceptions are copied without a throw
    std::optional<std::size_t> expected_;
};

/// TLS failed: a file that cannot be used, a handshake, a certificate that is not accepted, a connection that was cut or
/// tampered with; asyncio's `ssl.SSLError`, `SSLCertVerificationError`.
class BRIO_API tls_error : public error {
public:
    tls_error(const std::string& message, std::string reason, bool truncated = false);
    ~tls_error() override;

    /// Why a certificate was not accepted, in OpenSSL's words; empty when it was not about one.
    [[nodiscard]] const std::string& reason() const noexcept { return *reason_; }
    /// The connection ended without TLS's goodbye: what has come may be a part, whoever cut it.
    [[nodiscard]] bool truncated() const noexcept { return truncated_; }

private:
    std::shared_ptr<const std::string> reason_;
    bool truncated_;
};

/// A line or chunk is longer than the stream's limit; asyncio's `LimitOverrunError`, and the `ValueError` of `readline`.
class BRIO_API limit_overrun_error : public error {
public:
    limit_overrun_error(const std::string& message, std::size_t consumed) : error(message), consumed_(consumed) {}
    ~limit_overrun_error() override;

    /// Bytes that can be read without a separator being torn apart: `read_exactly(e.consumed())` gets over them. After
    /// `read_line` and `next_line`, which have dropped them already, how many these were.
    [[nodiscard]] std::size_t consumed() const noexcept { return consumed_; }

private:
    std::size_t consumed_;
};

}  // namespace brio::inline v0

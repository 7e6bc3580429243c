// SPDX-License-Identifier: BSL-1.0
// A proxy that does not give a connection.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/error.hpp>

#include <memory>
#include <string>

namespace brio::inline v0::http {

/// The proxy refused to connect, or answered what is no answer (aiohttp's `ClientHttpProxyError`). phase() is proxy.
class BRIO_API proxy_error : public connect_error {
public:
    /// `status`: of an HTTP proxy, else 0; of `text` the first 4 KiB are kept.
    proxy_error(const std::string& message, unsigned status = 0, std::string text = {});
    ~proxy_error() override;
    /// The status that an HTTP proxy answered CONNECT with; 0 when there was none.
    [[nodiscard]] unsigned status() const noexcept { return status_; }
    /// What the proxy said about it, at most 4 KiB.
    [[nodiscard]] const std::string& text() const noexcept { return *text_; }

private:
    std::shared_ptr<const std::string> text_;
    unsigned status_;
};

} // namespace brio::inline v0::http

// SPDX-License-Identifier: BSL-1.0
// reply_sink: the body of a reply on its way to the client: compressed, framed, sent.
#pragma once

#include "http/body_plan.hpp"
#include "http/gzip_encoder.hpp"
#include "http/server_link.hpp"

#include <brio/core/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace brio::inline v0::http::detail {

/// For one body.
class reply_sink {
public:
    /// `packer` may be null.
    reply_sink(server_link& to, const body_plan& plan, rate_guard& pace, std::unique_ptr<gzip_encoder> packer)
        : link_(to), framer_(plan), pace_(pace), packer_(std::move(packer)) {}

    /// Sends a piece now. Throws invalid_state_error while another task does.
    awaitable<> write(std::string piece);
    /// Sends the end of the body. Throws invalid_request when less came than was announced.
    awaitable<> finish();
    [[nodiscard]] std::uint64_t written() const noexcept { return written_; }

private:
    awaitable<> send(std::string_view piece, bool last);

    server_link& link_;
    body_framer framer_;
    rate_guard& pace_;
    std::unique_ptr<gzip_encoder> packer_;
    std::string frame_;
    std::uint64_t written_ = 0;
    bool busy_ = false;
};

}  // namespace brio::inline v0::http::detail

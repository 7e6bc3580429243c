// SPDX-License-Identifier: BSL-1.0
// gzip_encoder: a body into gzip, and for whom. No I/O.
#pragma once

#include <brio/http/headers.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Packs one body piece by piece.
class gzip_encoder {
public:
    gzip_encoder();
    gzip_encoder(const gzip_encoder&) = delete;
    gzip_encoder& operator=(const gzip_encoder&) = delete;
    ~gzip_encoder();

    /// What is to be sent for this piece; the client can unpack all of it then.
    [[nodiscard]] std::string add(std::string_view piece);
    /// ... and at the end.
    [[nodiscard]] std::string finish();

private:
    struct impl;
    [[nodiscard]] std::string run(std::string_view piece, int flush);
    std::unique_ptr<impl> impl_;
};

/// Whether the client prefers gzip to the plain body: `Accept-Encoding` names gzip, or `*`, with a weight that is not 0 and not
/// below that of `identity`.
[[nodiscard]] bool accepts_gzip(const headers& request);
/// Whether a body of this type gets smaller: text, JSON, JavaScript, XML, SVG and the like.
[[nodiscard]] bool is_compressible(std::string_view content_type);

}  // namespace brio::inline v0::http::detail

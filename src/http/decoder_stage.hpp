// SPDX-License-Identifier: BSL-1.0
// One decompressor behind a common face.
#pragma once

#include "content_decoder.hpp"

#include <cstddef>
#include <memory>
#include <string_view>

namespace brio::inline v0::http::detail {

/// Most gzip members (or zstd frames) in one body.
inline constexpr unsigned max_members = 1024;

class decoder_stage {
public:
    virtual ~decoder_stage() = default;
    /// Begins a new stream, keeping the memory where the library allows it.
    virtual void reset() = 0;
    /// Decodes from the front of `in`, which it shortens, into out[0, size); returns how many bytes it wrote.
    /// Writing fewer than `size` means that `in` is used up. Throws decode_error.
    virtual std::size_t run(std::string_view& in, char* out, std::size_t size) = 0;
    /// No input yet, or the stream is complete.
    [[nodiscard]] virtual bool at_end() const noexcept = 0;
    /// A full output buffer may have left decoded bytes inside.
    [[nodiscard]] bool pending() const noexcept { return pending_; }

protected:
    bool pending_ = false;
};

std::unique_ptr<decoder_stage> make_inflate_stage(bool gzip);
/// Null when not compiled in.
std::unique_ptr<decoder_stage> make_brotli_stage();
std::unique_ptr<decoder_stage> make_zstd_stage();

} // namespace brio::inline v0::http::detail

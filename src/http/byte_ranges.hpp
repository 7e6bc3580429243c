// SPDX-License-Identifier: BSL-1.0
// byte_ranges: which parts of a file a Range header asks for. No I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

struct byte_range {
    std::uint64_t first = 0;
    std::uint64_t size = 0;
    friend bool operator==(const byte_range&, const byte_range&) = default;
};

/// What to send of a file.
struct range_choice {
    enum class verdict : unsigned char {
        whole,         ///< there is no range to honour
        partial,       ///< `ranges`
        unsatisfiable  ///< all of them begin behind the end
    };
    verdict what = verdict::whole;
    std::vector<byte_range> ranges;
};

/// Most ranges that are honoured; who asks for more gets the whole file.
inline constexpr std::size_t max_ranges = 16;

/// `header` is the value of Range. Another unit than bytes, malformed text, too many ranges and ranges that are together larger
/// than the file are ignored, as RFC 9110 allows; so are ranges of an empty file.
[[nodiscard]] range_choice choose_ranges(std::string_view header, std::uint64_t size);

/// `bytes 0-4/10`
[[nodiscard]] std::string content_range_text(const byte_range& range, std::uint64_t size);

}  // namespace brio::inline v0::http::detail

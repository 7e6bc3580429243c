// SPDX-License-Identifier: BSL-1.0
// file_reply: the answer that a file gives to a request. No I/O.
#pragma once

#include "http/byte_ranges.hpp"
#include "http/file_tree.hpp"
#include "http/http_date.hpp"
#include "http/server_access.hpp"

#include <brio/http/headers.hpp>
#include <brio/http/reply.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

/// A body that is a file, or parts of it.
class file_body final : public reply_source {
public:
    struct part {
        std::string lead;  ///< what goes before it: the head of a part
        byte_range range;
    };
    std::shared_ptr<const unique_descriptor> file;
    std::vector<part> parts;
    std::string tail;

    [[nodiscard]] std::uint64_t size() const noexcept;
};

/// 200, 206, 304, 412 or 416, for a GET or HEAD request with these header fields. A Range is for GET only (RFC 9110, 14.2); `boundary`
/// is for several ones.
[[nodiscard]] reply make_file_reply(const found_file& found, const file_options& options, std::string_view method, const headers& request, date_point now,
                                    std::string_view boundary);

}  // namespace brio::inline v0::http::detail

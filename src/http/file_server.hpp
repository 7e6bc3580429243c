// SPDX-License-Identifier: BSL-1.0
// file_server: requests for files, answered.
#pragma once

#include "http/file_tree.hpp"
#include "http/server_access.hpp"

#include <brio/core/awaitable.hpp>

#include <cstddef>
#include <memory>
#include <string>

namespace brio::inline v0::http::detail {

/// The handler of `server::files`, for paths below a prefix of so many segments.
[[nodiscard]] server::handler make_file_handler(std::size_t depth, const std::string& folder, file_options options);

/// The answer of one file to a request with these header fields. Throws `refusal` (404) when it cannot be opened.
awaitable<reply> answer_with_file(std::shared_ptr<const file_source> wanted, std::string_view method, const headers& request);

}  // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// Bodies that are packed while they are sent.
#pragma once

#include "http/body_source.hpp"

#include <memory>

namespace brio::inline v0::http::detail {

/// `plain` in gzip, piece by piece. Its size is not known.
std::unique_ptr<body_source> gzip_source(std::unique_ptr<body_source> plain);

} // namespace brio::inline v0::http::detail

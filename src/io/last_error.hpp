// SPDX-License-Identifier: BSL-1.0
// What `errno` says after a system call that has failed.
#pragma once

#include <brio/core/config.hpp>

#include <boost/system/error_code.hpp>

#include <cerrno>

namespace brio::inline v0::detail {

inline boost::system::error_code last_error() noexcept { return {errno, boost::system::system_category()}; }

/// Nothing is wrong: try again later.
inline bool would_block() noexcept { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace brio::inline v0::detail

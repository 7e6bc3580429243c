// SPDX-License-Identifier: BSL-1.0
// Error codes of the system and of Asio as exceptions with a sentence.
#pragma once

#include <boost/asio/error.hpp>
#include <boost/system/error_code.hpp>

#include <string>
#include <system_error>

namespace brio::inline v0::detail {

/// `what` says what failed, with which peer. "read from 10.0.0.1:80: Connection reset by peer"
[[nodiscard]] inline std::system_error make_system_error(const boost::system::error_code& ec, const std::string& what) {
    if (ec.category() == boost::system::system_category() || ec.category() == boost::system::generic_category()) {
        return std::system_error(ec.value(), std::system_category(), what);
    }
    return std::system_error(static_cast<std::error_code>(ec), what);
}

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// Writing all of it.
#include "io/transport.hpp"

#include "io/io_error.hpp"

#include <boost/asio/error.hpp>

namespace brio::inline v0::detail {

transport::~transport() = default;

boost::system::error_code transport::write_eof() noexcept { return boost::asio::error::operation_not_supported; }

std::exception_ptr transport::explain_failure(const boost::system::error_code& ec, const std::string& what) const {
    return std::make_exception_ptr(make_system_error(ec, what));
}

bool write_operation::ready() noexcept {
    while (!left_.empty()) {
        io_result step;
        if (!target_.try_write(left_, step)) return false;
        written_ += step.bytes;
        left_.remove_prefix(step.bytes);
        if (step.ec) return finish_now(step.ec, written_);
    }
    return finish_now({}, written_);
}

bool write_operation::finished(const boost::system::error_code& ec, std::size_t bytes) {
    written_ += bytes;
    left_.remove_prefix(bytes);
    if (!ec && !left_.empty()) {
        if (is_interrupted()) return finish_now(boost::asio::error::operation_aborted, written_);
        start();
        return false;
    }
    return finish_now(ec, written_);
}

}  // namespace brio::inline v0::detail

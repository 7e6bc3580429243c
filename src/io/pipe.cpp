// SPDX-License-Identifier: BSL-1.0
// Descriptors as streams.
#include <brio/io/pipe.hpp>

#include "io/descriptor.hpp"
#include "io/stream_state.hpp"

#include <brio/core/loop.hpp>

#include <unistd.h>

#include <stdexcept>

namespace brio::inline v0 {

namespace {

stream connect(int fd, std::size_t limit, detail::direction way) {
    if (limit == 0) {
        ::close(fd);
        throw std::invalid_argument("the limit of a stream must be at least 1 byte");
    }
    return detail::stream_access::make(detail::make_transport(get_running_loop().context(), fd, way), limit);
}

}  // namespace

stream connect_read_pipe(int fd, std::size_t limit) { return connect(fd, limit, detail::direction::read); }
stream connect_write_pipe(int fd) { return connect(fd, stream::default_limit, detail::direction::write); }
stream connect_descriptor(int fd, std::size_t limit) { return connect(fd, limit, detail::direction::both); }

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// served_socket: a connection that its server counts.
#pragma once

#include "io/socket.hpp"
#include "io/stream_state.hpp"

#include <brio/core/config.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/intrusive_list.hpp>

#include <memory>

namespace brio::inline v0::detail {

class server_core;

/// Stands in its server's list as long as its descriptor is open.
class served_socket final : public socket, public list_hook {
public:
    served_socket(boost::asio::io_context& context, std::shared_ptr<server_core> server);
    ~served_socket() override;
    void close() noexcept override;

    /// The stream that it is under, null while there is none yet.
    stream_state* over = nullptr;
    /// Whoever makes a TLS connection of it.
    task<> handshake;

private:
    void leave() noexcept;

    std::shared_ptr<server_core> server_;
};

}  // namespace brio::inline v0::detail

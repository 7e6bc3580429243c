// SPDX-License-Identifier: BSL-1.0
// How a server listens.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/address.hpp>
#include <brio/io/stream.hpp>
#include <brio/io/tls_context.hpp>
#include <brio/io/tls_options.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <utility>

namespace brio::inline v0 {

/// For `start_server` and `start_unix_server`; every setter gives the object back.
class BRIO_API server_options {
public:
    server_options() noexcept {}

    /// How many connections the system keeps for us until they are accepted (default: 100).
    server_options& backlog(int connections) noexcept {
        backlog_ = connections;
        return *this;
    }
    /// Binds a port though connections of an earlier server linger on it (default: yes).
    server_options& reuse_address(bool on) noexcept {
        reuse_address_ = on;
        return *this;
    }
    /// Servers that ask for this, in other threads or processes too, share the port: the system spreads the connections.
    server_options& reuse_port(bool on = true) noexcept {
        reuse_port_ = on;
        return *this;
    }
    /// At most so many connections at the same time; others wait in the backlog. 0, the default: no limit.
    server_options& max_connections(std::size_t count) noexcept {
        max_connections_ = count;
        return *this;
    }
    /// `false`: the addresses are bound, but connections are refused until `start_serving()`.
    server_options& start_serving(bool on) noexcept {
        start_serving_ = on;
        return *this;
    }
    /// The limit of each connection's lines: see `stream::limit()`.
    server_options& limit(std::size_t bytes) noexcept {
        limit_ = bytes;
        return *this;
    }
    /// TLS, with a context for accepting: handlers get streams whose handshake is done. A connection whose handshake fails is
    /// dropped; that is logged in debug mode. Throws std::invalid_argument when the context is for connecting.
    server_options& tls(tls_context context, tls_options options = tls_options());
    /// Only addresses of this family.
    server_options& family(address_family only) noexcept {
        family_ = only;
        return *this;
    }
    /// A bound socket in place of addresses: give no host or path then.
    server_options& socket(unique_descriptor bound) {
        socket_ = std::make_shared<unique_descriptor>(std::move(bound));
        return *this;
    }
    /// Whether `close()` removes a Unix server's socket file, if it still is the one that was made (default: yes).
    server_options& cleanup_socket(bool on) noexcept {
        cleanup_socket_ = on;
        return *this;
    }

    [[nodiscard]] int chosen_backlog() const noexcept { return backlog_; }
    [[nodiscard]] bool is_reuse_address() const noexcept { return reuse_address_; }
    [[nodiscard]] bool is_reuse_port() const noexcept { return reuse_port_; }
    [[nodiscard]] std::size_t chosen_max_connections() const noexcept { return max_connections_; }
    [[nodiscard]] bool is_start_serving() const noexcept { return start_serving_; }
    [[nodiscard]] std::size_t chosen_limit() const noexcept { return limit_; }
    [[nodiscard]] const std::optional<tls_context>& chosen_tls() const noexcept { return tls_; }
    [[nodiscard]] const tls_options& chosen_tls_options() const noexcept { return tls_options_; }
    [[nodiscard]] address_family chosen_family() const noexcept { return family_; }
    [[nodiscard]] const std::shared_ptr<unique_descriptor>& chosen_socket() const noexcept { return socket_; }
    [[nodiscard]] bool is_cleanup_socket() const noexcept { return cleanup_socket_; }

private:
    int backlog_ = 100;
    bool reuse_address_ = true;
    bool reuse_port_ = false;
    bool start_serving_ = true;
    bool cleanup_socket_ = true;
    std::size_t max_connections_ = 0;
    std::size_t limit_ = stream::default_limit;
    address_family family_ = address_family::none;
    std::shared_ptr<unique_descriptor> socket_;
    std::optional<tls_context> tls_;
    tls_options tls_options_;
};

}  // namespace brio::inline v0

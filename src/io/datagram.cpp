// SPDX-License-Identifier: BSL-1.0
// Opening, sending, receiving.
#include <brio/io/datagram.hpp>

#include "io/poller.hpp"
#include "io/socket_setup.hpp"

#include <brio/core/error.hpp>
#include <brio/io/resolver.hpp>

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <vector>

namespace brio::inline v0 {

namespace {

unsigned interface_index(const std::string& name) {
    if (name.empty()) return 0;
    const unsigned index = ::if_nametoindex(name.c_str());
    if (index == 0) throw std::system_error(errno, std::system_category(), "network interface '" + name + "'");
    return index;
}

void change_membership(int socket, int option, const address& group, const std::string& interface) {
    if (!group.is_multicast()) throw std::invalid_argument(group.to_string() + " is no multicast group");
    group_req request{};
    request.gr_interface = interface_index(interface);
    std::memcpy(&request.gr_group, group.data(), group.size());
    const int level = group.family() == address_family::ipv6 ? IPPROTO_IPV6 : IPPROTO_IP;
    if (::setsockopt(socket, level, option, &request, sizeof request) == 0) return;
    throw std::system_error(errno, std::system_category(),
                            std::string("cannot ") + (option == MCAST_JOIN_GROUP ? "join" : "leave") + " the group " + group.to_string());
}

void set_multicast(const unique_descriptor& socket, address_family family, const datagram_options& options) {
    const bool v6 = family == address_family::ipv6;
    const int level = v6 ? IPPROTO_IPV6 : IPPROTO_IP;
    if (const int hops = options.chosen_multicast_hops(); hops != 0) {
        detail::set_option(socket, level, v6 ? IPV6_MULTICAST_HOPS : IP_MULTICAST_TTL, hops, "the hops of multicast");
    }
    if (!options.is_multicast_loopback()) {
        detail::set_option(socket, level, v6 ? IPV6_MULTICAST_LOOP : IP_MULTICAST_LOOP, 0, "the loopback of multicast");
    }
    const int index = static_cast<int>(interface_index(options.chosen_multicast_interface()));
    if (index == 0) return;
    if (v6) return detail::set_option(socket, level, IPV6_MULTICAST_IF, index, "the interface of multicast");
    ip_mreqn request{};
    request.imr_ifindex = index;
    if (::setsockopt(socket.get(), level, IP_MULTICAST_IF, &request, sizeof request) != 0) {
        throw std::system_error(errno, std::system_category(), "cannot set the interface of multicast on a socket");
    }
}

unique_descriptor make_socket(address_family family, const datagram_options& options) {
    unique_descriptor made = detail::open_socket(family, SOCK_DGRAM);
    if (options.is_broadcast()) detail::set_option(made, SOL_SOCKET, SO_BROADCAST, 1, "broadcast");
    if (options.is_reuse_port()) detail::set_option(made, SOL_SOCKET, SO_REUSEPORT, 1, "reuse_port");
    if (options.is_reuse_address()) detail::set_option(made, SOL_SOCKET, SO_REUSEADDR, 1, "reuse_address");
    if (const int size = options.chosen_receive_buffer()) detail::set_option(made, SOL_SOCKET, SO_RCVBUF, size, "the receive buffer");
    if (const int size = options.chosen_send_buffer()) detail::set_option(made, SOL_SOCKET, SO_SNDBUF, size, "the send buffer");
    if (family == address_family::ipv6 && options.chosen_ipv6_only()) {
        detail::set_option(made, IPPROTO_IPV6, IPV6_V6ONLY, *options.chosen_ipv6_only() ? 1 : 0, "ipv6_only");
    }
    if (family != address_family::unix_socket) set_multicast(made, family, options);
    return made;
}

datagram open_pair(const address& local, const address& remote, const datagram_options& options) {
    const address_family family = !local.empty() ? local.family() : !remote.empty() ? remote.family() : options.chosen_family();
    unique_descriptor made = make_socket(family, options);
    if (!local.empty()) {
        detail::remove_stale_socket(local);
        detail::bind_socket(made, local, "a datagram socket");
    }
    if (!remote.empty() && ::connect(made.get(), remote.data(), static_cast<socklen_t>(remote.size())) != 0) {
        throw std::system_error(errno, std::system_category(), "cannot connect a datagram socket to " + remote.to_string());
    }
    return datagram(std::move(made));
}

// One that is empty stands for "none asked for".
awaitable<std::vector<address>> addresses_of(std::optional<endpoint_choice> choice, address_family family, bool passive) {
    std::vector<address> found(1);
    if (!choice) co_return found;
    if (!choice->exact().empty()) {
        found.front() = choice->exact();
        co_return found;
    }
    resolve_options options;
    options.family(family).datagram().passive(passive);
    co_return co_await getaddrinfo(choice->host(), choice->port(), options);
}

bool fit(const address& local, const address& remote, address_family family) noexcept {
    if (!local.empty() && !remote.empty() && local.family() != remote.family()) return false;
    const address& given = local.empty() ? remote : local;
    return family == address_family::none || given.empty() || given.family() == family;
}

}  // namespace

awaitable<datagram> open_datagram(datagram_options options) {
    if (!options.chosen_local() && !options.chosen_remote() && options.chosen_family() == address_family::none) {
        throw std::invalid_argument("open_datagram: give a local address, a remote one, or at least a family");
    }
    const std::vector<address> locals = co_await addresses_of(options.chosen_local(), options.chosen_family(), true);
    const std::vector<address> remotes = co_await addresses_of(options.chosen_remote(), options.chosen_family(), false);
    std::exception_ptr first;
    for (const address& local : locals) {
        for (const address& remote : remotes) {
            if (!fit(local, remote, options.chosen_family())) continue;
            try {
                co_return open_pair(local, remote, options);
            } catch (const std::system_error&) {
                if (!first) first = std::current_exception();
            }
        }
    }
    if (first) std::rethrow_exception(first);
    throw std::invalid_argument("open_datagram: the local address, the remote one and the family do not go together");
}

datagram::datagram(unique_descriptor&& socket) {
    const int type = detail::type_of_socket(socket.get());
    if (type != SOCK_DGRAM) {
        throw std::invalid_argument("descriptor " + std::to_string(socket.get()) + " is no datagram socket");
    }
    detail::make_non_blocking(socket.get());
    owner_ = std::make_shared<detail::owned_descriptor>(socket.get());
    static_cast<void>(socket.release());
    peer_ = detail::peer_address_of(owner_->native);
    is_udp_ = detail::local_address_of(owner_->native).is_ip();
}

datagram& datagram::operator=(datagram&& other) noexcept {
    if (this == &other) return *this;
    close();
    owner_ = std::move(other.owner_);
    peer_ = std::exchange(other.peer_, address());
    is_udp_ = other.is_udp_;
    return *this;
}

datagram::~datagram() { close(); }

void datagram::close() noexcept {
    if (!is_open()) return;
    const int native = std::exchange(owner_->native, -1);
    if (detail::poller* const watching = detail::poller::find()) watching->forget(native);
    ::close(native);
}

void datagram::require_open(const char* what) const {
    if (!is_open()) throw invalid_state_error(std::string(what) + ": the socket is closed");
}

detail::send_operation datagram::send_to(std::string data, address to, const source_location& where) const {
    require_open("datagram.send_to()");
    if (to.empty()) throw std::invalid_argument("datagram.send_to(): no address is given");
    if (!peer_.empty()) {
        if (to != peer_) {
            throw std::invalid_argument("datagram.send_to(): the socket is connected to " + peer_.to_string() + " and cannot send to " +
                                        to.to_string());
        }
        to = address();
    }
    return detail::send_operation(owner_, std::move(data), std::move(to), where);
}

detail::send_operation datagram::send(std::string data, const source_location& where) const {
    require_open("datagram.send()");
    if (peer_.empty()) throw invalid_state_error("datagram.send(): the socket is not connected: use send_to(data, address)");
    return detail::send_operation(owner_, std::move(data), address(), where);
}

detail::receive_operation datagram::receive(std::size_t most, const source_location& where) const {
    require_open("datagram.receive()");
    return detail::receive_operation(owner_, is_udp_, most, where);
}

detail::receive_into_operation datagram::receive_into(void* room, std::size_t size, const source_location& where) const {
    require_open("datagram.receive_into()");
    return detail::receive_into_operation(owner_, room, size, where);
}

void datagram::join(const address& group, const std::string& interface) const {
    require_open("datagram.join()");
    change_membership(native_handle(), MCAST_JOIN_GROUP, group, interface);
}

void datagram::leave(const address& group, const std::string& interface) const {
    require_open("datagram.leave()");
    change_membership(native_handle(), MCAST_LEAVE_GROUP, group, interface);
}

address datagram::local_address() const { return is_open() ? detail::local_address_of(native_handle()) : address(); }

}  // namespace brio::inline v0

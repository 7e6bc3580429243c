// SPDX-License-Identifier: BSL-1.0
// The public functions over the loop's resolver.
#include <brio/io/resolver.hpp>

#include "io/resolver.hpp"

#include <brio/thread/run_in_executor.hpp>

#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace brio::inline v0 {

resolve_error::~resolve_error() = default;

namespace {

int native_family(address_family family) {
    switch (family) {
        case address_family::none: return AF_UNSPEC;
        case address_family::ipv4: return AF_INET;
        case address_family::ipv6: return AF_INET6;
        case address_family::unix_socket:
        case address_family::other: break;
    }
    throw std::invalid_argument("getaddrinfo: only IPv4 and IPv6 addresses can be looked up");
}

detail::name_query make_query(std::string host, std::string service, const resolve_options& options) {
    detail::name_query query(std::move(host), std::move(service));
    query.family = native_family(options.chosen_family());
    query.datagram = options.is_datagram();
    query.passive = options.is_passive();
    query.digits_only = options.is_digits_only();
    query.fresh = options.is_fresh();
    return query;
}

// For people: a NUL would end the text.
std::string shown(std::string host) {
    std::replace(host.begin(), host.end(), '\0', '?');
    return "'" + host + "'";
}

awaitable<std::vector<address>> find_addresses(detail::name_query query) {
    std::string host = query.host;
    const std::string service = query.service;
    const detail::resolved found = co_await detail::resolve(std::move(query));
    if (!found.error.empty()) {
        throw resolve_error("cannot resolve " + shown(host) + " (port " + service + "): " + found.error, host, found.code);
    }
    std::vector<address> made;
    made.reserve(found.addresses.size());
    for (const detail::endpoint& item : found.addresses) {
        made.push_back(address::from_native(reinterpret_cast<const sockaddr*>(item.data()), item.size()));
    }
    co_return made;
}

class named {
public:
    named(host_name answer, int reason, std::string failure) noexcept
        : names(std::move(answer)), code(reason), error(std::move(failure)) {}
    host_name names;
    int code;
    std::string error;
};

named ask_name(const address& of, int flags) {
    char host[NI_MAXHOST] = "";
    char service[NI_MAXSERV] = "";
    const int code = ::getnameinfo(of.data(), static_cast<socklen_t>(of.size()), host, sizeof host, service, sizeof service, flags);
    if (code == 0) return named(host_name(host, service), 0, {});
    return named({}, code, code == EAI_SYSTEM ? std::system_category().message(errno) : std::string(::gai_strerror(code)));
}

awaitable<host_name> find_name(address of, int flags) {
    named found = co_await run_in_executor(detail::resolver_pool(), &ask_name, of, flags);
    if (found.code != 0) throw resolve_error("cannot find the name of " + of.to_string() + ": " + found.error, of.to_string(), found.code);
    co_return std::move(found.names);
}

}  // namespace

awaitable<std::vector<address>> getaddrinfo(std::string host, std::uint16_t port, resolve_options options) {
    return find_addresses(make_query(std::move(host), std::to_string(port), options));
}

awaitable<std::vector<address>> getaddrinfo(std::string host, std::string service, resolve_options options) {
    return find_addresses(make_query(std::move(host), std::move(service), options));
}

awaitable<host_name> getnameinfo(address of, name_options options) {
    if (!of.is_ip()) throw std::invalid_argument("getnameinfo: only IPv4 and IPv6 addresses have names: " + of.to_string());
    int flags = 0;
    if (options.is_digits()) flags |= NI_NUMERICHOST;
    if (options.is_port_digits()) flags |= NI_NUMERICSERV;
    if (options.is_required()) flags |= NI_NAMEREQD;
    if (options.is_datagram()) flags |= NI_DGRAM;
    return find_name(std::move(of), flags);
}

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// From a host and a port, or a path, to a stream.
#include <brio/io/open_connection.hpp>

#include <brio/io/resolver.hpp>

#include "io/connect.hpp"
#include "io/connect_access.hpp"
#include "io/io_error.hpp"
#include "io/resolver.hpp"
#include "io/secure.hpp"
#include "io/stream_state.hpp"

#include <brio/compose/wait_for.hpp>
#include <brio/core/exception_group.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/sleep.hpp>
#include <brio/detail/task_text.hpp>

#include <boost/asio/error.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <stdexcept>
#include <utility>

namespace brio::inline v0 {

connect_options::connect_options() noexcept = default;
connect_options::connect_options(const connect_options&) = default;
connect_options::connect_options(connect_options&&) noexcept = default;
connect_options& connect_options::operator=(const connect_options&) = default;
connect_options& connect_options::operator=(connect_options&&) noexcept = default;
connect_options::~connect_options() = default;

connect_options& connect_options::limit(std::size_t bytes) {
    if (bytes == 0) throw std::invalid_argument("connect_options.limit(0): the limit of a stream must be at least 1 byte");
    limit_ = bytes;
    return *this;
}

connect_options& connect_options::tls(tls_context context, tls_options options) {
    if (context.is_server()) throw std::invalid_argument("connect_options.tls(): this TLS context is for accepting, not for connecting");
    tls_ = std::move(context);
    tls_options_ = std::move(options);
    return *this;
}

namespace {

using detail::endpoint;

endpoint to_endpoint(const address& from) { return endpoint(from.data(), from.size()); }

// Addresses that the options rule out. Throws when none is left.
void keep_family(std::vector<endpoint>& addresses, const std::string& target, const connect_options& options) {
    address_family only = connect_access::family(options);
    if (const auto& local = connect_access::local(options)) only = local->family();
    if (only == address_family::none) return;
    const int wanted = only == address_family::ipv6 ? AF_INET6 : AF_INET;
    std::erase_if(addresses, [&](const endpoint& one) { return one.data()->sa_family != wanted; });
    if (!addresses.empty()) return;
    throw detail::make_system_error(boost::asio::error::address_family_not_supported,
                                    "cannot connect to " + target + ": it has no " +
                                        (wanted == AF_INET6 ? "IPv6" : "IPv4") + " address, which the options ask for");
}

[[noreturn]] void fail(const std::string& target, std::vector<detail::connect_failure> failures, bool as_group) {
    if (failures.empty()) throw timeout_error("cannot connect to " + target + ": no attempt came to an end");
    if (as_group) {
        std::vector<exception_group::member> errors;
        for (const detail::connect_failure& one : failures) {
            errors.emplace_back(std::make_exception_ptr(detail::make_system_error(one.ec, "cannot connect to " + one.peer)), one.peer);
        }
        throw exception_group("cannot connect to " + target, std::move(errors));
    }
    if (failures.size() == 1) {
        throw detail::make_system_error(failures.front().ec, "cannot connect to " + target +
                                        (target == failures.front().peer ? "" : " (" + failures.front().peer + ")"));
    }
    std::string each;
    for (std::size_t i = 0; i + 1 < failures.size(); ++i) each += failures[i].peer + ": " + failures[i].ec.message() + "; ";
    throw detail::make_system_error(failures.back().ec, "cannot connect to " + target + " (" + each + failures.back().peer + ")");
}

awaitable<stream> to_stream(std::unique_ptr<detail::socket> peer, std::string host, std::string target, connect_options options) {
    const std::size_t limit = connect_access::limit(options);
    if (const auto& context = connect_access::tls(options)) {
        co_return co_await detail::make_tls_stream(std::move(peer), *context, connect_access::how(options), std::move(host),
                                                   std::move(target), limit);
    }
    stream made = detail::stream_access::make(std::move(peer), limit);
    detail::stream_access::state(made)->host = std::move(host);
    co_return made;
}

std::string target_text(const std::string& host, std::uint16_t port) {
    return (host.find(':') != host.npos ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

awaitable<stream> connect_host(std::string host, std::uint16_t port, connect_options options) {
    std::string target = target_text(host, port);
    std::string name = host;
    if (name.empty()) name = "localhost";
    detail::resolved found = co_await detail::resolve(std::move(name), port);
    if (!found.error.empty()) throw resolve_error("cannot resolve the host name '" + host + "': " + found.error, host, found.code);
    keep_family(found.addresses, target, options);
    detail::connect_plan plan;
    plan.stagger = connect_access::stagger(options);
    if (const auto& local = connect_access::local(options)) plan.local = to_endpoint(*local);
    detail::connected made = co_await detail::connect_any(std::move(found.addresses), detail::no_deadline, plan);
    if (!made.peer) fail(target, std::move(made.failures), connect_access::all_errors(options));
    co_return co_await to_stream(std::move(made.peer), std::move(host), std::move(target), std::move(options));
}

// A listener whose queue is full refuses at once, and tells nobody when it has room again.
awaitable<detail::connected> connect_when_possible(address where) {
    for (auto pause = std::chrono::milliseconds(1);; pause = std::min(pause * 2, std::chrono::milliseconds(100))) {
        detail::connected made = co_await detail::connect_any(std::vector<endpoint>(1, to_endpoint(where)), detail::no_deadline);
        if (made.peer || made.ec != boost::asio::error::try_again) co_return made;
        co_await sleep(pause);
    }
}

awaitable<stream> connect_path(address where, connect_options options) {
    detail::connected made = co_await connect_when_possible(where);
    if (!made.peer) fail(where.to_string(), std::move(made.failures), false);
    co_return co_await to_stream(std::move(made.peer), std::string(), where.to_string(), std::move(options));
}

awaitable<stream> in_time(awaitable<stream> connecting, std::string target, connect_options options) {
    const std::optional<connect_options::duration> limit = connect_access::timeout(options);
    if (!limit) co_return co_await std::move(connecting);
    bool late = false;
    try {
        co_return co_await wait_for(std::move(connecting), *limit);
    } catch (const timeout_error&) {
        late = true;
    }
    (void)late;
    throw timeout_error("no connection to " + target + " within " + detail::duration_text(*limit));
}

}  // namespace

awaitable<stream> open_connection(std::string host, std::uint16_t port, connect_options options) {
    std::string target = target_text(host, port);
    if (const auto& context = connect_access::tls(options)) detail::require_name(*context, connect_access::how(options), host, target);
    awaitable<stream> connecting = connect_host(std::move(host), port, options);
    return in_time(std::move(connecting), std::move(target), std::move(options));
}

awaitable<stream> open_unix_connection(std::string path, connect_options options) {
    const address where = address::unix_path(path);
    if (const auto& context = connect_access::tls(options)) {
        detail::require_name(*context, connect_access::how(options), std::string(), where.to_string());
    }
    awaitable<stream> connecting = connect_path(where, options);
    return in_time(std::move(connecting), where.to_string(), std::move(options));
}

}  // namespace brio::inline v0

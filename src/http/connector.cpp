// SPDX-License-Identifier: BSL-1.0
// From a URL to a connection.
#include "http/connector.hpp"

#include "http/crypto.hpp"
#include "http/mock_transport.hpp"
#include "http/tunnel_machine.hpp"
#include "io/connect.hpp"
#include "io/resolver.hpp"
#include "io/tls.hpp"

#include <brio/compose/wait_for.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/task.hpp>
#include <brio/http/proxy_error.hpp>
#include <brio/io/address.hpp>

#include <boost/asio/error.hpp>

#include <algorithm>

namespace brio::inline v0::http::detail {

namespace {

using brio::detail::connected;
using brio::detail::io_result;
using brio::detail::resolved;
using time_point = call_limits::time_point;

time_point now() { return brio::detail::scheduler::current()->now(); }

awaitable<resolved> resolve_in_time(const http::url& target, const call_limits& limits, time_point deadline) {
    if (target.host_is_address() || deadline == brio::detail::no_deadline) {
        co_return co_await brio::detail::resolve(std::string(target.host()), target.port());
    }
    bool late = false;
    try {
        co_return co_await wait_for(brio::detail::resolve(std::string(target.host()), target.port()),
                                    deadline - now());
    } catch (const timeout_error&) {
        late = true;
    }
    if (late) limits.fail(boost::asio::error::timed_out, phase::resolve, now());
    co_return resolved(std::string());
}

// To the host of a URL, be it a server or a proxy.
awaitable<std::unique_ptr<brio::detail::socket>> connect_to(const http::url& host, const call_limits& limits, time_point deadline, phase refused,
                                                            const session_core& core, opening_times& times) {
    const time_point begin = now();
    resolved found = co_await resolve_in_time(host, limits, deadline);
    if (!found.error.empty()) {
        throw connect_error(phase::resolve, "cannot resolve the host name '" + std::string(host.host()) + "': " + found.error);
    }
    const time_point known = now();
    times.resolve = known - begin;
    connected peer = co_await brio::detail::connect_any(std::move(found.addresses), deadline, core.connect_how());
    times.connect = now() - known;
    if (!peer.peer) {
        if (peer.ec == boost::asio::error::timed_out) limits.fail(peer.ec, refused, now());
        const std::string what = refused == phase::proxy ? "the proxy " : "";
        throw connect_error(refused, "cannot connect to " + what + std::string(host.authority()) + ": " + peer.error);
    }
    co_return std::move(peer.peer);
}

// The address without its port.
std::string host_of(const brio::detail::endpoint& address) {
    std::string text = brio::detail::to_string(address);
    text.erase(text.rfind(':'));
    return text.front() == '[' ? text.substr(1, text.size() - 2) : text;
}

// Plays a handshake with a proxy.
awaitable<> play(brio::detail::transport& over, tunnel_machine& machine, const call_limits& limits, time_point deadline) {
    char input[4096];
    while (!machine.is_done()) {
        const std::string output = machine.output();
        io_result done;
        if (!output.empty()) {
            done = co_await brio::detail::write_operation(over, output, deadline);
        } else {
            done = co_await brio::detail::read_operation(over, input, sizeof input, deadline, false);
            if (done.ec == boost::asio::error::eof) machine.feed_eof();
            if (!done.ec) machine.feed({input, done.bytes});
        }
        if (done.ec) limits.fail(done.ec, phase::proxy, now());
    }
}

// Through a SOCKS proxy to an address that was looked up here: the first one that the proxy reaches. It closes the connection
// when it does not, so that each attempt has one of its own.
awaitable<> open_tunnel_to_any(std::unique_ptr<brio::detail::transport>& over, const session_core& core, const http::url& target,
                               const http::url& proxy, const call_limits& limits, time_point deadline) {
    const std::string host(target.host());
    const resolved found = co_await resolve_in_time(target, limits, deadline);
    if (!found.error.empty()) throw connect_error(phase::resolve, "cannot resolve the host name '" + host + "': " + found.error);
    for (std::size_t left = found.addresses.size(); left > 0; --left) {
        const auto& address = found.addresses[found.addresses.size() - left];
        const std::unique_ptr<tunnel_machine> machine = make_socks5_tunnel(proxy, host_of(address), target.port());
        try {
            co_await play(*over, *machine, limits, deadline);
            co_return;
        } catch (const proxy_error&) {
            if (left == 1 || !machine->is_unreached()) throw;
        }
        over.reset();
        resolved again = co_await resolve_in_time(proxy, limits, deadline);
        if (!again.error.empty()) throw connect_error(phase::proxy, "cannot resolve the host name of the proxy " + std::string(proxy.authority()) + ": " + again.error);
        connected peer = co_await brio::detail::connect_any(std::move(again.addresses), deadline, core.connect_how());
        if (!peer.peer) limits.fail(peer.ec, phase::proxy, now());
        over = std::move(peer.peer);
    }
}

awaitable<> open_tunnel(std::unique_ptr<brio::detail::transport>& over, const session_core& core, const http::url& target, const http::url& proxy,
                        const call_limits& limits, time_point deadline) {
    if (proxy.scheme() == "socks5") co_return co_await open_tunnel_to_any(over, core, target, proxy, limits, deadline);
    std::unique_ptr<tunnel_machine> machine;
    if (proxy.is_http()) {
        machine = make_connect_tunnel(proxy, target, core.user_agent());
    } else {
        machine = make_socks5_tunnel(proxy, std::string(target.host()), target.port());
    }
    co_await play(*over, *machine, limits, deadline);
}

// The connection has ended without a word about the handshake.
bool is_broken(const boost::system::error_code& ec) {
    return ec == boost::asio::error::eof || ec == boost::asio::error::connection_reset || ec == boost::asio::error::broken_pipe ||
           brio::detail::is_truncation(ec);
}

awaitable<std::unique_ptr<brio::detail::transport>> start_tls(std::unique_ptr<brio::detail::transport> over, const tls_context& context,
                                                              const http::url& peer, const std::string& name, const std::vector<std::string>& pins,
                                                              const call_limits& limits, time_point deadline) {
    const std::string host(name.empty() ? peer.host() : std::string_view(name));
    brio::detail::tls_setup setup;
    setup.context = context.state();
    setup.server_name = setup.peer = host;
    setup.session_key = std::string(peer.host()) + ":" + std::to_string(peer.port()) + " " + name;
    auto tls = std::make_unique<brio::detail::tls_transport>(get_running_loop().context(), std::move(over), std::move(setup));
    const io_result done = co_await brio::detail::handshake_operation(*tls, deadline);
    if (done.ec) {
        if (done.ec == boost::asio::error::timed_out) limits.fail(done.ec, phase::tls, now());
        const brio::tls_error why = tls->explain(done.ec);
        if (is_broken(done.ec)) throw broken_handshake(why.what(), why.reason());
        throw tls_error(why.what(), why.reason());
    }
    // Some servers answer with a protocol that was not offered.
    if (!tls->alpn().empty() && tls->alpn() != "http/1.1") {
        throw tls_error("TLS handshake with " + host + " failed: the server chose a protocol that was not offered (ALPN)", {});
    }
    if (!pins.empty() && std::find(pins.begin(), pins.end(), key_pin(tls->info().peer_certificate())) == pins.end()) {
        throw tls_error("the key of " + host + " is none of those that are pinned", "key not pinned");
    }
    co_return std::move(tls);
}

awaitable<std::unique_ptr<brio::detail::socket>> connect_to_path(const std::string& path, const call_limits& limits, time_point deadline) {
    const address where = address::unix_path(path);
    std::vector<brio::detail::endpoint> only;
    only.emplace_back(where.data(), where.size());
    connected peer = co_await brio::detail::connect_any(std::move(only), deadline);
    if (!peer.peer) {
        if (peer.ec == boost::asio::error::timed_out) limits.fail(peer.ec, phase::connect, now());
        throw connect_error(phase::connect, "cannot connect to " + where.to_string() + ": " + peer.ec.message());
    }
    co_return std::move(peer.peer);
}

awaitable<std::unique_ptr<connection>> open_plain_or_tls(std::shared_ptr<session_core> core, http::url target,
                                                         std::optional<http::url> proxy, bool tunnel, std::string server_name,
                                                         call_limits limits) {
    const time_point deadline = limits.connect_deadline(now());
    std::unique_ptr<brio::detail::transport> peer;
    opening_times times;
    if (!core->unix_socket().empty()) {
        peer = co_await connect_to_path(core->unix_socket(), limits, deadline);
    } else {
        const http::url first = proxy.value_or(target);
        peer = co_await connect_to(first, limits, deadline, proxy ? phase::proxy : phase::connect, *core, times);
    }
    const std::vector<std::string> no_pins;
    time_point step = now();
    if (proxy && proxy->secure()) peer = co_await start_tls(std::move(peer), core->proxy_tls(), *proxy, std::string(), no_pins, limits, deadline);
    times.tls = now() - step;
    step = now();
    if (proxy && (tunnel || !is_forwarded(target, &*proxy))) co_await open_tunnel(peer, *core, target, *proxy, limits, deadline);
    times.proxy = now() - step;
    step = now();
    if (target.secure()) peer = co_await start_tls(std::move(peer), core->tls(), target, server_name, core->pins(), limits, deadline);
    times.tls += now() - step;
    auto made = std::make_unique<connection>(std::move(peer));
    made->opening = times;
    co_return std::move(made);
}

} // namespace

bool is_forwarded(const http::url& target, const http::url* proxy) noexcept {
    return proxy && proxy->is_http() && !target.secure();
}

// The work is a task of its own, so that closing the session can end it whatever it waits for.
awaitable<std::unique_ptr<connection>> open_connection(std::shared_ptr<session_core> core, const http::url& target,
                                                       const http::url* proxy, bool tunnel, std::string server_name,
                                                       const call_limits& limits) {
    if (const auto& mocked = core->mocked()) co_return std::make_unique<connection>(mocked->connect(mocked, target));
    std::optional<http::url> through;
    if (proxy) through = *proxy;
    task<std::unique_ptr<connection>> opening =
        create_task(open_plain_or_tls(core, target, std::move(through), tunnel, std::move(server_name), limits),
                    "connect " + std::string(target.authority()));
    const auto place = core->connecting.insert(core->connecting.end(), opening);
    struct forget {
        session_core& core;
        std::list<task_handle>::iterator place;
        ~forget() { core.connecting.erase(place); }
    } guard{*core, place};
    const int asked_to_stop = current_task().cancelling();
    try {
        co_return co_await std::move(opening).join();
    } catch (const cancelled_error&) {
        const bool meant_this_task = current_task().cancelling() > asked_to_stop;
        if (core->is_closed() && !meant_this_task) throw session_closed("the session was closed while the request connected");
        throw;
    }
}

} // namespace brio::inline v0::http::detail

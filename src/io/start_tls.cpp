// SPDX-License-Identifier: BSL-1.0
// A stream becomes a TLS connection.
#include "io/exclusive.hpp"
#include "io/secure.hpp"
#include "io/stream_state.hpp"

#include <brio/core/loop.hpp>
#include <brio/io/stream.hpp>

#include <exception>
#include <utility>

namespace brio::inline v0 {

namespace detail {

namespace {

awaitable<> upgrade(ref<stream_core> core, tls_context context, tls_options options) {
    constexpr const char* name = "stream.start_tls()";
    auto& state = static_cast<stream_state&>(*core);
    const exclusive mine(state, name, false);
    const std::string peer = state.peer_text();
    tls_setup setup = make_setup(context, options, context.is_server() ? std::string() : state.host, peer);
    co_await settle_operation(state, name);
    state.require_open(name);
    tls_transport& over = state.raise([&setup](std::unique_ptr<transport> lower, std::string_view ahead) {
        auto made = std::make_unique<tls_transport>(get_running_loop().context(), std::move(lower), std::move(setup));
        made->feed(ahead);
        return made;
    });
    state.set_goodbye_limit(options.chosen_shutdown_timeout());
    std::exception_ptr error;
    try {
        co_await shake_hands(over, options, peer);
    } catch (...) {  // a cancel, too: there is no way back to a plain connection
        error = std::current_exception();
    }
    if (!error) co_return;
    state.abort();
    std::rethrow_exception(error);
}

}  // namespace

}  // namespace detail

awaitable<> stream::start_tls(tls_context context, tls_options options) {
    return detail::upgrade(detail::ref<detail::stream_core>(&require()), std::move(context), std::move(options));
}

std::optional<tls_info> stream::tls() const {
    const auto* const over = dynamic_cast<const detail::tls_transport*>(static_cast<detail::stream_state&>(require()).over());
    if (!over || !over->has_goodbye()) return std::nullopt;
    return over->info();
}

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// Handshakes.
#include "io/secure.hpp"

#include "io/io_error.hpp"
#include "io/stream_state.hpp"

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/task_text.hpp>

#include <boost/asio/error.hpp>

#include <stdexcept>
#include <utility>

namespace brio::inline v0::detail {

void require_name(const tls_context& context, const tls_options& options, const std::string& host, const std::string& peer) {
    const tls_context_state& state = *context.state();
    if (state.server || !state.verify || !state.check_name || !host.empty() || !options.chosen_server_name().empty()) return;
    throw std::invalid_argument("TLS with " + peer + ": the host that its certificate must name is not known, say it with "
                                "tls_options().server_name()");
}

tls_setup make_setup(const tls_context& context, const tls_options& options, const std::string& host, std::string peer) {
    tls_setup made;
    made.context = context.state();
    made.accept_truncation = options.truncation_accepted();
    made.server_name = options.chosen_server_name().empty() ? host : options.chosen_server_name();
    require_name(context, options, host, peer);
    if (!context.is_server() && !made.server_name.empty()) made.session_key = made.server_name + " " + peer;
    made.peer = std::move(peer);
    return made;
}

awaitable<> shake_hands(tls_transport& over, tls_options options, std::string peer) {
    const time_point deadline = deadline_after(get_running_loop().time(), options.chosen_handshake_timeout());
    const io_result done = co_await handshake_operation(over, deadline);
    if (!done.ec) co_return;
    if (done.ec == boost::asio::error::timed_out) {
        throw timeout_error("the TLS handshake with " + peer + " was not done within " +
                            duration_text(options.chosen_handshake_timeout()));
    }
    if (is_tls_error(done.ec)) throw over.explain(done.ec);
    throw make_system_error(done.ec, "TLS handshake with " + peer);
}

awaitable<stream> make_tls_stream(std::unique_ptr<transport> lower, tls_context context, tls_options options, std::string host,
                                  std::string peer, std::size_t limit) {
    tls_setup setup = make_setup(context, options, host, peer);
    auto over = std::make_unique<tls_transport>(get_running_loop().context(), std::move(lower), std::move(setup));
    co_await shake_hands(*over, options, std::move(peer));
    stream made = stream_access::make(std::move(over), limit);
    stream_access::state(made)->set_goodbye_limit(options.chosen_shutdown_timeout());
    stream_access::state(made)->host = std::move(host);
    co_return made;
}

}  // namespace brio::inline v0::detail

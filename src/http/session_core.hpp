// SPDX-License-Identifier: BSL-1.0
// What the requests of a session share while they run.
#pragma once

#include "http/content_decoder.hpp"
#include "http/netrc.hpp"
#include "http/pool.hpp"
#include "http/rate_limiter.hpp"
#include "http/retry_machine.hpp"
#include "io/connect.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/task.hpp>
#include <brio/http/session_options.hpp>
#include <brio/http/url.hpp>
#include <brio/io/tls_context.hpp>
#include <brio/sync/event.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

class mock_state;
class ws_connection;

/// Shared by the session and every call under way, so that a session may be destroyed at any time.
class session_core {
public:
    explicit session_core(session_options defaults);
    session_core(const session_core&) = delete;
    session_core& operator=(const session_core&) = delete;
    ~session_core();

    /// The pool, bound to the running loop when first asked for. Throws loop_error when that is another loop
    /// than before, session_closed after close().
    pool& connections();
    /// Made when first needed.
    [[nodiscard]] const tls_context& tls();
    /// For proxies: without our certificate, which is for the servers.
    [[nodiscard]] const tls_context& proxy_tls();
    /// Keys that servers may have; none: any.
    [[nodiscard]] const std::vector<std::string>& pins() const noexcept;
    /// Where connections come from.
    [[nodiscard]] brio::detail::connect_plan connect_how() const;
    /// Where every connection goes; empty: to the host of the URL.
    [[nodiscard]] const std::string& unix_socket() const noexcept;
    /// The proxy for a URL; nullptr: none.
    [[nodiscard]] const http::url* proxy_for(const http::url& target) const;
    [[nodiscard]] std::string_view user_agent() const noexcept;
    /// What stands in for the network; null: nothing.
    [[nodiscard]] const std::shared_ptr<mock_state>& mocked() const noexcept;
    /// The observer; empty: none.
    [[nodiscard]] const http::tracer& tracer() const noexcept;
    /// Ends the WebSocket when the session is closed. Throws session_closed when it is.
    void adopt(const std::shared_ptr<ws_connection>& made);
    void close() noexcept;
    [[nodiscard]] bool is_closed() const noexcept { return closed_; }
    /// Sleeps. Throws session_closed as soon as the session is closed.
    awaitable<> sleep_until(std::chrono::steady_clock::time_point when);
    /// The loop goes, but tasks may still wait in it ...
    void detach() noexcept;
    /// ... and now they do not.
    void forget_loop() noexcept;
    [[nodiscard]] pool_machine::statistics stats() const noexcept;

    const session_options defaults;
    std::optional<http::url> base;
    std::optional<cookie_jar> cookies;
    std::optional<netrc> logins;
    std::optional<rate_limiter> rate;
    retry_budget retries;
    std::uint64_t calls = 0;
    std::uint64_t retried = 0;
    content_decoder decoder; // for bodies decoded in one go
    std::list<task_handle> connecting;

private:
    class registry;

    registry* registry_ = nullptr;
    std::optional<tls_context> tls_;
    std::optional<tls_context> proxy_tls_;
    std::unique_ptr<pool> pool_;
    brio::detail::scheduler* sched_ = nullptr;
    event closing_;
    unsigned forks_ = 0; // of the process, when the session was bound to its loop
    std::vector<std::weak_ptr<ws_connection>> websockets_;
    bool closed_ = false;
};

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// TLS contexts over a certificate authority in memory, for tests.
#pragma once

#include "http/certificates.hpp"
#include "io/pairs.hpp"

#include <brio/brio.hpp>

#include <optional>
#include <string>
#include <utility>

namespace io_test {

using http_test::authority;
using http_test::identity;

inline authority& ca() {
    static authority one;
    return one;
}
inline const identity& localhost() {
    static const identity one = ca().issue("DNS:localhost,IP:127.0.0.1");
    return one;
}
/// Trusts our authority only.
inline brio::tls_context client_context() { return brio::tls_context::client().ca_pem(ca().pem()); }
inline brio::tls_context server_context(const identity& who = localhost()) {
    return brio::tls_context::server_pem(who.certificate, who.key);
}
inline brio::tls_options named(const std::string& host = "localhost") { return brio::tls_options().server_name(host); }

/// Both sides shake hands; the error of each, null when there was none.
struct handshakes {
    std::exception_ptr client;
    std::exception_ptr server;
};
inline brio::awaitable<handshakes> shake(ends& e, brio::tls_context client, brio::tls_context server,
                                         brio::tls_options how = named()) {
    const auto one = [](brio::stream& s, brio::tls_context context, brio::tls_options options) -> brio::awaitable<std::exception_ptr> {
        std::exception_ptr error;
        try {
            co_await s.start_tls(std::move(context), std::move(options));
        } catch (const std::exception&) {
            error = std::current_exception();
        }
        co_return error;
    };
    brio::task<std::exception_ptr> serving = brio::create_task(one(e.far, std::move(server), brio::tls_options()));
    handshakes done;
    done.client = co_await one(e.near, std::move(client), std::move(how));
    done.server = co_await serving.join();
    co_return done;
}

/// A TLS connection: `near` is the client.
inline brio::awaitable<ends> tls_pair(bool small_buffers = false) {
    ends e = tcp_pair(small_buffers);
    const handshakes done = co_await shake(e, client_context(), server_context());
    if (done.client) std::rethrow_exception(done.client);
    if (done.server) std::rethrow_exception(done.server);
    co_return std::move(e);
}

/// Ends both sides without a goodbye, which would take its time.
inline void drop(ends& e) {
    e.near.abort();
    e.far.abort();
}

inline std::string text_of(const std::exception_ptr& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (const std::exception& e) {
        return e.what();
    }
    return "no error";
}

template <class E>
std::optional<E> as(const std::exception_ptr& error) {
    try {
        if (error) std::rethrow_exception(error);
    } catch (const E& e) {
        return e;
    } catch (...) {
    }
    return std::nullopt;
}

}  // namespace io_test

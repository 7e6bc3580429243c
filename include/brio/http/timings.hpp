// SPDX-License-Identifier: BSL-1.0
// Where the time of a request went.
#pragma once

#include <brio/core/config.hpp>

#include <chrono>

namespace brio::inline v0::http {

/// How long each phase of a request took, by the clock of the loop, which moves with its turns. All but `total` are of the
/// last hop. What did not happen took no time: a connection that was reused was neither resolved nor connected.
class BRIO_API timings {
public:
    using duration = std::chrono::steady_clock::duration;

    timings() noexcept;

    duration pool{};    ///< waiting for a connection or for the right to open one
    duration resolve{}; ///< looking the name up
    duration connect{}; ///< TCP
    duration proxy{};   ///< the handshake with the proxy
    duration tls{};     ///< TLS, with the proxy and with the server
    duration send{};    ///< sending the request, its body included
    duration wait{};    ///< from there to the head of the answer
    duration receive{}; ///< reading the body; 0 for a stream
    duration total{};   ///< the whole call: redirects, retries and pauses included
    bool reused = false;    ///< the connection had served before
    unsigned requests = 0;  ///< sent for the call: redirects, retries, answers to challenges included
};

} // namespace brio::inline v0::http

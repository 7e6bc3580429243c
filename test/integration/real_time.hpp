// SPDX-License-Identifier: BSL-1.0
// Tests with real sockets, whose fixtures are made before and outlive the loop.
#pragma once

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace brio_test {

/// Runs `body` with the real clock and the checks of BRIO_TEST: no task, timer or descriptor may be left.
inline void in_real_time(const std::function<brio::awaitable<>()>& body) {
    brio::testing::run_case(body,
                            brio::testing::case_options().real_time().watchdog(std::chrono::seconds(60)));
}

/// The error of that class which `work` ends with, and how long that took.
template <class Error>
brio::awaitable<std::pair<std::optional<Error>, std::chrono::milliseconds>>
failure_of(brio::awaitable<> work) {
    const auto started = std::chrono::steady_clock::now();
    std::optional<Error> found;
    try {
        co_await std::move(work);
    } catch (const Error& e) {
        found = e;
    }
    const auto took = std::chrono::steady_clock::now() - started;
    co_return std::pair(std::move(found), std::chrono::duration_cast<std::chrono::milliseconds>(took));
}

/// GET, the answer dropped.
inline brio::awaitable<> get(brio::http::session& client, std::string url,
                             brio::http::options options = brio::http::options()) {
    co_await client.get(std::move(url), std::move(options));
}

/// Reads a stream to its end; gives the number of bytes.
inline brio::awaitable<std::uint64_t> drain(brio::http::streaming_response& stream) {
    std::uint64_t size = 0;
    while (const auto piece = co_await stream.next_chunk()) size += piece->size();
    co_return size;
}

} // namespace brio_test

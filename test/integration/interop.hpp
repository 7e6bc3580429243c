// SPDX-License-Identifier: BSL-1.0
// Helpers of the tests that put the session in front of servers which nobody here wrote.
#pragma once

#include "real_time.hpp"

#include <brio/http.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace brio_test {

/// The connections of a session: so many were made, so many are there, all of them idle.
inline void expect_connections(const brio::http::session& client, std::uint64_t created, std::size_t kept) {
    const brio::http::session_stats now = client.stats();
    EXPECT_EQ(now.created, created);
    EXPECT_EQ(now.open, kept);
    EXPECT_EQ(now.idle, kept);
    EXPECT_EQ(now.waiting, 0U);
}

/// For bytes: a difference is named by its place, not printed.
inline void expect_same_bytes(std::string_view actual, std::string_view expected) {
    EXPECT_EQ(actual.size(), expected.size());
    const std::size_t common = std::min(actual.size(), expected.size());
    for (std::size_t i = 0; i < common; ++i) {
        if (actual[i] == expected[i]) continue;
        ADD_FAILURE() << "byte " << i << " differs";
        return;
    }
}

/// The bytes in pieces of that size, as a body. `begun` counts those that were asked for.
inline brio::awaitable<> cut_up(brio::yielder<std::string> yield, std::string bytes, std::size_t piece, std::size_t* begun) {
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        if (begun) ++*begun;
        co_await yield(bytes.substr(at, piece));
    }
}

inline brio::generator<std::string> in_pieces(std::string bytes, std::size_t piece, std::size_t* begun = nullptr) {
    return brio::make_generator<std::string>(cut_up, std::move(bytes), piece, begun);
}

/// A member of a JSON object in an answer, as text.
inline std::string member(const brio::http::response& answer, std::string_view name) {
    const boost::json::value all = answer.json();
    const boost::json::value& found = all.at(name);
    return found.is_string() ? std::string(found.as_string()) : boost::json::serialize(found);
}

} // namespace brio_test

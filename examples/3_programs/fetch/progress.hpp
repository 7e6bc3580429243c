// SPDX-License-Identifier: BSL-1.0
// The moving line on the terminal.
#pragma once

#include <brio/core/awaitable.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace fetch {

/// Counts what goes on, and shows it on standard error: on a terminal as one line that is redrawn ten times a
/// second, elsewhere as a plain line now and then.
class progress {
public:
    explicit progress(bool quiet);

    void expect(std::size_t urls);
    /// A request goes out, and its end, good or bad.
    void request_begins() { ++in_flight_; }
    void request_ends() { --in_flight_; }
    /// A URL is dealt with.
    void finished(bool ok) { ++(ok ? done_ : failed_); }
    void received(std::size_t bytes) { bytes_ += bytes; }

    /// Prints a line of its own, above the moving one.
    void say(const std::string& line);
    /// Shows the counts until it is cancelled.
    brio::awaitable<> show();
    /// Takes the moving line away.
    void clear();

    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
    using clock = std::chrono::steady_clock;
    struct sample {
        clock::time_point when;
        std::uint64_t bytes;
        std::size_t finished;
    };

    [[nodiscard]] std::string text();
    void draw();

    bool is_quiet_;
    bool is_terminal_;
    bool is_drawn_ = false;
    std::size_t total_ = 0;
    std::size_t done_ = 0;
    std::size_t failed_ = 0;
    std::size_t in_flight_ = 0;
    std::uint64_t bytes_ = 0;
    std::deque<sample> recent_; // the last seconds, for the speed
};

} // namespace fetch

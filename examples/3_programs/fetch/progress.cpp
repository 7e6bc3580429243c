// SPDX-License-Identifier: BSL-1.0
// The moving line on the terminal.
#include "progress.hpp"

#include "numbers.hpp"

#include <brio/core/sleep.hpp>

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace fetch {

using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds redraw_every = 100ms;
constexpr std::chrono::milliseconds line_every = 5s;
constexpr auto speed_window = 3s;

bool can_redraw() {
    const char* const kind = std::getenv("TERM");
    return ::isatty(STDERR_FILENO) && kind && std::string_view(kind) != "dumb";
}

std::size_t terminal_width() {
    winsize size{};
    return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stderr); }

} // namespace

progress::progress(bool quiet) : is_quiet_(quiet), is_terminal_(can_redraw()) {}

void progress::expect(std::size_t urls) {
    total_ = urls;
    recent_ = {{clock::now(), 0, 0}};
}

void progress::say(const std::string& line) {
    clear();
    print(line + "\n");
}

brio::awaitable<> progress::show() {
    if (is_quiet_) co_return;
    const auto interval = is_terminal_ ? redraw_every : line_every;
    for (;;) {
        co_await brio::sleep(interval);
        if (is_terminal_) {
            draw();
        } else {
            print(text() + "\n");
        }
    }
}

void progress::draw() {
    std::string line = text();
    line.resize(std::min(line.size(), terminal_width() - 1));
    print("\r" + line + "\x1b[K"); // to the start of the line, the text, clear what is left of the old one
    is_drawn_ = true;
}

void progress::clear() {
    if (is_drawn_) print("\r\x1b[K");
    is_drawn_ = false;
}

std::string progress::text() {
    const auto now = clock::now();
    const std::size_t finished = done_ + failed_;
    recent_.push_back({now, bytes_, finished});
    while (recent_.size() > 2 && now - recent_[1].when > speed_window) recent_.pop_front();

    std::string line = std::to_string(finished) + "/" + std::to_string(total_) + " done";
    if (failed_ > 0) line += ", " + std::to_string(failed_) + " failed";
    line += ", " + std::to_string(in_flight_) + " in flight, " + show_bytes(bytes_);

    const sample& first = recent_.front();
    const double seconds = std::chrono::duration<double>(now - first.when).count();
    if (seconds <= 0) return line;
    line += ", " +
            show_bytes(static_cast<std::uint64_t>(static_cast<double>(bytes_ - first.bytes) / seconds)) +
            "/s";
    const double per_second = static_cast<double>(finished - first.finished) / seconds;
    if (per_second > 0) {
        const double left = static_cast<double>(total_ - finished) / per_second;
        line += ", " + show_clock(std::chrono::seconds(static_cast<long long>(left))) + " left";
    }
    return line;
}

} // namespace fetch

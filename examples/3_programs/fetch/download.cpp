// SPDX-License-Identifier: BSL-1.0
// One URL: request, body, second attempts.
#include "download.hpp"

#include "error_text.hpp"
#include "numbers.hpp"
#include "retry.hpp"

#include <brio/compose/wait_for.hpp>
#include <brio/core/sleep.hpp>
#include <brio/http/error.hpp>
#include <brio/http/mime.hpp>
#include <brio/http/status.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace fetch {

namespace http = brio::http;
using maker = std::function<std::unique_ptr<sink>()>;

namespace {

constexpr std::size_t largest_page = 4 * 1024 * 1024; // beyond that links are not looked for

void check_size(const settings& chosen, std::uint64_t size) {
    if (!chosen.max_size || size <= *chosen.max_size) return;
    throw std::length_error("the body is larger than --max-size (" + show_bytes(*chosen.max_size) + ")");
}

// An error page is read if it is small: that is cheaper than a new connection.
brio::awaitable<> refuse(http::streaming_response& answer) {
    std::optional<std::chrono::seconds> wait;
    if (const auto value = answer.header("Retry-After")) wait = parse_retry_after(std::string(*value));
    const bad_status error(answer.status(), answer.reason(), wait);
    constexpr std::uint64_t small = 64 * 1024;
    if (answer.content_length().value_or(small) < small) {
        try {
            co_await answer.read(16 * small);
        } catch (const http::error&) { // the status is the news
        }
    }
    throw error;
}

// Straight to the file, behind what an earlier attempt, or an earlier run, has left there.
brio::awaitable<> attempt_resumed(download_context& all, result& row) {
    http::download_options how;
    std::uint64_t before = 0;
    how.resume().progress([&](const http::download_progress& now) {
        if (row.bytes == 0) before = now.resumed_from;
        if (now.received > std::max(row.bytes, before)) all.shown.received(now.received - std::max(row.bytes, before));
        row.bytes = now.received;
        check_size(all.chosen, now.total.value_or(now.received));
    });
    try {
        const http::download_result got = co_await all.client.download(row.url, row.file, how);
        row.status = got.head().status();
        row.bytes = got.size();
    } catch (const http::status_error& e) {
        row.status = e.status();
        throw bad_status(e.status(), http::reason_phrase(e.status()), std::nullopt);
    }
}

// For --recursive: links are found in it.
bool is_page(const http::streaming_response& answer) {
    return http::media_type(answer.header("Content-Type").value_or("")).essence() == "text/html";
}

brio::awaitable<> attempt(download_context& all, result& row, const maker& make_sink) {
    if (all.chosen.resume) co_return co_await attempt_resumed(all, row);
    http::options how;
    if (all.chosen.recursive) how.redirects(0); // each place that it leads to is judged like a link
    http::streaming_response answer = co_await all.client.stream("GET", row.url, how);
    row.status = answer.status();
    row.page.clear();
    row.location.clear();
    if (all.chosen.recursive && row.status / 100 == 3) {
        row.location = answer.header("Location").value_or("");
        row.file.clear();
        co_return;
    }
    const bool has_links = all.chosen.recursive && row.depth < all.chosen.depth && is_page(answer);
    if (!answer.ok()) co_await refuse(answer);
    if (const auto announced = answer.content_length()) check_size(all.chosen, *announced);

    const std::unique_ptr<sink> body = make_sink();
    while (const auto piece = co_await answer.next_chunk()) {
        row.bytes += piece->size();
        all.shown.received(piece->size());
        check_size(all.chosen, row.bytes);
        if (has_links && row.page.size() < largest_page) row.page += *piece;
        co_await body->write(*piece);
    }
    co_await body->finish();
}

// With the limit of --timeout, which counts the body as well.
brio::awaitable<> attempt_in_time(download_context& all, result& row, const maker& make_sink) {
    if (!all.chosen.timeout) co_return co_await attempt(all, row, make_sink);
    bool is_late = false;
    try {
        co_await brio::wait_for(attempt(all, row, make_sink), *all.chosen.timeout);
    } catch (const brio::timeout_error&) {
        is_late = true;
    }
    if (!is_late) co_return;
    const std::string limit = show_seconds(*all.chosen.timeout);
    if (row.status == 0)
        throw brio::timeout_error("no answer within " + limit + "; is the server up? see --timeout");
    throw brio::timeout_error("only " + show_bytes(row.bytes) + " of the body came within " + limit +
                              "; see --timeout");
}

} // namespace

brio::awaitable<> download(download_context& all, result& row, const maker& make_sink) {
    std::exception_ptr error;
    for (;;) {
        co_await all.limit.turn();
        row.status = 0;
        row.bytes = 0;
        ++row.attempts;
        all.shown.request_begins();
        const auto started = std::chrono::steady_clock::now();
        error = nullptr;
        try {
            co_await attempt_in_time(all, row, make_sink);
        } catch (const std::exception&) { // cancellation is none, and passes
            error = std::current_exception();
        }
        row.latency = std::chrono::steady_clock::now() - started;
        all.shown.request_ends();
        if (!error || row.attempts > all.chosen.retries) break;
        const auto pause = pause_after(error, row.attempts);
        if (!pause) break;
        co_await brio::sleep(*pause); // `co_await` is not allowed in the handler: hence the variable
    }
    row.what = error ? result::state::failed : result::state::fetched;
    if (!error) co_return;
    row.error = explain(error);
    if (row.attempts > 1) row.error += " (attempt " + std::to_string(row.attempts) + ")";
}

} // namespace fetch

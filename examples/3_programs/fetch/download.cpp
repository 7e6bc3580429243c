// SPDX-License-Identifier: BSL-1.0
// One URL: request, body, second attempts.
#include "download.hpp"

#include "error_text.hpp"
#include "numbers.hpp"
#include "retry.hpp"

#include <brio/compose/wait_for.hpp>
#include <brio/core/sleep.hpp>
#include <brio/http/error.hpp>

#include <stdexcept>
#include <string>

namespace fetch {

namespace http = brio::http;
using maker = std::function<std::unique_ptr<sink>()>;

namespace {

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

brio::awaitable<> attempt(download_context& all, result& row, const maker& make_sink) {
    http::streaming_response answer = co_await all.client.stream("GET", row.url);
    row.status = answer.status();
    if (!answer.ok()) co_await refuse(answer);
    if (const auto announced = answer.content_length()) check_size(all.chosen, *announced);

    const std::unique_ptr<sink> body = make_sink();
    while (const auto piece = co_await answer.next_chunk()) {
        row.bytes += piece->size();
        all.shown.received(piece->size());
        check_size(all.chosen, row.bytes);
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

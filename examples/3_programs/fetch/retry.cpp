// SPDX-License-Identifier: BSL-1.0
// Which failures are worth another attempt, and after which pause.
#include "retry.hpp"

#include <brio/core/error.hpp>
#include <brio/http/error.hpp>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <random>

namespace fetch {

namespace http = brio::http;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds first_pause = 500ms;
constexpr std::chrono::milliseconds longest_pause = 30s;
constexpr std::chrono::seconds longest_wait = 120s;

bool may_pass(unsigned status) {
    return status == 408 || status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

bool is_worth_it(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const bad_status& e) {
        return may_pass(e.status) && (!e.retry_after || *e.retry_after <= longest_wait);
    } catch (const http::connect_error& e) {
        return e.phase() == http::phase::connect; // not for a host name that does not exist
    } catch (const http::timeout&) {
        return true;
    } catch (const http::connection_lost&) {
        return true;
    } catch (const http::incomplete_body&) {
        return true;
    } catch (const brio::timeout_error&) {
        return true;
    } catch (...) {
        return false;
    }
}

std::chrono::milliseconds wish_of_server(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const bad_status& e) {
        return e.retry_after.value_or(0s);
    } catch (...) {
        return 0ms;
    }
}

std::string text_of(unsigned status, std::string_view reason, std::optional<std::chrono::seconds> wait) {
    std::string text = "the server answered " + std::to_string(status);
    if (!reason.empty()) text.append(" ").append(reason);
    if (wait) text += " and asks to come back in " + std::to_string(wait->count()) + " s";
    return text;
}

} // namespace

bad_status::bad_status(unsigned code, std::string_view reason, std::optional<std::chrono::seconds> wait)
    : std::runtime_error(text_of(code, reason, wait)), status(code), retry_after(wait) {}

std::optional<std::chrono::seconds> parse_retry_after(const std::string& value) {
    unsigned seconds = 0;
    const char* const end = value.data() + value.size();
    if (const auto [stop, ec] = std::from_chars(value.data(), end, seconds);
        ec == std::errc() && stop == end) {
        return std::chrono::seconds(seconds);
    }
    std::tm date{};
    const char* const rest = ::strptime(value.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &date);
    if (!rest || *rest != '\0') return std::nullopt;
    return std::chrono::seconds(std::max<std::time_t>(0, ::timegm(&date) - std::time(nullptr)));
}

std::optional<std::chrono::milliseconds> pause_after(const std::exception_ptr& error, unsigned attempts) {
    if (!is_worth_it(error)) return std::nullopt;
    static std::minstd_rand random(std::random_device{}());
    const auto most =
        std::min<std::chrono::milliseconds>(first_pause * (1 << std::min(attempts - 1, 16U)), longest_pause);
    const std::chrono::milliseconds jitter(
        std::uniform_int_distribution<std::int64_t>(0, most.count())(random));
    return wish_of_server(error) + jitter;
}

} // namespace fetch

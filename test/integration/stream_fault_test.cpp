// SPDX-License-Identifier: BSL-1.0
// A small exchange over a stream whose connection is broken at every byte of it, in every way: the right error, in time.
#include "fault_proxy.hpp"
#include "real_time.hpp"
#include "stub_server.hpp"

#include <brio/brio.hpp>

#include <cerrno>
#include <system_error>

using namespace brio_test;
using namespace std::chrono_literals;

namespace {

const std::string answer = "size 7\npayload";
constexpr auto deadline = 400ms;

// What a client does that knows how long an answer is.
brio::awaitable<std::string> exchange(std::uint16_t port) {
    brio::stream server = co_await brio::open_connection("127.0.0.1", port, brio::connect_options().timeout(5s));
    co_await server.write("hello\n");
    const std::string head = co_await server.read_until("\n");
    EXPECT_EQ(head, "size 7\n");
    std::string body = co_await server.read_exactly(7);
    server.close();
    co_await server.wait_closed();
    co_return body;
}

enum class outcome : std::uint8_t { value, incomplete, reset, timeout, other };

std::string name_of(outcome what) {
    switch (what) {
        case outcome::value: return "a value";
        case outcome::incomplete: return "incomplete_read_error";
        case outcome::reset: return "connection reset";
        case outcome::timeout: return "timeout_error";
        default: return "another error";
    }
}

brio::awaitable<outcome> outcome_of(std::uint16_t port, std::chrono::milliseconds limit, std::string& partial) {
    try {
        const std::string body = co_await brio::wait_for(exchange(port), limit);
        EXPECT_EQ(body, "payload");
        co_return outcome::value;
    } catch (const brio::incomplete_read_error& e) {
        partial = e.partial();
        co_return outcome::incomplete;
    } catch (const brio::timeout_error&) {
        co_return outcome::timeout;
    } catch (const std::system_error& e) {
        if (e.code().value() == ECONNRESET || e.code().value() == EPIPE) co_return outcome::reset;
        ADD_FAILURE() << e.what();
    }
    co_return outcome::other;
}

// `make(k)` for every byte k before the end of the answer.
template <class Make>
void sweep(Make make, outcome expected, std::chrono::milliseconds limit = 10s) {
    const stub_server upstream(answer, true);
    for (std::size_t k = 0; k < answer.size(); ++k) {
        SCOPED_TRACE("broken at byte " + std::to_string(k));
        const fault_proxy proxy(upstream.port(), make(k));
        in_real_time([&]() -> brio::awaitable<> {
            const auto started = std::chrono::steady_clock::now();
            std::string partial;
            const outcome got = co_await outcome_of(proxy.port(), limit, partial);
            EXPECT_EQ(name_of(got), name_of(expected));
            if (expected == outcome::incomplete) {
                EXPECT_EQ(partial, k < 7 ? answer.substr(0, k) : answer.substr(7, k - 7));
            }
            const auto took = std::chrono::steady_clock::now() - started;
            if (expected == outcome::timeout) {
                EXPECT_GE(took, limit);
            }
            EXPECT_LT(took, limit + 5s);
        });
    }
}

void survives(const fault& what) {
    const stub_server upstream(answer, true);
    const fault_proxy proxy(upstream.port(), what);
    in_real_time([&]() -> brio::awaitable<> {
        std::string partial;
        const outcome got = co_await outcome_of(proxy.port(), 10s, partial);
        EXPECT_EQ(name_of(got), "a value");
    });
}

TEST(stream_faults, a_connection_that_is_only_slow_works) { survives(fault::delayed(50ms)); }

TEST(stream_faults, bytes_that_come_one_by_one_work) { survives(fault::dribbled()); }

TEST(stream_faults, a_reset_at_every_byte_is_a_reset) { sweep(fault::reset_at, outcome::reset); }

TEST(stream_faults, an_end_at_every_byte_gives_what_has_come) { sweep(fault::closed_at, outcome::incomplete); }

TEST(stream_faults, a_half_close_at_every_byte_gives_what_has_come) { sweep(fault::half_closed_at, outcome::incomplete); }

TEST(stream_faults, silence_at_every_byte_ends_at_the_deadline) {
    sweep(fault::stalled_at, outcome::timeout, deadline);
}

}  // namespace

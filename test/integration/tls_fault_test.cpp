// SPDX-License-Identifier: BSL-1.0
// The same over TLS: a connection that is broken in the handshake, in the data, in the goodbye.
#include "certificates.hpp"
#include "fault_proxy.hpp"
#include "real_time.hpp"

#include <brio/brio.hpp>

#include <cerrno>
#include <system_error>

using namespace brio_test;
using namespace std::chrono_literals;

namespace {

constexpr auto deadline = 150ms;

brio::awaitable<> answer(brio::stream client) {
    try {
        const std::string asked = co_await client.read_line();
        co_await client.write("size 7\npayload");
        client.close();
        co_await client.wait_closed();
    } catch (const brio::error&) {         // the fault meets the server as well
    } catch (const std::system_error&) {
    }
}

// Without it a stream says goodbye in the background.
class abort_at_end {
public:
    explicit abort_at_end(brio::stream& of) : of_(of) {}
    abort_at_end(const abort_at_end&) = delete;
    abort_at_end& operator=(const abort_at_end&) = delete;
    ~abort_at_end() { of_.abort(); }

private:
    brio::stream& of_;
};

brio::awaitable<std::string> exchange(std::uint16_t port, brio::tls_context context) {
    brio::tls_options how;
    how.server_name("localhost");
    brio::connect_options options;
    options.tls(context, how);
    brio::stream server = co_await brio::open_connection("127.0.0.1", port, options);
    const abort_at_end last(server);
    co_await server.write("hello\n");
    const std::string head = co_await server.read_until("\n");
    EXPECT_EQ(head, "size 7\n");
    std::string body = co_await server.read_exactly(7);
    const std::string more = co_await server.read();  // up to the goodbye
    EXPECT_EQ(more, "");
    co_return body;
}

enum class outcome : std::uint8_t { value, tls, reset, timeout, other };

brio::awaitable<outcome> outcome_of(std::uint16_t port, brio::tls_context context, std::chrono::milliseconds limit) {
    try {
        const std::string body = co_await brio::wait_for(exchange(port, context), limit);
        EXPECT_EQ(body, "payload");
        co_return outcome::value;
    } catch (const brio::tls_error&) {
        co_return outcome::tls;
    } catch (const brio::timeout_error&) {
        co_return outcome::timeout;
    } catch (const std::system_error& e) {
        if (e.code().value() == ECONNRESET || e.code().value() == EPIPE) co_return outcome::reset;
        ADD_FAILURE() << e.what();
    } catch (const std::exception& e) {
        ADD_FAILURE() << e.what();
    }
    co_return outcome::other;
}

class tls_faults : public testing::Test {
protected:
    static void SetUpTestSuite() { made = new certificates(); }
    static void TearDownTestSuite() {
        delete made;
        made = nullptr;
    }

    // Breaks the connection at every `step`th byte until the exchange gets through; at least the handshake lies before that.
    template <class Make>
    static void sweep(Make make, const std::vector<outcome>& expected, std::size_t step, std::chrono::milliseconds limit = 10s) {
        const brio::tls_context serving = brio::tls_context::server(made->good(), made->key());
        brio::tls_context connecting = brio::tls_context::client();
        connecting.ca_file(made->authority()).session_resumption(false);
        std::size_t broken = 0;
        bool through = false;
        for (std::size_t k = 0; !through && k < 16384; k += step) {
            SCOPED_TRACE("broken at byte " + std::to_string(k));
            in_real_time([&]() -> brio::awaitable<> {
                brio::server_options options;
                options.tls(serving);
                brio::server server = co_await brio::start_server(answer, "127.0.0.1", 0, options);
                {
                    const fault_proxy proxy(server.port(), make(k));
                    const auto started = std::chrono::steady_clock::now();
                    const outcome got = co_await outcome_of(proxy.port(), connecting, limit);
                    through = got == outcome::value;
                    if (!through) {
                        ++broken;
                        EXPECT_NE(std::find(expected.begin(), expected.end(), got), expected.end()) << static_cast<int>(got);
                    }
                    EXPECT_LT(std::chrono::steady_clock::now() - started, limit + 5s);
                }
                server.close();
                server.abort_clients();
                co_await server.wait_closed();
            });
        }
        EXPECT_TRUE(through);
        EXPECT_GT(broken, 1000 / step);  // the handshake alone has more than that
    }

    static certificates* made;
};

certificates* tls_faults::made = nullptr;

TEST_F(tls_faults, an_end_without_goodbye_is_a_truncation_wherever_it_comes) { sweep(fault::closed_at, {outcome::tls}, 11); }

TEST_F(tls_faults, a_half_close_without_goodbye_is_one_too) { sweep(fault::half_closed_at, {outcome::tls}, 37); }

TEST_F(tls_faults, a_reset_is_a_reset) { sweep(fault::reset_at, {outcome::reset, outcome::tls}, 37); }

TEST_F(tls_faults, silence_ends_at_the_deadline) { sweep(fault::stalled_at, {outcome::timeout}, 61, deadline); }

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Clients that are too slow: what they are told, and how long that may take. Over memory, in virtual time.
#include "http/error_of.hpp"
#include "http/raw_client.hpp"
#include "http/server_connection.hpp"
#include "http/server_core.hpp"
#include "io/memory_transport.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;
using brio::awaitable;
using options = http::server_options;

constexpr std::string_view whole_request = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
constexpr std::string_view part_of_request = "GET / HTTP/1.1\r\nHos";

class slow_client {
public:
    explicit slow_client(options how = options(), std::size_t room = 64 * 1024)
        : core_(std::make_shared<http::detail::server_core>(std::move(how.access_log([this](const http::access_record& r) { note(r); })))),
          connection_(room),
          io(brio::detail::stream_access::make(std::move(connection_.near))) {
        const auto hello = [](http::server_request) -> awaitable<http::reply> { co_return http::reply::text("hello"); };
        core_->add_route("GET", "/", hello, http::route_options());
        core_->add_route("POST", "/", hello, http::route_options());
        const auto stop_early = [](http::server_request request) -> awaitable<http::reply> {
            std::string got;
            try {
                while (const auto piece = co_await request.next_chunk()) got += *piece;
            } catch (const http::refusal& e) {
                got += " and " + std::to_string(e.status());
            }
            co_return http::reply::text(got);
        };
        core_->add_route("POST", "/catch", stop_early, http::route_options().stream_body());
        const auto both_ways = [](http::server_request request) -> awaitable<http::reply> {
            auto kept = std::make_shared<http::server_request>(std::move(request));
            const auto write = [kept](http::reply_writer& out) -> awaitable<> {
                while (auto piece = co_await kept->next_chunk()) co_await out.write(std::move(*piece));
            };
            co_return http::reply::stream(write);
        };
        core_->add_route("POST", "/both", both_ways, http::route_options().stream_body());
        const auto leave = [](http::server_request) -> awaitable<http::reply> {
            co_return http::reply::take_over([](brio::stream) -> awaitable<> { co_return; });
        };
        core_->add_route("POST", "/leave", leave, http::route_options().stream_body());
        serving = brio::create_task(http::detail::serve_connection(core_, brio::detail::stream_access::make(std::move(connection_.far))));
    }
    slow_client(const slow_client&) = delete;
    slow_client& operator=(const slow_client&) = delete;

    void send(std::string_view bytes) { io.write(bytes); }
    /// What has come and was not read.
    [[nodiscard]] const std::string& seen() const { return connection_.down->bytes; }
    /// The server's end is closed: nobody could send anything to it.
    [[nodiscard]] bool is_over() const { return serving.done() && connection_.up->broken; }
    /// `STATUS`, with a `?` behind it when the client cannot have got all of the answer.
    std::vector<std::string> answers;

private:
    void note(const http::access_record& r) { answers.push_back(std::to_string(r.status) + (r.complete ? "" : "?")); }

    std::shared_ptr<http::detail::server_core> core_;
    io_test::memory_connection connection_;

public:
    brio::stream io;
    brio::task<> serving;
};

using texts = std::vector<std::string>;

}  // namespace

BRIO_TEST(server_slow_client, a_head_that_does_not_end_is_answered_with_408) {
    slow_client client;
    client.send(part_of_request);
    co_await brio::testing::advance(29s);
    EXPECT_EQ(client.seen(), "");
    co_await brio::testing::advance(1s);
    EXPECT_TRUE(client.seen().starts_with("HTTP/1.1 408 Request Timeout\r\n")) << client.seen();
    EXPECT_TRUE(contains(client.seen(), "\r\nConnection: close\r\n")) << client.seen();
    EXPECT_EQ(client.answers, texts{"408"});
    client.io.close();
    co_await brio::testing::advance(0s);
    EXPECT_TRUE(client.is_over());
}

BRIO_TEST(server_slow_client, one_byte_of_a_head_is_enough) {
    slow_client client;
    client.send(whole_request);
    co_await brio::testing::advance(10s);
    client.send("G");
    co_await brio::testing::advance(30s);
    EXPECT_EQ(client.answers, (texts{"200", "408"}));
    client.io.close();
    co_await brio::testing::advance(0s);
}

BRIO_TEST(server_slow_client, bytes_that_drip_make_no_difference) {
    slow_client client;
    client.send("GET / HTTP/1.1\r\n");
    for (int i = 0; i < 29; ++i) {
        client.send("A: b\r\n");
        co_await brio::testing::advance(1s);
    }
    EXPECT_EQ(client.answers, texts());
    co_await brio::testing::advance(1s);
    EXPECT_EQ(client.answers, texts{"408"});
    for (int i = 0; i < 3 && !client.is_over(); ++i) {
        client.send("A: b\r\n");
        co_await brio::testing::advance(1s);
    }
    EXPECT_TRUE(client.is_over()) << "it is listened to for a short time only";
}

BRIO_TEST(server_slow_client, without_a_byte_of_a_request_nothing_is_said) {
    for (const char* before : {"", "\r\n", "\r"}) {
        slow_client fresh;
        fresh.send(before);
        co_await brio::testing::advance(75s);
        EXPECT_TRUE(fresh.is_over()) << before;
        EXPECT_EQ(fresh.seen(), "") << before;
        EXPECT_EQ(fresh.answers, texts()) << before;
        slow_client kept;
        kept.send(whole_request);
        co_await brio::testing::advance(0s);
        const std::string answer = kept.seen();
        kept.send(before);
        co_await brio::testing::advance(75s);
        EXPECT_TRUE(kept.is_over()) << before;
        EXPECT_EQ(kept.seen(), answer) << before;
        EXPECT_EQ(kept.answers, texts{"200"}) << before;
    }
}

BRIO_TEST(server_slow_client, whoever_ends_in_the_middle_of_a_head_is_told_nothing) {
    slow_client client;
    client.send(part_of_request);
    co_await brio::testing::advance(1s);
    client.io.write_eof();
    co_await brio::testing::advance(0s);
    EXPECT_TRUE(client.is_over());
    EXPECT_EQ(client.seen(), "");
}

BRIO_TEST(server_slow_client, one_that_never_reads_is_not_waited_for) {
    slow_client patient;
    patient.send(part_of_request);
    co_await brio::testing::advance(33s);
    EXPECT_TRUE(patient.is_over()) << "there was room for the answer, and nobody fetched it";
    slow_client measure;
    measure.send(whole_request);
    co_await brio::testing::advance(0s);
    const std::size_t size = measure.seen().size();
    measure.io.close();
    for (const std::size_t more : {0U, 10U}) {  // room for nothing of the next answer, or for a piece of it
        slow_client client(options(), size + more);
        client.send(whole_request);
        co_await brio::testing::advance(0s);
        EXPECT_EQ(client.answers, texts{"200"});
        client.send(part_of_request);
        co_await brio::testing::advance(30s);
        EXPECT_FALSE(client.is_over());
        EXPECT_EQ(client.seen().size(), size + more);
        co_await brio::testing::advance(1s);
        EXPECT_TRUE(client.is_over());
        EXPECT_EQ(client.answers, (texts{"200", "408?"}));
    }
}

BRIO_TEST(server_slow_client, one_that_fetches_byte_by_byte_is_not_waited_for_either) {
    slow_client client(options(), 1);
    client.send(part_of_request);
    co_await brio::testing::advance(30s);
    std::size_t got = 0;
    for (; got < 60 && !client.is_over(); ++got) {
        co_await client.io.read(1);
        co_await brio::testing::advance(100ms);
    }
    EXPECT_LT(got, 15U);
    EXPECT_EQ(client.answers, texts{"408?"});
}

BRIO_TEST(server_slow_client, a_patience_of_the_programs_own_that_is_shorter_counts) {
    slow_client client(options().read_timeout(5s).write_timeout(100ms), 10);
    client.send(part_of_request);
    co_await brio::testing::advance(5s);
    EXPECT_FALSE(client.is_over());
    co_await brio::testing::advance(100ms);
    EXPECT_TRUE(client.is_over());
}

BRIO_TEST(server_slow_client, a_body_that_stalls_is_answered_with_408) {
    slow_client client;
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
    co_await brio::testing::advance(4s);
    EXPECT_EQ(client.answers, texts());
    co_await brio::testing::advance(1s);
    EXPECT_TRUE(client.seen().starts_with("HTTP/1.1 408 ")) << client.seen();
    EXPECT_TRUE(contains(client.seen(), "\r\nConnection: close\r\n")) << client.seen();
    EXPECT_EQ(client.answers, texts{"408"});
    co_await brio::testing::advance(2s);
    EXPECT_TRUE(client.is_over());
}

BRIO_TEST(server_slow_client, a_body_that_stalls_and_nobody_who_reads_the_408) {
    slow_client client(options().min_rate(0), 20);
    client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
    co_await brio::testing::advance(30s);
    EXPECT_FALSE(client.is_over());
    co_await brio::testing::advance(1s);
    EXPECT_TRUE(client.is_over());
    EXPECT_EQ(client.answers, texts{"408?"});
}

BRIO_TEST(server_slow_client, a_handler_that_reads_a_body_piece_by_piece_may_say_something_else) {
    slow_client client;
    client.send("POST /catch HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
    co_await brio::testing::advance(5s);
    EXPECT_TRUE(client.seen().ends_with("\r\n\r\n123 and 408")) << client.seen();
    EXPECT_EQ(client.answers, texts{"200"});
    client.io.close();
    co_await brio::testing::advance(0s);
}

BRIO_TEST(server_slow_client, an_answer_that_has_begun_is_cut) {
    slow_client client;
    client.send("POST /both HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
    co_await brio::testing::advance(5s);
    EXPECT_TRUE(client.is_over());
    EXPECT_TRUE(client.seen().ends_with("\r\n\r\n3\r\n123\r\n")) << client.seen();
    EXPECT_EQ(client.answers, texts{"200?"});
}

BRIO_TEST(server_slow_client, a_body_that_nobody_wanted_and_that_stalls) {
    slow_client client;
    client.send("POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
    co_await brio::testing::advance(0s);
    EXPECT_EQ(client.answers, texts{"404"}) << "it is answered at once";
    co_await brio::testing::advance(7s);
    EXPECT_TRUE(client.is_over()) << "that is its only answer";
    EXPECT_EQ(client.answers, texts{"404"});
    slow_client leaving;
    leaving.send("POST /leave HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n123");
    co_await brio::testing::advance(5s);
    EXPECT_EQ(leaving.answers, texts{"408"}) << "the connection was not handed over yet";
    leaving.io.close();
    co_await brio::testing::advance(0s);
}

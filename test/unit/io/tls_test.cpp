// SPDX-License-Identifier: BSL-1.0
// TLS streams: conversations, ends, peers that misbehave.
#include "io/certificates.hpp"

#include <brio/testing/test.hpp>

#include <stdexcept>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;

std::string numbered(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + " ";
    return text;
}

awaitable<std::string> read_all(stream& s) { co_return co_await s.read(); }
awaitable<> close_and_wait(stream& s) {
    s.close();
    co_await s.wait_closed();
}

}  // namespace

BRIO_TEST_REAL_TIME(tls, STR_47_start_tls_in_the_middle_of_a_conversation) {
    ends e = tcp_pair();
    co_await e.near.write("STARTTLS\n");
    const std::string asked = co_await e.far.read_line();
    EXPECT_EQ(asked, "STARTTLS\n");
    co_await e.far.write("GO\n");
    const std::string told = co_await e.near.read_line();
    EXPECT_EQ(told, "GO\n");
    EXPECT_FALSE(e.near.tls().has_value());
    const handshakes done = co_await shake(e, client_context(), server_context());
    EXPECT_FALSE(done.client) << text_of(done.client);
    EXPECT_FALSE(done.server) << text_of(done.server);
    BRIO_ASSERT_TRUE(e.near.tls().has_value());
    EXPECT_EQ(e.near.tls()->version(), "TLSv1.3");
    EXPECT_FALSE(e.near.tls()->cipher().empty());
    EXPECT_EQ(e.near.tls()->peer_subject(), "CN=127.0.0.1");
    EXPECT_EQ(e.near.tls()->peer_issuer(), "CN=brio test authority");
    EXPECT_TRUE(e.near.tls()->peer_certificate().starts_with("-----BEGIN CERTIFICATE-----"));
    EXPECT_EQ(e.far.tls()->server_name(), "localhost");
    EXPECT_TRUE(e.far.tls()->peer_subject().empty());
    co_await e.near.write("secret\n");
    const std::string secret = co_await e.far.read_line();
    EXPECT_EQ(secret, "secret\n");
    co_await e.far.write("answer\n");
    const std::string answer = co_await e.near.read_line();
    EXPECT_EQ(answer, "answer\n");
    drop(e);
}

BRIO_TEST_REAL_TIME(tls, STR_48_the_peers_hello_was_read_ahead) {
    ends e = tcp_pair();
    const auto server = [](stream& s) -> awaitable<std::string> {
        const std::string first = co_await s.read_exactly(3);  // "GO\n", and the hello with it
        EXPECT_EQ(first, "GO\n");
        EXPECT_GT(brio::detail::stream_access::state(s)->input().size(), 0u);
        co_await s.start_tls(server_context());
        co_return co_await s.read_line();
    };
    e.near.write("GO\n");
    const auto client = [](stream& s) -> awaitable<> {
        co_await s.start_tls(client_context(), named());
        co_await s.write("hello\n");
    };
    brio::task<> connecting = brio::create_task(client(e.near));
    co_await brio::sleep(5ms);
    brio::task<std::string> serving = brio::create_task(server(e.far));
    const std::string line = co_await serving.join();
    EXPECT_EQ(line, "hello\n");
    co_await connecting.join();
    drop(e);
}

BRIO_TEST_REAL_TIME(tls, TLS_11_start_tls_on_the_server_and_data_both_ways) {
    ends e = co_await tls_pair(true);
    const std::string all = numbered(2'000'000);
    e.near.write(all);
    e.far.write(all);
    const auto read_it = [&all](stream& s) -> awaitable<std::string> { co_return co_await s.read_exactly(all.size()); };
    brio::task<std::string> there = brio::create_task(read_it(e.far));
    brio::task<std::string> back = brio::create_task(read_it(e.near));
    const std::string first = co_await there.join();
    const std::string second = co_await back.join();
    EXPECT_TRUE(first == all);
    EXPECT_TRUE(second == all);
    drop(e);
}

BRIO_TEST_REAL_TIME(tls, TLS_12_cancelling_a_slow_start_tls_is_clean) {
    for (int turns = 0; turns < 12; ++turns) {
        ends e = tcp_pair();
        const auto begin = [](stream& s) -> awaitable<> { co_await s.start_tls(client_context(), named()); };
        brio::task<> starting = brio::create_task(begin(e.near));
        for (int i = 0; i < turns; ++i) co_await brio::sleep(0s);
        starting.cancel();
        co_await brio::gather(brio::return_exceptions, starting);
        EXPECT_TRUE(starting.cancelled());
        const bool begun = turns > 5;
        EXPECT_TRUE(!begun || e.near.native_handle() == -1) << "half a handshake is no connection";
    }
}

BRIO_TEST_REAL_TIME(tls, TLS_14_tls_inside_tls) {
    ends e = co_await tls_pair();
    const handshakes inner = co_await shake(e, client_context(), server_context());
    EXPECT_FALSE(inner.client) << text_of(inner.client);
    EXPECT_FALSE(inner.server) << text_of(inner.server);
    const std::string all = numbered(300'000);
    e.near.write(all);
    brio::task<> closing = brio::create_task(close_and_wait(e.near));
    const std::string got = co_await e.far.read();
    EXPECT_TRUE(got == all);
    e.far.close();
    co_await closing.join();
    co_await e.far.wait_closed();
}

BRIO_TEST_REAL_TIME(tls, TLS_15_after_close_both_ends_see_the_end_and_no_error) {
    ends e = co_await tls_pair();
    brio::task<> closing = brio::create_task(close_and_wait(e.near));
    const std::string end = co_await e.far.read();
    EXPECT_EQ(end, "");
    EXPECT_TRUE(e.far.at_eof());
    EXPECT_FALSE(closing.done()) << "the other side has not said goodbye";
    e.far.close();
    co_await e.far.wait_closed();
    co_await closing.join();
}

BRIO_TEST_REAL_TIME(tls, TLS_16_what_was_written_arrives_before_the_shutdown) {
    ends e = co_await tls_pair(true);
    const std::string all = numbered(4'000'000);
    e.near.write(all);
    brio::task<> closing = brio::create_task(close_and_wait(e.near));
    const std::string got = co_await e.far.read();
    EXPECT_TRUE(got == all);
    e.far.close();
    co_await closing.join();
}

BRIO_TEST_REAL_TIME(tls, TLS_17_data_before_the_peers_shutdown_is_received_over_a_slow_socket_too) {
    ends e = co_await tls_pair(true);
    const std::string all = numbered(1'000'000);
    e.far.write(all);
    e.far.close();
    std::string got;
    for (int round = 0;; ++round) {
        const std::string piece = co_await e.near.read(50'000);
        if (piece.empty()) break;
        got += piece;
        if (round % 16 == 0) co_await brio::sleep(1ms);
    }
    EXPECT_TRUE(got == all);
    e.near.close();
    co_await e.near.wait_closed();
    co_await e.far.wait_closed();
}

BRIO_TEST_REAL_TIME(tls, TLS_19_what_comes_after_close_is_ignored_and_writing_is_harmless) {
    ends e = co_await tls_pair();
    e.near.close();
    e.near.write("dropped");
    for (int i = 0; i < 20; ++i) e.far.write(std::string(1000, 'u'));
    const std::string end = co_await e.far.read();
    EXPECT_EQ(end, "");
    e.far.close();
    co_await e.far.wait_closed();
    co_await e.near.wait_closed();
    const std::string nothing = co_await e.near.read();
    EXPECT_EQ(nothing, "");
}

BRIO_TEST_REAL_TIME(tls, TLS_20_a_shutdown_has_a_limit) {
    ends e = tcp_pair();
    const handshakes done = co_await shake(e, client_context(), server_context(), named().shutdown_timeout(30ms));
    EXPECT_FALSE(done.client) << text_of(done.client);
    e.near.write("last words");
    e.near.close();
    const auto late = co_await failure_of<brio::timeout_error>(e.near.wait_closed());
    EXPECT_NE(std::string(late.what()).find("within 30 ms"), std::string::npos) << late.what();
    EXPECT_EQ(e.near.native_handle(), -1);
    const std::string got = co_await e.far.read_exactly(10);
    EXPECT_EQ(got, "last words");
    e.far.abort();
}

BRIO_TEST_REAL_TIME(tls, TLS_18_no_timer_stays_after_the_limits) {
    brio::detail::scheduler& sched = brio::get_running_loop().scheduler();
    {
        ends e = co_await tls_pair();
        EXPECT_EQ(sched.timer_count(), 0u) << "of the handshake";
        brio::task<> closing = brio::create_task(close_and_wait(e.near));
        const std::string end = co_await e.far.read();
        e.far.close();
        co_await closing.join();
        co_await e.far.wait_closed();
        EXPECT_EQ(sched.timer_count(), 0u) << "of the shutdown";
    }
    ends mute = tcp_pair();
    const auto late = co_await failure_of<brio::timeout_error>(
        mute.near.start_tls(client_context(), named().handshake_timeout(10ms)));
    EXPECT_NE(std::string(late.what()).find("handshake"), std::string::npos) << late.what();
    EXPECT_EQ(sched.timer_count(), 0u);
    EXPECT_EQ(mute.near.native_handle(), -1);
}

BRIO_TEST_REAL_TIME(tls, a_connection_that_is_cut_is_reported) {
    ends e = co_await tls_pair();
    e.far.write("a part");
    const std::string part = co_await e.near.read_exactly(6);
    EXPECT_EQ(part, "a part");
    e.far.abort();  // no goodbye
    const auto cut = co_await failure_of<brio::tls_error>(e.near.read());
    EXPECT_TRUE(cut.truncated());
    const auto again = co_await failure_of<brio::tls_error>(e.near.read(1));
    EXPECT_TRUE(again.truncated());
}

BRIO_TEST_REAL_TIME(tls, a_cut_can_be_accepted) {
    ends e = tcp_pair();
    co_await shake(e, client_context(), server_context(), named().accept_truncation());
    e.far.write("all of it");
    co_await brio::sleep(2ms);
    e.far.abort();
    const std::string all = co_await e.near.read();
    EXPECT_EQ(all, "all of it");
    drop(e);
}

BRIO_TEST_REAL_TIME(tls, bytes_that_were_changed_on_the_way_are_an_error) {
    ends e = co_await tls_pair();
    const char forged[] = "\x17\x03\x03\x00\x20 thirty-two bytes of no meaning..";
    BRIO_ASSERT_EQ(::send(e.far.native_handle(), forged, sizeof forged - 1, MSG_NOSIGNAL), static_cast<ssize_t>(sizeof forged - 1));
    const auto error = co_await failure_of<brio::tls_error>(e.near.read(1));
    EXPECT_FALSE(error.truncated());
    EXPECT_NE(std::string(error.what()).find("127.0.0.1:"), std::string::npos) << error.what();
    drop(e);
}

BRIO_TEST_REAL_TIME(tls, a_cancelled_read_loses_nothing) {
    ends e = co_await tls_pair();
    const std::string all = numbered(100'000);
    const auto feed = [&all](stream& s) -> awaitable<> {
        for (std::size_t at = 0; at < all.size(); at += 333) {
            co_await s.write(std::string_view(all).substr(at, 333));
            if (at % 3 == 0) co_await brio::sleep(0s);
        }
        s.close();
    };
    brio::task<> feeding = brio::create_task(feed(e.far));
    std::string got;
    int cancelled = 0;
    for (int round = 0;; ++round) {
        const auto read_one = [](stream& s) -> awaitable<std::string> { co_return co_await s.read(500); };
        brio::task<std::string> reading = brio::create_task(read_one(e.near));
        for (int turn = 0; turn < round % 4; ++turn) co_await brio::sleep(0s);
        reading.cancel();
        co_await brio::gather(brio::return_exceptions, reading);
        if (reading.cancelled()) {
            ++cancelled;
            continue;
        }
        const std::string piece = reading.result();
        if (piece.empty()) break;
        got += piece;
    }
    EXPECT_TRUE(got == all);
    EXPECT_GT(cancelled, 0);
    co_await feeding.join();
    e.near.close();
    co_await e.far.wait_closed();
}

BRIO_TEST_REAL_TIME(tls, a_write_that_waits_may_be_cancelled_and_is_sent_all_the_same) {
    ends e = co_await tls_pair(true);
    const std::string all = numbered(2'000'000);
    const auto write_it = [&](stream& s) -> awaitable<> { co_await s.write(all); };
    brio::task<> writing = brio::create_task(write_it(e.near));
    co_await brio::sleep(2ms);
    writing.cancel();
    co_await brio::gather(brio::return_exceptions, writing);
    EXPECT_TRUE(writing.cancelled());
    bool late = false;
    try {
        co_await brio::wait_for(e.near.read(1), 2ms);  // aborts what is under way below
    } catch (const brio::timeout_error&) {
        late = true;
    }
    EXPECT_TRUE(late);
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_TRUE(got == all);
    e.far.close();
    co_await e.near.wait_closed();
}

BRIO_TEST_REAL_TIME(tls, reads_and_writes_during_start_tls_are_errors) {
    ends e = tcp_pair();
    const auto begin = [](stream& s) -> awaitable<> { co_await s.start_tls(client_context(), named()); };
    brio::task<> starting = brio::create_task(begin(e.near));
    co_await brio::sleep(1ms);
    co_await failure_of<brio::invalid_state_error>(e.near.read(1));
    EXPECT_THROW(e.near.write("x"), brio::invalid_state_error);
    co_await failure_of<brio::invalid_state_error>(e.near.start_tls(client_context(), named()));
    starting.cancel();
    co_await brio::gather(brio::return_exceptions, starting);
    ends other = tcp_pair();
    brio::task<std::string> reading = brio::create_task(read_all(other.near));
    co_await brio::sleep(1ms);
    co_await failure_of<brio::invalid_state_error>(other.near.start_tls(client_context(), named()));
    other.near.close();
    co_await reading.join();
    EXPECT_FALSE(other.near.can_write_eof() && other.near.tls());
}

BRIO_TEST_REAL_TIME(tls, there_is_no_half_close) {
    ends e = co_await tls_pair();
    EXPECT_FALSE(e.near.can_write_eof());
    EXPECT_THROW(e.near.write_eof(), brio::invalid_state_error);
    drop(e);
}

TEST(tls, a_loop_may_end_in_the_middle_of_everything) {
    for (int moment = 0; moment < 12; ++moment) {
        const auto body = [&]() -> awaitable<> {
            const auto owner = [](bool closes) -> awaitable<> {
                ends e = tcp_pair(true);
                co_await shake(e, client_context(), server_context());
                e.near.write(std::string(1'000'000, 'x'));
                if (closes) e.near.close();
                co_await e.far.read();
            };
            brio::create_task(owner(moment % 2 == 0));
            for (int i = 0; i < moment; ++i) co_await brio::sleep(200us);
        };
        brio::run(body());
    }
}

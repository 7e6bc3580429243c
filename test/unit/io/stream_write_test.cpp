// SPDX-License-Identifier: BSL-1.0
// Writing to streams: order, back-pressure, half-close.
#include "io/pairs.hpp"

#include <brio/core/log.hpp>
#include <brio/testing/test.hpp>

#include <stdexcept>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;

awaitable<> drain(stream& s) { co_await s.drain(); }

awaitable<std::string> read_all(stream& s) { co_return co_await s.read(); }

std::string numbered(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + " ";
    return text;
}

}  // namespace

BRIO_TEST_REAL_TIME(stream_write, STR_35_writing_to_a_peer_that_has_gone_ends_with_an_error) {
    for (const bool by_reset : {false, true}) {
        ends e = tcp_pair();
        if (by_reset) {
            reset(e.far);
        } else {
            e.far.close();
        }
        std::optional<std::error_code> got;
        std::string text;
        try {
            for (;;) co_await e.near.write("foo");
        } catch (const std::system_error& error) {
            got = error.code();
            text = error.what();
        }
        EXPECT_TRUE(got == std::errc::broken_pipe || got == std::errc::connection_reset) << text;
        EXPECT_NE(text.find("write to 127.0.0.1:"), std::string::npos) << text;
        EXPECT_TRUE(e.near.is_closing());
    }
}

BRIO_TEST_REAL_TIME(stream_write, STR_37_an_error_seen_by_the_reader_is_thrown_by_drain) {
    ends e = tcp_pair();
    reset(e.far);
    const auto seen = co_await failure_of<std::system_error>(e.near.read(1));
    EXPECT_EQ(seen.code(), std::errc::connection_reset);
    const auto again = co_await failure_of<std::system_error>(e.near.drain());
    EXPECT_EQ(again.code(), std::errc::connection_reset);
}

BRIO_TEST_REAL_TIME(stream_write, an_error_seen_by_the_reader_wakes_a_writer_that_waits) {
    ends e = tcp_pair(true);
    e.near.write(std::string(4'000'000, 'w'));
    brio::task<> draining = brio::create_task(drain(e.near));
    co_await brio::sleep(2ms);
    EXPECT_FALSE(draining.done());
    reset(e.far);
    const auto error = co_await failure_of<std::system_error>(draining.join());
    EXPECT_TRUE(error.code() == std::errc::connection_reset || error.code() == std::errc::broken_pipe) << error.what();
}

BRIO_TEST_REAL_TIME(stream_write, what_has_arrived_can_be_read_after_a_failed_write) {
    ends e = tcp_pair();
    e.far.write("the answer before the end");
    e.far.close();
    bool failed = false;
    try {
        for (;;) {
            co_await e.near.write("x");
            co_await brio::sleep(1ms);
        }
    } catch (const std::system_error&) {
        failed = true;
    }
    EXPECT_TRUE(failed);
    const std::string answer = co_await e.near.read_exactly(25);
    EXPECT_EQ(answer, "the answer before the end");
}

BRIO_TEST_REAL_TIME(stream_write, TRN_5_a_partial_send_keeps_the_rest_in_order) {
    ends e = tcp_pair(true);
    const std::string all = numbered(3'000'000);
    for (std::size_t at = 0; at < all.size(); at += 7777) e.near.write(std::string_view(all).substr(at, 7777));
    EXPECT_GT(e.near.pending_write_bytes(), 0u);
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, all);
}

BRIO_TEST_REAL_TIME(stream_write, the_bytes_may_go_once_write_returns) {
    ends e = tcp_pair(true);
    const std::string all = numbered(1'000'000);
    for (std::size_t at = 0; at < all.size(); at += 10'000) {
        std::string piece = all.substr(at, 10'000);
        e.near.write(piece);
        std::fill(piece.begin(), piece.end(), '#');
    }
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, all);
}

BRIO_TEST_REAL_TIME(stream_write, TRN_6_all_kinds_of_bytes) {
    ends e = unix_pair();
    const std::vector<std::byte> bytes(3, std::byte{'b'});
    const char* const text = "text ";
    e.near.write(text);
    e.near.write(std::string("string "));
    e.near.write(std::string_view("view "));
    e.near.write(bytes);
    e.near.write(std::string_view("\0x", 2));
    const std::string got = co_await e.far.read_exactly(22);
    EXPECT_EQ(got, std::string("text string view bbb\0x", 22));
}

BRIO_TEST_REAL_TIME(stream_write, TRN_7_nothing_does_nothing) {
    ends e = unix_pair();
    co_await e.near.write("");
    e.near.write_lines(std::span<const std::string>());
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, "");
}

BRIO_TEST_REAL_TIME(stream_write, TRN_9_many_pieces_take_part_in_flow_control) {
    ends e = tcp_pair(true);
    const std::vector<std::string> pieces(1000, std::string(3000, 'p'));
    e.near.write_lines(pieces);
    brio::task<> draining = brio::create_task(drain(e.near));
    co_await brio::sleep(2ms);
    EXPECT_FALSE(draining.done());
    brio::task<std::string> reading = brio::create_task(read_all(e.far));
    co_await draining.join();
    EXPECT_LE(e.near.pending_write_bytes(), 16u * 1024u);
    const std::vector<std::string_view> views{"the", " ", "end"};
    e.near.write_lines(views);
    e.near.close();
    const std::string got = co_await reading.join();
    EXPECT_EQ(got.size(), 3'000'007u);
    EXPECT_TRUE(got.ends_with("ppthe end"));
}

BRIO_TEST_REAL_TIME(stream_write, TRN_10_many_pieces_after_the_connection_was_lost_do_nothing) {
    ends e = tcp_pair();
    reset(e.far);
    co_await failure_of<std::system_error>(e.near.read(1));
    const std::vector<std::string> pieces(3, "x");
    e.near.write_lines(pieces);
    EXPECT_EQ(e.near.pending_write_bytes(), 0u);
}

BRIO_TEST_REAL_TIME(stream_write, TRN_11_writes_after_the_end_are_dropped_and_from_the_fifth_on_logged) {
    std::vector<std::string> logged;
    const brio::log_sink before = brio::set_log_sink([&](brio::log_level, std::string_view text) { logged.emplace_back(text); });
    ends e = unix_pair();
    e.near.close();
    for (int i = 0; i < 4; ++i) e.near.write("x");
    EXPECT_TRUE(logged.empty());
    e.near.write("x");
    e.near.write("x");
    brio::set_log_sink(before);
    BRIO_ASSERT_EQ(logged.size(), 2u);
    EXPECT_NE(logged.front().find("5th"), std::string::npos) << logged.front();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, "");
}

BRIO_TEST_REAL_TIME(stream_write, awaiting_a_write_after_the_end_throws) {
    ends e = unix_pair();
    e.near.close();
    const auto error = co_await failure_of<std::system_error>(e.near.write("x"));
    EXPECT_EQ(error.code(), std::errc::connection_aborted);
}

BRIO_TEST_REAL_TIME(stream_write, TRN_16_marks) {
    ends e = tcp_pair(true);
    EXPECT_THROW(e.near.set_write_limits(10, 11), std::invalid_argument);
    e.near.set_write_limits(100'000'000);
    e.near.write(std::string(4'000'000, 'm'));
    EXPECT_GT(e.near.pending_write_bytes(), 1'000'000u);
    co_await e.near.drain();  // below the high mark
    e.near.set_write_limits(1000);
    brio::task<> draining = brio::create_task(drain(e.near));
    co_await brio::sleep(2ms);
    EXPECT_FALSE(draining.done()) << "lowering the high mark holds writers back at once";
    e.near.set_write_limits(100'000'000, 90'000'000);
    co_await draining.join();
    e.near.set_write_limits(0);
    brio::task<std::string> reading = brio::create_task(read_all(e.far));
    co_await e.near.drain();
    EXPECT_EQ(e.near.pending_write_bytes(), 0u) << "a mark of 0 waits for everything";
    e.near.close();
    co_await reading.join();
}

BRIO_TEST_REAL_TIME(stream_write, a_cancelled_drain_takes_nothing_back) {
    ends e = tcp_pair(true);
    const std::string all = numbered(2'000'000);
    const auto write_it = [&]() -> awaitable<> { co_await e.near.write(all); };
    brio::task<> writing = brio::create_task(write_it());
    co_await brio::sleep(2ms);
    EXPECT_FALSE(writing.done());
    writing.cancel();
    co_await brio::gather(brio::return_exceptions, writing);
    EXPECT_TRUE(writing.cancelled());
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, all);
}

BRIO_TEST_REAL_TIME(stream_write, writes_of_several_tasks_stay_whole) {
    ends e = tcp_pair(true);
    const auto write_it = [&](char c) -> awaitable<> {
        for (int i = 0; i < 50; ++i) co_await e.near.write(std::string(9999, c) + "\n");
    };
    brio::task<> a = brio::create_task(write_it('a'));
    brio::task<> b = brio::create_task(write_it('b'));
    for (int i = 0; i < 100; ++i) {
        const std::string line = co_await e.far.read_line();
        EXPECT_EQ(line, std::string(9999, line.front()) + "\n");
    }
    co_await a.join();
    co_await b.join();
}

BRIO_TEST_REAL_TIME(stream_write, a_reader_that_is_cancelled_does_not_disturb_the_sending) {
    ends e = tcp_pair(true);
    const std::string all = numbered(2'000'000);
    e.near.write(all);
    for (int i = 0; i < 5; ++i) {
        bool late = false;
        try {
            co_await brio::wait_for(e.near.read(1), 1ms);
        } catch (const brio::timeout_error&) {
            late = true;
        }
        EXPECT_TRUE(late);
    }
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, all);
}

BRIO_TEST_REAL_TIME(stream_write, TRN_3_the_end_of_one_direction_leaves_the_other_open) {
    for (const bool big : {false, true}) {
        ends e = tcp_pair(true);
        EXPECT_TRUE(e.near.can_write_eof());
        const std::string question = big ? numbered(1'000'000) : "question";
        e.near.write(question);
        e.near.write_eof();
        e.near.write_eof();  // once is enough
        EXPECT_THROW(e.near.write("x"), brio::invalid_state_error);
        const std::string heard = co_await e.far.read();
        EXPECT_EQ(heard, question);
        e.far.write("answer");
        e.far.close();
        const std::string answer = co_await e.near.read();
        EXPECT_EQ(answer, "answer");
    }
}

BRIO_TEST_REAL_TIME(stream_write, both_directions_at_once) {
    ends e = tcp_pair(true);
    const std::string all = numbered(1'500'000);
    e.near.write(all);
    e.far.write(all);
    e.near.write_eof();
    e.far.write_eof();
    brio::task<std::string> there = brio::create_task(read_all(e.far));
    brio::task<std::string> back = brio::create_task(read_all(e.near));
    const std::string first = co_await there.join();
    const std::string second = co_await back.join();
    EXPECT_EQ(first, all);
    EXPECT_EQ(second, all);
}

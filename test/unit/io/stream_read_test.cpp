// SPDX-License-Identifier: BSL-1.0
// Reading from streams.
#include "io/pairs.hpp"

#include <brio/testing/test.hpp>

#include <stdexcept>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;

awaitable<std::string> read_some(stream& s, std::ptrdiff_t n) { co_return co_await s.read(n); }
awaitable<std::string> read_exact(stream& s, std::size_t n) { co_return co_await s.read_exactly(n); }
awaitable<std::string> read_a_line(stream& s) { co_return co_await s.read_line(); }

// Lets a task that was just made come to its first wait.
awaitable<> begin() {
    co_await brio::sleep(0s);
    co_await brio::sleep(0s);
}

}  // namespace

BRIO_TEST_REAL_TIME(stream_read, STR_1_gives_what_is_there_and_leaves_the_rest) {
    ends e = unix_pair();
    e.far.write("hello world");
    const std::string first = co_await e.near.read(5);
    EXPECT_EQ(first, "hello");
    const std::string rest = co_await e.near.read(1000);
    EXPECT_EQ(rest, " world");
    brio::task<std::string> waiting = brio::create_task(read_some(e.near, 1000));
    co_await begin();
    EXPECT_FALSE(waiting.done());
    e.far.write("x");
    const std::string next = co_await waiting.join();
    EXPECT_EQ(next, "x");
}

BRIO_TEST_REAL_TIME(stream_read, STR_2_of_nothing_is_empty_and_does_not_wait) {
    ends e = unix_pair();
    const auto steps = brio::get_running_loop().metrics().steps;
    const std::string nothing = co_await e.near.read(0);
    EXPECT_EQ(nothing, "");
    EXPECT_EQ(brio::get_running_loop().metrics().steps, steps);
    e.far.write("x");
    const std::string still_nothing = co_await e.near.read(0);
    EXPECT_EQ(still_nothing, "");
    const std::string all = co_await e.near.read(1);
    EXPECT_EQ(all, "x");
}

BRIO_TEST_REAL_TIME(stream_read, STR_3_to_the_end) {
    ends e = unix_pair();
    const std::string big(300'000, 'b');
    e.far.write(big);
    e.far.close();
    const std::string all = co_await e.near.read();
    EXPECT_EQ(all, big);
}

BRIO_TEST_REAL_TIME(stream_read, STR_4_at_the_end_gives_empty) {
    ends e = unix_pair();
    e.far.close();
    for (int i = 0; i < 3; ++i) {
        const std::string nothing = co_await e.near.read(10);
        EXPECT_EQ(nothing, "");
    }
    const std::string none = co_await e.near.read();
    EXPECT_EQ(none, "");
}

BRIO_TEST_REAL_TIME(stream_read, STR_5_the_limit_does_not_bind_reads_by_size) {
    ends e = unix_pair(3);
    e.far.write("chunk one, chunk two");
    const std::string exactly = co_await e.near.read_exactly(9);
    EXPECT_EQ(exactly, "chunk one");
    const std::string some = co_await e.near.read(5);
    EXPECT_EQ(some, ", chu");
    e.far.close();
    const std::string all = co_await e.near.read();
    EXPECT_EQ(all, "nk two");
}

BRIO_TEST_REAL_TIME(stream_read, STR_6_a_limit_of_nothing_is_an_error) {
    EXPECT_THROW(brio::connect_options().limit(0), std::invalid_argument);
    int two[2];
    BRIO_ASSERT_EQ(::pipe(two), 0);
    EXPECT_THROW((void)brio::connect_read_pipe(two[0], 0), std::invalid_argument);
    ::close(two[1]);
    ends e = unix_pair();
    EXPECT_EQ(e.near.limit(), 64u * 1024u);
    co_return;
}

BRIO_TEST_REAL_TIME(stream_read, STR_8_a_line_at_the_end_is_partial_then_empty) {
    ends e = unix_pair();
    e.far.write("first\nsecond");
    e.far.close();
    std::vector<std::string> lines;
    for (int i = 0; i < 4; ++i) lines.push_back(co_await e.near.read_line());
    EXPECT_EQ(lines, (std::vector<std::string>{"first\n", "second", "", ""}));
}

BRIO_TEST_REAL_TIME(stream_read, STR_9_a_line_too_long_whose_end_is_there_is_dropped_alone) {
    ends e = unix_pair(3);
    e.far.write("line1\nli\n");
    const auto late = co_await failure_of<brio::limit_overrun_error>(e.near.read_line());
    EXPECT_EQ(late.consumed(), 6u);
    EXPECT_NE(std::string(late.what()).find("limit of 3 bytes"), std::string::npos) << late.what();
    const std::string next = co_await e.near.read_line();
    EXPECT_EQ(next, "li\n");
}

BRIO_TEST_REAL_TIME(stream_read, STR_10_a_line_too_long_without_its_end_drops_the_buffer) {
    ends e = unix_pair(3);
    e.far.write("linelineline");
    const auto long_one = co_await failure_of<brio::limit_overrun_error>(e.near.read_line());
    EXPECT_EQ(long_one.consumed(), 12u);
    e.far.write("ab\n");
    const std::string next = co_await e.near.read_line();
    EXPECT_EQ(next, "ab\n");
}

BRIO_TEST_REAL_TIME(stream_read, STR_12_reads_of_all_kinds_keep_the_positions) {
    ends e = unix_pair();
    e.far.write("line1\nline2\nline3\nrest");
    const std::string line1 = co_await e.near.read_line();
    const std::string mid = co_await e.near.read(7);
    const std::string line3 = co_await e.near.read_until("3\n");
    char room[2];
    const std::size_t n = co_await e.near.read_into(room, sizeof room);
    const std::string last = co_await e.near.read_exactly(2);
    EXPECT_EQ(line1 + "|" + mid + "|" + line3 + "|" + std::string(room, n) + "|" + last, "line1\n|line2\nl|ine3\n|re|st");
}

BRIO_TEST_REAL_TIME(stream_read, STR_14_an_empty_separator_is_an_error) {
    ends e = unix_pair();
    EXPECT_THROW((void)e.near.read_until(std::string()), std::invalid_argument);
    EXPECT_THROW((void)e.near.read_until(std::vector<std::string>()), std::invalid_argument);
    co_return;
}

BRIO_TEST_REAL_TIME(stream_read, STR_17_several_separators) {
    ends e = unix_pair(7);
    std::vector<std::string> separators{"; ", "\n"};
    e.far.write("a; b\nlonger than 7; x");
    const std::string a = co_await e.near.read_until(separators);
    const std::string b = co_await e.near.read_until(separators);
    EXPECT_EQ(a + "|" + b, "a; |b\n");
    const auto late = co_await failure_of<brio::limit_overrun_error>(e.near.read_until(separators));
    EXPECT_EQ(late.consumed(), 13u);
    const std::string over = co_await e.near.read_exactly(late.consumed());
    EXPECT_EQ(over, "longer than 7");
}

BRIO_TEST_REAL_TIME(stream_read, STR_18_a_chunk_too_long_consumes_nothing) {
    ends e = unix_pair(3);
    e.far.write("some dataA");
    const auto not_found = co_await failure_of<brio::limit_overrun_error>(e.near.read_until("AA"));
    EXPECT_EQ(not_found.consumed(), 9u);
    EXPECT_NE(std::string(not_found.what()).find("no separator was found"), std::string::npos) << not_found.what();
    e.far.write("A");
    co_await e.near.read_exactly(0);
    const auto found = co_await failure_of<brio::limit_overrun_error>(e.near.read_until("eA"));
    EXPECT_EQ(found.consumed(), 9u) << "no match, and no byte may be lost";
    const std::string all = co_await e.near.read_exactly(11);
    EXPECT_EQ(all, "some dataAA");
    e.far.write("some dataAA");
    const auto late = co_await failure_of<brio::limit_overrun_error>(e.near.read_until("AA"));
    EXPECT_EQ(late.consumed(), 9u);
    EXPECT_NE(std::string(late.what()).find("the separator was found"), std::string::npos) << late.what();
}

BRIO_TEST_REAL_TIME(stream_read, STR_19_the_end_before_the_separator_gives_the_part) {
    ends e = unix_pair();
    e.far.write("some data");
    e.far.close();
    const auto cut = co_await failure_of<brio::incomplete_read_error>(e.near.read_until("AA"));
    EXPECT_EQ(cut.partial(), "some data");
    EXPECT_FALSE(cut.expected().has_value());
    EXPECT_TRUE(e.near.at_eof());
}

BRIO_TEST_REAL_TIME(stream_read, STR_20_exactly_nothing_and_too_little) {
    ends e = unix_pair();
    const std::string none = co_await e.near.read_exactly(0);
    EXPECT_EQ(none, "");
    e.far.write("abc");
    e.far.close();
    const auto cut = co_await failure_of<brio::incomplete_read_error>(e.near.read_exactly(5));
    EXPECT_EQ(cut.partial(), "abc");
    EXPECT_EQ(cut.expected(), std::optional<std::size_t>(5));
    EXPECT_STREQ(cut.what(), "the stream ended after 3 bytes of 5");
}

BRIO_TEST_REAL_TIME(stream_read, STR_23_an_error_is_thrown_by_every_read_before_buffered_bytes) {
    ends e = tcp_pair();
    e.far.write("abc");
    const std::string first = co_await e.near.read(1);
    EXPECT_EQ(first, "a");
    brio::task<std::string> waiting = brio::create_task(read_a_line(e.near));
    co_await begin();
    reset(e.far);
    const auto e1 = co_await failure_of<std::system_error>(waiting.join());
    EXPECT_EQ(e1.code(), std::errc::connection_reset);
    EXPECT_NE(std::string(e1.what()).find("127.0.0.1:"), std::string::npos) << e1.what();
    const auto e2 = co_await failure_of<std::system_error>(e.near.read(1));
    const auto e3 = co_await failure_of<std::system_error>(e.near.read_line());
    const auto e4 = co_await failure_of<std::system_error>(e.near.read_exactly(1));
    char room[4];
    const auto e5 = co_await failure_of<std::system_error>(e.near.read_into(room, sizeof room));
    for (const auto* each : {&e2, &e3, &e4, &e5}) EXPECT_EQ(each->code(), std::errc::connection_reset);
    EXPECT_FALSE(e.near.at_eof());
}

BRIO_TEST_REAL_TIME(stream_read, STR_24_TRN_4_a_reset_ends_the_connection_and_wakes_a_waiting_reader) {
    ends e = tcp_pair();
    brio::task<std::string> waiting = brio::create_task(read_exact(e.near, 1));
    co_await begin();
    reset(e.far);
    const auto error = co_await failure_of<std::system_error>(waiting.join());
    EXPECT_EQ(error.code(), std::errc::connection_reset);
}

BRIO_TEST_REAL_TIME(stream_read, STR_25_a_cancelled_reader_and_a_later_error_do_not_clash) {
    ends e = tcp_pair();
    brio::task<std::string> waiting = brio::create_task(read_a_line(e.near));
    co_await begin();
    waiting.cancel();
    reset(e.far);
    co_await brio::gather(brio::return_exceptions, waiting);
    EXPECT_TRUE(waiting.cancelled());
    const auto error = co_await failure_of<std::system_error>(e.near.read(1));
    EXPECT_EQ(error.code(), std::errc::connection_reset);
}

BRIO_TEST_REAL_TIME(stream_read, STR_26_at_eof_only_when_the_end_was_seen_and_nothing_is_left) {
    ends e = unix_pair();
    EXPECT_FALSE(e.near.at_eof());
    e.far.write("some data\n");
    e.far.close();
    const std::string some = co_await e.near.read(4);
    EXPECT_EQ(some, "some");
    EXPECT_FALSE(e.near.at_eof());
    const std::string line = co_await e.near.read_line();
    EXPECT_EQ(line, " data\n");
    EXPECT_TRUE(e.near.at_eof());
}

BRIO_TEST_REAL_TIME(stream_read, STR_27_a_second_reader_gets_an_error_and_the_first_its_bytes) {
    ends e = unix_pair();
    brio::task<std::string> first = brio::create_task(read_a_line(e.near));
    co_await begin();
    const auto clash = co_await failure_of<brio::invalid_state_error>(e.near.read_exactly(3));
    const std::string text = clash.what();
    EXPECT_NE(text.find("stream.read_exactly()"), std::string::npos) << text;
    EXPECT_NE(text.find("stream.read_line()"), std::string::npos) << text;
    e.far.write("line\nrest");
    co_await brio::sleep(2ms);  // the first has its answer and has run, or is about to
    const std::string line = co_await first.join();
    EXPECT_EQ(line, "line\n");
    const std::string rest = co_await e.near.read(10);
    EXPECT_EQ(rest, "rest");
}

BRIO_TEST_REAL_TIME(stream_read, STR_27_a_reader_that_was_woken_and_has_not_run_is_still_the_reader) {
    ends e = unix_pair();
    int clashes = 0;
    const auto watch = [&](brio::task<std::string>& first) -> awaitable<> {
        while (!first.done()) {
            try {
                co_await e.near.read(1);
                ADD_FAILURE() << "took a byte of the first reader's";
            } catch (const brio::invalid_state_error&) {
                ++clashes;
            }
            co_await brio::sleep(0s);
        }
    };
    brio::task<std::string> first = brio::create_task(read_exact(e.near, 3));
    co_await begin();
    brio::task<> watching = brio::create_task(watch(first));
    e.far.write("abc");
    const std::string got = co_await first.join();
    EXPECT_EQ(got, "abc");
    co_await watching.join();
    EXPECT_GT(clashes, 0);
}

BRIO_TEST_REAL_TIME(stream_read, STR_28_TRN_1_nothing_is_read_ahead_that_nobody_waits_for_and_nothing_hangs) {
    ends e = tcp_pair(true);
    const std::string big(1'000'000, 'b');
    e.near.write(big);
    co_await brio::sleep(20ms);
    EXPECT_GT(e.near.pending_write_bytes(), 500'000u) << "the reader's side holds nobody back";
    EXPECT_EQ(brio::detail::stream_access::state(e.far)->input().size(), 0u);
    const std::string one = co_await e.far.read(1);
    EXPECT_EQ(one, "b");
    EXPECT_LE(brio::detail::stream_access::state(e.far)->input().size(), 2 * e.far.limit());
    const std::string rest = co_await e.far.read_exactly(big.size() - 1);
    EXPECT_EQ(rest.size(), big.size() - 1);
    EXPECT_EQ(e.near.pending_write_bytes(), 0u);
}

BRIO_TEST_REAL_TIME(stream_read, STR_29_lines_until_the_end) {
    ends e = unix_pair();
    e.far.write("one\ntwo\r\n\nfour");
    e.far.close();
    std::vector<std::string> lines;
    while (const std::optional<std::string> line = co_await e.near.next_line()) lines.push_back(*line);
    EXPECT_EQ(lines, (std::vector<std::string>{"one", "two", "", "four"}));
    const std::optional<std::string> after = co_await e.near.next_line();
    EXPECT_FALSE(after.has_value());
}

BRIO_TEST_REAL_TIME(stream_read, STR_30_a_cancelled_read_loses_nothing) {
    ends e = unix_pair();
    for (int round = 0; round < 20; ++round) {
        e.far.write("0123");
        brio::task<std::string> waiting = brio::create_task(read_exact(e.near, 8));
        for (int turn = 0; turn < round % 5; ++turn) co_await brio::sleep(0s);
        waiting.cancel();
        co_await brio::gather(brio::return_exceptions, waiting);
        EXPECT_TRUE(waiting.cancelled());
        e.far.write("4567");
        const std::string all = co_await e.near.read_exactly(8);
        EXPECT_EQ(all, "01234567");
    }
}

BRIO_TEST_REAL_TIME(stream_read, STR_30_nor_does_one_that_timed_out) {
    ends e = unix_pair();
    e.far.write("half a li");
    bool late = false;
    try {
        co_await brio::wait_for(e.near.read_line(), 5ms);
    } catch (const brio::timeout_error&) {
        late = true;
    }
    EXPECT_TRUE(late);
    e.far.write("ne\n");
    const std::string line = co_await e.near.read_line();
    EXPECT_EQ(line, "half a line\n");
}

BRIO_TEST_REAL_TIME(stream_read, a_result_that_is_there_comes_before_a_cancel) {
    ends e = unix_pair();
    brio::task<std::string> waiting = brio::create_task(read_exact(e.near, 3));
    co_await begin();
    e.far.write("abc");
    std::string got;
    // Cancelled in the very turn in which it is woken: whichever comes first, no byte is lost.
    const bool woken = co_await eventually([&] { return brio::get_running_loop().metrics().tasks_ready > 0 || waiting.done(); });
    EXPECT_TRUE(woken);
    waiting.cancel();
    co_await brio::gather(brio::return_exceptions, waiting);
    if (waiting.cancelled()) {
        got = co_await e.near.read_exactly(3);
    } else {
        got = waiting.result();
    }
    EXPECT_EQ(got, "abc");
}

BRIO_TEST_REAL_TIME(stream_read, cancelled_before_it_starts_reads_nothing) {
    ends e = unix_pair();
    e.far.write("abc");
    brio::task<std::string> never = brio::create_task(read_some(e.near, 3));
    never.cancel();
    co_await brio::gather(brio::return_exceptions, never);
    EXPECT_TRUE(never.cancelled());
    const std::string all = co_await e.near.read(3);
    EXPECT_EQ(all, "abc");
}

BRIO_TEST_REAL_TIME(stream_read, into_memory_of_the_callers) {
    ends e = unix_pair();
    std::vector<std::byte> room(100'000);
    const std::string big(100'000, 'i');
    e.far.write(big);
    std::size_t got = 0;
    while (got < big.size()) got += co_await e.near.read_into(std::span<std::byte>(room).subspan(got));
    EXPECT_EQ(std::memcmp(room.data(), big.data(), big.size()), 0);
    const std::size_t none = co_await e.near.read_into(room.data(), 0);
    EXPECT_EQ(none, 0u);
    e.far.close();
    const std::size_t end = co_await e.near.read_into(room.data(), room.size());
    EXPECT_EQ(end, 0u);
}

BRIO_TEST_REAL_TIME(stream_read, a_fast_peer_does_not_starve_other_tasks) {
    ends e = unix_pair();
    bool ran = false;
    const auto other = [&]() -> awaitable<> {
        ran = true;
        co_return;
    };
    const auto feed_and_read = [&]() -> awaitable<> {
        for (int i = 0; i < 1000 && !ran; ++i) {
            co_await e.far.write("0123456789");
            co_await e.near.read(10);
        }
        EXPECT_TRUE(ran) << "a thousand reads and writes that need not wait, and nobody else came to run";
    };
    brio::task<> reading = brio::create_task(feed_and_read());
    brio::task<> running = brio::create_task(other());
    co_await reading.join();
    co_await running.join();
}

BRIO_TEST_REAL_TIME(stream_read, the_stream_may_go_while_a_read_waits) {
    ends e = unix_pair();
    std::optional<std::string> got;
    const auto body = [&](stream mine) -> awaitable<> {
        const auto wait = [&got](stream::read_operation reading) -> awaitable<> { got = co_await std::move(reading); };
        brio::task<> waiting = brio::create_task(wait(mine.read(5)));
        co_await begin();
        mine = stream();
        co_await waiting.join();
    };
    co_await body(std::move(e.near));
    EXPECT_EQ(got, std::optional<std::string>(""));
    EXPECT_FALSE(e.near);
    EXPECT_THROW((void)e.near.read(1), brio::invalid_state_error);
}

// Reads of much go past the stream's buffer, into memory that must not be touched when the read has ended.
BRIO_TEST_REAL_TIME(stream_read, STR_30_of_much_into_the_callers_memory_loses_nothing_when_cancelled) {
    ends e = unix_pair();
    const std::string all(400'000, 'm');
    std::size_t got = 0;
    int cancelled = 0;
    const auto feed = [&all](stream& s) -> awaitable<> {
        for (std::size_t at = 0; at < all.size(); at += 5000) {
            co_await s.write(std::string_view(all).substr(at, 5000));
            co_await brio::sleep(0s);
        }
        s.close();
    };
    const auto read_one = [](stream& s) -> awaitable<std::size_t> {
        std::vector<char> room(20'000);
        co_return co_await s.read_into(room);
    };
    brio::task<> feeding = brio::create_task(feed(e.far));
    for (int round = 0; got < all.size(); ++round) {
        brio::task<std::size_t> reading = brio::create_task(read_one(e.near));
        for (int turn = 0; turn < round % 4; ++turn) co_await brio::sleep(0s);
        reading.cancel();
        co_await brio::gather(brio::return_exceptions, reading);
        if (reading.cancelled()) {
            ++cancelled;
        } else {
            got += reading.result();
        }
    }
    EXPECT_EQ(got, all.size());
    EXPECT_GT(cancelled, 0);
    co_await feeding.join();
}

BRIO_TEST_REAL_TIME(stream_read, close_and_reset_end_a_read_into_the_callers_memory) {
    for (const bool by_reset : {false, true}) {
        ends e = tcp_pair();
        std::vector<char> room(20'000);
        std::optional<std::size_t> got;
        bool failed = false;
        const auto read_it = [&](stream& s) -> awaitable<> {
            try {
                got = co_await s.read_into(room);
            } catch (const std::system_error&) {
                failed = true;
            }
        };
        brio::task<> reading = brio::create_task(read_it(e.near));
        co_await begin();
        if (by_reset) {
            reset(e.far);
        } else {
            e.near.close();
        }
        co_await reading.join();
        EXPECT_EQ(failed, by_reset);
        EXPECT_EQ(got.has_value() && *got == 0, !by_reset);
    }
}

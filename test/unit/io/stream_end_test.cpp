// SPDX-License-Identifier: BSL-1.0
// How streams end: close, abort, destruction, failure, the end of their loop.
#include "io/pairs.hpp"

#include <brio/testing/test.hpp>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;

awaitable<std::string> read_all(stream& s) { co_return co_await s.read(); }
awaitable<> wait_closed(stream& s) { co_await s.wait_closed(); }

}  // namespace

BRIO_TEST_REAL_TIME(stream_end, STR_38_close_flushes_and_wait_closed_waits_for_that) {
    ends e = tcp_pair(true);
    const std::string big(2'000'000, 'c');
    e.near.write(big);
    const int descriptor = e.near.native_handle();
    e.near.close();
    e.near.close();
    EXPECT_TRUE(e.near.is_closing());
    brio::task<> waiting = brio::create_task(wait_closed(e.near));
    co_await brio::sleep(2ms);
    EXPECT_FALSE(waiting.done());
    EXPECT_EQ(e.near.native_handle(), descriptor);
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, big);
    co_await waiting.join();
    EXPECT_EQ(e.near.native_handle(), -1);
    co_await e.near.wait_closed();
}

BRIO_TEST_REAL_TIME(stream_end, STR_39_close_with_unread_data) {
    ends e = unix_pair();
    e.far.write("first\nsecond\n");
    const std::string line = co_await e.near.read_line();
    EXPECT_EQ(line, "first\n");
    e.near.close();
    co_await e.near.wait_closed();
    const std::string rest = co_await e.near.read();
    EXPECT_EQ(rest, "second\n") << "what was buffered can be read, then comes the end";
    const std::string end = co_await e.near.read(1);
    EXPECT_EQ(end, "");
}

BRIO_TEST_REAL_TIME(stream_end, STR_42_wait_closed_throws_what_the_connection_ended_with) {
    ends e = tcp_pair(true);
    e.near.write(std::string(2'000'000, 'c'));
    e.near.close();
    brio::task<> waiting = brio::create_task(wait_closed(e.near));
    co_await brio::sleep(1ms);
    reset(e.far);
    const auto error = co_await failure_of<std::system_error>(waiting.join());
    EXPECT_TRUE(error.code() == std::errc::connection_reset || error.code() == std::errc::broken_pipe) << error.what();
    EXPECT_NE(std::string(error.what()).find("127.0.0.1:"), std::string::npos) << error.what();
    const auto again = co_await failure_of<std::system_error>(e.near.wait_closed());
    EXPECT_EQ(again.code(), error.code());
}

BRIO_TEST_REAL_TIME(stream_end, STR_46_TRN_18_a_connection_error_reaches_the_reader_and_nothing_is_reported_on_the_side) {
    int reports = 0;
    brio::get_running_loop().set_exception_handler([&](const brio::error_context&) { ++reports; });
    ends e = tcp_pair();
    brio::task<std::string> reading = brio::create_task(read_all(e.near));
    co_await brio::sleep(1ms);
    reset(e.far);
    const auto error = co_await failure_of<std::system_error>(reading.join());
    EXPECT_EQ(error.code(), std::errc::connection_reset);
    e = ends(stream(), stream());
    co_await brio::sleep(1ms);
    EXPECT_EQ(reports, 0);
}

BRIO_TEST_REAL_TIME(stream_end, TRN_12_close_with_data_flushes_first) {
    ends e = unix_pair();
    const std::string big(3'000'000, 'f');
    e.near.write(big);
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got.size(), big.size());
}

BRIO_TEST_REAL_TIME(stream_end, TRN_13_abort_drops_the_buffer) {
    ends e = unix_pair();
    const std::string big(3'000'000, 'a');
    e.near.write(big);
    const auto drain = [&]() -> awaitable<> { co_await e.near.drain(); };
    brio::task<> draining = brio::create_task(drain());
    co_await brio::sleep(1ms);
    e.near.abort();
    EXPECT_EQ(e.near.native_handle(), -1);
    const auto error = co_await failure_of<std::system_error>(draining.join());
    EXPECT_EQ(error.code(), std::errc::connection_aborted);
    co_await e.near.wait_closed();
    const std::string got = co_await e.far.read();
    EXPECT_LT(got.size(), big.size());
}

BRIO_TEST_REAL_TIME(stream_end, TRN_12_abort_after_close_ends_the_flushing) {
    ends e = unix_pair();
    e.near.write(std::string(3'000'000, 'a'));
    e.near.close();
    EXPECT_NE(e.near.native_handle(), -1);
    e.near.abort();
    EXPECT_EQ(e.near.native_handle(), -1);
    EXPECT_EQ(e.near.pending_write_bytes(), 0u);
    co_await e.near.wait_closed();
}

BRIO_TEST_REAL_TIME(stream_end, TRN_14_what_a_released_writer_adds_before_close_is_sent) {
    ends e = tcp_pair(true);
    const auto writer = [&]() -> awaitable<> {
        co_await e.near.write(std::string(1'000'000, 'w'));
        co_await e.near.write("last words");
        e.near.close();
    };
    brio::task<> writing = brio::create_task(writer());
    const std::string got = co_await e.far.read();
    co_await writing.join();
    EXPECT_EQ(got.size(), 1'000'010u);
    EXPECT_TRUE(got.ends_with("wlast words"));
}

BRIO_TEST_REAL_TIME(stream_end, close_ends_a_read_that_waits) {
    ends e = unix_pair();
    brio::task<std::string> reading = brio::create_task(read_all(e.near));
    co_await brio::sleep(1ms);
    e.near.close();
    const std::string got = co_await reading.join();
    EXPECT_EQ(got, "");
}

BRIO_TEST_REAL_TIME(stream_end, destroying_a_stream_flushes_in_the_background_and_closes) {
    ends e = tcp_pair(true);
    const std::string big(1'000'000, 'd');
    e.near.write(big);
    const int descriptor = e.near.native_handle();
    e.near = stream();
    EXPECT_EQ(::fcntl(descriptor, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC) << "still sending";
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, big);
    const bool closed = co_await eventually([&] { return ::fcntl(descriptor, F_GETFD) < 0; });
    EXPECT_TRUE(closed);
}

BRIO_TEST_REAL_TIME(stream_end, wait_closed_can_be_cancelled) {
    ends e = unix_pair();
    brio::task<> waiting = brio::create_task(wait_closed(e.near));
    co_await brio::sleep(1ms);
    EXPECT_FALSE(waiting.done());
    waiting.cancel();
    co_await brio::gather(brio::return_exceptions, waiting);
    EXPECT_TRUE(waiting.cancelled());
    EXPECT_FALSE(e.near.is_closing());
}

TEST(stream_end, a_stream_may_outlive_its_loop) {
    std::optional<ends> kept;
    int descriptor = -1;
    const auto body = [&]() -> awaitable<> {
        kept.emplace(tcp_pair(true));
        kept->near.write(std::string(1'000'000, 'o'));
        descriptor = kept->near.native_handle();
        co_return;
    };
    brio::run(body());
    EXPECT_LT(::fcntl(descriptor, F_GETFD), 0) << "the descriptor goes with the loop";
    EXPECT_TRUE(kept->near.is_closing());
    EXPECT_EQ(kept->near.native_handle(), -1);
    EXPECT_THROW(kept->near.write("x"), brio::loop_error);
    kept.reset();
}

TEST(stream_end, a_loop_may_end_while_tasks_wait_in_streams) {
    for (const bool with_close : {false, true}) {
        const auto body = [&]() -> awaitable<> {
            auto* const e = new ends(tcp_pair(true));
            const auto reader = [](ends& of) -> awaitable<> { co_await of.near.read(); };
            const auto writer = [](ends& of) -> awaitable<> {
                co_await of.near.write(std::string(2'000'000, 'w'));
            };
            brio::create_task(reader(*e));
            brio::create_task(writer(*e));
            const auto owner = [](ends* of) -> awaitable<> {
                const std::unique_ptr<ends> own(of);
                co_await brio::sleep(1h);
            };
            brio::create_task(owner(e));
            co_await brio::sleep(2ms);
            if (with_close) e->near.close();
        };
        brio::run(body());
    }
}

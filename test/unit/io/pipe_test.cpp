// SPDX-License-Identifier: BSL-1.0
// Streams over pipes.
#include "io/pairs.hpp"

#include <brio/testing/test.hpp>

#include <signal.h>

#include <stdexcept>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;

awaitable<std::string> read_all(stream& s) { co_return co_await s.read(); }
awaitable<> wait_closed(stream& s) { co_await s.wait_closed(); }

}  // namespace

BRIO_TEST_REAL_TIME(pipe, TRN_20_reading_data_and_the_end) {
    int two[2];
    BRIO_ASSERT_EQ(::pipe(two), 0);
    stream reader = brio::connect_read_pipe(two[0]);
    EXPECT_TRUE(::fcntl(two[0], F_GETFD) & FD_CLOEXEC);
    EXPECT_TRUE(::fcntl(two[0], F_GETFL) & O_NONBLOCK);
    EXPECT_TRUE(reader.peer_address().empty());
    EXPECT_EQ(::write(two[1], "line\nmore", 9), 9);
    const std::string line = co_await reader.read_line();
    EXPECT_EQ(line, "line\n");
    brio::task<std::string> reading = brio::create_task(read_all(reader));
    co_await brio::sleep(1ms);
    EXPECT_EQ(::write(two[1], "!", 1), 1);
    ::close(two[1]);
    const std::string rest = co_await reading.join();
    EXPECT_EQ(rest, "more!");
    EXPECT_TRUE(reader.at_eof());
    reader.close();
    EXPECT_LT(::fcntl(two[0], F_GETFD), 0);
}

BRIO_TEST_REAL_TIME(pipe, TRN_20_each_end_has_one_direction) {
    ends e = pipe_pair();
    EXPECT_THROW(e.far.write("x"), brio::invalid_state_error);
    co_await failure_of<brio::invalid_state_error>(e.near.read(1));
    EXPECT_FALSE(e.far.can_write_eof());
    EXPECT_TRUE(e.near.can_write_eof());
}

BRIO_TEST_REAL_TIME(pipe, writing_more_than_fits_waits_for_the_reader) {
    ends e = pipe_pair();
    std::string big;
    for (int i = 0; big.size() < 1'000'000; ++i) big += std::to_string(i) + " ";
    const auto write_it = [&]() -> awaitable<> {
        co_await e.near.write(big);
        e.near.close();
    };
    brio::task<> writing = brio::create_task(write_it());
    co_await brio::sleep(1ms);
    EXPECT_FALSE(writing.done());
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, big);
    co_await writing.join();
}

BRIO_TEST_REAL_TIME(pipe, TRN_21_the_reader_going_away_is_noticed_without_writing) {
    ends e = pipe_pair();
    EXPECT_FALSE(e.near.is_closing());
    brio::task<> waiting = brio::create_task(wait_closed(e.near));
    co_await brio::sleep(1ms);
    EXPECT_FALSE(waiting.done());
    e.far.close();
    EXPECT_TRUE(e.near.is_closing());
    const auto error = co_await failure_of<std::system_error>(waiting.join());
    EXPECT_EQ(error.code(), std::errc::broken_pipe);
}

BRIO_TEST_REAL_TIME(pipe, TRN_21_also_by_a_writer_that_waits) {
    ends e = pipe_pair();
    e.near.write(std::string(1'000'000, 'w'));
    const auto drain = [&]() -> awaitable<> { co_await e.near.drain(); };
    brio::task<> draining = brio::create_task(drain());
    co_await brio::sleep(1ms);
    e.far.close();
    const auto error = co_await failure_of<std::system_error>(draining.join());
    EXPECT_EQ(error.code(), std::errc::broken_pipe);
}

BRIO_TEST_REAL_TIME(pipe, a_broken_pipe_is_an_error_and_no_signal) {
    struct sigaction old{};
    struct sigaction plain{};
    plain.sa_handler = SIG_DFL;
    ::sigaction(SIGPIPE, &plain, &old);
    ends e = pipe_pair();
    e.far.close();
    const auto error = co_await failure_of<std::system_error>(e.near.write("x"));
    EXPECT_EQ(error.code(), std::errc::broken_pipe);
    sigset_t pending;
    ::sigpending(&pending);
    EXPECT_EQ(sigismember(&pending, SIGPIPE), 0);
    sigset_t blocked;
    ::pthread_sigmask(SIG_BLOCK, nullptr, &blocked);
    EXPECT_EQ(sigismember(&blocked, SIGPIPE), 0) << "the thread's mask is as it was";
    ::sigaction(SIGPIPE, &old, nullptr);
}

BRIO_TEST_REAL_TIME(pipe, a_SIGPIPE_of_somebody_elses_stays) {
    sigset_t only;
    sigset_t before;
    sigemptyset(&only);
    sigaddset(&only, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &only, &before);
    ::pthread_kill(::pthread_self(), SIGPIPE);
    ends e = pipe_pair();
    e.far.close();
    co_await failure_of<std::system_error>(e.near.write("x"));
    sigset_t pending;
    ::sigpending(&pending);
    EXPECT_EQ(sigismember(&pending, SIGPIPE), 1);
    const timespec at_once{};
    EXPECT_EQ(::sigtimedwait(&only, nullptr, &at_once), SIGPIPE);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

BRIO_TEST_REAL_TIME(pipe, TRN_22_half_close_waits_for_the_buffer) {
    ends e = pipe_pair();
    const std::string big(500'000, 'h');
    e.near.write(big);
    e.near.write_eof();
    EXPECT_GT(e.near.pending_write_bytes(), 0u);
    EXPECT_FALSE(e.near.native_handle() == -1);
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, big);
    co_await e.near.wait_closed();
    EXPECT_EQ(e.near.native_handle(), -1);
}

BRIO_TEST_REAL_TIME(pipe, TRN_24_a_pipe_that_is_dropped_is_closed) {
    int reader = -1;
    {
        ends e = pipe_pair();
        reader = e.far.native_handle();
        e.near = stream();
        const std::string end = co_await e.far.read();
        EXPECT_EQ(end, "");
    }
    EXPECT_LT(::fcntl(reader, F_GETFD), 0);
}

BRIO_TEST_REAL_TIME(pipe, a_descriptor_that_is_none_is_an_error) {
    EXPECT_THROW((void)brio::connect_read_pipe(12345), std::system_error);
    co_return;
}

// SPDX-License-Identifier: BSL-1.0
// Files into streams.
#include "io/certificates.hpp"

#include <brio/testing/test.hpp>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;

std::string numbered(std::size_t size) {
    std::string text;
    for (int i = 0; text.size() < size; ++i) text += std::to_string(i) + " ";
    return text;
}

// A file with that content, and a descriptor of it.
class sample {
public:
    explicit sample(const std::string& content) : path(folder_.file("sample", content)), fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {}
    sample(const sample&) = delete;
    sample& operator=(const sample&) = delete;
    ~sample() { ::close(fd); }
    [[nodiscard]] off_t position() const { return ::lseek(fd, 0, SEEK_CUR); }

private:
    http_test::scratch_folder folder_;

public:
    const std::string path;
    const int fd;
};

awaitable<std::string> read_all(stream& s) { co_return co_await s.read(); }
awaitable<std::uint64_t> send_all(stream& s, int file) { co_return co_await s.send_file(file); }

}  // namespace

BRIO_TEST_REAL_TIME(send_file, NET_17_behind_what_was_written_before_and_before_what_follows) {
    const std::string content = numbered(2'000'000);
    const sample file(content);
    ends e = tcp_pair(true);
    const std::string before(200'000, 'b');
    const auto send = [&](stream& s) -> awaitable<> {
        s.write(before);
        const std::uint64_t sent = co_await s.send_file(file.fd);
        EXPECT_EQ(sent, content.size());
        s.write("after");
        s.close();
    };
    brio::task<> sending = brio::create_task(send(e.near));
    const std::string got = co_await e.far.read();
    co_await sending.join();
    EXPECT_TRUE(got == before + content + "after");
    EXPECT_EQ(file.position(), static_cast<off_t>(content.size()));
}

BRIO_TEST_REAL_TIME(send_file, NET_15_parts_of_a_file_nothing_of_it_and_more_than_there_is) {
    const sample file("0123456789");
    ends e = tcp_pair();
    struct part {
        std::uint64_t offset;
        std::optional<std::uint64_t> count;
        std::uint64_t sent;
    };
    const part parts[] = {{2, 3, 3}, {0, 0, 0}, {10, std::nullopt, 0}, {8, 100, 2}, {20, 5, 0}, {5, std::nullopt, 5}};
    for (const part& one : parts) {
        e.near.write("[");
        const std::uint64_t sent = co_await e.near.send_file(file.fd, one.offset, one.count);
        EXPECT_EQ(sent, one.sent);
        EXPECT_EQ(file.position(), static_cast<off_t>(one.offset + sent));
        e.near.write("]");
    }
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, "[234][][][89][][56789]");
}

BRIO_TEST_REAL_TIME(send_file, by_name) {
    const sample file("by name");
    ends e = unix_pair();
    const std::uint64_t sent = co_await e.near.send_file(file.path, 3);
    EXPECT_EQ(sent, 4u);
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, "name");
    EXPECT_THROW((void)e.far.send_file("/nonexistent/file"), std::system_error);
    EXPECT_THROW((void)e.far.send_file(12345), std::system_error);
}

BRIO_TEST_REAL_TIME(send_file, NET_16_over_tls_and_into_pipes_it_is_copied_or_refused) {
    const std::string content = numbered(1'000'000);
    const sample file(content);
    for (const bool tls : {false, true}) {
        ends e = pipe_pair();
        if (tls) e = co_await tls_pair(true);
        const auto refused = co_await failure_of<std::system_error>(e.near.send_file(file.fd, 0, std::nullopt, false));
        EXPECT_EQ(refused.code(), std::errc::operation_not_supported);
        e.near.write("before ");
        const auto send = [&](stream& s) -> awaitable<> {
            const std::uint64_t sent = co_await s.send_file(file.fd, 10);
            EXPECT_EQ(sent, content.size() - 10);
            s.write(" after");
            s.close();
        };
        brio::task<> sending = brio::create_task(send(e.near));
        const std::string got = co_await e.far.read();
        co_await sending.join();
        EXPECT_TRUE(got == "before " + content.substr(10) + " after");
        EXPECT_EQ(file.position(), static_cast<off_t>(content.size()));
        e.far.close();
        co_await e.near.wait_closed();
        co_await e.far.wait_closed();
    }
}

BRIO_TEST_REAL_TIME(send_file, NET_16_what_the_system_cannot_send_is_copied) {
    int two[2];
    BRIO_ASSERT_EQ(::pipe2(two, O_CLOEXEC), 0);
    BRIO_ASSERT_EQ(::write(two[1], "from a pipe", 11), 11);
    ::close(two[1]);
    ends e = tcp_pair();
    const std::uint64_t sent = co_await e.near.send_file(two[0]);
    EXPECT_EQ(sent, 11u);
    e.near.close();
    const std::string got = co_await e.far.read();
    EXPECT_EQ(got, "from a pipe");
    ::close(two[0]);
}

BRIO_TEST_REAL_TIME(send_file, NET_18_the_peer_goes_in_the_middle) {
    const std::string content = numbered(8'000'000);
    const sample file(content);
    ends e = tcp_pair(true);
    brio::task<std::uint64_t> sending = brio::create_task(send_all(e.near, file.fd));
    const std::string part = co_await e.far.read_exactly(100'000);
    EXPECT_TRUE(part == content.substr(0, part.size()));
    reset(e.far);
    const auto error = co_await failure_of<std::system_error>(sending.join());
    EXPECT_TRUE(error.code() == std::errc::connection_reset || error.code() == std::errc::broken_pipe) << error.what();
    EXPECT_GE(file.position(), 100'000);
    EXPECT_LT(file.position(), static_cast<off_t>(content.size()));
    EXPECT_TRUE(e.near.is_closing());
    const auto end = co_await failure_of<std::system_error>(e.near.wait_closed());
    EXPECT_EQ(end.code(), error.code());
}

// The system's sendfile raises SIGPIPE, which would end the program.
BRIO_TEST_REAL_TIME(send_file, NET_18_a_peer_that_has_gone_is_an_error_and_no_signal) {
    const sample file(numbered(100'000));
    ends e = unix_pair();
    e.far.abort();
    const auto error = co_await failure_of<std::system_error>(send_all(e.near, file.fd));
    EXPECT_EQ(error.code(), std::errc::broken_pipe) << error.what();
}

BRIO_TEST_REAL_TIME(send_file, NET_19_a_write_meanwhile_or_a_closed_stream_is_an_error_and_reading_goes_on) {
    const std::string content = numbered(4'000'000);
    const sample file(content);
    ends e = tcp_pair(true);
    brio::task<std::uint64_t> sending = brio::create_task(send_all(e.near, file.fd));
    co_await brio::sleep(2ms);
    EXPECT_FALSE(sending.done());
    EXPECT_THROW(e.near.write("x"), brio::invalid_state_error);
    co_await failure_of<brio::invalid_state_error>(e.near.send_file(file.fd));
    co_await failure_of<brio::invalid_state_error>(e.near.start_tls(client_context(), named()));
    e.far.write("meanwhile\n");
    const std::string line = co_await e.near.read_line();
    EXPECT_EQ(line, "meanwhile\n");
    const std::string got = co_await e.far.read_exactly(content.size());
    EXPECT_TRUE(got == content);
    co_await sending.join();
    e.near.close();
    const auto closed = co_await failure_of<std::system_error>(e.near.send_file(file.fd));
    EXPECT_EQ(closed.code(), std::errc::connection_aborted);
}

BRIO_TEST_REAL_TIME(send_file, close_ends_it) {
    const sample file(numbered(8'000'000));
    ends e = tcp_pair(true);
    brio::task<std::uint64_t> sending = brio::create_task(send_all(e.near, file.fd));
    co_await brio::sleep(2ms);
    e.near.close();
    const auto error = co_await failure_of<std::system_error>(sending.join());
    EXPECT_EQ(error.code(), std::errc::connection_aborted) << error.what();
}

BRIO_TEST_REAL_TIME(send_file, NET_20_cancelling_it_is_clean) {
    const std::string content = numbered(3'000'000);
    const sample file(content);
    for (int turns = 0; turns < 10; ++turns) {
        ends e = tcp_pair(true);
        brio::task<std::uint64_t> sending = brio::create_task(send_all(e.near, file.fd));
        for (int i = 0; i < turns; ++i) co_await brio::sleep(0s);
        sending.cancel();
        co_await brio::gather(brio::return_exceptions, sending);
        EXPECT_TRUE(sending.cancelled());
        if (turns == 0) continue;
        const off_t sent = file.position();
        e.near.write("|");  // the stream is as usable as before
        e.near.close();
        const std::string got = co_await e.far.read();
        EXPECT_TRUE(got == content.substr(0, static_cast<std::size_t>(sent)) + "|") << sent << " " << got.size();
    }
}

BRIO_TEST_REAL_TIME(send_file, a_reader_that_is_cancelled_does_not_disturb_it) {
    const std::string content = numbered(3'000'000);
    const sample file(content);
    ends e = tcp_pair(true);
    brio::task<std::uint64_t> sending = brio::create_task(send_all(e.near, file.fd));
    for (int i = 0; i < 5; ++i) {
        brio::task<std::string> reading = brio::create_task(read_all(e.near));
        co_await brio::sleep(1ms);
        reading.cancel();
        co_await brio::gather(brio::return_exceptions, reading);
    }
    const std::string got = co_await e.far.read_exactly(content.size());
    EXPECT_TRUE(got == content);
    co_await sending.join();
}

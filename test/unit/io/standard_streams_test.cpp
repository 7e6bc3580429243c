// SPDX-License-Identifier: BSL-1.0
// Standard streams over everything that they can be, and terminals.
#include "http/certificates.hpp"
#include "io/pairs.hpp"

#include <brio/testing/test.hpp>

#include <cstdlib>
#include <fstream>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;

// Puts a descriptor in the place of a standard one for a while.
class in_place_of {
public:
    in_place_of(int standard, int fd) : standard_(standard), saved_(::fcntl(standard, F_DUPFD_CLOEXEC, 10)) {
        ::dup2(fd, standard);
    }
    in_place_of(const in_place_of&) = delete;
    in_place_of& operator=(const in_place_of&) = delete;
    ~in_place_of() {
        ::dup2(saved_, standard_);
        ::close(saved_);
    }

private:
    int standard_;
    int saved_;
};

struct terminal {
    terminal() {
        master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
        if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0) throw std::runtime_error("no pseudo-terminals here");
        slave = ::open(::ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
    }
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;
    ~terminal() {
        if (master >= 0) ::close(master);
        if (slave >= 0) ::close(slave);
    }
    [[nodiscard]] int give_master() { return std::exchange(master, -1); }
    int master = -1;
    int slave = -1;
};

bool is_blocking(int fd) { return (::fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }

void put(int fd, const std::string& text) { EXPECT_EQ(::write(fd, text.data(), text.size()), static_cast<ssize_t>(text.size())); }

}  // namespace

BRIO_TEST_REAL_TIME(standard_streams, TRN_23_a_terminal_one_way) {
    terminal t;
    stream reader = brio::connect_read_pipe(t.give_master());
    put(t.slave, "one\n");
    const std::string line = co_await reader.read_line();
    EXPECT_EQ(line, "one\r\n") << "as terminals do";
    const auto rest = [](stream& s) -> awaitable<std::string> { co_return co_await s.read(); };
    brio::task<std::string> reading = brio::create_task(rest(reader));
    put(t.slave, "two");
    co_await brio::sleep(1ms);
    ::close(std::exchange(t.slave, -1));
    const std::string two = co_await reading.join();
    EXPECT_EQ(two, "two") << "the other side has gone: the end, not an error";
}

BRIO_TEST_REAL_TIME(standard_streams, TRN_23_a_terminal_both_ways) {
    terminal t;
    stream both = brio::connect_descriptor(t.give_master());
    both.write("question\n");
    char room[64];
    EXPECT_EQ(::read(t.slave, room, sizeof room), 9);
    const std::string echo = co_await both.read_line();
    EXPECT_EQ(echo, "question\r\n");
    put(t.slave, "answer\n");
    const std::string answer = co_await both.read_line();
    EXPECT_EQ(answer, "answer\r\n");
}

BRIO_TEST_REAL_TIME(standard_streams, input_from_a_terminal_leaves_the_terminal_as_it_is) {
    terminal t;
    const in_place_of here(0, t.slave);
    {
        stream in = brio::standard_input();
        EXPECT_TRUE(is_blocking(0));
        put(t.master, "typed\n");
        const std::string line = co_await in.read_line();
        EXPECT_EQ(line, "typed\n");
        EXPECT_TRUE(is_blocking(0));
        in.close();
    }
    EXPECT_TRUE(is_blocking(0));
    EXPECT_NE(::fcntl(0, F_GETFD), -1) << "descriptor 0 is still there";
}

BRIO_TEST_REAL_TIME(standard_streams, input_and_output_over_pipes) {
    int in[2];
    int out[2];
    BRIO_ASSERT_EQ(::pipe2(in, O_CLOEXEC), 0);
    BRIO_ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
    {
        const in_place_of input(0, in[0]);
        const in_place_of output(1, out[1]);
        stream reader = brio::standard_input();
        stream writer = brio::standard_output();
        put(in[1], "a\nb\n");
        ::close(in[1]);
        while (const std::optional<std::string> line = co_await reader.next_line()) co_await writer.write(*line + "!");
        writer.close();
        co_await writer.wait_closed();
        EXPECT_TRUE(is_blocking(0));
        EXPECT_TRUE(is_blocking(1));
    }
    char room[16];
    EXPECT_EQ(::read(out[0], room, sizeof room), 4);
    for (const int fd : {in[0], out[0], out[1]}) ::close(fd);
}

BRIO_TEST_REAL_TIME(standard_streams, input_from_a_file_and_output_to_one_keep_their_positions) {
    const http_test::scratch_folder folder;
    const int from = ::open(folder.file("in", "skipped\nfirst\nsecond").c_str(), O_RDONLY | O_CLOEXEC);
    const int to = ::open(folder.file("out", "before ").c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
    ::lseek(from, 8, SEEK_SET);
    {
        const in_place_of input(0, from);
        const in_place_of output(2, to);
        stream in = brio::standard_input();
        stream out = brio::standard_error();
        const std::string first = co_await in.read_line();
        EXPECT_EQ(first, "first\n");
        const std::string rest = co_await in.read();
        EXPECT_EQ(rest, "second");
        EXPECT_TRUE(in.at_eof());
        co_await out.write(std::string(100'000, 'o'));
        EXPECT_EQ(out.pending_write_bytes(), 0u);
    }
    EXPECT_EQ(std::filesystem::file_size(folder.path() / "out"), 100'007u);
    ::close(from);
    ::close(to);
}

BRIO_TEST_REAL_TIME(standard_streams, a_socket_stays_blocking_for_the_others_that_have_it) {
    int two[2];
    BRIO_ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, two), 0);
    {
        const in_place_of input(0, two[0]);
        const in_place_of output(1, two[0]);
        stream in = brio::standard_input();
        stream out = brio::standard_output();
        stream peer = stream_of(::fcntl(two[1], F_DUPFD_CLOEXEC, 10));
        const std::string big(1'000'000, 's');
        const auto echo = [](stream& from, stream& to) -> awaitable<> {
            for (;;) {
                const std::string piece = co_await from.read(50'000);
                if (piece.empty()) break;
                co_await to.write(piece);
            }
        };
        brio::task<> echoing = brio::create_task(echo(in, out));
        peer.write(big);
        const std::string back = co_await peer.read_exactly(big.size());
        EXPECT_TRUE(back == big);
        EXPECT_TRUE(is_blocking(0));
        // A read that waits can be given up, and nothing is lost.
        echoing.cancel();
        co_await brio::gather(brio::return_exceptions, echoing);
        EXPECT_TRUE(echoing.cancelled());
        peer.write("after");
        const std::string after = co_await in.read_exactly(5);
        EXPECT_EQ(after, "after");
    }
    ::close(two[0]);
    ::close(two[1]);
}

BRIO_TEST_REAL_TIME(standard_streams, a_reader_of_our_output_that_has_gone_is_an_error_and_no_signal) {
    int out[2];
    BRIO_ASSERT_EQ(::pipe2(out, O_CLOEXEC), 0);
    const in_place_of output(1, out[1]);
    stream writer = brio::standard_output();
    ::close(out[0]);
    const auto error = co_await failure_of<std::system_error>(writer.write("x"));
    EXPECT_EQ(error.code(), std::errc::broken_pipe);
    ::close(out[1]);
}

BRIO_TEST_REAL_TIME(standard_streams, there_may_be_none) {
    const int saved = ::fcntl(0, F_DUPFD_CLOEXEC, 10);
    ::close(0);
    EXPECT_THROW((void)brio::standard_input(), std::system_error);
    ::dup2(saved, 0);
    ::close(saved);
    co_return;
}

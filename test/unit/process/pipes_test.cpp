// SPDX-License-Identifier: BSL-1.0
// A child's pipes as streams (asyncio.md 2.26).
#include "unit/compose/outcome.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <optional>
#include <string>
#include <utility>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::command;
using brio::create_subprocess_exec;
using brio::create_task;
using brio::process;
using brio::stdio;
using brio::stream;
using brio_test::end_of;

command piped(command what) { return what.stdin_from(stdio::pipe).stdout_to(stdio::pipe).stderr_to(stdio::pipe); }

BRIO_TEST(child_pipes, SUB_1_write_close_read_wait) {
    process child = co_await create_subprocess_exec(command("cat").stdin_from(stdio::pipe).stdout_to(stdio::pipe));
    co_await child.stdin_stream().write("some data");
    child.stdin_stream().close();
    EXPECT_EQ(co_await child.stdout_stream().read(), "some data");
    EXPECT_EQ(co_await child.wait(), 0);
    EXPECT_FALSE(child.stderr_stream()) << "it was no pipe";
}

BRIO_TEST(child_pipes, SUB_8_writing_to_a_child_that_reads_no_more_is_an_error) {
    process child = co_await create_subprocess_exec(command("true").stdin_from(stdio::pipe));
    EXPECT_EQ(co_await child.wait(), 0);
    int error = 0;
    try {
        for (int i = 0; i < 10; ++i) co_await child.stdin_stream().write("x");
    } catch (const std::system_error& thrown) {
        error = thrown.code().value();
    }
    EXPECT_TRUE(error == EPIPE || error == ECONNRESET) << error;
}

BRIO_TEST(child_pipes, SUB_8_a_writer_that_waits_is_told_that_the_child_has_gone) {
    process child = co_await create_subprocess_exec(command("sleep", "1000").stdin_from(stdio::pipe));
    auto writing = create_task([&]() -> awaitable<> {
        const std::string much(1'000'000, 'x');
        co_await child.stdin_stream().write(much);
    });
    co_await brio_test::settle();
    EXPECT_FALSE(writing.done());
    child.kill();
    EXPECT_NE((co_await end_of(writing.join())).find("Broken pipe"), std::string::npos);
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
}

// The child writes far more than the limit; what nobody reads stays in the pipe and in the child.
BRIO_TEST_REAL_TIME(child_pipes, SUB_17_a_child_that_writes_more_than_is_read_is_held_back) {
    const std::size_t size = 300'000;
    command what = command::shell("head -c " + std::to_string(size) + " /dev/zero | tr '\\0' x");
    process child = co_await create_subprocess_exec(what.stdout_to(stdio::pipe).stream_limit(1000));
    co_await brio::sleep(20ms);
    EXPECT_EQ(child.returncode(), std::nullopt) << "there is no room for all of it";
    std::string all;
    while (true) {
        const std::string piece = co_await child.stdout_stream().read(777);
        if (piece.empty()) break;
        all += piece;
    }
    EXPECT_EQ(all, std::string(size, 'x'));
    EXPECT_EQ(co_await child.wait(), 0);
}

BRIO_TEST(child_pipes, SUB_18_output_is_read_after_the_end_slowly_and_completely) {
    process child = co_await create_subprocess_exec(command::shell("echo one; echo two; echo 3").stdout_to(stdio::pipe));
    EXPECT_EQ(co_await child.wait(), 0);
    EXPECT_EQ(co_await child.stdout_stream().read_line(), "one\n");
    for (const char expected : std::string("two\n3\n")) {
        co_await brio::sleep(1s);
        EXPECT_EQ(co_await child.stdout_stream().read(1), std::string(1, expected));
    }
    EXPECT_EQ(co_await child.stdout_stream().read(1), "");
}

BRIO_TEST(child_pipes, SUB_21_the_child_can_open_its_standard_input_by_name) {
    process child = co_await create_subprocess_exec(command("cat", "/dev/stdin").stdin_from(stdio::pipe).stdout_to(stdio::pipe));
    child.stdin_stream().write("text");
    child.stdin_stream().close();
    EXPECT_EQ(co_await child.stdout_stream().read(), "text");
    EXPECT_EQ(co_await child.wait(), 0);
}

BRIO_TEST(child_pipes, SUB_22_merged_output_keeps_its_order) {
    command what = command::shell("echo 1; echo 2 >&2; echo 3; echo 4 >&2");
    process child = co_await create_subprocess_exec(what.stdout_to(stdio::pipe).stderr_to(stdio::merged));
    EXPECT_EQ(co_await child.stdout_stream().read(), "1\n2\n3\n4\n");
    EXPECT_FALSE(child.stderr_stream());
    EXPECT_EQ(co_await child.wait(), 0);
}

BRIO_TEST(child_pipes, SUB_24_a_dialogue_line_by_line) {
    command what = command::shell("while read line; do echo \"got $line\"; echo \"err $line\" >&2; done");
    process child = co_await create_subprocess_exec(piped(what));
    for (int i = 0; i < 100; ++i) {
        const std::string number = std::to_string(i);
        co_await child.stdin_stream().write(number + "\n");
        EXPECT_EQ(co_await child.stdout_stream().next_line(), "got " + number);
        EXPECT_EQ(co_await child.stderr_stream().next_line(), "err " + number);
    }
    child.stdin_stream().close();
    EXPECT_EQ(co_await child.stdout_stream().next_line(), std::nullopt);
    EXPECT_EQ(co_await child.wait(), 0);
}

BRIO_TEST(child_pipes, SUB_25_closing_our_end_gives_the_child_a_broken_pipe) {
    process child = co_await create_subprocess_exec(command("yes").stdout_to(stdio::pipe));
    EXPECT_EQ(co_await child.stdout_stream().read(2), "y\n");
    child.stdout_stream().close();
    EXPECT_EQ(co_await child.wait(), -SIGPIPE);
}

BRIO_TEST(child_pipes, a_dropped_handle_closes_the_pipes) {
    process child = co_await create_subprocess_exec(command("yes").stdout_to(stdio::pipe));
    auto waiting = create_task(child.wait());
    child = process();
    EXPECT_EQ(co_await waiting.join(), -SIGPIPE);
}

BRIO_TEST(child_pipes, SUB_39_data_comes_before_the_end_of_its_pipe) {
    process child = co_await create_subprocess_exec(piped(command::shell("echo out; echo err >&2")));
    std::string events;
    auto read = [&events](stream& from, std::string name) -> awaitable<> {
        while (true) {
            const std::string piece = co_await from.read(100);
            events += name + (piece.empty() ? "end " : "data ");
            if (piece.empty()) co_return;
        }
    };
    auto out = create_task(read(child.stdout_stream(), "1"));
    auto err = create_task(read(child.stderr_stream(), "2"));
    co_await brio::gather(out, err, child.wait());
    EXPECT_LT(events.find("1data"), events.find("1end"));
    EXPECT_LT(events.find("2data"), events.find("2end"));
}

BRIO_TEST(child_pipes, SUB_12_wait_ends_with_a_killed_shell_whose_own_child_holds_the_output) {
    const brio_test::temp_folder folder;
    command what = command::shell("sleep 1000 & echo $!; wait");
    process child = co_await create_subprocess_exec(what.stdout_to(stdio::pipe));
    const std::optional<std::string> line = co_await child.stdout_stream().next_line();
    const int grandchild = std::stoi(*line);
    child.kill();
    EXPECT_EQ(co_await child.wait(), -SIGKILL);
    EXPECT_FALSE(child.stdout_stream().at_eof());
    ::kill(grandchild, SIGKILL);
    EXPECT_EQ(co_await child.stdout_stream().read(), "");
}

// Here wait() is about the process, and pipes are about pipes.
BRIO_TEST(child_pipes, SUB_13_a_wait_begun_before_the_end_does_not_wait_for_pipes) {
    process child = co_await create_subprocess_exec(command::shell("sleep 1000 & echo $!").stdout_to(stdio::pipe));
    auto begun_before = create_task(child.wait());
    EXPECT_EQ(co_await begun_before.join(), 0);
    EXPECT_EQ(co_await child.wait(), 0);
    const std::optional<std::string> line = co_await child.stdout_stream().next_line();
    EXPECT_FALSE(child.stdout_stream().at_eof()) << "the grandchild holds it open";
    ::kill(std::stoi(*line), SIGKILL);
    EXPECT_EQ(co_await child.stdout_stream().next_line(), std::nullopt);
}

BRIO_TEST(child_pipes, a_line_longer_than_the_limit) {
    process child = co_await create_subprocess_exec(command::shell("echo 0123456789; echo ok").stdout_to(stdio::pipe).stream_limit(5));
    EXPECT_EQ(child.stdout_stream().limit(), 5U);
    EXPECT_EQ(co_await child.wait(), 0);
    bool thrown = false;
    try {
        co_await child.stdout_stream().next_line();
    } catch (const brio::limit_overrun_error&) {
        thrown = true;
    }
    EXPECT_TRUE(thrown);
    EXPECT_EQ(co_await child.stdout_stream().next_line(), "ok");
}

// Whatever this program does with SIGPIPE.
BRIO_TEST(child_pipes, a_child_that_reads_no_more_does_not_end_this_program) {
    const brio_test::disposition pipe(SIGPIPE, SIG_DFL);
    process child = co_await create_subprocess_exec(command("true").stdin_from(stdio::pipe));
    co_await child.wait();
    child.stdin_stream().write(std::string(200'000, 'x'));
    child.stdin_stream().write("more");
    co_await brio_test::settle();
    child.close();
}

BRIO_TEST(child_pipes, a_stream_is_given_to_a_child) {
    process first = co_await create_subprocess_exec(command::shell("echo b; echo a").stdout_to(stdio::pipe));
    command what = command("sort").stdout_to(stdio::pipe);
    what.stdin_from(std::move(first.stdout_stream()));
    EXPECT_FALSE(first.stdout_stream());
    process second = co_await create_subprocess_exec(what);
    EXPECT_EQ(co_await second.stdout_stream().read(), "a\nb\n");
    EXPECT_EQ(co_await first.wait(), 0);
    EXPECT_EQ(co_await second.wait(), 0);
    EXPECT_NE((co_await end_of(brio_test::code_of(what))).find("was given to another child already"), std::string::npos);
}

// A program does not expect EAGAIN from its standard input, and the peer of a socket is somebody else.
BRIO_TEST(child_pipes, a_socket_that_is_given_away_blocks_in_the_child) {
    int ends[2];
    BRIO_ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    stream ours = brio::connect_descriptor(ends[0]);
    stream theirs = brio::connect_descriptor(ends[1]);
    const int watch = ::fcntl(theirs.native_handle(), F_DUPFD_CLOEXEC, 3);
    command what("cat");
    what.stdin_from(std::move(theirs)).stdout_to(watch);
    EXPECT_EQ(co_await brio_test::errno_of_start(command(what).cwd("/no/such")), ENOENT);
    EXPECT_NE(::fcntl(watch, F_GETFL) & O_NONBLOCK, 0) << "it was not started: the stream works on";
    process child = co_await create_subprocess_exec(what);
    EXPECT_EQ(::fcntl(watch, F_GETFL) & O_NONBLOCK, 0);
    co_await ours.write("there and back\n");
    EXPECT_EQ(co_await ours.read_line(), "there and back\n");
    ours.close();
    EXPECT_EQ(co_await child.wait(), 0);
    ::close(watch);
}

BRIO_TEST(child_pipes, a_stream_with_bytes_in_it_cannot_be_given_away) {
    process first = co_await create_subprocess_exec(command::shell("echo a; echo b").stdout_to(stdio::pipe));
    EXPECT_EQ(co_await first.wait(), 0);
    EXPECT_EQ(co_await first.stdout_stream().next_line(), "a");
    command what("cat");
    what.stdin_from(std::move(first.stdout_stream())).stdout_to(stdio::null);
    EXPECT_NE((co_await end_of(brio_test::code_of(what))).find("holds 2 bytes that were read ahead"), std::string::npos);
    process reader = co_await create_subprocess_exec(command("sleep", "1000").stdin_from(stdio::pipe));
    reader.stdin_stream().write(std::string(200'000, 'x'));
    command writer("true");
    writer.stdout_to(std::move(reader.stdin_stream()));
    EXPECT_NE((co_await end_of(brio_test::code_of(writer))).find("bytes that are not sent yet"), std::string::npos);
    reader.close();
    co_await reader.wait();
    EXPECT_THROW(what.stdin_from(stream()), std::invalid_argument);
}

}  // namespace

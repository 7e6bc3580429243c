// SPDX-License-Identifier: BSL-1.0
// Where the standard streams of a child lead, without pipes.
#include "unit/compose/outcome.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace {

using brio::command;
using brio::stdio;
using brio_test::code_of;
using brio_test::end_of;
using brio_test::errno_of_start;
using brio_test::output_of;
using brio_test::read_file;
using brio_test::write_file;

BRIO_TEST(child_stdio, SUB_20_null_as_input_is_an_immediate_end) {
    EXPECT_EQ(co_await output_of(command::shell("cat; echo ended").stdin_from(stdio::null)), "ended\n");
}

BRIO_TEST(child_stdio, null_as_output_takes_everything) {
    EXPECT_EQ(co_await code_of(command::shell("echo out; echo err >&2").stdout_to(stdio::null).stderr_to(stdio::null)), 0);
}

BRIO_TEST(child_stdio, files_by_path) {
    const brio_test::temp_folder folder;
    write_file(folder / "in", "some input\n");
    write_file(folder / "out", "old and longer than what is written now\n");
    write_file(folder / "log", "first\n");
    command what = command::shell("cat; echo second >&2");
    what.stdin_from(folder / "in").stdout_to(folder / "out").append_stderr_to(folder / "log");
    EXPECT_EQ(co_await code_of(what), 0);
    EXPECT_EQ(read_file(folder / "out"), "some input\n");
    EXPECT_EQ(read_file(folder / "log"), "first\nsecond\n");
    EXPECT_EQ(co_await code_of(command::shell("echo e >&2").stderr_to(folder / "new")), 0);
    EXPECT_EQ(co_await code_of(command::shell("echo a").append_stdout_to(folder / "new")), 0);
    EXPECT_EQ(read_file(folder / "new"), "e\na\n");
}

BRIO_TEST(child_stdio, a_file_that_cannot_be_opened) {
    EXPECT_EQ(co_await end_of(code_of(command("cat").stdin_from("/no/such/file"))),
              "a child's standard input: cannot open '/no/such/file': No such file or directory");
    EXPECT_EQ(co_await errno_of_start(command("cat").stdout_to("/")), EISDIR);
}

// A FIFO without a peer blocks whoever opens it.
BRIO_TEST(child_stdio, a_fifo_does_not_stop_the_loop) {
    const brio_test::temp_folder folder;
    BRIO_ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(co_await output_of(command("head", "-c", "1").stdin_from(folder / "fifo")), "");
    EXPECT_EQ(co_await errno_of_start(command("true").stdout_to(folder / "fifo")), ENXIO);
}

BRIO_TEST(child_stdio, SUB_49_descriptors_stay_the_callers) {
    const brio_test::temp_folder folder;
    write_file(folder / "in", "line 1\nline 2\n");
    const int in = ::open((folder / "in").c_str(), O_RDONLY | O_CLOEXEC);
    const int out = ::open((folder / "out").c_str(), O_WRONLY | O_CREAT, 0600);
    command what = command::shell("read line; echo $line; echo err >&2");
    what.stdin_from(in).stdout_to(out).stderr_to(out);
    EXPECT_EQ(co_await code_of(what), 0);
    EXPECT_EQ(::write(out, "mine\n", 5), 5) << "it is open, and at the place where the child left it";
    EXPECT_EQ(::fcntl(in, F_GETFD), FD_CLOEXEC);
    EXPECT_EQ(::fcntl(out, F_GETFL) & O_NONBLOCK, 0);
    EXPECT_EQ(::close(in), 0);
    EXPECT_EQ(::close(out), 0);
    EXPECT_EQ(read_file(folder / "out"), "line 1\nerr\nmine\n");
}

BRIO_TEST(child_stdio, a_descriptor_that_is_not_open) {
    EXPECT_EQ(co_await end_of(code_of(command("cat").stdin_from(987654))), "a child's standard input: descriptor 987654: Bad file descriptor");
}

BRIO_TEST(child_stdio, SUB_22_standard_error_merged_into_output) {
    const brio_test::temp_folder folder;
    command what = command::shell("echo 1; echo 2 >&2; echo 3");
    what.stdout_to(folder / "both").stderr_to(stdio::merged);
    EXPECT_EQ(co_await code_of(what), 0);
    EXPECT_EQ(read_file(folder / "both"), "1\n2\n3\n");
}

// A child whose output is this program's error and the other way round.
BRIO_TEST(child_stdio, our_own_streams_can_be_swapped) {
    const brio_test::temp_folder folder;
    const int keep_out = ::dup(1);
    const int keep_err = ::dup(2);
    const int one = ::open((folder / "one").c_str(), O_WRONLY | O_CREAT, 0600);
    const int two = ::open((folder / "two").c_str(), O_WRONLY | O_CREAT, 0600);
    ::dup2(one, 1);
    ::dup2(two, 2);
    const int code = co_await code_of(command::shell("echo out; echo err >&2").stdout_to(2).stderr_to(1));
    const int merged = co_await code_of(command::shell("echo merged >&2").stderr_to(stdio::merged));
    ::dup2(keep_out, 1);
    ::dup2(keep_err, 2);
    for (const int fd : {keep_out, keep_err, one, two}) ::close(fd);
    EXPECT_EQ(code, 0);
    EXPECT_EQ(merged, 0);
    EXPECT_EQ(read_file(folder / "one"), "err\nmerged\n");
    EXPECT_EQ(read_file(folder / "two"), "out\n");
}

// The files and pipes made for the child then get the numbers 0 and 1 at first.
BRIO_TEST(child_stdio, our_own_streams_may_be_closed) {
    const brio_test::temp_folder folder;
    write_file(folder / "in", "text");
    co_await code_of(command("true"));  // the descriptors of the loop itself are open now, with other numbers
    const int keep_in = ::fcntl(0, F_DUPFD_CLOEXEC, 10);
    const int keep_out = ::fcntl(1, F_DUPFD_CLOEXEC, 10);
    ::close(0);
    ::close(1);
    const int code = co_await code_of(command("cat").stdin_from(folder / "in").stdout_to(folder / "out").stderr_to(stdio::null));
    if (keep_in >= 0) ::dup2(keep_in, 0);
    ::dup2(keep_out, 1);
    ::close(keep_in);
    ::close(keep_out);
    EXPECT_EQ(code, 0);
    EXPECT_EQ(read_file(folder / "out"), "text");
}

}  // namespace

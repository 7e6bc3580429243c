// SPDX-License-Identifier: BSL-1.0
// communicate: any amount in both directions, cancelled and taken up again (asyncio.md 2.26).
#include "unit/compose/outcome.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <csignal>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::command;
using brio::create_subprocess_exec;
using brio::create_task;
using brio::output_until;
using brio::process;
using brio::process_output;
using brio::stdio;
using brio_test::end_of;

command cat() { return command("cat").stdin_from(stdio::pipe).stdout_to(stdio::pipe); }

std::string text_of_size(std::size_t size) {
    std::string text(size, 'a');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + i * 7 % 26);
    return text;
}

BRIO_TEST(communicate, SUB_2_feeds_reads_and_waits) {
    process child = co_await create_subprocess_exec(cat());
    const process_output output = co_await child.communicate("some data");
    EXPECT_EQ(output.out, "some data");
    EXPECT_EQ(output.err, std::nullopt);
    EXPECT_EQ(child.returncode(), 0);
}

BRIO_TEST(communicate, SUB_3_without_input_it_closes_standard_input) {
    process child = co_await create_subprocess_exec(cat());
    const process_output output = co_await child.communicate();
    EXPECT_EQ(output.out, "");
    EXPECT_EQ(child.returncode(), 0);
}

BRIO_TEST(communicate, SUB_4_an_empty_input_is_an_empty_input) {
    process child = co_await create_subprocess_exec(command::shell("read line || echo nothing").stdin_from(stdio::pipe).stdout_to(stdio::pipe));
    const process_output output = co_await child.communicate("");
    EXPECT_EQ(output.out, "nothing\n");
}

BRIO_TEST(communicate, SUB_5_ten_megabytes_in_both_directions) {
    const std::string text = text_of_size(10'000'000);
    process child = co_await create_subprocess_exec(command("tee", "/dev/stderr").stdin_from(stdio::pipe).stdout_to(stdio::pipe).stderr_to(stdio::pipe));
    const process_output output = co_await child.communicate(text);
    EXPECT_TRUE(output.out == text);
    EXPECT_TRUE(output.err == text);
    EXPECT_EQ(child.returncode(), 0);
}

BRIO_TEST(communicate, SUB_6_nothing_for_what_was_no_pipe) {
    process quiet = co_await create_subprocess_exec(command::shell("echo a; echo b >&2; exit 2").stdout_to(stdio::null).stderr_to(stdio::pipe));
    const process_output first = co_await quiet.communicate();
    EXPECT_EQ(first.out, std::nullopt);
    EXPECT_EQ(first.err, "b\n");
    EXPECT_EQ(quiet.returncode(), 2);
    process other = co_await create_subprocess_exec(command::shell("echo a; echo b >&2").stdout_to(stdio::pipe).stderr_to(stdio::null));
    const process_output second = co_await other.communicate();
    EXPECT_EQ(second.out, "a\n");
    EXPECT_EQ(second.err, std::nullopt);
    process none = co_await create_subprocess_exec("true");
    const process_output third = co_await none.communicate();
    EXPECT_FALSE(third.out || third.err);
}

// asyncio's test_communicate_ignore_broken_pipe.
BRIO_TEST(communicate, a_child_that_does_not_read_its_input_is_no_error) {
    for (const std::size_t size : {std::size_t{1}, std::size_t{1'000'000}}) {
        process child = co_await create_subprocess_exec(command::shell("exec <&-; echo done").stdin_from(stdio::pipe).stdout_to(stdio::pipe));
        const process_output output = co_await child.communicate(std::string(size, 'x'));
        EXPECT_EQ(output.out, "done\n");
        EXPECT_EQ(child.returncode(), 0);
    }
    process ended = co_await create_subprocess_exec(command("true").stdin_from(stdio::pipe));
    co_await ended.wait();
    co_await ended.communicate("x");
}

BRIO_TEST(communicate, SUB_38_ten_children_each_get_their_own_output) {
    std::vector<awaitable<std::string>> all;
    auto one = [](int number) -> awaitable<std::string> {
        process child = co_await create_subprocess_exec(cat());
        process_output output = co_await child.communicate(std::to_string(number));
        co_return std::move(*output.out);
    };
    for (int i = 0; i < 10; ++i) all.push_back(one(i));
    const std::vector<std::string> texts = co_await brio::gather(std::move(all));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(texts[static_cast<std::size_t>(i)], std::to_string(i));
}

BRIO_TEST(communicate, an_input_without_a_pipe_for_it) {
    process child = co_await create_subprocess_exec(command("true").stdin_from(stdio::null));
    EXPECT_NE((co_await end_of(child.communicate("x"))).find("cannot be given input: its standard input is no pipe"), std::string::npos);
    co_await child.wait();
}

BRIO_TEST(communicate, one_at_a_time) {
    process child = co_await create_subprocess_exec(cat());
    auto first = create_task([&]() -> awaitable<std::string> {
        process_output output = co_await child.communicate("x");
        co_return std::move(*output.out);
    });
    co_await brio::sleep(0s);
    EXPECT_NE((co_await end_of(child.communicate())).find("another task communicates with this process already"), std::string::npos);
    EXPECT_EQ(co_await first.join(), "x");
    const process_output again = co_await child.communicate();
    EXPECT_EQ(again.out, "") << "it has been given away";
}

BRIO_TEST(communicate, what_a_line_reader_has_taken_is_gone_the_rest_is_not) {
    process child = co_await create_subprocess_exec(cat());
    child.stdin_stream().write("one\ntwo\n");
    EXPECT_EQ(co_await child.stdout_stream().next_line(), "one");
    const process_output output = co_await child.communicate("three\n");
    EXPECT_EQ(output.out, "two\nthree\n");
}

BRIO_TEST(communicate, the_handle_may_go_meanwhile) {
    std::optional<process> child = co_await create_subprocess_exec(cat().kill_on_drop());
    auto talking = create_task(child->communicate("x"));
    child.reset();
    const process_output output = co_await talking.join();
    EXPECT_EQ(output.out, "x");
}

BRIO_TEST(communicate, SUB_29_a_cancelled_one_leaves_the_child_and_loses_nothing) {
    const std::string text = text_of_size(500'000);
    command what = command::shell("echo begin; echo error >&2; exec cat");
    process child = co_await create_subprocess_exec(what.stdin_from(stdio::pipe).stdout_to(stdio::pipe).stderr_to(stdio::pipe));
    for (int i = 0; i < 5; ++i) {
        std::string input;
        if (i == 0) input = text;
        auto talking = create_task(child.communicate(std::move(input)));
        for (int turn = 0; turn < i * 3; ++turn) co_await brio::sleep(0s);
        if (talking.done()) break;
        talking.cancel();
        co_await brio::gather(brio::return_exceptions, talking);
        EXPECT_TRUE(talking.cancelled());
        if (i == 0) child.stdin_stream().write(text);  // that one had not begun
    }
    const process_output output = co_await child.communicate();
    EXPECT_TRUE(output.out == "begin\n" + text) << output.out->size();
    EXPECT_EQ(output.err, "error\n");
    EXPECT_EQ(child.returncode(), 0);
}

// A grandchild that holds the outputs open.
BRIO_TEST(communicate, until_the_exit_or_until_the_end) {
    process child = co_await create_subprocess_exec(command::shell("sleep 1000 & echo $!").stdout_to(stdio::pipe).stderr_to(stdio::pipe));
    const process_output output = co_await child.communicate("", output_until::exit);
    EXPECT_EQ(child.returncode(), 0);
    const int grandchild = std::stoi(*output.out);
    auto rest = create_task(child.communicate());
    co_await brio_test::settle();
    EXPECT_FALSE(rest.done());
    ::kill(grandchild, SIGKILL);
    const process_output nothing = co_await rest.join();
    EXPECT_EQ(nothing.out, "");
}

BRIO_TEST(communicate, until_the_exit_everything_that_was_written_is_read) {
    const std::string text = text_of_size(2'000'000);
    process child = co_await create_subprocess_exec(cat());
    const process_output output = co_await child.communicate(text, output_until::exit);
    EXPECT_TRUE(output.out == text);
}

BRIO_TEST_REAL_TIME(communicate, with_a_timeout_the_child_runs_on) {
    process child = co_await create_subprocess_exec(command::shell("echo early; exec sleep 1000").stdout_to(stdio::pipe));
    EXPECT_EQ(co_await end_of(brio::wait_for(child.communicate(), 30ms)), "timeout");
    EXPECT_EQ(child.returncode(), std::nullopt);
    child.kill();
    const process_output output = co_await child.communicate("", output_until::exit);
    EXPECT_EQ(output.out, "early\n");
    EXPECT_EQ(child.returncode(), -SIGKILL);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// pipeline: a | b | c, run to its end or handled stage by stage.
#include "unit/compose/outcome.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <cerrno>
#include <csignal>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::command;
using brio::create_subprocess_pipeline;
using brio::pipeline;
using brio::process;
using brio::process_result;
using brio::run_process;
using brio::run_process_options;
using brio::stdio;
using brio_test::end_of;
using brio_test::exists;

BRIO_TEST(pipeline, each_reads_what_the_one_before_writes) {
    const pipeline counted = command("sort") | command("uniq", "-c") | command("tr", "-d", " ");
    EXPECT_EQ(counted.to_string(), "sort | uniq -c | tr -d ' '");
    const process_result done = co_await run_process(counted, run_process_options().input("b\na\nb\n").check());
    EXPECT_EQ(done.out(), "1a\n2b\n");
    EXPECT_EQ(done.returncodes(), std::vector<int>(3, 0));
}

BRIO_TEST(pipeline, a_large_amount) {
    const std::string text(5'000'000, 'x');
    const process_result done = co_await run_process(command("cat") | command("cat") | command("cat"), run_process_options().input(text));
    EXPECT_TRUE(done.out() == text);
}

// yes | head: the first one is ended by SIGPIPE, as it should be.
BRIO_TEST(pipeline, a_stage_that_is_no_longer_needed_has_not_failed) {
    const process_result done = co_await run_process(command("yes") | command("head", "-n", "2"), run_process_options().check());
    EXPECT_EQ(done.out(), "y\ny\n");
    BRIO_ASSERT_EQ(done.returncodes().size(), 2U);
    EXPECT_EQ(done.returncodes()[0], -SIGPIPE);
    EXPECT_EQ(done.returncode(), 0);
}

BRIO_TEST(pipeline, the_last_failure_counts) {
    const process_result done = co_await run_process(command::shell("exit 3") | command::shell("exit 4") | command("cat"));
    EXPECT_EQ(done.returncode(), 4);
    EXPECT_EQ(co_await end_of(run_process(command::shell("echo why >&2; exit 3") | command("cat"), run_process_options().check())),
              "'/bin/sh -c 'echo why >&2; exit 3' | cat' has ended with exit status 3: why");
}

BRIO_TEST(pipeline, errors_of_all_stages_are_captured) {
    const process_result done = co_await run_process(command::shell("echo 1 >&2; echo a") | command::shell("cat; echo 2 >&2"));
    EXPECT_EQ(done.out(), "a\n");
    EXPECT_TRUE(done.err() == "1\n2\n" || done.err() == "2\n1\n") << done.err();
}

BRIO_TEST(pipeline, streams_that_lead_elsewhere_cannot_be_joined) {
    EXPECT_THROW(static_cast<void>(command("a").stdout_to(stdio::null) | command("b")), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(command("a") | command("b").stdin_from(stdio::null)), std::invalid_argument);
    co_return;
}

BRIO_TEST(pipeline, one_that_cannot_be_started_takes_the_others_with_it) {
    EXPECT_NE((co_await end_of(run_process(command("sleep", "1000") | command("sleep", "1000") | command("brio-no-such-program")))).find("no directory of PATH"),
              std::string::npos);
    bool thrown = false;
    try {
        co_await create_subprocess_pipeline(command("sleep", "1000") | command("brio-no-such-program"));
    } catch (const std::system_error& error) {
        thrown = error.code().value() == ENOENT;
    }
    EXPECT_TRUE(thrown);
}

BRIO_TEST(pipeline, handles_of_all_stages) {
    std::vector<process> stages =
        co_await create_subprocess_pipeline(command("cat").stdin_from(stdio::pipe) | command("tr", "a-z", "A-Z") | command("cat").stdout_to(stdio::pipe));
    BRIO_ASSERT_EQ(stages.size(), 3U);
    EXPECT_EQ(stages[1].program(), "tr");
    EXPECT_FALSE(stages[1].stdin_stream() || stages[1].stdout_stream());
    stages.front().stdin_stream().write("hello\n");
    stages.front().stdin_stream().close();
    EXPECT_EQ(co_await stages.back().stdout_stream().next_line(), "HELLO");
    for (process& one : stages) EXPECT_EQ(co_await one.wait(), 0);
}

BRIO_TEST_REAL_TIME(pipeline, all_of_it_is_stopped) {
    std::vector<int> pids;
    run_process_options options;
    options.timeout(100ms).on_line([&](std::string_view line) { pids.push_back(std::stoi(std::string(line))); });
    const command stage = command::shell("echo $$; cat; sleep 1000");
    EXPECT_EQ(co_await end_of(run_process(stage | stage | stage, options)), "timeout");
    EXPECT_GE(pids.size(), 1U);
    for (const int pid : pids) EXPECT_FALSE(exists(pid));
}

// In a group of three whose leader has long ended.
BRIO_TEST_REAL_TIME(pipeline, the_others_are_stopped_when_the_first_has_ended) {
    const process_result done = co_await run_process(command("true") | command("cat") | command("cat"));
    EXPECT_EQ(done.returncode(), 0);
    EXPECT_EQ(co_await end_of(run_process(command("true") | command("sleep", "1000"), run_process_options().timeout(30ms))), "timeout");
}

BRIO_TEST(pipeline, stages_with_groups_of_their_own) {
    const process_result done =
        co_await run_process(command("echo", "a").new_session() | command("cat").process_group() | command("cat"), run_process_options().check());
    EXPECT_EQ(done.out(), "a\n");
}

}  // namespace

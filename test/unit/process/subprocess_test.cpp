// SPDX-License-Identifier: BSL-1.0
// Starting programs: where they are found, what they get, and what happens when that fails.
#include "unit/compose/outcome.hpp"
#include "unit/process/children.hpp"

#include <brio/testing/test.hpp>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <system_error>

namespace {

using brio::awaitable;
using brio::command;
using brio::create_subprocess_exec;
using brio::create_subprocess_shell;
using brio_test::code_of;
using brio_test::end_of;
using brio_test::errno_of_start;
using brio_test::output_of;

BRIO_TEST(subprocess, exec_with_arguments) {
    brio::process child = co_await create_subprocess_exec("test", "a b", "=", std::string("a b"));
    EXPECT_GT(child.pid(), 1);
    EXPECT_EQ(child.program(), "test");
    EXPECT_EQ(co_await child.wait(), 0);
}

BRIO_TEST(subprocess, SUB_9_shell_commands_give_the_shells_status) {
    brio::process child = co_await create_subprocess_shell("exit 7");
    EXPECT_EQ(co_await child.wait(), 7);
    EXPECT_EQ(child.returncode(), 7);
    EXPECT_EQ(co_await code_of(command::shell("no-such-program-anywhere 2>/dev/null")), 127);
}

BRIO_TEST(subprocess, SUB_34_a_program_given_by_its_path) {
    const brio_test::temp_folder folder;
    const std::filesystem::path script = folder / "a script";
    brio_test::write_file(script, "#!/bin/sh\nexit $#\n");
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
    brio::process child = co_await create_subprocess_exec(script, folder.path(), "x");
    EXPECT_EQ(co_await child.wait(), 2);
}

BRIO_TEST(subprocess, no_shell_looks_at_arguments) {
    const std::string text = co_await output_of(command("printf", "%s|", "$HOME", "*", "a  b", "", ";exit 1"));
    EXPECT_EQ(text, "$HOME|*|a  b||;exit 1|");
}

BRIO_TEST(subprocess, SUB_35_the_environment_given_replaces_the_inherited_one) {
    std::map<std::string, std::string> variables;
    variables["ONE"] = "1";
    variables["TWO"] = "a=b";
    const std::string exec = co_await output_of(command("/usr/bin/env").environment(variables));
    EXPECT_EQ(exec, "ONE=1\nTWO=a=b\n");
    const std::string shell = co_await output_of(command::shell("echo $ONE $TWO $HOME").environment(variables));
    EXPECT_EQ(shell, "1 a=b\n");
}

BRIO_TEST(subprocess, variables_are_set_and_taken_away_on_top_of_the_inherited_ones) {
    ::setenv("BRIO_TEST_KEPT", "kept", 1);
    ::setenv("BRIO_TEST_GONE", "gone", 1);
    command what = command::shell("echo $BRIO_TEST_KEPT,$BRIO_TEST_GONE,$BRIO_TEST_NEW");
    what.env("BRIO_TEST_NEW", "new").unset_env("BRIO_TEST_GONE");
    EXPECT_EQ(co_await output_of(what), "kept,,new\n");
    what.clear_env().env("BRIO_TEST_NEW", "other");
    EXPECT_EQ(co_await output_of(what), ",,other\n");
    ::unsetenv("BRIO_TEST_KEPT");
    ::unsetenv("BRIO_TEST_GONE");
}

BRIO_TEST(subprocess, a_program_is_looked_for_along_the_childs_path) {
    const brio_test::temp_folder folder;
    const std::string path = (folder / "none").string() + ":" + folder.path().string() + "::/bin";
    brio_test::write_file(folder / "brio-tool", "#!/bin/sh\nexit 5\n");
    EXPECT_EQ(co_await errno_of_start(command("brio-tool").env("PATH", path)), EACCES) << "it cannot be executed";
    std::filesystem::permissions(folder / "brio-tool", std::filesystem::perms::owner_all);
    EXPECT_EQ(co_await code_of(command("brio-tool").env("PATH", path)), 5);
    EXPECT_EQ(co_await errno_of_start(command("brio-tool")), ENOENT) << "this program's PATH does not count";
    EXPECT_EQ(co_await code_of(command("brio-tool").cwd(folder.path()).env("PATH", "/none:")), 5) << "an empty entry is the child's directory";
    EXPECT_EQ(co_await code_of(command("true").clear_env()), 0) << "without PATH there is /bin:/usr/bin";
}

BRIO_TEST(subprocess, a_relative_path_counts_from_the_childs_directory) {
    const brio_test::temp_folder folder;
    brio_test::write_file(folder / "tool", "#!/bin/sh\nexit 6\n");
    std::filesystem::permissions(folder / "tool", std::filesystem::perms::owner_all);
    EXPECT_EQ(co_await code_of(command("./tool").cwd(folder.path())), 6);
    EXPECT_EQ(co_await errno_of_start(command("./tool")), ENOENT);
}

BRIO_TEST(subprocess, the_executable_may_differ_from_the_name_that_the_program_sees) {
    EXPECT_EQ(co_await output_of(command("a name", "-c", "echo $0").executable("/bin/sh")), "a name\n");
}

BRIO_TEST(subprocess, SUB_48_a_working_directory) {
    const brio_test::temp_folder folder;
    const std::filesystem::path real = std::filesystem::canonical(folder.path());
    EXPECT_EQ(co_await output_of(command("/bin/pwd").cwd(real)), real.string() + "\n");
}

BRIO_TEST(subprocess, errors_say_what_is_wrong) {
    EXPECT_EQ(co_await end_of(code_of(command("brio-no-such-program", "x"))),
              "cannot start 'brio-no-such-program': no directory of PATH has such a program: No such file or directory");
    EXPECT_EQ(co_await end_of(code_of(command("/no/such/program"))), "cannot start '/no/such/program': No such file or directory");
    EXPECT_EQ(co_await end_of(code_of(command("true").cwd("/no/such/folder"))),
              "cannot start 'true' in the directory '/no/such/folder', which does not exist or is none: No such file or directory");
    EXPECT_EQ(co_await end_of(code_of(command("/etc/passwd"))), "cannot start '/etc/passwd': Permission denied");
    const brio_test::temp_folder folder;
    brio_test::write_file(folder / "text", "no script\n");
    std::filesystem::permissions(folder / "text", std::filesystem::perms::owner_all);
    EXPECT_EQ(co_await errno_of_start(command(folder / "text")), ENOEXEC);
    EXPECT_EQ(co_await errno_of_start(command("true", std::string(10'000'000, 'x'))), E2BIG);
}

// report 17: every failed exec leaves a zombie; the test's own checks see children and descriptors.
BRIO_TEST(subprocess, report_17_failing_starts_leave_nothing) {
    for (int i = 0; i < 1000; ++i) {
        command what("/no/such/program");
        if (i % 2 == 0) what.stdin_from(brio::stdio::pipe).stdout_to(brio::stdio::pipe).stderr_to(brio::stdio::null);
        if (i % 4 == 0) what.limit(brio::process_limit::core_bytes, 0);
        EXPECT_EQ(co_await errno_of_start(what), ENOENT);
    }
}

BRIO_TEST(subprocess, SUB_27_a_cancelled_creation_leaves_no_child) {
    auto start = []() -> awaitable<> {
        brio::process child = co_await create_subprocess_exec("sleep", "1000");
        ADD_FAILURE() << "it was started";
        child.close();
    };
    auto before = brio::create_task(start);
    before.cancel();
    EXPECT_EQ(co_await end_of(before.join()), "cancelled");
    auto inside = brio::create_task(start);
    co_await brio::sleep(std::chrono::seconds(0));  // it waits for its turn
    inside.cancel();
    EXPECT_EQ(co_await end_of(inside.join()), "cancelled");
}

BRIO_TEST(subprocess, limits_hold_in_the_child) {
    EXPECT_EQ(co_await output_of(command::shell("ulimit -n; ulimit -Hn").limit(brio::process_limit::open_files, 50, 60)), "50\n60\n");
    EXPECT_EQ(co_await output_of(command::shell("ulimit -c").limit(brio::process_limit::core_bytes, 0)), "0\n");
    command what = command::shell("echo $ONE; pwd; exit 0");
    what.limit(brio::process_limit::stack_bytes, 1 << 20).clear_env().env("ONE", "1").cwd("/");
    EXPECT_EQ(co_await output_of(what), "1\n/\n");
    EXPECT_EQ(co_await errno_of_start(command("true").limit(brio::process_limit::core_bytes, 0).cwd("/no/such")), ENOENT);
}

BRIO_TEST(subprocess, the_limit_on_processor_time_ends_a_child) {
    const int code = co_await code_of(command::shell("while :; do :; done").limit(brio::process_limit::cpu_seconds, 1, 2));
    EXPECT_EQ(code, -SIGXCPU);
}

BRIO_TEST(subprocess, starting_outside_of_a_task_is_an_error) {
    EXPECT_THROW(static_cast<void>(brio::process().wait()), brio::invalid_state_error);
    co_return;
}

}  // namespace

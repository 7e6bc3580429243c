// SPDX-License-Identifier: BSL-1.0
// command: what its setters accept, how it reads.
#include <brio/process/command.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using brio::command;
using brio::stdio;

template <class F>
std::string complaint(F call) {
    try {
        call();
    } catch (const std::invalid_argument& error) {
        return error.what();
    }
    return "none";
}

TEST(command, reads_as_one_would_type_it) {
    EXPECT_EQ(command("ls", "-l").to_string(), "ls -l");
    EXPECT_EQ(command("printf", "%s\n", "it's", "", "a b").to_string(), "printf '%s\n' 'it'\\''s' '' 'a b'");
    EXPECT_EQ(command::shell("echo $HOME").to_string(), "/bin/sh -c 'echo $HOME'");
}

TEST(command, SUB_34_takes_text_of_every_kind_and_paths) {
    const std::string text = "b";
    const std::filesystem::path path = "/tmp/c";
    const char* const plain = "d";
    command made(path, "a", text, std::string_view("e"), plain, path);
    made.arg("f").arg(path).args(std::vector<std::string>(2, "g")).args(std::vector<std::filesystem::path>(1, path));
    EXPECT_EQ(made.to_string(), "/tmp/c a b e d /tmp/c f /tmp/c g g /tmp/c");
}

TEST(command, is_a_value) {
    const command first("cat", "x");
    command second = first;
    second.arg("y").cwd("/");
    EXPECT_EQ(first.to_string(), "cat x");
    EXPECT_EQ(second.to_string(), "cat x y");
    EXPECT_TRUE(first.data().cwd.empty());
}

TEST(command, SUB_33_text_modes_and_encodings_do_not_exist) {
    static_assert(!brio::detail::command_word<int>);
    static_assert(!brio::detail::command_word<std::vector<std::string>>);
    static_assert(brio::detail::command_word<std::string_view>);
}

TEST(command, refuses_what_no_program_can_be_given) {
    const std::string nul("a\0b", 3);
    EXPECT_NE(complaint([&] { command made(""); }).find("empty"), std::string::npos);
    EXPECT_NE(complaint([&] { command made("x", nul); }).find("NUL"), std::string::npos);
    EXPECT_NE(complaint([&] { command(nul).cwd("/"); }).find("NUL"), std::string::npos);
    EXPECT_NE(complaint([&] { command("x").cwd(nul); }).find("NUL"), std::string::npos);
    EXPECT_NE(complaint([&] { command("x").cwd(""); }).find("empty"), std::string::npos);
    EXPECT_NE(complaint([&] { command("x").env("A=B", "c"); }).find("A=B"), std::string::npos);
    EXPECT_NE(complaint([&] { command("x").env("", "c"); }).find("empty"), std::string::npos);
    EXPECT_NE(complaint([&] { command("x").env("A", nul); }).find("NUL"), std::string::npos);
    EXPECT_NE(complaint([&] { command("x").stdin_from(-1); }).find("-1"), std::string::npos);
    EXPECT_NE(complaint([&] { command("x").process_group(-5); }).find("-5"), std::string::npos);
    EXPECT_NE(complaint([&] { command("x").limit(brio::process_limit::open_files, 9, 8); }).find("8"), std::string::npos);
    EXPECT_EQ(complaint([&] { command("x").env("A", "").cwd("/").process_group(0); }), "none");
}

TEST(command, only_standard_error_is_merged) {
    EXPECT_NE(complaint([&] { command("x").stdout_to(stdio::merged); }).find("stdout_to"), std::string::npos);
    EXPECT_NE(complaint([&] { command("x").stdin_from(stdio::merged); }).find("stdin_from"), std::string::npos);
    EXPECT_EQ(complaint([&] { command("x").stderr_to(stdio::merged); }), "none");
}

TEST(command, the_last_setting_counts) {
    command made("x");
    made.stdout_to("/tmp/file").stdout_to(stdio::pipe).limit(brio::process_limit::open_files, 9).limit(brio::process_limit::open_files, 5, 7);
    EXPECT_EQ(made.data().targets[1].choice, stdio::pipe);
    ASSERT_EQ(made.data().limits.size(), 1U);
    EXPECT_EQ(made.data().limits[0].soft, 5U);
    EXPECT_EQ(made.data().limits[0].hard, 7U);
}

}  // namespace

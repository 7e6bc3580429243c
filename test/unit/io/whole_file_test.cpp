// SPDX-License-Identifier: BSL-1.0
// Files in one go, and what an atomic write keeps.
#include "integration/temp_folder.hpp"
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"
#include "unit/io/held_pool.hpp"

#include <brio/io/directory.hpp>
#include <brio/io/file_info.hpp>
#include <brio/io/whole_file.hpp>
#include <brio/testing/test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

namespace {

using brio::append_text;
using brio::awaitable;
using brio::create_task;
using brio::read_bytes;
using brio::read_text;
using brio::write_options;
using brio::write_text;
using brio_test::contains;
using brio_test::end_of;
using brio_test::read_file;
using brio_test::settle;
using brio_test::temp_folder;
using brio_test::write_file;

BRIO_TEST(whole_file, text_and_bytes) {
    const temp_folder folder;
    const std::string path = folder / "a";
    co_await write_text(path, "hello");
    EXPECT_EQ(co_await read_text(path), "hello");
    co_await write_text(path, "");
    EXPECT_EQ(co_await read_text(path), "");
    co_await append_text(path, "one ");
    co_await append_text(path, "two", write_options().sync());
    EXPECT_EQ(co_await read_text(path), "one two");
    std::vector<std::byte> bytes(300'000, std::byte{7});
    bytes[1000] = std::byte{0};
    co_await brio::write_bytes(path, bytes);
    EXPECT_TRUE(co_await read_bytes(path) == bytes);
    const std::vector<std::byte> none;
    co_await brio::write_bytes(path, none);
    EXPECT_EQ((co_await read_bytes(path)).size(), 0u);
    EXPECT_TRUE(contains(co_await read_text("/proc/self/status"), "Name:"));  // says it has no bytes
}

BRIO_TEST(whole_file, errors) {
    const temp_folder folder;
    EXPECT_TRUE(contains(co_await end_of(read_text(folder / "none")), "read_text failed: '" + (folder / "none").string() + "'"));
    EXPECT_TRUE(contains(co_await end_of(read_bytes(folder.path())), "it is a directory"));
    EXPECT_TRUE(contains(co_await end_of(write_text(folder / "none/a", "x")), "write_text failed"));
    EXPECT_TRUE(contains(co_await end_of(write_text(folder.path(), "x")), "it is a directory"));
    EXPECT_TRUE(contains(co_await end_of(write_text("/dev/full", "x")), "free some space"));
    EXPECT_TRUE(contains(co_await end_of(append_text(folder / "none/a", "x")), "append_text failed"));
}

BRIO_TEST(whole_file, atomic_replaces_the_content_and_keeps_the_permissions) {
    const temp_folder folder;
    const std::string path = folder / "a";
    write_file(path, "old");
    ::chmod(path.c_str(), 0751);
    const std::string other = folder / "other name";
    std::filesystem::create_hard_link(path, other);
    co_await write_text(path, "new", write_options().atomic());
    EXPECT_EQ(read_file(path), "new");
    EXPECT_EQ(read_file(other), "old");
    EXPECT_EQ((co_await brio::stat_file(path)).permissions(), 0751u);
    EXPECT_EQ((co_await brio::list_directory(folder.path())).size(), 2u);  // nothing is left over
}

BRIO_TEST(whole_file, atomic_makes_a_file_that_was_not_there) {
    const temp_folder folder;
    const ::mode_t before = ::umask(022);
    co_await write_text(folder / "a", "new", write_options().atomic().permissions(0666));
    ::umask(before);
    EXPECT_EQ(read_file(folder / "a"), "new");
    EXPECT_EQ((co_await brio::stat_file(folder / "a")).permissions(), 0644u);
    const std::string longest(255, 'n');
    co_await write_text(folder / longest, "new", write_options().atomic());
    EXPECT_EQ(read_file(folder / longest), "new");
}

BRIO_TEST(whole_file, atomic_keeps_a_symbolic_link) {
    const temp_folder folder;
    std::filesystem::create_directory(folder / "sub");
    write_file(folder / "sub/target", "old");
    std::filesystem::create_symlink("sub/target", folder / "link");
    co_await write_text(folder / "link", "new", write_options().atomic());
    EXPECT_TRUE(std::filesystem::is_symlink(folder / "link"));
    EXPECT_EQ(read_file(folder / "sub/target"), "new");
}

BRIO_TEST(whole_file, atomic_never_takes_the_place_of_a_device_or_directory) {
    const temp_folder folder;
    EXPECT_TRUE(contains(co_await end_of(write_text("/dev/null", "x", write_options().atomic())), "Invalid argument"));
    EXPECT_TRUE(contains(co_await end_of(write_text(folder.path(), "x", write_options().atomic())), "it is a directory"));
    EXPECT_TRUE(contains(co_await end_of(write_text(folder / "none/a", "x", write_options().atomic())), "is not there"));
    EXPECT_EQ((co_await brio::list_directory(folder.path())).size(), 0u);
}

BRIO_TEST(whole_file, whoever_reads_meanwhile_finds_all_of_the_old_or_all_of_the_new) {
    const temp_folder folder;
    const std::string path = folder / "a";
    write_file(path, std::string(100'000, 'a'));
    bool broken = false;
    std::atomic<bool> over{false};
    std::thread reader([&] {
        while (!over) {
            const std::string now = read_file(path);
            if (now.size() != 100'000 || now.find_first_not_of(now[0]) != now.npos) broken = true;
        }
    });
    for (int i = 0; i < 20; ++i) co_await write_text(path, std::string(100'000, static_cast<char>('b' + i)), write_options().atomic());
    over = true;
    reader.join();
    EXPECT_FALSE(broken);
}

BRIO_TEST(whole_file, many_tasks_append_whole_lines) {
    const temp_folder folder;
    std::string line(100, 'x');
    line.back() = '\n';
    std::vector<brio::task<>> tasks;
    for (int i = 0; i < 200; ++i) tasks.push_back(create_task(append_text(folder / "log", line)));
    for (const auto& each : tasks) co_await each.join();
    std::string expected;
    for (int i = 0; i < 200; ++i) expected += line;
    EXPECT_TRUE(read_file(folder / "log") == expected);
}

BRIO_TEST(whole_file, a_cancelled_write_is_brought_to_its_end) {
    const temp_folder folder;
    const std::string path = folder / "a";
    write_file(path, "old");
    brio_test::held_pool pool;
    auto writing = create_task(write_text(path, "new", write_options().atomic()));
    auto never = create_task(write_text(folder / "never", "x"));
    never.cancel();  // before it starts
    co_await settle();
    writing.cancel();
    EXPECT_EQ(co_await end_of(writing.join()), "cancelled");
    EXPECT_EQ(co_await end_of(never.join()), "cancelled");
    EXPECT_EQ(read_file(path), "old");
    co_await pool.let_go();
    EXPECT_EQ(read_file(path), "new");
    EXPECT_EQ((co_await brio::list_directory(folder.path())).size(), 1u);
}

TEST(whole_file, cancelled_at_each_await) {
    const temp_folder folder;
    const std::string path = folder / "a";
    const auto report = brio::testing::cancel_at_each_await([&path]() -> awaitable<> {
        co_await write_text(path, "one", write_options().atomic());
        co_await append_text(path, " two");
        EXPECT_EQ(co_await read_text(path), "one two");
    });
    EXPECT_GT(report.injected, 3u);
}

}  // namespace

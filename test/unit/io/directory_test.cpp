// SPDX-License-Identifier: BSL-1.0
// Directories and what is in them, making and removing them.
#include "integration/temp_folder.hpp"
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"
#include "unit/io/held_pool.hpp"

#include <brio/io/directory.hpp>
#include <brio/io/file_info.hpp>
#include <brio/testing/test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

namespace {

using brio::awaitable;
using brio::create_task;
using brio::list_directory;
using brio::open_directory;
using brio_test::contains;
using brio_test::end_of;
using brio_test::settle;
using brio_test::temp_folder;
using brio_test::write_file;

BRIO_TEST(directory, lists_names_and_types_in_order) {
    const temp_folder folder;
    write_file(folder / "b", "x");
    std::filesystem::create_directory(folder / "a");
    std::filesystem::create_symlink("nowhere", folder / "c");
    BRIO_ASSERT_EQ(::mkfifo((folder / "d").c_str(), 0600), 0);
    std::string text;
    for (const auto& entry : co_await list_directory(folder.path())) {
        text += entry.name() + ": " + to_string(entry.type()) + "\n";
        EXPECT_EQ(entry.path(), (folder / entry.name()).string());
    }
    EXPECT_EQ(text, "a: directory\nb: regular file\nc: symbolic link\nd: named pipe\n");
    EXPECT_EQ((co_await list_directory(folder / "a")).size(), 0u);
    EXPECT_TRUE(contains(co_await end_of(list_directory(folder / "none")), "list_directory failed: '"));
    EXPECT_TRUE(contains(co_await end_of(list_directory(folder / "b")), "no directory"));
}

// 1,100 files: three batches.
class many_files {
public:
    many_files() {
        for (int i = 0; i < 1'100; ++i) {
            const std::string name = "file-" + std::to_string(i);
            names.insert(name);
            ::close(::open((folder / name).c_str(), O_WRONLY | O_CREAT, 0600));
        }
    }
    temp_folder folder;
    std::set<std::string> names;
};

BRIO_TEST(directory, entries_one_by_one_come_in_batches) {
    const many_files files;
    const auto reader = co_await open_directory(files.folder.path());
    const auto before = brio::get_running_loop().metrics().steps;
    std::set<std::string> seen;
    int count = 0;
    while (auto entry = co_await reader.next()) {
        seen.insert(entry->name());
        ++count;
    }
    EXPECT_EQ(seen, files.names);
    EXPECT_EQ(count, 1'100);
    EXPECT_FALSE((co_await reader.next()).has_value());
    EXPECT_LT(brio::get_running_loop().metrics().steps - before, 20u);
    EXPECT_EQ((co_await list_directory(files.folder.path())).size(), 1'100u);
}

BRIO_TEST(directory, a_cancelled_next_skips_nothing) {
    const many_files files;
    const auto reader = co_await open_directory(files.folder.path());
    brio_test::held_pool pool;
    auto first = create_task(reader.next());
    co_await settle();
    first.cancel();
    EXPECT_EQ(co_await end_of(first.join()), "cancelled");
    co_await pool.let_go();
    std::set<std::string> seen;
    while (auto entry = co_await reader.next()) seen.insert(entry->name());
    EXPECT_EQ(seen, files.names);
}

BRIO_TEST(directory, a_cancelled_open_and_a_reader_dropped_half_way_leave_no_descriptor) {
    const temp_folder folder;
    {
        brio_test::held_pool pool;
        auto opening = create_task(open_directory(folder.path()));
        co_await settle();
        opening.cancel();
        EXPECT_EQ(co_await end_of(opening.join()), "cancelled");
        co_await pool.let_go();
    }
    write_file(folder / "a", "");
    const auto reader = co_await open_directory(folder.path());
    EXPECT_TRUE((co_await reader.next()).has_value());
}

BRIO_TEST(directory, making_and_removing) {
    const temp_folder folder;
    co_await brio::make_directory(folder / "a", 0750);
    EXPECT_EQ((co_await brio::stat_file(folder / "a")).permissions() & 0750u, 0750u);
    EXPECT_TRUE(contains(co_await end_of(brio::make_directory(folder / "a")), "is there already"));
    EXPECT_TRUE(contains(co_await end_of(brio::make_directory(folder / "x/y")), "is not there"));
    co_await brio::make_directories(folder / "x/y/z");
    co_await brio::make_directories(folder / "x/y/z");
    write_file(folder / "x/y/file", "text");
    EXPECT_TRUE(contains(co_await end_of(brio::make_directories(folder / "x/y/file/z")), "make_directories failed"));
    EXPECT_TRUE(contains(co_await end_of(brio::remove_directory(folder / "x")), "remove_tree removes that, too"));
    co_await brio::remove_directory(folder / "x/y/z");
    EXPECT_EQ(co_await brio::remove_tree(folder / "x"), 3u);
    EXPECT_EQ(co_await brio::remove_tree(folder / "x"), 0u);
    write_file(folder / "outside/kept", "text");
    std::filesystem::create_directory_symlink("../outside", folder / "a/link");
    EXPECT_EQ(co_await brio::remove_tree(folder / "a"), 2u);
    EXPECT_TRUE(co_await brio::file_exists(folder / "outside/kept"));
}

TEST(directory, cancelled_at_each_await) {
    const temp_folder folder;
    write_file(folder / "a", "");
    const std::string path = folder.path();
    const auto report = brio::testing::cancel_at_each_await([&path]() -> awaitable<> {
        const auto reader = co_await open_directory(path);
        EXPECT_TRUE((co_await reader.next()).has_value());
        EXPECT_FALSE((co_await reader.next()).has_value());
        EXPECT_EQ((co_await list_directory(path)).size(), 1u);
        EXPECT_TRUE((co_await brio::stat_file(path)).is_directory());
    });
    EXPECT_GT(report.injected, 4u);
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Facts about files; removing and renaming them.
#include "integration/temp_folder.hpp"
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"

#include <brio/io/file_info.hpp>
#include <brio/testing/test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

namespace {

using brio::file_type;
using brio_test::contains;
using brio_test::end_of;
using brio_test::temp_folder;
using brio_test::write_file;

BRIO_TEST(file_info, facts) {
    const temp_folder folder;
    write_file(folder / "a", "12345");
    ::chmod((folder / "a").c_str(), 0604);
    const brio::file_info info = co_await brio::stat_file(folder / "a");
    EXPECT_TRUE(info.is_regular());
    EXPECT_EQ(info.size(), 5u);
    EXPECT_EQ(info.permissions(), 0604u);
    EXPECT_EQ(info.owner(), ::getuid());
    EXPECT_EQ(info.links(), 1u);
    const auto age = std::chrono::system_clock::now() - info.modified();
    EXPECT_LT(std::chrono::abs(age), std::chrono::hours(1));
    std::filesystem::create_symlink("a", folder / "link");
    const brio::file_info target = co_await brio::stat_file(folder / "link");
    EXPECT_EQ(target.inode(), info.inode());
    EXPECT_EQ(target.device(), info.device());
    EXPECT_TRUE((co_await brio::stat_file(folder / "link", brio::symlinks::keep)).is_symlink());
    EXPECT_TRUE((co_await brio::stat_file(folder.path())).is_directory());
    EXPECT_EQ((co_await brio::stat_file("/dev/null")).type(), file_type::character_device);
    EXPECT_TRUE(contains(co_await end_of(brio::stat_file(folder / "none")), "stat_file failed: '"));
}

BRIO_TEST(file_info, exists_remove_rename) {
    const temp_folder folder;
    EXPECT_FALSE(co_await brio::file_exists(folder / "a"));
    write_file(folder / "a", "a");
    EXPECT_TRUE(co_await brio::file_exists(folder / "a"));
    write_file(folder / "b", "b");
    co_await brio::rename_file(folder / "a", folder / "b");
    EXPECT_EQ(brio_test::read_file(folder / "b"), "a");
    EXPECT_FALSE(co_await brio::file_exists(folder / "a"));
    const std::string text = co_await end_of(brio::rename_file(folder / "a", folder / "c"));
    EXPECT_TRUE(contains(text, "rename_file to '" + (folder / "c").string() + "' failed: '" + (folder / "a").string())) << text;
    co_await brio::remove_file(folder / "b");
    EXPECT_TRUE(contains(co_await end_of(brio::remove_file(folder / "b")), "remove_file failed: '"));
    EXPECT_TRUE(contains(co_await end_of(brio::remove_file(folder.path())), "directory"));
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Temporary files and directories, and that nothing of them is left.
#include "integration/temp_folder.hpp"
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"
#include "unit/io/held_pool.hpp"

#include <brio/io/temp_file.hpp>
#include <brio/testing/test.hpp>

#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace {

using brio::awaitable;
using brio::create_task;
using brio::make_temp_directory;
using brio::make_temp_file;
using brio::temp_options;
using brio_test::contains;
using brio_test::end_of;
using brio_test::read_file;
using brio_test::settle;
using brio_test::temp_folder;
using brio_test::write_file;
namespace fs = std::filesystem;

unsigned permissions_of(const std::string& path) {
    struct stat now {};
    ::stat(path.c_str(), &now);
    return now.st_mode & 0777;
}

// What is given to the pool's threads is done when they have all had a turn.
awaitable<> until_gone(std::string path) {
    while (fs::exists(path)) co_await brio::to_thread([] {});
}

BRIO_TEST(temp_file, is_a_file_that_goes_away) {
    const temp_folder folder;
    std::string path;
    {
        brio::temp_file f = co_await make_temp_file(temp_options().directory(folder.path()).prefix("p-").suffix(".txt"));
        path = f.path();
        EXPECT_EQ(fs::path(path).parent_path(), folder.path());
        EXPECT_TRUE(contains(path, "/p-")) << path;
        EXPECT_TRUE(path.ends_with(".txt")) << path;
        EXPECT_EQ(permissions_of(path), 0600u);
        co_await f.write("text");
        co_await f.seek(0);
        EXPECT_EQ(co_await f.read(), "text");
    }
    co_await until_gone(path);
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

BRIO_TEST(temp_file, may_be_kept_and_moved) {
    const temp_folder folder;
    std::string kept;
    {
        brio::temp_file f = co_await make_temp_file(temp_options().directory(folder.path()));
        co_await f.write("text");
        brio::temp_file moved(std::move(f));
        kept = moved.keep();
        brio::temp_file other = co_await make_temp_file(temp_options().directory(folder.path()));
        const std::string gone = other.path();
        other = std::move(moved);  // removes the one before
        co_await until_gone(gone);
        EXPECT_EQ(other.path(), kept);
    }
    co_await brio::to_thread([] {});
    EXPECT_EQ(read_file(kept), "text");
}

BRIO_TEST(temp_file, its_end_does_not_wait_for_the_disk) {
    const temp_folder folder;
    std::optional<brio::temp_file> f = co_await make_temp_file(temp_options().directory(folder.path()));
    const std::string path = f->path();
    brio_test::held_pool pool;
    co_await settle();  // its thread is busy now
    f.reset();          // would wait for ever otherwise
    EXPECT_TRUE(fs::exists(path));
    co_await pool.let_go();
    co_await until_gone(path);
}

TEST(temp_file, is_removed_when_its_loop_has_gone) {
    const temp_folder folder;
    std::optional<brio::temp_file> f;
    std::string left_to_the_pool;
    brio::run([](std::optional<brio::temp_file>* out, std::string where, std::string* last) -> awaitable<> {
        out->emplace(co_await make_temp_file(temp_options().directory(where)));
        brio::temp_file other = co_await make_temp_file(temp_options().directory(where));
        *last = other.path();
    }, &f, folder.path().string(), &left_to_the_pool);
    EXPECT_FALSE(fs::exists(left_to_the_pool));  // the end of the loop waits for that
    EXPECT_TRUE(fs::exists(f->path()));
    f.reset();
    EXPECT_TRUE(fs::is_empty(folder.path()));
}

BRIO_TEST(temp_file, cancelled_nothing_is_left_behind) {
    const temp_folder folder;
    brio_test::held_pool pool;
    auto making = create_task(make_temp_file(temp_options().directory(folder.path())));
    auto directory = create_task(make_temp_directory(temp_options().directory(folder.path())));
    co_await settle();
    making.cancel();
    directory.cancel();
    EXPECT_EQ(co_await end_of(making.join()), "cancelled");
    EXPECT_EQ(co_await end_of(directory.join()), "cancelled");
    co_await pool.let_go();
    while (!fs::is_empty(folder.path())) co_await brio::to_thread([] {});
}

BRIO_TEST(temp_file, errors) {
    const temp_folder folder;
    const temp_options none = temp_options().directory(folder / "none");
    EXPECT_TRUE(contains(co_await end_of(make_temp_file(none)), "make_temp_file failed: '"));
    EXPECT_TRUE(contains(co_await end_of(make_temp_directory(none)), "make_temp_directory failed: '"));
    EXPECT_TRUE(contains(co_await end_of(brio::make_unnamed_file(none)), "make_unnamed_file failed: '"));
}

BRIO_TEST(temp_file, the_environment_says_where) {
    const temp_folder folder;
    const char* const before = std::getenv("TMPDIR");
    const std::string saved = before ? before : "";
    ::setenv("TMPDIR", folder.path().c_str(), 1);
    {
        const brio::temp_directory made = co_await make_temp_directory();
        EXPECT_EQ(fs::path(made.path()).parent_path(), folder.path());
    }
    if (before) {
        ::setenv("TMPDIR", saved.c_str(), 1);
    } else {
        ::unsetenv("TMPDIR");
    }
}

BRIO_TEST(temp_directory, goes_away_with_all_that_is_in_it) {
    const temp_folder folder;
    std::string path;
    {
        const brio::temp_directory made = co_await make_temp_directory(temp_options().directory(folder.path()));
        path = made.path();
        EXPECT_EQ(permissions_of(path), 0700u);
        EXPECT_EQ(made / "a", path + "/a");
        write_file(made / "sub/file", "text");
    }
    co_await until_gone(path);
    brio::temp_directory other = co_await make_temp_directory(temp_options().directory(folder.path()));
    write_file(other.keep() + "/file", "text");
}

BRIO_TEST(unnamed_file, has_no_name) {
    const temp_folder folder;
    const brio::file f = co_await brio::make_unnamed_file(temp_options().directory(folder.path()));
    EXPECT_TRUE(fs::is_empty(folder.path()));
    co_await f.write("text");
    co_await f.seek(0);
    EXPECT_EQ(co_await f.read(), "text");
}

TEST(temp_file, cancelled_at_each_await) {
    const temp_folder folder;
    const std::string path = folder.path();
    const auto report = brio::testing::cancel_at_each_await([&path]() -> awaitable<> {
        brio::temp_file f = co_await make_temp_file(temp_options().directory(path));
        co_await f.write("text");
        const brio::temp_directory inside = co_await make_temp_directory(temp_options().directory(path));
        const brio::file unnamed = co_await brio::make_unnamed_file(temp_options().directory(path));
        co_await unnamed.write("text");
    });
    EXPECT_GT(report.injected, 4u);
    EXPECT_TRUE(fs::is_empty(path));
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// The programs of doc/guide/files.md.
#include "integration/temp_folder.hpp"

#include <brio/brio.hpp>
#include <brio/testing/test.hpp>

#include <cstdint>
#include <string>

namespace {

// [whole]
brio::awaitable<int> count_starts(std::string path) {
    int starts = 0;
    if (co_await brio::file_exists(path)) starts = std::stoi(co_await brio::read_text(path));
    ++starts;
    co_await brio::write_text(path, std::to_string(starts), brio::write_options().atomic());
    co_return starts;
}
// [/whole]

// [lines]
brio::awaitable<int> count_errors(std::string path) {
    const brio::file log = co_await brio::open_file(path);
    int errors = 0;
    while (auto line = co_await log.next_line()) errors += line->starts_with("error");
    co_return errors;
}
// [/lines]

// [directories]
brio::awaitable<std::uint64_t> size_of_tree(std::string path) {
    std::uint64_t total = 0;
    for (const auto& entry : co_await brio::list_directory(path)) {
        if (entry.is_directory()) total += co_await size_of_tree(entry.path());
        if (entry.is_regular()) total += (co_await brio::stat_file(entry.path())).size();
    }
    co_return total;
}
// [/directories]

BRIO_TEST(guide_files, whole) {
    const brio_test::temp_folder folder;
    EXPECT_EQ(co_await count_starts(folder / "starts"), 1);
    EXPECT_EQ(co_await count_starts(folder / "starts"), 2);
}

BRIO_TEST(guide_files, lines) {
    const brio_test::temp_folder folder;
    co_await brio::write_text(folder / "log", "error: one\nfine\nerror: two\n");
    EXPECT_EQ(co_await count_errors(folder / "log"), 2);
}

BRIO_TEST(guide_files, directories) {
    const brio_test::temp_folder folder;
    co_await brio::make_directories(folder / "a/b");
    co_await brio::write_text(folder / "a/b/one", "12345");
    co_await brio::write_text(folder / "two", "123");
    EXPECT_EQ(co_await size_of_tree(folder.path()), 8u);
}

}  // namespace

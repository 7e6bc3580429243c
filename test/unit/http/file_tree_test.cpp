// SPDX-License-Identifier: BSL-1.0
// Which files below a folder can be had.
#include "http/file_tree.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace {

using namespace brio::http::detail;
namespace fs = std::filesystem;

std::string read(std::string_view encoded, bool dotfiles = false) {
    const auto got = read_file_path(encoded, dotfiles);
    if (!got) return "no";
    return got->name + (got->must_be_folder ? " folder" : "");
}

TEST(file_path, plain_ones) {
    EXPECT_EQ(read("a.txt"), "a.txt");
    EXPECT_EQ(read("a/b%20c/d"), "a/b c/d");
    EXPECT_EQ(read("a/"), "a folder");
    EXPECT_EQ(read(""), " folder");
    EXPECT_EQ(read("%C3%A9"), "\xc3\xa9");
    EXPECT_EQ(read("a%2525"), "a%25") << "decoded once";
    EXPECT_EQ(read("..."), "no") << "begins with a dot";
    EXPECT_EQ(read("...", true), "...");
    EXPECT_EQ(read("a..b"), "a..b");
}

TEST(file_path, H_141_what_leads_elsewhere_is_not_looked_for) {
    for (const char* bad : {"..", "../x", "a/../x", "a/..", "%2e%2e/x", "%2E./x", ".%2e/x", "a/%2e%2e/%2e%2e/etc/passwd", "..%2fx", "a%2fb",
                            "a%5cb", "..%5cx", "a\\b", "%00", "a%00.txt", "a%0ab", "a%7f", "/etc/passwd", "//etc", "a//b", "a//", "/", ".", "./a",
                            "a/./b", "%", "a%4", "%zz"}) {
        EXPECT_EQ(read(bad), "no") << bad;
        EXPECT_EQ(read(bad, true), "no") << bad;
    }
}

TEST(file_path, names_with_a_dot_first_are_for_those_who_want_them) {
    for (const char* hidden : {".git/config", ".env", "a/.htaccess", "%2egit", "a/.b/c"}) {
        EXPECT_EQ(read(hidden), "no") << hidden;
        EXPECT_NE(read(hidden, true), "no") << hidden;
    }
}

class file_tree_test : public testing::Test {
protected:
    file_tree_test() {
        std::string name = (fs::temp_directory_path() / "brio-tree-XXXXXX").string();
        top = ::mkdtemp(name.data());
        folder = top / "site";
        fs::create_directories(folder / "sub");
        write("a.txt", "alpha");
        write("sub/index.html", "<p>");
        write("../secret", "secret");
        write("packed.css", "plain");
        write("packed.css.gz", "gzip");
        write("large", std::string(100'000, 'x'));
    }
    ~file_tree_test() override {
        std::error_code ignored;
        fs::remove_all(top, ignored);
    }
    void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }

    // "5 alpha", "folder", "none"
    [[nodiscard]] std::string find(const std::string& name, bool must_be_folder = false, bool packed = false, const std::string& index = "index.html", bool links = true) const {
        file_search what;
        what.links = links;
        what.path.name = name;
        what.path.must_be_folder = must_be_folder;
        what.index = index;
        what.packed = packed;
        what.content = true;
        const found_file got = file_tree(folder.string()).find(what);
        if (got.is_folder) return "folder";
        if (!got.file) return "none";
        return std::to_string(got.size) + " " + got.content.value_or("...") + (got.is_packed ? " packed" : "");
    }

    fs::path top;
    fs::path folder;
};

TEST_F(file_tree_test, finds_files_and_folders) {
    EXPECT_EQ(find("a.txt"), "5 alpha");
    EXPECT_EQ(find("large"), "100000 ...") << "its content is sent by the system";
    EXPECT_EQ(find("sub"), "folder");
    EXPECT_EQ(find("sub", true), "3 <p>");
    EXPECT_EQ(find("sub", true, false, ""), "none") << "no index wanted";
    EXPECT_EQ(find("", true), "none") << "no index there";
    EXPECT_EQ(find("a.txt", true), "none") << "a file is no folder";
    EXPECT_EQ(find("nothing"), "none");
    EXPECT_EQ(find("a.txt/x"), "none");
    EXPECT_EQ(find(std::string(5000, 'n')), "none");
}

TEST_F(file_tree_test, packed_siblings) {
    EXPECT_EQ(find("packed.css", false, true), "4 gzip packed");
    EXPECT_EQ(find("packed.css"), "5 plain");
    EXPECT_EQ(find("a.txt", false, true), "5 alpha");
}

TEST_F(file_tree_test, H_141_links_lead_to_places_inside_only) {
    fs::create_symlink("a.txt", folder / "inside");
    fs::create_symlink("sub/../a.txt", folder / "around");
    fs::create_symlink("../secret", folder / "out");
    fs::create_symlink(top / "secret", folder / "absolute");
    fs::create_symlink(top, folder / "up");
    fs::create_symlink("self", folder / "self");
    fs::create_symlink("/proc/self/root/etc/passwd", folder / "magic");
    EXPECT_EQ(find("inside"), "5 alpha");
    EXPECT_EQ(find("around"), "5 alpha");
    for (const char* escape : {"out", "absolute", "up/secret", "self", "magic"}) EXPECT_EQ(find(escape), "none") << escape;
}

TEST_F(file_tree_test, H_141_without_links_none_is_followed) {
    fs::create_symlink("a.txt", folder / "inside");
    fs::create_symlink("sub", folder / "also");
    fs::create_symlink("../secret", folder / "out");
    const auto look = [this](const std::string& name, bool must_be_folder = false) { return find(name, must_be_folder, false, "index.html", false); };
    EXPECT_EQ(look("a.txt"), "5 alpha");
    EXPECT_EQ(look("sub/index.html"), "3 <p>");
    EXPECT_EQ(look("sub", true), "3 <p>");
    EXPECT_EQ(look("sub"), "folder");
    for (const char* link : {"inside", "also/index.html", "also", "out", "nothing", "a.txt/x"}) EXPECT_EQ(look(link), "none") << link;
}

TEST_F(file_tree_test, what_is_no_regular_file_is_not_opened_for_long) {
    ASSERT_EQ(::mkfifo((folder / "fifo").c_str(), 0600), 0);
    EXPECT_EQ(find("fifo"), "none");
}

TEST_F(file_tree_test, another_folder_may_take_its_place) {
    const file_tree tree(folder.string());
    fs::rename(folder, top / "old");
    fs::create_directories(folder);
    write("new.txt", "new");
    file_search what;
    what.path.name = "new.txt";
    EXPECT_NE(tree.find(what).file, nullptr);
    fs::remove_all(folder);
    EXPECT_THROW((void)tree.find(what), std::system_error);
    EXPECT_THROW(file_tree(folder.string()), std::system_error);
    EXPECT_THROW(file_tree((top / "old" / "a.txt").string()), std::system_error);
}

TEST_F(file_tree_test, another_content_has_another_tag) {
    file_search what;
    what.path.name = "a.txt";
    const file_tree tree(folder.string());
    const std::string before = tree.find(what).etag;
    EXPECT_EQ(before, tree.find(what).etag);
    EXPECT_TRUE(before.starts_with('"') && before.ends_with('"'));
    write("a.txt", "other words");
    EXPECT_NE(before, tree.find(what).etag);
}

}  // namespace

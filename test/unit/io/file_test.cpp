// SPDX-License-Identifier: BSL-1.0
// Open files: reading, writing, lines, positions, and operations that are cancelled.
#include "integration/temp_folder.hpp"
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"
#include "unit/io/held_pool.hpp"

#include <brio/io/file.hpp>
#include <brio/testing/test.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::file;
using brio::file_options;
using brio::open_file;
using brio::seek_from;
using brio_test::contains;
using brio_test::end_of;
using brio_test::held_pool;
using brio_test::read_file;
using brio_test::settle;
using brio_test::temp_folder;
using brio_test::write_file;

awaitable<std::vector<std::string>> lines_of(const file& f) {
    std::vector<std::string> all;
    while (auto line = co_await f.next_line()) all.push_back(*line);
    co_return all;
}

BRIO_TEST(file, reads_and_writes) {
    const temp_folder folder;
    const std::string path = folder / "a.txt";
    file f = co_await open_file(path, "w+");
    EXPECT_EQ(f.path(), path);
    EXPECT_TRUE(f.is_open());
    co_await f.write("hello ");
    co_await f.write("world");
    EXPECT_EQ(f.tell(), 11u);
    EXPECT_EQ(co_await f.size(), 11u);
    EXPECT_EQ(co_await f.read(), "");
    EXPECT_EQ(co_await f.seek(0), 0u);
    EXPECT_EQ(co_await f.read(3), "hel");
    EXPECT_EQ(co_await f.read(0), "");
    EXPECT_EQ(co_await f.read(100), "lo world");
    EXPECT_EQ(co_await f.read(100), "");
    EXPECT_EQ(f.tell(), 11u);
    co_await f.close();
    EXPECT_FALSE(f.is_open());
    EXPECT_EQ(f.native_handle(), -1);
    EXPECT_EQ(read_file(path), "hello world");
}

BRIO_TEST(file, read_to_the_end_of_a_large_one) {
    const temp_folder folder;
    std::string content(5'000'000, 'x');
    for (std::size_t i = 0; i < content.size(); i += 977) content[i] = static_cast<char>('a' + i % 26);
    write_file(folder / "large", content);
    file f = co_await open_file(folder / "large");
    EXPECT_EQ(co_await f.read(10), content.substr(0, 10));  // the rest is read ahead in part
    const std::string most = co_await f.read(3'000'000);
    EXPECT_TRUE(most == content.substr(10, 3'000'000));
    const std::string rest = co_await f.read();
    EXPECT_TRUE(rest == content.substr(3'000'010));
    EXPECT_EQ(f.tell(), content.size());
}

BRIO_TEST(file, read_into_memory) {
    const temp_folder folder;
    write_file(folder / "a", "0123456789");
    file f = co_await open_file(folder / "a");
    std::string memory(4, '-');
    EXPECT_EQ(co_await f.read_into(memory.data(), 4), 4u);
    EXPECT_EQ(memory, "0123");
    std::string more(10, '-');
    EXPECT_EQ(co_await f.read_into(more.data(), 10), 6u);
    EXPECT_EQ(more, "456789----");
    EXPECT_EQ(co_await f.read_into(more.data(), 10), 0u);
}

BRIO_TEST(file, small_reads_need_no_thread_each) {
    const temp_folder folder;
    write_file(folder / "a", std::string(10'000, 'x'));
    file f = co_await open_file(folder / "a");
    co_await f.read(1);
    brio::loop& running = brio::get_running_loop();
    const auto before = running.metrics().steps;
    for (int i = 0; i < 9'999; ++i) co_await f.read(1);
    EXPECT_EQ(running.metrics().steps, before);
    EXPECT_EQ(co_await f.read(1), "");
}

BRIO_TEST(file, lines) {
    const temp_folder folder;
    write_file(folder / "a", "one\n\ntwo\r\nthree\rstill\n\r\nlast");
    const std::vector<std::string> expected = [] {
        return std::vector<std::string>({"one", "", "two", "three\rstill", "", "last"});
    }();
    for (const std::size_t size : {1u, 2u, 3u, 7u, 65'536u}) {
        file f = co_await open_file(folder / "a", file_options().buffer_size(size));
        EXPECT_EQ(co_await lines_of(f), expected) << "buffer of " << size;
        EXPECT_EQ(f.tell(), 28u);
    }
    write_file(folder / "empty", "");
    file none = co_await open_file(folder / "empty");
    EXPECT_EQ((co_await lines_of(none)).size(), 0u);
    write_file(folder / "newline", "\n");
    file one = co_await open_file(folder / "newline");
    EXPECT_EQ((co_await lines_of(one)).size(), 1u);
}

BRIO_TEST(file, lines_come_in_batches) {
    const temp_folder folder;
    std::string content;
    for (int i = 0; i < 10'000; ++i) content += "line " + std::to_string(i) + "\n";
    write_file(folder / "a", content);
    file f = co_await open_file(folder / "a");
    brio::loop& running = brio::get_running_loop();
    const auto before = running.metrics().steps;
    int count = 0;
    bool right = true;
    while (auto line = co_await f.next_line()) right = right && *line == "line " + std::to_string(count++);
    EXPECT_TRUE(right);
    EXPECT_EQ(count, 10'000);
    EXPECT_LT(running.metrics().steps - before, 20u);  // two or three for each 64 KiB
}

BRIO_TEST(file, lines_and_bytes_mix) {
    const temp_folder folder;
    write_file(folder / "a", "first\nsecond\nthird\nfourth");
    file f = co_await open_file(folder / "a", "r+");
    EXPECT_EQ(co_await f.next_line(), "first");
    EXPECT_EQ(f.tell(), 6u);
    EXPECT_EQ(co_await f.read(3), "sec");
    EXPECT_EQ(co_await f.next_line(), "ond");
    co_await f.write("THIRD");  // at the position, not behind what was read ahead
    EXPECT_EQ(co_await f.next_line(), "");
    EXPECT_EQ(co_await f.seek(-7, seek_from::end), 18u);
    EXPECT_EQ(co_await f.next_line(), "");
    EXPECT_EQ(co_await f.next_line(), "fourth");
    EXPECT_EQ(read_file(folder / "a"), "first\nsecond\nTHIRD\nfourth");
}

BRIO_TEST(file, a_read_at_the_end_sees_what_is_appended_later) {
    const temp_folder folder;
    write_file(folder / "log", "one\n");
    file f = co_await open_file(folder / "log");
    file writer = co_await open_file(folder / "log", "a");
    EXPECT_EQ(co_await f.next_line(), "one");
    EXPECT_FALSE((co_await f.next_line()).has_value());
    co_await writer.write("two\n");
    EXPECT_EQ(co_await f.next_line(), "two");
    EXPECT_EQ(co_await f.read(10), "");
    co_await writer.write("three");
    EXPECT_EQ(co_await f.read(10), "three");
}

BRIO_TEST(file, seek_and_tell) {
    const temp_folder folder;
    write_file(folder / "a", "0123456789");
    file f = co_await open_file(folder / "a");
    EXPECT_EQ(co_await f.seek(4), 4u);
    EXPECT_EQ(co_await f.read(1), "4");
    EXPECT_EQ(co_await f.seek(2, seek_from::current), 7u);  // within the buffer
    EXPECT_EQ(co_await f.read(1), "7");
    EXPECT_EQ(co_await f.seek(-6, seek_from::current), 2u);
    EXPECT_EQ(co_await f.read(1), "2");
    EXPECT_EQ(co_await f.seek(-1, seek_from::end), 9u);
    EXPECT_EQ(co_await f.read(), "9");
    EXPECT_EQ(co_await f.seek(100), 100u);
    EXPECT_EQ(co_await f.read(), "");
    EXPECT_TRUE(contains(co_await end_of(f.seek(-1)), "is no place in a file"));
    EXPECT_TRUE(contains(co_await end_of(f.seek(INT64_MAX, seek_from::current)), "is no place in a file"));
    EXPECT_EQ(f.tell(), 100u);
}

BRIO_TEST(file, truncate_and_sync) {
    const temp_folder folder;
    write_file(folder / "a", "0123456789");
    file f = co_await open_file(folder / "a", "r+");
    EXPECT_EQ(co_await f.read(2), "01");  // the rest is in the buffer
    co_await f.truncate(4);
    EXPECT_EQ(f.tell(), 2u);
    EXPECT_EQ(co_await f.read(), "23");
    co_await f.truncate(6);
    EXPECT_EQ(co_await f.read(), std::string(2, '\0'));
    co_await f.sync();
    co_await f.sync_data();
    EXPECT_EQ(read_file(folder / "a"), std::string("0123\0\0", 6));
    EXPECT_THROW(static_cast<void>(f.truncate(~std::uint64_t{0})), std::invalid_argument);
}

BRIO_TEST(file, modes) {
    const temp_folder folder;
    const std::string path = folder / "a";
    file made = co_await open_file(path, "x");
    co_await made.write("one");
    EXPECT_TRUE(contains(co_await end_of(made.read()), "not opened for that"));
    EXPECT_TRUE(contains(co_await end_of(open_file(path, "x")), "of that name is there already"));
    file end = co_await open_file(path, "a+");
    co_await end.write("two");
    EXPECT_EQ(end.tell(), 6u);
    co_await made.write("ONE");  // in between, at its own position
    co_await end.write("!");
    EXPECT_EQ(end.tell(), 7u);
    co_await end.seek(0);
    EXPECT_EQ(co_await end.read(), "oneONE!");
    const file emptied = co_await open_file(path, "wb");
    EXPECT_EQ(co_await emptied.size(), 0u);
    const file both = co_await open_file(folder / "new", file_options().write().create());
    co_await both.write("x");
    co_await both.seek(0);
    EXPECT_EQ(co_await both.read(), "x");
    EXPECT_TRUE(contains(co_await end_of(open_file(folder / "none", "r+")), "is not there"));
}

TEST(file, modes_that_are_none) {
    for (const char* mode : {"", "q", "rw", "r++", "rbb", "+r", "w+b?"}) {
        EXPECT_THROW(static_cast<void>(file_options(mode)), std::invalid_argument) << mode;
    }
    for (const char* mode : {"r", "r+", "rb", "rb+", "r+b", "w", "a+", "x+b"}) EXPECT_NO_THROW(static_cast<void>(file_options(mode))) << mode;
}

BRIO_TEST(file, permissions_of_a_new_one) {
    const temp_folder folder;
    const ::mode_t before = ::umask(022);
    const file f = co_await open_file(folder / "a", file_options("w").permissions(0640));
    ::umask(before);
    struct stat now {};
    ::fstat(f.native_handle(), &now);
    EXPECT_EQ(now.st_mode & 0777, 0640u);
    EXPECT_TRUE(::fcntl(f.native_handle(), F_GETFD) & FD_CLOEXEC);
    EXPECT_FALSE(::fcntl(f.native_handle(), F_GETFL) & O_NONBLOCK);
}

BRIO_TEST(file, errors_name_the_file_and_what_to_do) {
    const temp_folder folder;
    const std::string none = folder / "none";
    EXPECT_EQ(co_await end_of(open_file(none)), "open_file failed: '" + none +
                  "' (check the path: the file, or a folder on the way, is not there): No such file or directory");
    std::error_code code;
    try {
        co_await open_file(none);
    } catch (const std::system_error& e) {
        code = e.code();
    }
    EXPECT_EQ(code, std::errc::no_such_file_or_directory);
    EXPECT_TRUE(contains(co_await end_of(open_file(folder.path())), "it is a directory"));
    write_file(folder / "a", "text");
    const file f = co_await open_file(folder / "a");
    const std::string text = co_await end_of(f.write("x"));
    EXPECT_TRUE(contains(text, "file.write() failed: '" + (folder / "a").string() + "' (the file was not opened for that")) << text;
    EXPECT_EQ(f.tell(), 0u);
    EXPECT_EQ(co_await f.read(), "text");  // an error harms nothing
    EXPECT_TRUE(contains(co_await end_of((co_await open_file("/dev/full", "w")).write("x")), "free some space"));
}

BRIO_TEST(file, streams_are_refused_without_blocking) {
    const temp_folder folder;
    const std::string pipe = folder / "pipe";
    BRIO_ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_TRUE(contains(co_await end_of(open_file(pipe)), "use a stream"));
    EXPECT_TRUE(contains(co_await end_of(open_file(pipe, "r+")), "use a stream"));
    const file null = co_await open_file("/dev/null", "r+");  // not a stream
    co_await null.write("x");
    EXPECT_EQ(co_await null.read(), "");
    const file info = co_await open_file("/proc/self/status");  // a size of 0, but not empty
    EXPECT_TRUE(contains(co_await info.read(), "Name:"));
}

BRIO_TEST(file, a_closed_one_is_an_error_and_closing_twice_is_none) {
    const temp_folder folder;
    write_file(folder / "a", "text");
    file f = co_await open_file(folder / "a");
    co_await f.close();
    co_await f.close();
    EXPECT_TRUE(contains(co_await end_of(f.read()), "is closed"));
    EXPECT_THROW(static_cast<void>(f.tell()), brio::invalid_state_error);
    file moved(std::move(f));
    EXPECT_FALSE(f.is_open());
    EXPECT_EQ(f.path(), "");
    EXPECT_THROW(static_cast<void>(f.read()), brio::invalid_state_error);
    EXPECT_FALSE(moved.is_open());
}

BRIO_TEST(file, the_task_tree_names_the_operation) {
    const temp_folder folder;
    write_file(folder / "a", "text");
    file f = co_await open_file(folder / "a");
    held_pool pool;
    auto reading = create_task(f.next_line());
    co_await settle();
    const std::string tree = brio::format_tasks(brio::get_running_loop());
    EXPECT_TRUE(contains(tree, "in file.next_line() at file_test.cpp:")) << tree;
    co_await pool.let_go();
    co_await reading.join();
}

TEST(file, belongs_to_its_loop) {
    const temp_folder folder;
    write_file(folder / "a", "text");
    std::optional<file> f;
    brio::run([](std::optional<file>* out, std::string path) -> awaitable<> {
        out->emplace(co_await open_file(path));
    }, &f, (folder / "a").string());
    const auto use = [](const file* other) -> awaitable<> { static_cast<void>(co_await other->read()); };
    EXPECT_THROW(brio::run(use, &*f), brio::loop_error);
    EXPECT_TRUE(f->is_open());
    f.reset();
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Operations on one file that wait for each other, and those that are cancelled.
#include "integration/temp_folder.hpp"
#include "unit/compose/outcome.hpp"
#include "unit/core/capture.hpp"
#include "unit/io/held_pool.hpp"

#include <brio/io/file.hpp>
#include <brio/testing/test.hpp>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using brio::awaitable;
using brio::create_task;
using brio::file;
using brio::file_options;
using brio::open_file;
using brio_test::contains;
using brio_test::end_of;
using brio_test::held_pool;
using brio_test::read_file;
using brio_test::settle;
using brio_test::temp_folder;
using brio_test::write_file;

BRIO_TEST(file_cancel, operations_take_their_turns) {
    const temp_folder folder;
    file f = co_await open_file(folder / "a", "w+");
    std::vector<brio::task<>> writes;
    for (char c = 'a'; c <= 'z'; ++c) writes.push_back(create_task(f.write(std::string(1000, c))));
    auto closed = create_task(f.close());
    auto late = create_task(f.write("late"));
    for (const auto& each : writes) co_await each.join();
    co_await closed.join();
    EXPECT_TRUE(contains(co_await end_of(late.join()), "is closed"));
    std::string expected;
    for (char c = 'a'; c <= 'z'; ++c) expected += std::string(1000, c);
    EXPECT_TRUE(read_file(folder / "a") == expected);
}

BRIO_TEST(file_cancel, cancelled_before_it_starts) {
    const temp_folder folder;
    write_file(folder / "a", "text");
    file f = co_await open_file(folder / "a", "r+");
    auto reading = create_task(f.read());
    auto writing = create_task(f.write("TEXT"));
    reading.cancel();
    writing.cancel();
    EXPECT_EQ(co_await end_of(reading.join()), "cancelled");
    EXPECT_EQ(co_await end_of(writing.join()), "cancelled");
    EXPECT_EQ(co_await f.read(), "text");
}

BRIO_TEST(file_cancel, a_cancelled_read_loses_nothing) {
    const temp_folder folder;
    write_file(folder / "a", "first\nsecond\n");
    file f = co_await open_file(folder / "a");
    held_pool pool;
    auto line = create_task(f.next_line());
    auto queued = create_task(f.read(3));
    co_await settle();
    line.cancel();
    queued.cancel();
    EXPECT_EQ(co_await end_of(line.join()), "cancelled");  // at once, while the thread is busy
    EXPECT_EQ(co_await end_of(queued.join()), "cancelled");
    EXPECT_EQ(f.tell(), 0u);
    auto again = create_task(f.next_line());
    co_await pool.let_go();
    EXPECT_EQ(co_await again.join(), "first");
    EXPECT_EQ(co_await f.read(), "second\n");
}

BRIO_TEST(file_cancel, a_cancelled_write_can_be_done_again) {
    const temp_folder folder;
    file f = co_await open_file(folder / "a", "w");
    co_await f.write("begin ");
    held_pool pool;
    auto writing = create_task(f.write("text"));
    co_await settle();
    writing.cancel();
    EXPECT_EQ(co_await end_of(writing.join()), "cancelled");
    EXPECT_EQ(f.tell(), 6u);
    co_await pool.let_go();
    EXPECT_EQ(f.tell(), 6u);  // the thread has written, but nobody waited
    co_await f.write("text");
    co_await f.close();
    EXPECT_EQ(read_file(folder / "a"), "begin text");
}

BRIO_TEST(file_cancel, one_that_is_done_delivers_before_the_cancel) {
    const temp_folder folder;
    write_file(folder / "a", "text");
    file f = co_await open_file(folder / "a");
    std::string log;
    const auto body = [](const file* from, std::string* out) -> awaitable<> {
        *out += co_await from->read();
        co_await brio::sleep(1s);
        *out += " not reached";
    };
    held_pool pool;
    auto reading = create_task(body(&f, &log));
    // Woken in the same turn as the reader, but asked first: it ran earlier.
    const auto cancel_when_read = [](const file* from, brio::task<> target) -> awaitable<> {
        while (from->tell() == 0) co_await brio::sleep(0s);
        target.cancel();
    };
    auto canceller = create_task(cancel_when_read(&f, reading));
    co_await pool.let_go();
    EXPECT_EQ(co_await end_of(reading.join()), "cancelled");
    co_await canceller.join();
    EXPECT_EQ(log, "text");
}

BRIO_TEST(file_cancel, a_large_read_that_was_cancelled_is_not_kept_and_stops_early) {
    file zeros = co_await open_file("/dev/zero");
    auto reading = create_task(zeros.read());  // would never end
    co_await brio::to_thread([] {});
    reading.cancel();
    EXPECT_EQ(co_await end_of(reading.join()), "cancelled");
    EXPECT_EQ(co_await zeros.read(3), std::string(3, '\0'));
    EXPECT_EQ(zeros.tell(), 3u);
}

BRIO_TEST(file_cancel, a_cancelled_open_leaves_no_descriptor) {
    const temp_folder folder;
    write_file(folder / "a", "text");
    held_pool pool;
    auto opening = create_task(open_file(folder / "a"));
    co_await settle();
    opening.cancel();
    EXPECT_EQ(co_await end_of(opening.join()), "cancelled");
    co_await pool.let_go();  // the test's own check looks for descriptors
}

BRIO_TEST(file_cancel, a_cancelled_close_closes_all_the_same_once_it_has_begun) {
    const temp_folder folder;
    write_file(folder / "a", "text");
    file f = co_await open_file(folder / "a");
    held_pool pool;
    auto reading = create_task(f.read());
    auto closing = create_task(f.close());
    co_await settle();
    closing.cancel();  // not its turn yet
    EXPECT_EQ(co_await end_of(closing.join()), "cancelled");
    co_await pool.let_go();
    EXPECT_EQ(co_await reading.join(), "text");
    EXPECT_TRUE(f.is_open());
    held_pool again;
    auto second = create_task(f.close());
    co_await settle();
    second.cancel();
    EXPECT_EQ(co_await end_of(second.join()), "cancelled");
    co_await again.let_go();
    EXPECT_FALSE(f.is_open());
}

BRIO_TEST(file_cancel, its_end_while_a_thread_works_on_it) {
    const temp_folder folder;
    write_file(folder / "a", "text");
    file f = co_await open_file(folder / "a");
    held_pool pool;
    auto reading = create_task(f.read());
    co_await settle();
    f = file();
    EXPECT_FALSE(reading.done());
    reading.cancel();  // the last that uses it
    EXPECT_EQ(co_await end_of(reading.join()), "cancelled");
    co_await pool.let_go();  // the test's own check looks for descriptors
}

TEST(file_cancel, cancelled_at_each_await) {
    const temp_folder folder;
    const std::string path = folder / "a";
    const brio::testing::scenario_report report = brio::testing::cancel_at_each_await([&path]() -> awaitable<> {
        file f = co_await open_file(path, file_options("w+").buffer_size(4));
        co_await f.write("first\nsecond\n");
        co_await f.seek(0);
        brio::testing::cancel_point();
        EXPECT_EQ(co_await f.next_line(), "first");
        auto other = create_task(f.read(3));
        EXPECT_EQ(co_await other.join(), "sec");
        EXPECT_EQ(co_await f.size(), 13u);
        co_await f.sync();
        co_await f.close();
    }, brio::testing::scenario_options().allow_leftovers());
    EXPECT_GT(report.injected, 10u);
}

// Whatever is cancelled, and when: done again, it gives what it would have given.
TEST(file_cancel, cancelled_operations_can_be_repeated_at_each_await) {
    const temp_folder folder;
    const std::string path = folder / "a";
    const auto report = brio::testing::cancel_at_each_await(
        brio::testing::with_state<std::string>([&path](std::string& log) -> awaitable<> {
            file f = co_await open_file(path, file_options("w+").buffer_size(4));
            const auto work = [](const file* target, std::string* out) -> awaitable<> {
                for (bool done = false; !done;) {
                    try {
                        co_await target->write("one\ntwo\n");
                        done = true;
                    } catch (const brio::cancelled_error&) {
                        EXPECT_EQ(target->tell(), 0u);
                    }
                }
                co_await target->seek(0);
                while (out->size() < 8) {
                    try {
                        if (auto line = co_await target->next_line()) *out += *line + "\n";
                    } catch (const brio::cancelled_error&) {
                        EXPECT_EQ(target->tell(), out->size());
                    }
                }
            };
            co_await work(&f, &log);
            EXPECT_EQ(log, "one\ntwo\n");
        }),
        brio::testing::scenario_options());
    EXPECT_GT(report.injected, 3u);
}

}  // namespace

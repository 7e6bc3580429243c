// SPDX-License-Identifier: BSL-1.0
// Watching descriptors: callbacks and waits for readiness (asyncio.md 2.28, LOOP-32 to LOOP-34).
#include "unit/compose/outcome.hpp"
#include "unit/io/descriptors.hpp"

#include <brio/testing/cancel_at_each_await.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace brio_test;
using brio::awaitable;
using brio::create_task;
using brio::wait_readable;
using brio::wait_writable;

int error_code_of(const std::function<void()>& call) {
    try {
        call();
    } catch (const std::system_error& e) {
        return e.code().value();
    } catch (const brio::loop_error&) {
        return -1;
    }
    return 0;
}

awaitable<int> error_code_of_wait(int descriptor) {
    try {
        co_await wait_readable(descriptor);
    } catch (const std::system_error& e) {
        co_return e.code().value();
    } catch (const brio::loop_error&) {
        co_return -1;
    }
    co_return 0;
}

awaitable<> note_when_readable(int descriptor, std::string& order, char name) {
    co_await wait_readable(descriptor);
    order += name;
}

BRIO_TEST(watch, a_reader_is_called_as_long_as_there_is_something) {
    const ends p = pipe_pair();
    put(p.far, "abc");
    std::string got;
    brio::event done;
    const auto read_one = [&] {
        char c = 0;
        EXPECT_EQ(::read(p.near.get(), &c, 1), 1);
        got += c;
        if (got.size() == 3) done.set();
    };
    brio::add_reader(p.near.get(), read_one);
    co_await done.wait();
    EXPECT_EQ(got, "abc");
    EXPECT_TRUE(brio::remove_reader(p.near.get()));
    put(p.far, "d");
    co_await settle();
    EXPECT_EQ(got, "abc") << "it was removed";
    EXPECT_FALSE(brio::remove_reader(p.near.get())) << "there is none any more";
}

BRIO_TEST(watch, arguments_are_kept_and_given_each_time) {
    const ends p = pipe_pair();
    put(p.far, "x");
    std::string got;
    int calls = 0;
    brio::event done;
    const auto note = [&](const std::string& text, const std::unique_ptr<int>& number) {
        got += text + std::to_string(*number);
        if (++calls == 3) {
            brio::remove_reader(p.near.get());
            done.set();
        }
    };
    brio::add_reader(p.near.get(), note, std::string("n"), std::make_unique<int>(7));
    co_await done.wait();
    co_await settle();
    EXPECT_EQ(got, "n7n7n7") << "a callback that removes itself is not called again";
}

BRIO_TEST(watch, a_new_reader_replaces_the_old_one) {
    const ends p = pipe_pair();
    int first = 0;
    brio::event second;
    brio::add_reader(p.near.get(), [&first] { ++first; });
    brio::add_reader(p.near.get(), [&second] { second.set(); });
    put(p.far, "x");
    co_await second.wait();
    EXPECT_EQ(first, 0);
    brio::remove_reader(p.near.get());
}

BRIO_TEST(watch, reader_and_writer_of_one_descriptor_are_two) {
    const ends p = socket_pair();
    std::string order;
    brio::event both;
    const auto writable = [&] {
        order += 'w';
        EXPECT_TRUE(brio::remove_writer(p.near.get()));
        put(p.far, "x");
    };
    const auto readable = [&] {
        order += 'r';
        EXPECT_TRUE(brio::remove_reader(p.near.get()));
        both.set();
    };
    brio::add_reader(p.near.get(), readable);
    brio::add_writer(p.near.get(), writable);
    co_await both.wait();
    EXPECT_EQ(order, "wr");
}

BRIO_TEST(watch, the_end_is_readable_for_readers_and_an_error_for_writers) {
    ends p = pipe_pair();
    p.far.reset();
    brio::event ended;
    brio::add_reader(p.near.get(), [&ended] { ended.set(); });
    co_await ended.wait();
    brio::remove_reader(p.near.get());
    ends q = pipe_pair();
    fill(q.far);
    brio::task<> writing = create_task(wait_writable(q.far.get()));
    co_await settle();
    EXPECT_FALSE(writing.done());
    q.near.reset();
    co_await writing.join();
}

BRIO_TEST(watch, what_a_reader_throws_is_reported_and_it_stays) {
    const ends p = pipe_pair();
    put(p.far, "x");
    reports seen;
    int calls = 0;
    brio::event done;
    const auto fails = [&] {
        if (++calls == 2) {
            brio::remove_reader(p.near.get());
            done.set();
        }
        throw std::runtime_error("call " + std::to_string(calls));
    };
    brio::add_reader(p.near.get(), fails);
    co_await done.wait();
    co_await settle();
    BRIO_ASSERT_EQ(seen.size(), 2U);
    EXPECT_EQ(seen[1], "call 2");
}

BRIO_TEST(watch, a_queued_callback_that_is_removed_is_not_called) {
    const ends a = pipe_pair();
    const ends b = pipe_pair();
    put(a.far, "x");
    put(b.far, "x");
    int calls = 0;
    brio::event one;
    const auto first_removes_both = [&] {
        ++calls;
        brio::remove_reader(a.near.get());
        brio::remove_reader(b.near.get());
        one.set();
    };
    brio::add_reader(a.near.get(), first_removes_both);
    brio::add_reader(b.near.get(), first_removes_both);
    co_await one.wait();
    co_await settle();
    EXPECT_EQ(calls, 1);
}

BRIO_TEST(watch, callbacks_see_the_context_of_those_who_added_them) {
    static brio::context_var<int> number("number");
    const ends p = pipe_pair();
    put(p.far, "x");
    number.set(5);
    int seen = 0;
    brio::event done;
    const auto look = [&] {
        seen = number.get();
        brio::remove_reader(p.near.get());
        done.set();
    };
    brio::add_reader(p.near.get(), look);
    number.set(6);
    co_await done.wait();
    EXPECT_EQ(seen, 5);
}

BRIO_TEST(watch, LOOP_32_bad_descriptors_are_refused) {
    const ends p = pipe_pair();
    const int closed = ::fcntl(p.near.get(), F_DUPFD_CLOEXEC, 900);
    ::close(closed);
    const auto nothing = [] {};
    EXPECT_EQ(error_code_of([&] { brio::add_reader(closed, nothing); }), EBADF);
    EXPECT_EQ(error_code_of([&] { brio::add_writer(closed, nothing); }), EBADF);
    EXPECT_EQ(error_code_of([&] { brio::add_reader(-1, nothing); }), EBADF);
    const brio::unique_descriptor file(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
    EXPECT_EQ(error_code_of([&] { brio::add_reader(file.get(), nothing); }), EPERM) << "a regular file cannot be watched";
    EXPECT_EQ(co_await error_code_of_wait(closed), EBADF);
    EXPECT_EQ(co_await error_code_of_wait(-1), EBADF);
    EXPECT_EQ(co_await error_code_of_wait(file.get()), 0) << "... but is always ready";
}

BRIO_TEST(watch, LOOP_32_a_descriptor_of_an_asio_object_is_refused) {
    ends p = pipe_pair();
    boost::asio::posix::stream_descriptor owner(brio::get_running_loop().context(), p.near.get());
    EXPECT_EQ(error_code_of([&] { brio::add_reader(p.near.get(), [] {}); }), -1);
    EXPECT_EQ(error_code_of([&] { brio::add_writer(p.near.get(), [] {}); }), -1);
    EXPECT_EQ(co_await error_code_of_wait(p.near.get()), -1);
    const std::string text = co_await end_of(wait_readable(p.near.get()));
    EXPECT_NE(text.find("belongs to a stream or another Asio object"), std::string::npos) << text;
    EXPECT_EQ(owner.release(), p.near.get());
    brio::add_reader(p.near.get(), [] {});
    EXPECT_TRUE(brio::remove_reader(p.near.get())) << "given up by its owner";
}

BRIO_TEST(watch, a_ready_descriptor_is_not_waited_for) {
    const ends p = pipe_pair();
    put(p.far, "x");
    bool turned = false;
    brio::get_running_loop().call_soon([&turned] { turned = true; });
    co_await wait_readable(p.near.get());
    co_await wait_writable(p.far.get());
    EXPECT_FALSE(turned);
    co_await brio::sleep(0s);
}

BRIO_TEST(watch, many_tasks_may_wait_for_one_descriptor) {
    const ends p = pipe_pair();
    std::string order;
    brio::task<> a = create_task(note_when_readable(p.near.get(), order, 'a'));
    brio::task<> b = create_task(note_when_readable(p.near.get(), order, 'b'));
    brio::task<> c = create_task(note_when_readable(p.near.get(), order, 'c'));
    co_await settle();
    b.cancel();
    put(p.far, "x");
    co_await brio::gather(a, c);
    EXPECT_EQ(order, "ac");
    EXPECT_TRUE(b.cancelled());
}

BRIO_TEST(watch, waits_and_a_callback_share_a_descriptor) {
    const ends p = pipe_pair();
    std::string order;
    int calls = 0;
    brio::task<> waiting = create_task(note_when_readable(p.near.get(), order, 'a'));
    co_await settle();
    brio::event enough;
    const auto note = [&] {
        if (++calls == 2) enough.set();
    };
    brio::add_reader(p.near.get(), note);
    put(p.far, "x");
    co_await enough.wait();
    EXPECT_TRUE(brio::remove_reader(p.near.get()));
    co_await waiting.join();
    EXPECT_EQ(order, "a");
    take(p.near);
    brio::task<> again = create_task(note_when_readable(p.near.get(), order, 'b'));
    co_await settle();
    EXPECT_EQ(order, "a");
    put(p.far, "y");
    co_await again.join();
    EXPECT_EQ(order, "ab");
}

BRIO_TEST(watch, a_cancelled_wait_leaves_the_descriptor_as_it_is) {
    const ends p = pipe_pair();
    EXPECT_EQ(co_await given_up(wait_readable(p.near.get())), "cancelled");
    put(p.far, "x");
    co_await wait_readable(p.near.get());
    EXPECT_EQ(take(p.near), "x");
}

// The number belongs to another file by the time it is waited for again.
BRIO_TEST(watch, a_number_that_is_used_again_is_another_descriptor) {
    int number = -1;
    {
        const ends p = pipe_pair();
        const brio::unique_descriptor high(::fcntl(p.near.get(), F_DUPFD_CLOEXEC, 500));  // a number that nobody else takes
        number = high.get();
        brio::task<> waiting = create_task(wait_readable(number));
        co_await settle();
        put(p.far, "x");
        co_await waiting.join();
    }
    const ends q = pipe_pair();
    const brio::unique_descriptor again(::dup3(q.near.get(), number, O_CLOEXEC));
    BRIO_ASSERT_EQ(again.get(), number);
    brio::task<> waiting = create_task(wait_readable(number));
    co_await settle();
    EXPECT_FALSE(waiting.done());
    put(q.far, "x");
    co_await waiting.join();
}

// ... though somebody waited for the first one when it was closed.
BRIO_TEST(watch, a_number_that_is_used_again_while_it_is_watched) {
    int number = -1;
    std::optional<brio::task<>> stuck;
    {
        const ends p = pipe_pair();
        const brio::unique_descriptor high(::fcntl(p.near.get(), F_DUPFD_CLOEXEC, 500));  // a number that nobody else takes
        number = high.get();
        stuck.emplace(create_task(wait_readable(number)));
        co_await settle();
    }
    const ends q = pipe_pair();
    const brio::unique_descriptor again(::dup3(q.near.get(), number, O_CLOEXEC));
    BRIO_ASSERT_EQ(again.get(), number);
    brio::task<> waiting = create_task(wait_readable(number));
    co_await settle();
    put(q.far, "x");
    co_await waiting.join();
    co_await stuck->join();
}

BRIO_TEST(watch, hundreds_of_descriptors_at_once) {
    std::vector<ends> pipes;
    std::vector<brio::task<>> waits;
    for (int i = 0; i < 300; ++i) {
        pipes.push_back(pipe_pair());
        waits.push_back(create_task(wait_readable(pipes.back().near.get())));
    }
    co_await settle();
    for (const ends& p : pipes) put(p.far, "x");
    co_await brio::gather(std::move(waits));
}

BRIO_TEST(watch, wait_says_what_it_is) {
    const ends p = pipe_pair();
    brio::task<> waiting = create_task(wait_readable(p.near.get()));
    co_await settle();
    EXPECT_NE(brio::format_tasks(brio::get_running_loop()).find("wait_readable"), std::string::npos) << brio::format_tasks(brio::get_running_loop());
    waiting.cancel();
    co_await brio::gather(brio::return_exceptions, waiting);
}

awaitable<> wait_and_take(int descriptor) {
    co_await wait_readable(descriptor);
    char c = 0;
    EXPECT_EQ(::read(descriptor, &c, 1), 1);
    co_await wait_readable(descriptor);
}

TEST(watch, sweep_of_waits) {
    const auto body = []() -> awaitable<> {
        const ends p = pipe_pair();
        const auto both = [&p](brio::task_group& group) -> awaitable<> {
            group.create_task(wait_and_take(p.near.get()));
            co_await brio::sleep(0s);
            put(p.far, "x");
            co_await wait_writable(p.far.get());
            co_await brio::sleep(0s);
            put(p.far, "y");
        };
        co_await brio::with_task_group(both);
        EXPECT_EQ(take(p.near), "y");
    };
    brio::testing::cancel_at_each_await(body);
}

}  // namespace

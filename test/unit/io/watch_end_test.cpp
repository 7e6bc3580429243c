// SPDX-License-Identifier: BSL-1.0
// Watching descriptors when there is no loop, no loop any more, or one that ends (asyncio.md 2.28, LOOP-33 and LOOP-34).
#include "unit/compose/outcome.hpp"
#include "unit/io/descriptors.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <string>

namespace {

using namespace brio_test;
using brio::awaitable;
using brio::create_task;
using brio::wait_readable;

TEST(watch_end, LOOP_33_outside_of_a_loop_adding_is_an_error_and_removing_is_quiet) {
    const ends p = pipe_pair();
    EXPECT_THROW(brio::add_reader(p.near.get(), [] {}), brio::loop_error);
    EXPECT_THROW(brio::add_writer(p.near.get(), [] {}), brio::loop_error);
    EXPECT_FALSE(brio::remove_reader(p.near.get()));
    EXPECT_FALSE(brio::remove_writer(p.near.get()));
}

// Lives in a task that is still pending when its loop ends.
class last_words {
public:
    last_words(int descriptor, std::string& text) : descriptor_(descriptor), text_(text) {}
    last_words(const last_words&) = delete;
    last_words& operator=(const last_words&) = delete;
    ~last_words() {
        text_ += brio::remove_reader(descriptor_) ? "removed" : "quiet";
        try {
            brio::add_reader(descriptor_, [] {});
            text_ += ", added";
        } catch (const brio::loop_error&) {
            text_ += ", refused";
        }
    }

private:
    int descriptor_;
    std::string& text_;
};

awaitable<> wait_with_last_words(int descriptor, std::string& text) {
    const last_words words(descriptor, text);
    co_await wait_readable(descriptor);
}

TEST(watch_end, LOOP_33_after_close_adding_is_an_error_and_removing_is_quiet) {
    const ends p = pipe_pair();
    std::string text;
    {
        brio::loop loop;
        const auto main = [&]() -> awaitable<> {
            brio::add_reader(p.near.get(), [] {});
            create_task(wait_with_last_words(p.near.get(), text));
            co_await settle();
        };
        loop.run_until_complete(main());
        EXPECT_EQ(text, "");
    }
    EXPECT_EQ(text, "quiet, refused");
}

TEST(watch_end, LOOP_34_the_watch_is_released_by_close) {
    const ends p = pipe_pair();
    const std::size_t before = open_descriptors();
    {
        brio::loop loop;
        const auto main = [&]() -> awaitable<> {
            brio::add_reader(p.near.get(), [] {});
            co_await settle();
        };
        loop.run_until_complete(main());
        EXPECT_GT(open_descriptors(), before);
    }
    EXPECT_EQ(open_descriptors(), before);
}

TEST(watch_end, a_loop_on_a_callers_context_may_go_while_something_is_watched) {
    const ends p = pipe_pair();
    boost::asio::io_context context;
    int calls = 0;
    {
        brio::loop loop(context);
        const auto main = [&]() -> awaitable<> {
            brio::add_reader(p.near.get(), [&calls] { ++calls; });
            co_await settle();
        };
        loop.run_until_complete(main());
    }
    put(p.far, "x");
    context.restart();
    context.run();
    EXPECT_EQ(calls, 0);
}

}  // namespace

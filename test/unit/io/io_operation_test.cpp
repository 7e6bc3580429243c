// SPDX-License-Identifier: BSL-1.0
// Operations on a transport that is driven by the test: deadlines and cancels that race with completions.
#include "http/error_of.hpp"
#include "io/transport.hpp"

#include <brio/testing/test.hpp>

#include <boost/asio/error.hpp>

#include <optional>

namespace {

using namespace http_test;
namespace asio = boost::asio;
using brio::detail::io_handler;
using brio::detail::io_result;
using brio::detail::no_deadline;
using brio::detail::read_operation;
using brio::detail::write_operation;

// Completes when the test says so; what is cancelled completes with what the test has prepared.
class manual_transport final : public brio::detail::transport {
public:
    bool try_read(void*, std::size_t, io_result&) noexcept override { return false; }
    bool try_write(std::string_view, io_result&) noexcept override { return false; }
    void start_read(void*, std::size_t, io_handler handler) override { begin(std::move(handler)); }
    void start_write(std::string_view data, io_handler handler) override {
        offered = data.size();
        begin(std::move(handler));
    }
    void cancel() noexcept override {
        ++cancels;
        finish(on_cancel.ec, on_cancel.bytes);
    }
    void close() noexcept override {}
    bool is_quiet() noexcept override { return true; }

    void finish(boost::system::error_code ec, std::size_t bytes) {
        brio::get_running_loop().call_soon([this, ec, bytes] {
            if (!pending) return;
            io_handler handler = std::move(*pending);
            pending.reset();
            handler(ec, bytes);
        });
    }

    std::optional<io_handler> pending;
    io_result on_cancel{asio::error::operation_aborted, 0};
    std::size_t offered = 0;
    int starts = 0;
    int cancels = 0;

private:
    void begin(io_handler handler) {
        ++starts;
        pending.emplace(std::move(handler));
    }
};

brio::awaitable<io_result> write_all(manual_transport& to, std::string_view data, brio::detail::time_point deadline) {
    const io_result done = co_await write_operation(to, data, deadline);
    co_return done;
}

}  // namespace

BRIO_TEST(io_operation, a_write_goes_on_until_everything_is_written) {
    manual_transport t;
    brio::task<io_result> writing = brio::create_task(write_all(t, "0123456789", no_deadline));
    for (const std::size_t part : {4u, 5u, 1u}) {
        while (!t.pending) co_await brio::sleep(0s);
        t.finish({}, part);
        co_await brio::sleep(0s);
        co_await brio::sleep(0s);
    }
    const io_result done = co_await writing.join();
    EXPECT_FALSE(done.ec);
    EXPECT_EQ(done.bytes, 10u);
    EXPECT_EQ(t.starts, 3);
}

BRIO_TEST(io_operation, an_error_tells_how_much_was_written) {
    manual_transport t;
    brio::task<io_result> writing = brio::create_task(write_all(t, "0123456789", no_deadline));
    while (!t.pending) co_await brio::sleep(0s);
    t.finish({}, 4);
    while (t.starts < 2) co_await brio::sleep(0s);
    t.finish(asio::error::broken_pipe, 0);
    const io_result done = co_await writing.join();
    EXPECT_EQ(done.ec, asio::error::broken_pipe);
    EXPECT_EQ(done.bytes, 4u);
}

BRIO_TEST(io_operation, a_deadline_aborts_and_is_a_timeout) {
    manual_transport t;
    char room[4];
    const auto begin = brio::get_running_loop().time();
    const io_result done = co_await read_operation(t, room, sizeof room, begin + 50ms, false);
    EXPECT_EQ(done.ec, asio::error::timed_out);
    EXPECT_EQ(t.cancels, 1);
    EXPECT_EQ(brio::get_running_loop().time() - begin, 50ms);
}

// The whole of a read that raced with its deadline is a result; a part of a write is not.
BRIO_TEST(io_operation, a_completion_that_races_with_the_deadline) {
    manual_transport t;
    t.on_cancel = io_result{{}, 3};
    char room[4];
    const io_result read = co_await read_operation(t, room, sizeof room, brio::get_running_loop().time() + 5ms, false);
    EXPECT_FALSE(read.ec);
    EXPECT_EQ(read.bytes, 3u);
    t.on_cancel = io_result{{}, 4};
    const io_result partly = co_await write_operation(t, "0123456789", brio::get_running_loop().time() + 5ms);
    EXPECT_EQ(partly.ec, asio::error::timed_out) << "4 of 10 bytes are no success";
    EXPECT_EQ(partly.bytes, 4u);
    t.on_cancel = io_result{{}, 10};
    const io_result whole = co_await write_operation(t, "0123456789", brio::get_running_loop().time() + 5ms);
    EXPECT_FALSE(whole.ec);
    EXPECT_EQ(whole.bytes, 10u);
}

BRIO_TEST(io_operation, a_cancel_that_races_with_a_part_of_a_write_is_a_cancel) {
    manual_transport t;
    t.on_cancel = io_result{{}, 4};
    brio::task<io_result> writing = brio::create_task(write_all(t, "0123456789", no_deadline));
    while (!t.pending) co_await brio::sleep(0s);
    writing.cancel();
    co_await brio::gather(brio::return_exceptions, writing);
    EXPECT_TRUE(writing.cancelled());
    EXPECT_EQ(t.starts, 1) << "nothing more is started";
}

BRIO_TEST(io_operation, a_result_that_is_there_survives_a_cancel_and_the_cancel_comes_next) {
    manual_transport t;
    t.on_cancel = io_result{{}, 10};
    std::optional<io_result> got;
    bool cancelled = false;
    const auto body = [&]() -> brio::awaitable<> {
        got = co_await write_operation(t, "0123456789", no_deadline);
        try {
            co_await brio::sleep(1s);
        } catch (const brio::cancelled_error&) {
            cancelled = true;
        }
    };
    brio::task<> running = brio::create_task(body());
    while (!t.pending) co_await brio::sleep(0s);
    running.cancel();
    co_await running.join();
    BRIO_ASSERT_TRUE(got.has_value());
    EXPECT_EQ(got->bytes, 10u);
    EXPECT_TRUE(cancelled);
}

BRIO_TEST(io_operation, without_a_deadline_no_timer_is_set) {
    manual_transport t;
    brio::task<io_result> writing = brio::create_task(write_all(t, "x", no_deadline));
    while (!t.pending) co_await brio::sleep(0s);
    EXPECT_EQ(brio::get_running_loop().scheduler().timer_count(), 0u);
    t.finish({}, 1);
    co_await writing.join();
}

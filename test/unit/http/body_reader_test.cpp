// SPDX-License-Identifier: BSL-1.0
// Reading a body from a peer whose next piece is always there already: the other tasks have their turn all the same.
#include "http/body_reader.hpp"
#include "http/turn_budget.hpp"

#include <brio/core/loop.hpp>
#include <brio/core/sleep.hpp>
#include <brio/core/task.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <string>

namespace {

using namespace brio::http::detail;
using namespace std::chrono_literals;

// A peer that has sent everything before it is read, in pieces that are never joined.
class prompt_peer final : public brio::detail::transport {
public:
    prompt_peer(std::string bytes, std::size_t piece, unsigned& reads) : bytes_(std::move(bytes)), piece_(piece), reads_(reads) {}

    bool try_read(void* data, std::size_t size, brio::detail::io_result& result) noexcept override {
        ++reads_;
        result.bytes = std::min({size, piece_, bytes_.size() - at_});
        std::memcpy(data, bytes_.data() + at_, result.bytes);
        at_ += result.bytes;
        if (result.bytes == 0) result.ec = boost::asio::error::eof;
        return true;
    }
    void start_read(void* data, std::size_t size, brio::detail::io_handler handler) override {
        brio::detail::io_result result;
        try_read(data, size, result);
        boost::asio::post(brio::get_running_loop().context(),
                          [h = std::move(handler), result]() mutable { h(result.ec, result.bytes); });
    }
    bool try_write(std::string_view, brio::detail::io_result&) noexcept override { return false; }
    void start_write(std::string_view, brio::detail::io_handler) override {}
    void cancel() noexcept override {}
    void close() noexcept override {}
    bool is_quiet() noexcept override { return false; }

private:
    std::string bytes_;
    std::size_t piece_;
    unsigned& reads_;
    std::size_t at_ = 0;
};

// What another task of the same loop sees of a reader: how often it ran, and the most reads between two of its turns.
struct bystander {
    explicit bystander(const unsigned& count) : reads(count) {}

    brio::awaitable<> run() {
        for (unsigned before = reads; !done; before = reads) {
            co_await brio::sleep(0s);
            ++turns;
            most = std::max(most, reads - before);
        }
    }
    const unsigned& reads;
    bool done = false;
    unsigned turns = 0;
    unsigned most = 0;
};

constexpr std::size_t body_size = 16 * 1024 * 1024;

std::string head_of(bool chunked) {
    return std::string("HTTP/1.1 200 OK\r\n") +
           (chunked ? std::string("Transfer-Encoding: chunked") : "Content-Length: " + std::to_string(body_size)) + "\r\n\r\n";
}

std::string body_of(bool chunked) {
    if (!chunked) return std::string(body_size, 'x');
    std::string body;
    for (std::size_t done = 0; done < body_size; done += 65536) body += "10000\r\n" + std::string(65536, 'x') + "\r\n";
    return body + "0\r\n\r\n";
}

brio::awaitable<> others_run(bool chunked, std::size_t piece) {
    SCOPED_TRACE((chunked ? "chunked, in pieces of " : "sized, in pieces of ") + std::to_string(piece));
    unsigned reads = 0;
    connection from(std::make_unique<prompt_peer>(head_of(chunked) + body_of(chunked), piece, reads));
    from.parser.reset(request_kind::normal);
    const call_limits limits(std::chrono::steady_clock::now(), 0s, 0s, 0s);
    bystander other(reads);
    brio::task<> watching = brio::create_task(other.run());
    co_await read_head(from, limits);
    const byte_buffer body = co_await read_rest(from, limits, body_size);
    other.done = true;
    co_await watching.join();
    EXPECT_EQ(body.size(), body_size);
    EXPECT_GE(reads, body_size / (256 * 1024));
    EXPECT_GT(other.turns, 0u);
    EXPECT_LE(other.most, turn_budget::most_pieces + 1) << reads << " reads, in " << other.turns << " turns of another task";
}

}  // namespace

BRIO_TEST(body_reader, pieces_that_never_fill_a_block_let_others_run) {
    co_await others_run(false, brio::http::detail::linger::large_piece);
    co_await others_run(true, brio::http::detail::linger::large_piece);
}

BRIO_TEST(body_reader, pieces_that_fill_the_block_let_others_run) {
    co_await others_run(false, body_size);
    co_await others_run(true, body_size);
}

BRIO_TEST(body_reader, small_pieces_let_others_run) {
    co_await others_run(false, 4000);
    co_await others_run(true, 4000);
}

// SPDX-License-Identifier: BSL-1.0
// Bytes to and from a client.
#include "http/server_link.hpp"

#include "io/sigpipe_guard.hpp"

#include <brio/core/sleep.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/http/error.hpp>
#include <brio/thread/to_thread.hpp>

#include <boost/asio/error.hpp>

#include <sys/sendfile.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

namespace brio::inline v0::http::detail {

namespace {

using brio::detail::io_result;
using brio::detail::scheduler;
using namespace std::chrono_literals;

constexpr unsigned steps_per_turn = 16;                  // then others run
constexpr std::uint64_t most_of_a_file = 512 * 1024;     // at once
constexpr std::size_t piece_of_a_file = 256 * 1024;      // of a copy
constexpr auto lingering = 2s;

[[noreturn]] void fail(const boost::system::error_code& ec, const char* what) {
    if (ec == boost::asio::error::timed_out) throw timeout(phase::body, std::string("the client took too long to ") + what);
    throw client_gone(ec.message());
}

}  // namespace

brio::detail::time_point wait_until(std::chrono::steady_clock::duration patience) {
    return brio::detail::deadline_after(scheduler::current()->now(), patience);
}

awaitable<> server_link::read_more(rate_guard& pace) {
    const time_point began = scheduler::current()->now();
    const io_result got = co_await read(wait_until(pace.patience()));
    if (got.ec) fail(got.ec, "send");
    input.filled(got.bytes);
    pace.waited(scheduler::current()->now() - began, got.bytes);
}

awaitable<> server_link::send(std::string_view bytes, rate_guard& pace) {
    if (broken_) throw client_gone("a write before this one was given up halfway");
    broken_ = true;  // until all of it has gone out
    for (unsigned steps = 1; !bytes.empty(); ++steps) {
        const time_point began = scheduler::current()->now();
        const io_result done = co_await write_some_operation(*io_, bytes, wait_until(pace.patience()));
        sent_ += done.bytes;
        if (done.ec) fail(done.ec, "read");
        pace.waited(scheduler::current()->now() - began, done.bytes);
        bytes.remove_prefix(done.bytes);
        if (steps % steps_per_turn == 0) co_await sleep(0s);
    }
    broken_ = false;
}

server_link::progress server_link::send_directly(int file, std::uint64_t& offset, std::uint64_t& left, rate_guard& pace) {
    off_t position = static_cast<off_t>(offset);
    const brio::detail::sigpipe_guard quiet;  // there is no MSG_NOSIGNAL for this call
    const ssize_t n = ::sendfile(io_->native_handle(), file, &position, static_cast<std::size_t>(std::min(left, most_of_a_file)));
    if (n > 0) {
        const auto size = static_cast<std::uint64_t>(n);
        offset += size;
        left -= size;
        sent_ += size;
        pace.waited({}, static_cast<std::size_t>(n));
        return progress::some;
    }
    if (n == 0) return progress::end;
    if (errno == EINTR) return progress::some;
    if (errno == EAGAIN) return progress::full;
    if (errno == EINVAL || errno == ENOSYS || errno == EOVERFLOW) return progress::unable;
    fail(boost::system::error_code(errno, boost::system::system_category()), "read");
}

awaitable<> server_link::send_file(std::shared_ptr<const unique_descriptor> file, std::uint64_t offset, std::uint64_t count,
                                   rate_guard& pace) {
    if (!io_->is_direct()) {
        co_await send_copies(file, offset, count, pace);
        co_return;
    }
    for (unsigned steps = 1; count > 0; ++steps) {
        switch (send_directly(file->get(), offset, count, pace)) {
            case progress::end: throw connection_lost(phase::body, "the file has become shorter while it was sent");
            case progress::unable: co_await send_copies(file, offset, count, pace); co_return;
            case progress::some:
                if (steps % 2 == 0) co_await sleep(0s);
                break;
            case progress::full: {
                const time_point began = scheduler::current()->now();
                const io_result done = co_await writable_operation(*io_, wait_until(pace.patience()));
                if (done.ec) fail(done.ec, "read");
                pace.waited(scheduler::current()->now() - began, 0);
                break;
            }
        }
    }
}

namespace {

// In a thread.
std::string read_piece(const std::shared_ptr<const unique_descriptor>& from, std::uint64_t position, std::size_t most) {
    std::string bytes(most, '\0');
    ssize_t n = 0;
    do {
        n = ::pread(from->get(), bytes.data(), most, static_cast<off_t>(position));
    } while (n < 0 && errno == EINTR);
    bytes.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return bytes;
}

}  // namespace

awaitable<> server_link::send_copies(std::shared_ptr<const unique_descriptor> file, std::uint64_t offset, std::uint64_t left,
                                     rate_guard& pace) {
    while (left > 0) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left, piece_of_a_file));
        const std::string bytes = co_await to_thread(&read_piece, file, offset, most);
        if (bytes.empty()) throw connection_lost(phase::body, "the file has become shorter while it was sent, or cannot be read");
        co_await send(bytes, pace);
        offset += bytes.size();
        left -= bytes.size();
    }
}

awaitable<> server_link::linger() {
    if (io_->can_write_eof() && io_->write_eof()) co_return;
    const time_point deadline = wait_until(lingering);
    input.consume(input.pending().size());
    for (unsigned steps = 1;; ++steps) {
        const io_result got = co_await read(deadline);
        if (got.ec) co_return;
        if (steps % steps_per_turn == 0) co_await sleep(0s);
    }
}

stream server_link::take() {
    brio::detail::stream_access::state(stream_)->input().append(input.pending());
    input.release();
    io_ = nullptr;
    return std::move(stream_);
}

}  // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// Feeding and reading a child at the same time.
#include "process/conversation.hpp"

#include "io/io_error.hpp"
#include "io/io_operation.hpp"
#include "io/stream_state.hpp"

#include <brio/compose/gather.hpp>
#include <brio/core/error.hpp>
#include <brio/core/sleep.hpp>

#include <boost/asio/error.hpp>

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <system_error>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

namespace {

constexpr std::size_t piece_size = 64 * 1024;
constexpr std::size_t most_per_turn = 1024 * 1024;  // then others run
constexpr std::size_t smallest_room = 4 * 1024;
constexpr std::size_t largest_room = 256 * 1024;
constexpr std::size_t widely_grown = 256 * 1024 * 1024;
constexpr std::size_t much = 64 * 1024;  // from here on a larger pipe pays
constexpr int large_pipe = 1024 * 1024;

// The child has ended, or has closed its input: what it did not read, it did not need.
bool reads_no_more(const std::error_code& code) noexcept {
    return code == std::errc::broken_pipe || code == std::errc::connection_reset;
}

}  // namespace

std::span<char> growing_text::room() {
    if (text_.size() - length_ < smallest_room) {
        const std::size_t wanted = length_ + std::clamp(length_, smallest_room, largest_room);
        // Clearing a little at a time happens in the cache, shortly before the bytes come.
        text_.resize(std::min(wanted, std::max(text_.capacity(), smallest_room)));
    }
    // Of a text that is full, the end often comes next: it is not moved for nothing.
    return length_ < text_.size() ? std::span<char>(text_).subspan(length_) : std::span<char>(probe_);
}

void growing_text::filled(std::size_t bytes) {
    if (length_ < text_.size()) {
        length_ += bytes;
    } else if (bytes > 0) {
        append(std::string_view(probe_.data(), bytes));
    }
}

void growing_text::append(std::string_view bytes) {
    text_.resize(length_);
    const std::size_t needed = length_ + bytes.size();
    // Memory that is not touched costs nothing, moving much of it does.
    const std::size_t factor = text_.capacity() < widely_grown ? 4 : 2;
    if (needed > text_.capacity()) text_.reserve(std::max(needed, text_.capacity() * factor));
    text_ += bytes;
    length_ = needed;
}

std::string growing_text::take() {
    text_.resize(length_);
    length_ = 0;
    return std::exchange(text_, std::string());
}

// Fewer switches between the child and us. The system may refuse: a user has so much memory for pipes.
void enlarge_pipe(const stream& of) noexcept {
    if (::fcntl(of.native_handle(), F_SETPIPE_SZ, large_pipe) < 0) return;
}

// Sends as much of `data` as the child takes, but for the first byte it waits; `sent` counts, even when this is cancelled.
// Straight from where the data stands, past the stream's own queue, which must be empty.
class feed_operation final : public io_operation {
public:
    feed_operation(stream_state& to, std::string_view data, std::size_t& sent) noexcept
        : io_operation(no_deadline), stream_(&to), data_(data), sent_(sent) {}

    bool ready() noexcept {
        io_result step;
        std::size_t bytes = 0;
        while (bytes < data_.size() && stream_->over()->try_write(data_.substr(bytes), step)) {
            bytes += step.bytes;
            sent_ += step.bytes;
            if (step.ec) break;
        }
        return (bytes > 0 || step.ec) && finish_now(step.ec, bytes);
    }
    [[nodiscard]] const char* describe() const noexcept override { return "process.communicate()"; }

private:
    void start() override { stream_->over()->start_write(data_, handler()); }
    void abort() noexcept override {
        if (transport* const over = stream_->over()) over->cancel();
    }
    bool finished(const boost::system::error_code& ec, std::size_t bytes) override {
        sent_ += bytes;
        return finish_now(ec, bytes);
    }

    ref<stream_state> stream_;
    std::string_view data_;
    std::size_t& sent_;
};

// One conversation at a time.
class conversation::turn {
public:
    explicit turn(conversation& with) : with_(with) {
        if (with.talking_) {
            throw invalid_state_error("communicate: another task communicates with this process already, wait for that");
        }
        with.talking_ = true;
    }
    turn(const turn&) = delete;
    turn& operator=(const turn&) = delete;
    ~turn() { with_.talking_ = false; }

private:
    conversation& with_;
};

// What the user has written before goes first.
awaitable<> conversation::send_input(ref<conversation> self) {
    stream_state& to = *stream_access::state(self->in);
    if (self->input_.size() > much) enlarge_pipe(self->in);
    while (self->sent_ < self->input_.size() && !to.is_over()) {
        const std::string_view left = std::string_view(self->input_).substr(self->sent_);
        if (to.unsent() > 0) {
            if (self->in.is_closing()) co_return;
            stream::write_operation sending = self->in.write(left.substr(0, piece_size));
            self->sent_ += std::min(left.size(), piece_size);
            co_await std::move(sending);
            continue;
        }
        const io_result step = co_await feed_operation(to, left.substr(0, most_per_turn), self->sent_);
        if (step.ec == boost::asio::error::operation_aborted) continue;  // closed, or another one's wait was meant
        if (step.ec) {
            to.sending_failed(step.ec);
            throw make_system_error(step.ec, "write to a process");
        }
        if (step.bytes == most_per_turn) co_await sleep(std::chrono::seconds(0));
    }
}

awaitable<> conversation::feed(ref<conversation> self) {
    try {
        co_await send_input(self);
    } catch (const std::system_error& error) {
        if (!reads_no_more(error.code())) self->failure_ = std::current_exception();
    }
    self->in.close();
    self->input_ = std::string();
    self->sent_ = 0;
}

awaitable<> conversation::collect(ref<conversation>, stream& from, growing_text& into) {
    bool enlarged = false;
    while (const std::size_t bytes = co_await from.read_into(into.room())) {
        into.filled(bytes);
        if (into.size() > much && !std::exchange(enlarged, true)) enlarge_pipe(from);
    }
}

awaitable<> conversation::pass_lines(ref<conversation>, stream& from, line_function& to) {
    while (const std::optional<std::string> line = co_await from.next_line()) to(*line);
}

// Errors wait until the others have ended.
awaitable<> conversation::read(ref<conversation> self, stream& from, growing_text& into, line_function& to) {
    try {
        if (to) {
            co_await pass_lines(self, from, to);
        } else {
            co_await collect(self, from, into);
        }
    } catch (const cancelled_error&) {
        throw;
    } catch (...) {
        self->failure_ = std::current_exception();
        from.close();  // a child that still writes there must not wait for ever
    }
}

awaitable<> conversation::talk(ref<conversation> self, std::string input) {
    const turn mine(*self);
    if (self->input_.empty()) {
        self->input_ = std::move(input);
    } else {
        self->input_ += input;
    }
    std::vector<awaitable<>> all;
    if (self->in) all.push_back(feed(self));
    if (self->out) all.push_back(read(self, self->out, self->out_text_, self->on_line));
    if (self->err) all.push_back(read(self, self->err, self->err_text_, self->on_error_line));
    if (all.size() == 1) {
        co_await std::move(all.front());
    } else if (!all.empty()) {
        co_await gather(std::move(all));
    }
    if (self->failure_) std::rethrow_exception(std::exchange(self->failure_, nullptr));
}

namespace {

void drain(stream& from, growing_text& into) {
    if (!from) return;
    input_buffer& input = stream_access::state(from)->input();
    while (!from.at_eof() && !input.empty()) {
        into.append(input.pending());
        input.clear();
    }
}

}  // namespace

void conversation::take_what_is_there() {
    drain(out, out_text_);
    drain(err, err_text_);
}

std::optional<std::string> conversation::take_out() {
    return out ? std::optional<std::string>(out_text_.take()) : std::nullopt;
}

std::optional<std::string> conversation::take_err() {
    return err ? std::optional<std::string>(err_text_.take()) : std::nullopt;
}

void conversation::close() noexcept {
    in.close();
    out.close();
    err.close();
}

}  // namespace brio::inline v0::detail

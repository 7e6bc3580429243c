// SPDX-License-Identifier: BSL-1.0
// Feeding and reading a child at the same time.
#include "process/conversation.hpp"

#include "io/stream_state.hpp"

#include <brio/compose/gather.hpp>
#include <brio/core/error.hpp>

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

namespace {

constexpr std::size_t piece_size = 64 * 1024;  // as much as a pipe holds
constexpr std::size_t smallest_room = 4 * 1024;

// The child has ended, or has closed its input: what it did not read, it did not need.
bool reads_no_more(const std::error_code& code) noexcept {
    return code == std::errc::broken_pipe || code == std::errc::connection_reset;
}

}  // namespace

char* growing_text::room() {
    if (room_size() < smallest_room) text_.resize(std::max(text_.size() * 2, length_ + smallest_room));
    return text_.data() + length_;
}

void growing_text::append(std::string_view bytes) {
    text_.resize(length_);
    text_ += bytes;
    length_ = text_.size();
}

std::string growing_text::take() {
    text_.resize(length_);
    length_ = 0;
    return std::exchange(text_, std::string());
}

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

awaitable<> conversation::feed(ref<conversation> self) {
    if (self->in.is_closing()) self->sent_ = self->input_.size();
    try {
        while (self->sent_ < self->input_.size()) {
            const std::string_view piece = std::string_view(self->input_).substr(self->sent_, piece_size);
            stream::write_operation sending = self->in.write(piece);
            self->sent_ += piece.size();  // it is the stream's now, whatever becomes of the wait
            co_await std::move(sending);
        }
    } catch (const std::system_error& error) {
        if (!reads_no_more(error.code())) self->failure_ = std::current_exception();
    }
    self->in.close();
    self->input_.clear();
    self->sent_ = 0;
}

awaitable<> conversation::collect(ref<conversation>, stream& from, growing_text& into) {
    while (true) {
        char* const room = into.room();
        const std::size_t bytes = co_await from.read_into(room, into.room_size());
        if (bytes == 0) co_return;
        into.filled(bytes);
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

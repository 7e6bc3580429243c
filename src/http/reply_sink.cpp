// SPDX-License-Identifier: BSL-1.0
// Streamed bodies of replies.
#include "http/reply_sink.hpp"

#include <brio/core/error.hpp>
#include <brio/http/reply_writer.hpp>

#include <utility>

namespace brio::inline v0::http {

awaitable<> reply_writer::write(std::string piece) { return sink_.write(std::move(piece)); }
std::uint64_t reply_writer::written() const noexcept { return sink_.written(); }

namespace detail {

awaitable<> reply_sink::write(std::string piece) {
    if (busy_) throw invalid_state_error("reply_writer.write(): another task writes to the same reply; await one write after the other");
    if (piece.empty()) co_return;
    struct mark {
        explicit mark(bool& flag) noexcept : set(flag) { set = true; }
        ~mark() { set = false; }
        bool& set;
    } const mine(busy_);
    written_ += piece.size();
    if (packer_) piece = packer_->add(piece);
    co_await send(piece, false);
}

awaitable<> reply_sink::finish() {
    std::string rest;
    if (packer_) rest = packer_->finish();
    co_await send(rest, true);
}

awaitable<> reply_sink::send(std::string_view piece, bool last) {
    frame_.clear();
    if (framer_.before(piece.size(), frame_)) {
        frame_ += piece;
        framer_.after(frame_);
    }
    if (last) framer_.finish(frame_);
    co_await link_.send(frame_, pace_);
}

}  // namespace detail
}  // namespace brio::inline v0::http

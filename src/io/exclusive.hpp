// SPDX-License-Identifier: BSL-1.0
// exclusive: an operation that has a stream's transport for itself.
#pragma once

#include "io/stream_state.hpp"

namespace brio::inline v0::detail {

/// Waits until nothing is under way on the stream, which nobody else can use meanwhile.
class settle_operation final : public stream_operation {
public:
    using value_type = void;
    settle_operation(stream_state& of, const char* name) noexcept
        : stream_operation(of, name, source_location()), state_(of) {}
    bool ready() const noexcept { return state_.is_settled(); }
    void suspend() noexcept { state_.wait_settled(*this); }
    static void resume() noexcept {}
    cancel_reply cancel() noexcept override {
        unlink();
        return cancel_reply::left;
    }

private:
    stream_state& state_;
};

/// The stream belongs to one operation for a while.
class exclusive {
public:
    exclusive(stream_state& of, const char* name, bool may_read) : state_(of), who_(of, name) { state_.lock(who_, may_read); }
    exclusive(const exclusive&) = delete;
    exclusive& operator=(const exclusive&) = delete;
    ~exclusive() { state_.unlock(); }

private:
    stream_state& state_;
    settle_operation who_;
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// The exceptions of brio's core: one small hierarchy, and cancellation outside of it.
#pragma once

#include <brio/core/config.hpp>

#include <stdexcept>
#include <string>
#include <string_view>

namespace brio::inline v0 {

/// Thrown at a `co_await` when the task was asked to stop; asyncio's `CancelledError`.
///
/// It does **not** derive from `std::exception`, so that `catch (const std::exception&)` cannot swallow a request to
/// stop. Catch it by name to clean up, then throw it on (`throw;`). A task that catches it and returns is
/// finished, not cancelled.
class BRIO_API cancelled_error final {
public:
    cancelled_error() = default;
    explicit cancelled_error(std::string message) : message_(std::move(message)) {}
    cancelled_error(const cancelled_error&) = default;
    cancelled_error(cancelled_error&&) noexcept = default;
    cancelled_error& operator=(const cancelled_error&) = default;
    cancelled_error& operator=(cancelled_error&&) noexcept = default;
    ~cancelled_error();

    /// The text given to `task.cancel(text)`; empty when none was given.
    [[nodiscard]] const std::string& message() const noexcept { return message_; }

private:
    std::string message_;
};

/// Base of every error that brio throws itself.
class BRIO_API error : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
    ~error() override;
};

/// A deadline passed; asyncio's `TimeoutError`.
class BRIO_API timeout_error : public error {
public:
    using error::error;
    ~timeout_error() override;
};

/// The object is not in a state that allows the call: a result asked for too early, a lock released that nobody
/// holds, `task_done()` too often; asyncio's `InvalidStateError` and its `RuntimeError`/`ValueError` of that kind.
class BRIO_API invalid_state_error : public error {
public:
    using error::error;
    ~invalid_state_error() override;
};

/// The event loop cannot do that: none is running here, another one runs already, it is closed, wrong thread.
class BRIO_API loop_error : public error {
public:
    using error::error;
    ~loop_error() override;
};

/// Ctrl-C (SIGINT) ended `brio::run`; Python's `KeyboardInterrupt`. Thrown by `run` only, never inside a task:
/// a task sees `cancelled_error`.
class BRIO_API interrupted : public error {
public:
    using error::error;
    ~interrupted() override;
};

}  // namespace brio::inline v0

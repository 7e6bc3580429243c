// SPDX-License-Identifier: BSL-1.0
// Base of the operations on plain descriptors.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>

namespace brio::inline v0::detail {

enum class readiness : std::uint8_t { read, write };

/// A descriptor that an object of ours owns, as the operations on it see it: they may outlast the object.
class owned_descriptor {
public:
    explicit owned_descriptor(int descriptor) noexcept : native(descriptor) {}
    int native;  // -1 once it was closed
};

/// A system call that does not block: made at once, and again whenever the descriptor has become ready, until it says
/// something else than "try later". It takes effect when the task goes on, so that a cancel before that loses nothing.
///
/// Readiness comes from an epoll of the loop's own, not from Asio: the descriptor may belong to an Asio object, too, and
/// any number of tasks may wait for it.
class BRIO_API poll_operation : public operation_base {
public:
    poll_operation(poll_operation&&) noexcept = default;

    void suspend();
    bool resumable() noexcept override;
    cancel_reply cancel() noexcept override;
    cancel_reply cancel_woken() noexcept override { return cancel_reply::left; }

    [[nodiscard]] int native() const noexcept { return owner_ ? owner_->native : native_; }
    [[nodiscard]] readiness waits_to() const noexcept { return readiness_; }

protected:
    poll_operation(int descriptor, readiness to, const source_location& where) noexcept
        : operation_base(where), native_(descriptor), readiness_(to) {}
    poll_operation(std::shared_ptr<const owned_descriptor> owner, readiness to, const source_location& where) noexcept
        : operation_base(where), owner_(std::move(owner)), readiness_(to) {}
    ~poll_operation();

    /// Makes the call: false when it must be made again later, or when this task has had so many calls that need not wait
    /// that others shall have their turn first.
    bool begin() noexcept;
    /// Takes what a system call returned, -1 meaning `errno`: false when it must be made again later.
    bool finish(std::ptrdiff_t returned) noexcept;
    bool fail(int error) noexcept {
        error_ = error;
        return true;
    }
    [[nodiscard]] int error() const noexcept { return error_; }
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
    /// Throws when the operation has failed: invalid_state_error when its object was closed, else std::system_error.
    void check() const;
    /// Throws std::invalid_argument for a negative number and, in debug mode or when `always`, for one that blocks.
    void require_non_blocking(bool always = false) const;

private:
    virtual bool attempt() noexcept = 0;
    bool try_now() noexcept;

    std::shared_ptr<const owned_descriptor> owner_;
    int native_ = -1;
    int watched_ = -1;  // what it waits for now; may have been closed meanwhile
    int error_ = 0;
    std::size_t bytes_ = 0;
    readiness readiness_;
    bool gives_way_ = false;
    friend class poller;
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// unique_descriptor: owns a file descriptor.
#pragma once

#include <brio/core/config.hpp>

#include <utility>

namespace brio::inline v0 {

/// Closes its descriptor when it goes. What functions give that make one, so that none is lost on the way.
class BRIO_API unique_descriptor {
public:
    unique_descriptor() noexcept = default;
    /// Takes over `native`; a negative number is none.
    explicit unique_descriptor(int native) noexcept : native_(native) {}
    unique_descriptor(const unique_descriptor&) = delete;
    unique_descriptor(unique_descriptor&& other) noexcept : native_(other.release()) {}
    unique_descriptor& operator=(const unique_descriptor&) = delete;
    unique_descriptor& operator=(unique_descriptor&& other) noexcept {
        if (this != &other) reset(other.release());
        return *this;
    }
    ~unique_descriptor() { reset(); }

    /// The number, -1 when there is none.
    [[nodiscard]] int get() const noexcept { return native_; }
    [[nodiscard]] explicit operator bool() const noexcept { return native_ >= 0; }
    /// Gives the ownership to the caller.
    [[nodiscard]] int release() noexcept { return std::exchange(native_, -1); }
    /// Closes it and owns `other` from now on.
    void reset(int other = -1) noexcept;
    /// Closes it now; the error that the system has kept back until then (a full disk, for example), or 0.
    [[nodiscard]] int close() noexcept;

private:
    int native_ = -1;
};

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// children: the processes that a loop has started and not reaped.
#pragma once

#include "process/child.hpp"

#include <brio/core/config.hpp>
#include <brio/detail/services.hpp>

namespace brio::inline v0::detail {

/// Handles may be dropped: this list keeps their processes until they have ended, and kills what is left when the loop
/// closes.
class BRIO_API children final : public loop_service {
public:
    static const char key;
    explicit children(loop& owner) noexcept : loop_(owner) {}

    /// Those of the running loop. Throws loop_error when it is closing.
    [[nodiscard]] static children& here();

    void shutdown() noexcept override;
    [[nodiscard]] scheduler& sched() const noexcept;
    /// Holds a reference to a child that runs.
    void add(child& running) noexcept;
    /// Gives it back: the reference may be the last one.
    void remove(child& ended) noexcept;

private:
    loop& loop_;
    intrusive_list<child> running_;
    bool closed_ = false;
};

}  // namespace brio::inline v0::detail

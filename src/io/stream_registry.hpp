// SPDX-License-Identifier: BSL-1.0
// The streams of a loop: when it ends, so do their descriptors.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/services.hpp>

namespace brio::inline v0 {
class loop;
}

namespace brio::inline v0::detail {

class stream_state;

/// A stream may outlive its loop, its socket must not outlive the io_context.
class stream_registry final : public loop_service {
public:
    static const char key;
    explicit stream_registry(loop&) noexcept {}
    [[nodiscard]] static stream_registry& of(loop& owner);

    void add(stream_state& made) noexcept;
    void shutdown() noexcept override;

private:
    intrusive_list<stream_state> streams_;
};

}  // namespace brio::inline v0::detail

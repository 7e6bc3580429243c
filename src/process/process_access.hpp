// SPDX-License-Identifier: BSL-1.0
// process_access: what the rest of the library may do with a process handle.
#pragma once

#include "process/child.hpp"

#include <brio/process/process.hpp>

#include <utility>

namespace brio::inline v0::detail {

class process_access {
public:
    [[nodiscard]] static process make(ref<child> started) noexcept { return process(std::move(started)); }
    [[nodiscard]] static child& state(const process& handle) { return handle.required(); }
};

}  // namespace brio::inline v0::detail

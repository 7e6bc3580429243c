// SPDX-License-Identifier: BSL-1.0
// Starting the commands of a pipeline.
#pragma once

#include "process/process_state.hpp"

#include <brio/core/config.hpp>
#include <brio/process/pipeline.hpp>

#include <vector>

namespace brio::inline v0::detail {

/// In one group: led by the first one, whose number stays taken as long as its state lives.
enum class grouping : bool { as_commanded, together };

/// When one cannot be started, those before it are killed, and the error is thrown.
[[nodiscard]] std::vector<ref<process_state>> start_stages(const pipeline& what, grouping how);

}  // namespace brio::inline v0::detail

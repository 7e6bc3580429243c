// SPDX-License-Identifier: BSL-1.0
// The text forms of a task_tree.
#pragma once

#include <brio/debug/task_tree.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace brio::inline v0::detail {

[[nodiscard]] std::string draw_tree(const task_tree& tree, std::optional<int> limit);
[[nodiscard]] std::string draw_call_graph(const task_tree& tree, std::uint64_t id, std::optional<int> limit);
[[nodiscard]] std::string write_table(const task_tree& tree);
[[nodiscard]] std::string write_json(const task_tree& tree);

}  // namespace brio::inline v0::detail

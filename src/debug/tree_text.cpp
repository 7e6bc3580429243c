// SPDX-License-Identifier: BSL-1.0
// Drawing task trees: indented text and a table. Chains may be 100,000 tasks deep: nothing here recurses.
#include "debug/tree_text.hpp"

#include <brio/detail/describe.hpp>
#include <brio/detail/task_text.hpp>

#include <algorithm>
#include <array>
#include <climits>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace brio::inline v0::detail {

namespace {

using ids = std::vector<std::uint64_t>;

// Deeper lines are not indented further, they say their level.
constexpr std::size_t deepest_indent = 60;

std::string name_of(const task_tree& tree, std::uint64_t id) {
    const task_info* const task = tree.find(id);
    return task ? task->name : "?" + std::to_string(id);
}

std::string line_of(const task_info& task) {
    std::string text = task.name + " [" + task.state + (task.cancelling > 0 ? ", cancelling" : "") + "]";
    if (!task.waits_for.empty()) text += " in " + task.waits_for;
    if (task.waits_at.line() > 0) text += " at " + describe(task.waits_at) + " for " + duration_text(task.waiting);
    for (const source_location& consumer : task.generators) text += ", in a generator awaited at " + describe(consumer);
    text += ", created";
    if (task.created_at.line() > 0) text += " at " + describe(task.created_at);
    return text + " " + duration_text(task.age) + " ago";
}

// One direction through the tree, `awaits` or `waiters`.
class drawing {
public:
    drawing(const task_tree& tree, ids task_info::*edges, std::optional<int> limit)
        : tree_(tree), edges_(edges), limit_(limit) {
        if (limit_ && *limit_ < 0) measure_heights();
    }

    void add(std::uint64_t root) {
        std::vector<item> open{{root, 1, 0}};
        while (!open.empty()) {
            const item at = open.back();
            open.pop_back();
            const task_info* const task = tree_.find(at.id);
            const bool hidden = task && is_hidden(*task);
            const bool known = task && !drawn_.insert(at.id).second;
            if (!hidden) {
                begin_line(at.depth);
                text_ += task ? line_of(*task) : name_of(tree_, at.id) + " [not known]";
                text_ += known ? " (see above)\n" : "\n";
            }
            if (!task || known) continue;
            const ids& next = task->*edges_;
            const std::size_t depth = hidden ? at.depth : at.depth + 1;
            if (limit_ && *limit_ >= 0 && at.level >= static_cast<std::size_t>(*limit_)) {
                if (next.empty()) continue;
                begin_line(depth);
                text_ += "... " + std::to_string(next.size()) + " more\n";
                continue;
            }
            for (auto id = next.rbegin(); id != next.rend(); ++id) open.push_back({*id, depth, at.level + 1});
        }
    }

    [[nodiscard]] bool has(std::uint64_t id) const { return drawn_.contains(id); }
    [[nodiscard]] std::string& text() noexcept { return text_; }

private:
    struct item {
        std::uint64_t id;
        std::size_t depth;  // of the line
        std::size_t level;  // below the root
    };

    void begin_line(std::size_t depth) {
        text_.append(std::min(depth, deepest_indent) * 2, ' ');
        if (depth > deepest_indent) text_ += "(level " + std::to_string(depth) + ") ";
    }

    [[nodiscard]] bool is_hidden(const task_info& task) const {
        if (!limit_ || *limit_ >= 0) return false;
        const auto height = heights_.find(task.id);
        return height != heights_.end() && height->second >= *limit_ * -1LL;
    }

    // The longest way from each task to an end; an edge that closes a circle does not count.
    void measure_heights() {
        struct step {
            const task_info* task;
            std::size_t next;
        };
        for (const task_info& start : tree_.tasks()) {
            if (!heights_.emplace(start.id, 0).second) continue;
            std::vector<step> path{{&start, 0}};
            while (!path.empty()) {
                step& top = path.back();
                const ids& next = top.task->*edges_;
                if (top.next < next.size()) {
                    const task_info* const below = tree_.find(next[top.next++]);
                    if (below && heights_.emplace(below->id, 0).second) path.push_back({below, 0});
                    continue;
                }
                long long height = 0;
                for (const std::uint64_t id : next) {
                    const auto below = heights_.find(id);
                    height = std::max(height, below == heights_.end() ? 1 : below->second + 1);
                }
                heights_[top.task->id] = height;
                path.pop_back();
            }
        }
    }

    const task_tree& tree_;
    ids task_info::*edges_;
    std::optional<int> limit_;
    std::unordered_set<std::uint64_t> drawn_;
    std::unordered_map<std::uint64_t, long long> heights_;
    std::string text_;
};

std::string list_of(const task_tree& tree, const ids& members, const char* separator) {
    std::string text;
    for (const std::uint64_t id : members) text += (text.empty() ? "" : separator) + name_of(tree, id);
    return text;
}

}  // namespace

std::string draw_tree(const task_tree& tree, std::optional<int> limit) {
    drawing picture(tree, &task_info::awaits, limit);
    picture.text() = std::to_string(tree.tasks().size()) + " task(s) not done\n";
    for (const ids& circle : tree.circles()) {
        picture.text() += "  a circle of tasks that wait for each other: " + list_of(tree, circle, " -> ") + " -> " +
                          name_of(tree, circle.front()) + "\n";
    }
    for (const std::uint64_t root : tree.roots()) picture.add(root);
    for (const task_info& task : tree.tasks()) {  // those in a circle have no root
        if (!limit && !picture.has(task.id)) picture.add(task.id);
    }
    return std::move(picture.text());
}

std::string draw_call_graph(const task_tree& tree, std::uint64_t id, std::optional<int> limit) {
    if (!tree.find(id)) return "";
    drawing picture(tree, &task_info::waiters, limit);
    picture.add(id);
    return std::move(picture.text());
}

std::string write_table(const task_tree& tree) {
    using row = std::array<std::string, 8>;
    std::vector<row> rows;
    rows.push_back({"id", "task", "state", "age", "waits for", "at", "on", "waiters"});
    for (const task_info& task : tree.tasks()) {
        rows.push_back({std::to_string(task.id), task.name, task.state, duration_text(task.age), task.waits_for,
                        task.waits_at.line() > 0 ? describe(task.waits_at) : "", list_of(tree, task.awaits, ", "),
                        list_of(tree, task.waiters, ", ")});
    }
    std::array<std::size_t, 8> widths{};
    for (const row& cells : rows) {
        for (std::size_t i = 0; i < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
    }
    std::string text;
    for (const row& cells : rows) {
        std::string line;
        for (std::size_t i = 0; i < cells.size(); ++i) {
            line += cells[i];
            line.append(widths[i] - cells[i].size() + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// A small generator for orders, and the seed from the environment.
#include <brio/testing/schedule.hpp>

#include <brio/detail/task_executor.hpp>
#include <brio/detail/task_state.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>

namespace brio::inline v0::testing {

namespace {

constexpr std::uint64_t golden = 0x9e3779b97f4a7c15U;

// splitmix64
std::uint64_t mixed(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

// Number `index` of one of several sequences that a seed stands for.
std::uint64_t drawn(std::uint64_t seed, std::uint64_t sequence, std::uint64_t index) noexcept {
    return mixed(mixed(seed * 2 + 1 + sequence * golden) + index * golden);
}

enum sequence : std::uint64_t { of_tasks = 1, of_callbacks, of_changes };

// Those that have fallen are below; numbers and not addresses decide, so that a seed repeats.
constexpr std::uint64_t high = std::uint64_t{1} << 63;

// Short programs and long ones: the changes are drawn from a number of steps that is drawn first.
constexpr std::uint64_t shortest = 8;
constexpr std::uint64_t doublings = 8;

}  // namespace

seeded_order::~seeded_order() = default;

std::size_t seeded_order::pick(const detail::ready_queue& turn) noexcept {
    return static_cast<std::size_t>(mixed(state_ += golden) % turn.size());
}

priority_order::priority_order(std::uint64_t seed, int changes) : seed_(seed) {
    const std::uint64_t steps = shortest << (drawn(seed, of_changes, 0) % doublings);
    for (int i = 1; i <= changes; ++i) changes_.push_back(1 + drawn(seed, of_changes, static_cast<std::uint64_t>(i)) % steps);
}

priority_order::~priority_order() = default;

priority_order::candidate priority_order::look_at(const detail::ready_node& node) noexcept {
    const auto* task = dynamic_cast<const detail::task_state*>(&node);
    if (const auto* const step = dynamic_cast<const detail::task_step*>(&node)) task = step->task().get();
    if (!task) return {0, high | drawn(seed_, of_callbacks, ++callbacks_)};
    for (const candidate& each : fallen_) {
        if (each.task == task->id()) return each;
    }
    return {task->id(), high | drawn(seed_, of_tasks, task->id())};
}

std::size_t priority_order::highest() const noexcept {
    const auto lower = [](const candidate& a, const candidate& b) { return a.priority < b.priority; };
    return static_cast<std::size_t>(std::max_element(turn_.begin(), turn_.end(), lower) - turn_.begin());
}

// The queue does not grow during a turn: what was seen at its begin is what is left, turned as pop_at() turns it.
std::size_t priority_order::pick(const detail::ready_queue& turn) noexcept {
    if (turn_.size() != turn.size()) {
        turn_.clear();
        turn.for_each([this](const detail::ready_node& node) { turn_.push_back(look_at(node)); });
    }
    ++steps_;
    std::size_t chosen = highest();
    if (std::find(changes_.begin(), changes_.end(), steps_) != changes_.end()) {
        candidate& falls = turn_[chosen];
        falls.priority = high - 1 - fallen_.size();
        if (falls.task != 0) fallen_.insert(fallen_.begin(), falls);  // the latest fall counts
        chosen = highest();
    }
    std::rotate(turn_.begin(), turn_.begin() + static_cast<std::ptrdiff_t>(chosen), turn_.end());
    turn_.erase(turn_.begin());
    return chosen;
}

std::optional<std::uint64_t> seed_from_environment() {
    const char* const text = std::getenv("BRIO_TEST_SEED");
    if (!text || !*text || std::string(text) == "fifo") return std::nullopt;
    if (std::string(text) == "random") return std::random_device()() & 0xffffffU;
    std::size_t used = 0;
    std::uint64_t seed = 0;
    try {
        seed = std::stoull(text, &used);
    } catch (const std::exception&) {
        used = 0;
    }
    if (used == 0 || text[used] != '\0') {
        throw std::invalid_argument("BRIO_TEST_SEED is '" + std::string(text) + "': use a number, 'random' or 'fifo'");
    }
    return seed;
}

}  // namespace brio::inline v0::testing

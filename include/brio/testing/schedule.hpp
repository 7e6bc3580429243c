// SPDX-License-Identifier: BSL-1.0
// Seeded schedules: the ready queue in another order for every seed, the same one for the same seed.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/scheduler.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace brio::inline v0::testing {

/// Picks what runs next by a seeded generator, within one turn of the loop. What asyncio leaves open is thereby tried
/// out; FIFO order, which brio promises, is given up.
class BRIO_API seeded_order final : public detail::pick_order {
public:
    explicit seeded_order(std::uint64_t seed) noexcept : state_(seed * 2 + 1) {}
    ~seeded_order() override;
    [[nodiscard]] std::size_t pick(const detail::ready_queue& turn) noexcept override;

private:
    std::uint64_t state_;
};

/// Gives every task a priority for life, drawn by the seed; of what is ready in a turn, the highest runs first. At
/// `changes` moments, drawn by the seed as well, the task whose turn it would be falls behind all others for good.
///
/// A bug that needs one task to be ahead of another time after time, and a few switches at the right moments, is rare among
/// uniformly random orders, and common among these (Burckhardt and others, "A randomized scheduler with probabilistic
/// guarantees of finding bugs", 2010). A callback has a priority of its own each time.
class BRIO_API priority_order final : public detail::pick_order {
public:
    priority_order(std::uint64_t seed, int changes);
    ~priority_order() override;
    [[nodiscard]] std::size_t pick(const detail::ready_queue& turn) noexcept override;

private:
    struct candidate {
        std::uint64_t task;  // its number, 0 for a callback
        std::uint64_t priority;
    };

    [[nodiscard]] candidate look_at(const detail::ready_node& node) noexcept;
    [[nodiscard]] std::size_t highest() const noexcept;

    std::uint64_t seed_;
    std::uint64_t steps_ = 0;
    std::uint64_t callbacks_ = 0;
    std::vector<std::uint64_t> changes_;  // the steps
    std::vector<candidate> fallen_;       // tasks with their new priorities, each lower than those before
    std::vector<candidate> turn_;         // what stands in the queue, in its order
};

/// The seed that `BRIO_TEST_SEED` asks for: none when it is unset or `fifo`, a fresh one for `random`. Throws
/// std::invalid_argument for anything that is not a number.
[[nodiscard]] BRIO_API std::optional<std::uint64_t> seed_from_environment();

}  // namespace brio::inline v0::testing

// SPDX-License-Identifier: BSL-1.0
// Seeded schedules: the ready queue in another order for every seed, the same one for the same seed.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/scheduler.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace brio::inline v0::testing {

/// Picks what runs next by a seeded generator, within one turn of the loop. What asyncio leaves open is thereby tried
/// out; FIFO order, which brio promises, is given up.
class BRIO_API seeded_order final : public detail::pick_order {
public:
    explicit seeded_order(std::uint64_t seed) noexcept : state_(seed * 2 + 1) {}
    ~seeded_order() override;
    [[nodiscard]] std::size_t pick(std::size_t count) noexcept override;

private:
    std::uint64_t state_;
};

/// The seed that `BRIO_TEST_SEED` asks for: none when it is unset or `fifo`, a fresh one for `random`. Throws
/// std::invalid_argument for anything that is not a number.
[[nodiscard]] BRIO_API std::optional<std::uint64_t> seed_from_environment();

}  // namespace brio::inline v0::testing

// SPDX-License-Identifier: BSL-1.0
// A small generator for orders, and the seed from the environment.
#include <brio/testing/schedule.hpp>

#include <cstdlib>
#include <random>
#include <stdexcept>
#include <string>

namespace brio::inline v0::testing {

seeded_order::~seeded_order() = default;

// splitmix64
std::size_t seeded_order::pick(std::size_t count) noexcept {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return static_cast<std::size_t>((z ^ (z >> 31)) % count);
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

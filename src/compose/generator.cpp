// SPDX-License-Identifier: BSL-1.0
// The key function of generator_exit.
#include <brio/compose/generator.hpp>

namespace brio::inline v0 {

generator_exit::~generator_exit() = default;

namespace detail {

void throw_no_generator() {
    throw invalid_state_error("this generator is empty: it was default-constructed or moved from");
}

}  // namespace detail

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// A limit that makes sense.
#include <brio/compose/limit.hpp>

#include <stdexcept>
#include <string>

namespace brio::inline v0 {

limit::limit(std::ptrdiff_t count) : count_(static_cast<std::size_t>(count)) {
    if (count < 1) throw std::invalid_argument("limit(" + std::to_string(count) + "): nothing could ever run; give 1 or more");
}

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// Where in the source a task was made: std::source_location, for compilers that lack it (clang before 16).
#pragma once

#include <brio/core/config.hpp>

#include <cstdint>

namespace brio::inline v0 {

/// A place in the source code; as a default argument `= source_location::current()` it is the place of the call.
/// Has the members of `std::source_location` but the column. The texts live as long as the program.
class source_location {
public:
    constexpr source_location() noexcept = default;

    [[nodiscard]] static constexpr source_location current(const char* file = __builtin_FILE(),
                                                           const char* function = __builtin_FUNCTION(),
                                                           std::uint_least32_t line = __builtin_LINE()) noexcept {
        source_location here;
        here.file_ = file;
        here.function_ = function;
        here.line_ = line;
        return here;
    }

    [[nodiscard]] constexpr const char* file_name() const noexcept { return file_; }
    [[nodiscard]] constexpr const char* function_name() const noexcept { return function_; }
    [[nodiscard]] constexpr std::uint_least32_t line() const noexcept { return line_; }

private:
    const char* file_ = "";
    const char* function_ = "";
    std::uint_least32_t line_ = 0;
};

} // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// How the library was built, in one line for bug reports.
#pragma once

#include <brio/core/config.hpp>

#include <string>

namespace brio::inline v0 {

/// One line that says how the library (not the program) was built: versions of brio and Boost, compiler,
/// standard library, linkage, and the settings that change the ABI. Meant for bug reports and logs; the text
/// is for people, not for parsing. Example:
/// `brio 0.1.0, Boost 1.81.0, g++ 12.2.0, C++ 202002, libstdc++ 20220819, Linux x86_64, static, optimised`.
/// Can be called at any time, from any thread, without a running loop. Throws only `std::bad_alloc`.
[[nodiscard]] BRIO_API std::string build_info();

} // namespace brio::inline v0

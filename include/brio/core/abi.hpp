// SPDX-License-Identifier: BSL-1.0
// The ABI sentinel: a program whose macros disagree with those of the library fails to link, and says why.
#pragma once

#include <brio/core/config.hpp>

#include <boost/version.hpp>

#include <cstddef> // _GLIBCXX_USE_CXX11_ABI, _LIBCPP_VERSION

#if BOOST_VERSION < 108100
    #error "brio needs Boost 1.81 or newer: put the include folder of a newer Boost first (Debian: libboost1.81-dev)"
#endif

#if defined(BOOST_ASIO_HAS_IO_URING)
    #error "brio does not support Asio's io_uring back end: remove BOOST_ASIO_HAS_IO_URING from the compile flags"
#endif

/// Asio lives in headers, so the library and the program each compile it. Boost's version and the macros
/// below change class layouts: when the two sides disagree, nothing notices and memory gets corrupted.
/// Therefore each translation unit that includes brio refers to a function whose name spells out its own
/// settings, and the library defines that function only for the settings it was built with. A mismatch is an
/// undefined reference to `brio::v0::abi::built_with<...>()`: read the list of settings in it, and compile
/// the program the way the library was (`brio::build_info()` prints the library's settings).
namespace brio::inline v0::abi {

template <int Major, int Minor>
struct BRIO_API boost;
struct BRIO_API libstdcxx_new_abi;
struct BRIO_API libstdcxx_old_abi;
struct BRIO_API libstdcxx_debug_mode;
struct BRIO_API libcxx;
struct BRIO_API asio_threads;
struct BRIO_API asio_no_threads;
struct BRIO_API frame_recycling;
struct BRIO_API no_frame_recycling;
struct BRIO_API small_block_recycling;
struct BRIO_API no_small_block_recycling;
struct BRIO_API no_handler_tracking;
struct BRIO_API handler_tracking;

using boost_used = boost<BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000>;

#if defined(_LIBCPP_VERSION)
using library_used = libcxx;
#elif defined(_GLIBCXX_DEBUG)
using library_used = libstdcxx_debug_mode;
#elif defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI
using library_used = libstdcxx_new_abi;
#else
using library_used = libstdcxx_old_abi;
#endif

#if defined(BOOST_ASIO_DISABLE_THREADS)
using threads_used = asio_no_threads;
#else
using threads_used = asio_threads;
#endif

#if defined(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
using frames_used = no_frame_recycling;
#else
using frames_used = frame_recycling;
#endif

#if defined(BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
using blocks_used = no_small_block_recycling;
#else
using blocks_used = small_block_recycling;
#endif

#if defined(BOOST_ASIO_ENABLE_HANDLER_TRACKING)
using tracking_used = handler_tracking;
#else
using tracking_used = no_handler_tracking;
#endif

template <class... Settings>
BRIO_API void built_with() noexcept;

template <>
BRIO_API void
built_with<boost_used, library_used, threads_used, frames_used, blocks_used, tracking_used>() noexcept;

// One pointer per translation unit, never read. `used` keeps it through the optimiser, `retain` through
// the linker's --gc-sections.
#if defined(__GNUC__) || defined(__clang__)
    #if defined(__has_attribute) && __has_attribute(retain)
__attribute__((used, retain))
    #else
__attribute__((used))
    #endif
#endif
static void (*const reference)() noexcept =
    &built_with<boost_used, library_used, threads_used, frames_used, blocks_used, tracking_used>;

} // namespace brio::inline v0::abi

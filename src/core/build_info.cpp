// SPDX-License-Identifier: BSL-1.0
// Collects the macros that describe this build of the library.
#include <brio/core/build_info.hpp>
#include <brio/core/version.hpp>

#include <boost/version.hpp>

#include <string>

namespace brio::inline v0 {

namespace {

std::string dotted(int major, int minor, int patch) {
    return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

std::string compiler() {
#if defined(__clang__)
    return "clang++ " + dotted(__clang_major__, __clang_minor__, __clang_patchlevel__);
#elif defined(__GNUC__)
    return "g++ " + dotted(__GNUC__, __GNUC_MINOR__, __GNUC_PATCHLEVEL__);
#else
    return "unknown compiler";
#endif
}

std::string standard_library() {
#if defined(_LIBCPP_VERSION)
    return "libc++ " + std::to_string(_LIBCPP_VERSION);
#elif defined(__GLIBCXX__)
    return "libstdc++ " + std::to_string(__GLIBCXX__);
#else
    return "unknown standard library";
#endif
}

std::string platform() {
    std::string text;
#if defined(__linux__)
    text = "Linux";
#elif defined(__APPLE__)
    text = "Darwin";
#elif defined(__FreeBSD__)
    text = "FreeBSD";
#else
    text = "unknown system";
#endif
#if defined(__x86_64__)
    text += " x86_64";
#elif defined(__aarch64__)
    text += " aarch64";
#endif
    return text;
}

std::string settings() {
    std::string text;
#if defined(BRIO_SHARED_LIBRARY)
    text += ", shared";
#else
    text += ", static";
#endif
#if defined(__OPTIMIZE__)
    text += ", optimised";
#else
    text += ", not optimised";
#endif
#if !defined(NDEBUG)
    text += ", assertions";
#endif
#if defined(BRIO_SANITIZERS)
    text += ", sanitizers " BRIO_SANITIZERS;
#endif
#if defined(_GLIBCXX_USE_CXX11_ABI) && !_GLIBCXX_USE_CXX11_ABI
    text += ", old string ABI";
#endif
#if defined(_GLIBCXX_DEBUG)
    text += ", _GLIBCXX_DEBUG";
#endif
#if defined(BOOST_ASIO_DISABLE_THREADS)
    text += ", no Asio threads";
#endif
#if defined(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
    text += ", no frame recycling";
#endif
#if defined(BOOST_ASIO_DISABLE_SMALL_BLOCK_RECYCLING)
    text += ", no small block recycling";
#endif
#if defined(BOOST_ASIO_ENABLE_HANDLER_TRACKING)
    text += ", handler tracking";
#endif
    return text;
}

} // namespace

std::string build_info() {
    return "brio " + dotted(BRIO_VERSION_MAJOR, BRIO_VERSION_MINOR, BRIO_VERSION_PATCH) + ", Boost " +
           dotted(BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000, BOOST_VERSION % 100) + ", " +
           compiler() + ", C++ " + std::to_string(__cplusplus) + ", " + standard_library() + ", " +
           platform() + settings();
}

} // namespace brio::inline v0

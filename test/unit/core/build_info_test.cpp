// SPDX-License-Identifier: BSL-1.0
// build_info() names the versions that the program was compiled with.
#include <brio/core/build_info.hpp>
#include <brio/core/version.hpp>

#include <boost/version.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

std::string number(int value) { return std::to_string(value); }

TEST(build_info, names_the_version_of_brio) {
    const std::string version = "brio " + number(BRIO_VERSION_MAJOR) + "." + number(BRIO_VERSION_MINOR) + "." +
                                number(BRIO_VERSION_PATCH) + ",";
    EXPECT_EQ(brio::build_info().rfind(version, 0), 0U) << brio::build_info();
}

TEST(build_info, names_the_version_of_boost) {
    const std::string version = "Boost " + number(BOOST_VERSION / 100000) + "." +
                                number(BOOST_VERSION / 100 % 1000) + "." + number(BOOST_VERSION % 100) + ",";
    EXPECT_NE(brio::build_info().find(version), std::string::npos) << brio::build_info();
}

TEST(build_info, names_the_recycling_of_a_sanitizer_build) {
#if defined(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
    EXPECT_NE(brio::build_info().find("no frame recycling"), std::string::npos) << brio::build_info();
#else
    EXPECT_EQ(brio::build_info().find("no frame recycling"), std::string::npos) << brio::build_info();
#endif
}

} // namespace

// SPDX-License-Identifier: BSL-1.0
// Looking for a cancelled_error in an exception_ptr.
#include <brio/detail/as_cancelled.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>

namespace {

using brio::cancelled_error;
using brio::detail::as_cancelled;

TEST(as_cancelled, finds_one_that_was_made) {
    const std::exception_ptr made = std::make_exception_ptr(cancelled_error("enough"));
    ASSERT_NE(as_cancelled(made), nullptr);
    EXPECT_EQ(as_cancelled(made)->message(), "enough");
}

TEST(as_cancelled, finds_one_that_was_thrown_twice) {
    std::exception_ptr caught;
    try {
        try {
            throw cancelled_error("again");
        } catch (const cancelled_error&) {
            std::rethrow_exception(std::current_exception());
        }
    } catch (...) {
        caught = std::current_exception();
    }
    ASSERT_NE(as_cancelled(caught), nullptr);
    EXPECT_EQ(as_cancelled(caught)->message(), "again");
}

TEST(as_cancelled, finds_nothing_else) {
    EXPECT_EQ(as_cancelled(nullptr), nullptr);
    EXPECT_EQ(as_cancelled(std::make_exception_ptr(std::runtime_error("no"))), nullptr);
    EXPECT_EQ(as_cancelled(std::make_exception_ptr(brio::timeout_error("no"))), nullptr);
    EXPECT_EQ(as_cancelled(std::make_exception_ptr(7)), nullptr);
}

}  // namespace

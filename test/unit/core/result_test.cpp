// SPDX-License-Identifier: BSL-1.0
// result<T>: a value or an exception.
#include <brio/core/error.hpp>
#include <brio/core/result.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace {

using brio::result;

std::exception_ptr failure() { return std::make_exception_ptr(std::runtime_error("failed")); }

TEST(result, with_a_value) {
    result<std::string> r(std::string("text"));
    EXPECT_TRUE(r.has_value());
    EXPECT_TRUE(r);
    EXPECT_EQ(r.value(), "text");
    EXPECT_EQ(*r, "text");
    EXPECT_EQ(r->size(), 4U);
    EXPECT_EQ(r.exception(), nullptr);
    *r = "other";
    const result<std::string> copy = r;
    EXPECT_EQ(*copy, "other");
    EXPECT_EQ(copy->size(), 5U);
}

TEST(result, with_an_exception) {
    result<int> r(failure());
    EXPECT_FALSE(r);
    EXPECT_NE(r.exception(), nullptr);
    EXPECT_THROW(static_cast<void>(r.value()), std::runtime_error);
    EXPECT_THROW(static_cast<void>(*r), std::runtime_error);
    EXPECT_THROW(static_cast<void>(std::move(r).value()), std::runtime_error);
}

TEST(result, of_a_cancelled_child) {
    const result<int> r(std::make_exception_ptr(brio::cancelled_error("stop")));
    EXPECT_FALSE(r.has_value());
    EXPECT_THROW(static_cast<void>(r.value()), brio::cancelled_error);
}

TEST(result, moves_what_can_only_be_moved) {
    result<std::unique_ptr<int>> r(std::make_unique<int>(4));
    const std::unique_ptr<int> out = std::move(r).value();
    EXPECT_EQ(*out, 4);
}

TEST(result, of_an_exception_ptr_type_of_its_own) {
    result<void> fine;
    EXPECT_TRUE(fine);
    EXPECT_NO_THROW(fine.value());
    EXPECT_EQ(fine.exception(), nullptr);
    result<void> bad(failure());
    EXPECT_FALSE(bad);
    EXPECT_THROW(bad.value(), std::runtime_error);
}

TEST(result, nothing_equals_nothing) { EXPECT_EQ(brio::nothing(), brio::nothing()); }

}  // namespace

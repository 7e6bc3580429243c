// SPDX-License-Identifier: BSL-1.0
// The exceptions of the core: their place in the hierarchy and their texts.
#include "unit/core/capture.hpp"

#include <brio/core/error.hpp>
#include <brio/detail/describe.hpp>
#include <brio/sync/queue.hpp>

#include <gtest/gtest.h>

#include <exception>
#include <stdexcept>
#include <string>
#include <type_traits>

namespace {

using brio::detail::describe;

TEST(error, CAN_25_cancelled_error_stands_outside_of_the_hierarchy) {
    static_assert(!std::is_base_of_v<std::exception, brio::cancelled_error>);
    static_assert(!std::is_base_of_v<brio::error, brio::cancelled_error>);
    static_assert(std::is_final_v<brio::cancelled_error>);
    static_assert(std::is_nothrow_move_constructible_v<brio::cancelled_error>);
    EXPECT_EQ(brio::cancelled_error().message(), "");
    EXPECT_EQ(brio::cancelled_error("why").message(), "why");
}

template <class E>
bool caught_as_brio_error() {
    try {
        throw E("text");
    } catch (const brio::error& e) {
        return std::string(e.what()) == "text" && dynamic_cast<const std::runtime_error*>(&e);
    }
}

TEST(error, every_error_of_brio_is_a_brio_error_and_a_runtime_error) {
    EXPECT_TRUE(caught_as_brio_error<brio::timeout_error>());
    EXPECT_TRUE(caught_as_brio_error<brio::invalid_state_error>());
    EXPECT_TRUE(caught_as_brio_error<brio::loop_error>());
    EXPECT_TRUE(caught_as_brio_error<brio::interrupted>());
    EXPECT_TRUE(caught_as_brio_error<brio::queue_empty>());
    EXPECT_TRUE(caught_as_brio_error<brio::queue_full>());
    EXPECT_TRUE(caught_as_brio_error<brio::queue_shutdown>());
}

TEST(error, describe_names_type_and_text) {
    EXPECT_EQ(describe(std::exception_ptr()), "no error");
    EXPECT_EQ(describe(std::make_exception_ptr(std::out_of_range("index"))), "std::out_of_range: index");
    EXPECT_EQ(describe(std::make_exception_ptr(brio::cancelled_error())), "brio::cancelled_error");
    EXPECT_EQ(describe(std::make_exception_ptr(brio::cancelled_error("m"))), "brio::cancelled_error: m");
    EXPECT_EQ(describe(std::make_exception_ptr(1)), "an exception that is no std::exception");
}

TEST(error, describe_shows_brios_own_types_as_users_write_them) {
    EXPECT_EQ(describe(std::make_exception_ptr(brio::timeout_error("late"))), "brio::timeout_error: late");
}

}  // namespace

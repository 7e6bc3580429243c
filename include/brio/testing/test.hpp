// SPDX-License-Identifier: BSL-1.0
// BRIO_TEST: GoogleTest tests whose body is a coroutine, and assertions for them.
#pragma once

#include <brio/brio.hpp>
#include <brio/testing/assertion.hpp>
#include <brio/testing/cancel_at_each_await.hpp>
#include <brio/testing/fail_each.hpp>
#include <brio/testing/for_each_seed.hpp>
#include <brio/testing/run_case.hpp>
#include <brio/testing/scenario.hpp>
#include <brio/testing/virtual_clock.hpp>

#include <gtest/gtest.h>

/// A test whose body may co_await: `BRIO_TEST(queue, keeps_order) { co_await ...; }`. Its clock is virtual: sleeping
/// takes no time. The body must contain a `co_await` or `co_return`. `EXPECT_*` works as usual; for fatal checks use
/// `BRIO_ASSERT_*`, as `ASSERT_*` contains a `return`.
#define BRIO_TEST(suite, name) BRIO_TEST_WITH(suite, name, ::brio::testing::case_options())

/// The same for a test of the order in which things happen: FIFO whatever `BRIO_TEST_SEED` says.
#define BRIO_TEST_FIFO(suite, name) BRIO_TEST_WITH(suite, name, ::brio::testing::case_options().fifo())

/// The same with the real clock, for tests that do I/O.
#define BRIO_TEST_REAL_TIME(suite, name) BRIO_TEST_WITH(suite, name, ::brio::testing::case_options().real_time())

/// All of it in one, for a test that needs several at once:
/// `BRIO_TEST_WITH(queue, keeps_order, brio::testing::case_options().real_time().fifo()) { ... }`.
#define BRIO_TEST_WITH(suite, name, options)                                               \
    static ::brio::awaitable<void> brio_test_##suite##_##name();                           \
    TEST(suite, name) { ::brio::testing::run_case(&brio_test_##suite##_##name, options); } \
    static ::brio::awaitable<void> brio_test_##suite##_##name()

// SPDX-License-Identifier: BSL-1.0
// Tests that hold whether tasks begin in a later turn or at once (EAG-14).
#pragma once

#include <brio/testing/test.hpp>

namespace brio_test {

/// Every task of the running loop that is made while this object lives begins at once.
class all_eager {
public:
    all_eager() { brio::get_running_loop().set_eager_tasks(true); }
    all_eager(const all_eager&) = delete;
    all_eager& operator=(const all_eager&) = delete;
    ~all_eager() { brio::get_running_loop().set_eager_tasks(false); }
};

/// For what cannot but differ: whether a task has begun that was stopped before its first turn.
inline bool tasks_are_eager() { return brio::get_running_loop().eager_tasks(); }

inline void run_eagerly(brio::awaitable<> (*body)()) {
    brio::testing::run_case([body]() -> brio::awaitable<> {
        const all_eager here;
        co_await body();
    });
}

}  // namespace brio_test

/// `BRIO_TEST` twice: as `suite.name`, and with eager tasks as `suite_eager.name`.
#define BRIO_TEST_LAZY_AND_EAGER(suite, name)                                            \
    static ::brio::awaitable<> lazy_and_eager_##suite##_##name();                        \
    TEST(suite, name) { ::brio::testing::run_case(&lazy_and_eager_##suite##_##name); }   \
    TEST(suite##_eager, name) { ::brio_test::run_eagerly(&lazy_and_eager_##suite##_##name); } \
    static ::brio::awaitable<> lazy_and_eager_##suite##_##name()

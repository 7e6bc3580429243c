// SPDX-License-Identifier: BSL-1.0
// Every scenario: a cancel at every step, and its steps in 300 random orders.
#include "proof/scenarios.hpp"

#include <gtest/gtest.h>

#include <iostream>
#include <string>

namespace {

using brio_proof::scenario;

class proof : public ::testing::TestWithParam<scenario> {};

TEST_P(proof, cancellation_sweep) {
    const std::size_t runs = brio_proof::sweep(GetParam());
    RecordProperty("runs", static_cast<int>(runs));
    std::cout << "  " << runs << " runs\n";
}

TEST_P(proof, random_schedules) {
    const scenario& s = GetParam();
    brio::testing::for_seeds(0, 300, [&s]() -> brio::awaitable<> {
        brio_proof::world w;
        std::string error;
        {
            auto main = brio::create_task(s.body(w), "scenario");
            try {
                co_await main.join();
            } catch (const std::exception& e) {
                error = e.what();
            }
        }
        // What an early end left behind ends by itself.
        for (int i = 0; i < 60 && brio::all_tasks().size() > 1; ++i) co_await brio::sleep(std::chrono::seconds(1));
        EXPECT_EQ(error.empty(), s.succeeds) << error;
        EXPECT_EQ(w.put, w.got + static_cast<int>(w.queue.qsize() + w.unbounded.qsize()));
        EXPECT_FALSE(w.lock.locked());
        EXPECT_LE(w.most_holders, 1);
        EXPECT_EQ(w.frames, 0);
        EXPECT_EQ(w.seen_cancels, 0);
    });
}

INSTANTIATE_TEST_SUITE_P(core, proof, ::testing::ValuesIn(brio_proof::all_scenarios()),
                         [](const ::testing::TestParamInfo<scenario>& item) { return std::string(item.param.name); });

}  // namespace

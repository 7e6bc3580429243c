// SPDX-License-Identifier: BSL-1.0
// One test: a loop, its checks, and reports that can be repeated.
#include <brio/testing/run_case.hpp>

#include "testing/leak_check.hpp"
#include "testing/watchdog.hpp"

#include <brio/core/run.hpp>
#include <brio/debug/print_tasks.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/generator_core.hpp>
#include <brio/testing/assertion.hpp>
#include <brio/testing/schedule.hpp>
#include <brio/testing/virtual_clock.hpp>

#include <gtest/gtest.h>

#include <charconv>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>

namespace brio::inline v0::testing {

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int slowness = 4;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int slowness = 4;
#else
constexpr int slowness = 1;
#endif
#else
constexpr int slowness = 1;
#endif

// How many times longer than said the watchdog waits on this machine.
int patience() {
    const char* const text = std::getenv("BRIO_TEST_PATIENCE");
    if (!text || !*text) return slowness;
    const std::string_view digits(text);
    int times = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), times);
    if (error != std::errc() || end != digits.data() + digits.size() || times < 1 || times > 1000) {
        throw std::invalid_argument("BRIO_TEST_PATIENCE is '" + std::string(text) + "': use a number from 1 to 1000");
    }
    return slowness * times;
}

// Generators that the body dropped half-way close themselves in tasks of the loop's: these are no leftovers.
awaitable<> finish_dropped_generators(loop& running) {
    detail::intrusive_list<detail::generator_core>& open = running.scheduler().generators;
    for (detail::generator_core* one = open.first(); one;) {
        if (one->closer() && !one->closer()->done()) {
            co_await task<>(one->closer()).join();
            one = open.first();
        } else {
            one = open.next(*one);
        }
    }
}

// The test's own task: says what is left when the body has ended.
awaitable<> supervise(const std::function<awaitable<>()>& body, watchdog& dog, bool leftovers_allowed) {
    dog.guard(current_task());
    co_await body();
    if (leftovers_allowed) co_return;
    loop& running = get_running_loop();
    co_await finish_dropped_generators(running);
    if (all_tasks().size() > 1) {
        ADD_FAILURE() << "tasks outlive the test:\n" << format_tasks(running);
    } else if (running.scheduler().timer_count() > running.scheduler().background_timers) {
        ADD_FAILURE() << running.scheduler().timer_count() - running.scheduler().background_timers << " timer(s) outlive the test";
    }
}

void run_supervised(const std::function<awaitable<>()>& body, const case_options& options, run_options how) {
    runner once(std::move(how));
    watchdog dog(once.get_loop(), options.watchdog_limit() * patience());
    try {
        once.run(supervise(body, dog, options.leftovers_allowed()));
    } catch (const assertion_failed&) {  // recorded where it was thrown
    } catch (...) {
        ADD_FAILURE() << "the test body threw " << detail::describe(std::current_exception()) << "\n"
                      << format_tasks(once.get_loop());
    }
    try {
        once.close();
    } catch (const std::exception& e) {
        ADD_FAILURE() << "the loop did not close: " << e.what();
    }
}

}  // namespace

void run_case(const std::function<awaitable<>()>& body, const case_options& options) {
    std::optional<std::uint64_t> seed = options.chosen_seed();
    if (!seed && !options.is_fifo()) seed = seed_from_environment();
    std::optional<::testing::ScopedTrace> trace;  // shown with every failure
    if (seed) {
        trace.emplace("schedule seed", 0, std::to_string(*seed) + ": repeat with BRIO_TEST_SEED=" + std::to_string(*seed));
    }
    const std::set<int> descriptors = open_descriptors();
    const bool had_children = has_children();

    virtual_clock clock;
    std::optional<seeded_order> order;
    if (seed) order.emplace(*seed);
    run_supervised(body, options, run_options().handle_sigint(false).on_loop([&](loop& made) {
        if (!options.is_real_time()) made.scheduler().use_clock(&clock);
        if (order) made.scheduler().use_order(&*order);
    }));

    const std::string leaked = describe_new_descriptors(descriptors);
    if (!leaked.empty()) ADD_FAILURE() << "descriptors outlive the test:" << leaked;
    if (!had_children && has_children()) ADD_FAILURE() << "a child process outlives the test";
}

void for_seeds(std::uint64_t first, std::uint64_t last, const std::function<awaitable<>()>& body, case_options options) {
    for (std::uint64_t seed = first; seed < last && !::testing::Test::HasFailure(); ++seed) {
        run_case(body, options.seed(seed));
    }
}

}  // namespace brio::inline v0::testing

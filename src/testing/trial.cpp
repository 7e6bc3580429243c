// SPDX-License-Identifier: BSL-1.0
// A scenario under supervision.
#include "testing/trial.hpp"

#include "testing/injector.hpp"
#include "testing/leak_check.hpp"

#include <brio/core/run.hpp>
#include <brio/core/sleep.hpp>
#include <brio/debug/print_tasks.hpp>
#include <brio/detail/describe.hpp>
#include <brio/sync/event.hpp>
#include <brio/testing/assertion.hpp>
#include <brio/testing/schedule.hpp>
#include <brio/testing/virtual_clock.hpp>

#include <gtest/gtest.h>

namespace brio::inline v0::testing {

namespace {

// How long tasks that were cancelled may take to end, in seconds of virtual time.
constexpr int patience = 600;

std::string end_of(const task<>& ended) {
    try {
        ended.result();
        return "value";
    } catch (const assertion_failed&) {  // recorded where it was thrown
        return "a failed assertion";
    } catch (...) {
        return detail::describe(std::current_exception());
    }
}

// Ends when `main` has ended, or too late. The task is neither joined (that would pass cancels on) nor touched.
awaitable<bool> watch(const task<>& main, std::chrono::seconds limit) {
    event over;
    const auto callback = main.add_done_callback([&over](const task_handle&) { over.set(); });
    timer_handle alarm = get_running_loop().call_later(limit, [&over] { over.set(); });
    co_await over.wait();
    alarm.cancel();
    main.remove_done_callback(callback);
    co_return main.done();
}

awaitable<> end_leftovers() {
    for (const task_handle& each : all_tasks()) {
        if (each != current_task()) each.cancel("the scenario is over");
    }
    for (int i = 0; i < patience && all_tasks().size() > 1; ++i) co_await sleep(std::chrono::seconds(1));
    if (all_tasks().size() > 1) {
        ADD_FAILURE() << "tasks that were cancelled do not end:\n" << format_tasks(get_running_loop());
    }
}

awaitable<> supervise(scenario_run& what, const scenario_options& options, injector& order, trial_result& result) {
    loop& running = get_running_loop();
    {
        const task<> main = create_task(what.body(), "scenario");
        order.watch(main);
        if (co_await watch(main, options.max_time())) {
            result.end = end_of(main);
        } else {
            ADD_FAILURE() << "the scenario hangs: it has not ended after " << options.max_time().count()
                          << " s of virtual time\n" << format_tasks(running);
        }
    }
    co_await advance(std::chrono::seconds(0));
    if (const auto time = options.leftover_time(); time && all_tasks().size() > 1) co_await advance(*time);
    what.check_at_rest();
    if (all_tasks().size() > 1) {
        if (!options.leftover_time()) ADD_FAILURE() << "tasks outlive the scenario:\n" << format_tasks(running);
        co_await end_leftovers();
    }
    if (running.scheduler().timer_count() > 0) {
        ADD_FAILURE() << running.scheduler().timer_count() << " timer(s) outlive the scenario";
    }
}

void run_supervised(scenario_run& what, const scenario_options& options, injector& order, trial_result& result) {
    virtual_clock clock;
    runner once(run_options().handle_sigint(false).on_loop([&](loop& made) {
        clock.attach(made);
        made.scheduler().use_order(&order);
        // A task that nobody could join any more may have failed; a callback may not.
        made.set_exception_handler([](const error_context& context) {
            if (context.message().find("callback") != std::string::npos) ADD_FAILURE() << context.to_string();
        });
    }));
    try {
        once.run(supervise(what, options, order, result));
        order.forget();
        once.close();
    } catch (...) {
        order.forget();
        ADD_FAILURE() << detail::describe(std::current_exception())
                      << (order.ran_away() ? ": the scenario does not come to rest (scenario_options::step_limit)" : "")
                      << "\n" << format_tasks(once.get_loop());
    }
}

std::unique_ptr<detail::pick_order> order_of(std::optional<std::uint64_t> seed, const scenario_options& options) {
    if (!seed) return nullptr;
    if (const auto changes = options.chosen_priorities()) return std::make_unique<priority_order>(*seed, *changes);
    return std::make_unique<seeded_order>(*seed);
}

}  // namespace

scenario_run::~scenario_run() = default;
void scenario_run::check_at_rest() {}
void scenario_run::check_at_end() {}

scenario scenario::stateless(std::function<awaitable<>()> body) {
    class run final : public scenario_run {
    public:
        explicit run(std::function<awaitable<>()> what) : what_(std::move(what)) {}
        awaitable<> body() override { return what_(); }

    private:
        std::function<awaitable<>()> what_;
    };
    return scenario([body = std::move(body)]() -> std::unique_ptr<scenario_run> { return std::make_unique<run>(body); });
}

trial_result run_trial(const scenario& what, const scenario_options& options, std::optional<cancel_plan> plan,
                       std::optional<std::uint64_t> seed) {
    const std::set<int> descriptors = open_descriptors();
    const bool had_children = has_children();
    trial_result result;
    {
        const std::unique_ptr<scenario_run> run = what.make_run();
        injector order(plan, order_of(seed, options), options.max_steps());
        run_supervised(*run, options, order, result);
        run->check_at_end();
        order.tell(result);
    }
    const std::string leaked = describe_new_descriptors(descriptors);
    if (!leaked.empty()) ADD_FAILURE() << "descriptors outlive the scenario:" << leaked;
    if (!had_children && has_children()) ADD_FAILURE() << "a child process outlives the scenario";
    return result;
}

}  // namespace brio::inline v0::testing

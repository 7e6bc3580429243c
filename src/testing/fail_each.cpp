// SPDX-License-Identifier: BSL-1.0
// Fault points, and the sweep over their calls.
#include <brio/testing/fail_each.hpp>

#include "testing/sweep.hpp"

#include <cstdint>
#include <exception>
#include <mutex>
#include <new>
#include <string>

namespace brio::inline v0::testing {

injected_fault::~injected_fault() = default;

namespace {

// The run under way; fault points may be called from threads.
class fault_plan {
public:
    void begin(const scenario_options& options, std::uint64_t victim, bool from_there_on) {
        const std::lock_guard lock(mutex_);
        error_ = options.chosen_fault();
        only_ = options.chosen_point();
        victim_ = victim;
        from_there_on_ = from_there_on;
        calls_ = 0;
        victim_name_.clear();
        active_ = true;
    }
    void end() {
        const std::lock_guard lock(mutex_);
        active_ = false;
        error_ = nullptr;
    }
    // The number of the call that must fail, 0 for go on.
    std::uint64_t call(std::string_view name) {
        const std::lock_guard lock(mutex_);
        if (!active_ || (!only_.empty() && name != only_)) return 0;
        ++calls_;
        if (victim_ == 0 || calls_ < victim_ || (calls_ > victim_ && !from_there_on_)) return 0;
        if (calls_ == victim_) victim_name_ = name;
        return calls_;
    }
    std::exception_ptr error() {
        const std::lock_guard lock(mutex_);
        return error_;
    }
    std::uint64_t calls() {
        const std::lock_guard lock(mutex_);
        return calls_;
    }
    std::string victim_name() {
        const std::lock_guard lock(mutex_);
        return victim_name_;
    }

private:
    std::mutex mutex_;
    bool active_ = false;
    bool from_there_on_ = false;
    std::uint64_t victim_ = 0;
    std::uint64_t calls_ = 0;
    std::exception_ptr error_;
    std::string only_;
    std::string victim_name_;
};

fault_plan& plan() {
    static fault_plan only_one;
    return only_one;
}

class faulty_memory final : public std::pmr::memory_resource {
    void* do_allocate(std::size_t bytes, std::size_t alignment) override {
        if (fault_points::fails("memory")) throw std::bad_alloc();
        return std::pmr::new_delete_resource()->allocate(bytes, alignment);
    }
    void do_deallocate(void* block, std::size_t bytes, std::size_t alignment) override {
        std::pmr::new_delete_resource()->deallocate(block, bytes, alignment);
    }
    [[nodiscard]] bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
        return this == &other;
    }
};

class fault_sweep final : public sweep {
public:
    using sweep::sweep;

    void run() {
        plan().begin(options(), 0, false);
        static_cast<void>(run_plain());
        plan().end();
        const std::uint64_t calls = plan().calls();
        if (!report().failed && calls == 0) fail("fail_each: no fault point was called");
        run_calls(calls, false);
        if (!options().fails_once_only()) run_calls(calls, true);
    }

private:
    void run_calls(std::uint64_t count, bool from_there_on) {
        for (std::uint64_t n = 1; n <= count && !report().failed; ++n) attempt(n, from_there_on);
    }

    void attempt(std::uint64_t n, bool from_there_on) {
        failure_collector failures;
        plan().begin(options(), n, from_there_on);
        const trial_result got = run_once(std::nullopt);
        plan().end();
        const std::string name = plan().victim_name();
        if (!name.empty()) ++report().injected;
        finish(failures, "fault in call " + std::to_string(n) + (from_there_on ? " and all after it" : "") + ", '" + name +
                             "'; the scenario ended with " + got.end);
    }
};

}  // namespace

void fault_points::check(std::string_view name) {
    const std::uint64_t call = plan().call(name);
    if (call == 0) return;
    if (const std::exception_ptr chosen = plan().error()) std::rethrow_exception(chosen);
    throw injected_fault("injected fault: call " + std::to_string(call) + ", '" + std::string(name) + "'");
}

bool fault_points::fails(std::string_view name) { return plan().call(name) != 0; }

std::pmr::memory_resource* fault_points::memory() noexcept {
    static faulty_memory only_one;
    return &only_one;
}

scenario_report fail_each(const scenario& body, const scenario_options& options) {
    fault_sweep all("fail_each", body, options);
    all.run();
    return all.report();
}

}  // namespace brio::inline v0::testing

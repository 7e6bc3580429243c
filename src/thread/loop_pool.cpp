// SPDX-License-Identifier: BSL-1.0
// Threads that run a loop each, from their start to their end.
#include <brio/thread/loop_pool.hpp>

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/core/run.hpp>
#include <brio/detail/callback.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/mailbox.hpp>
#include <brio/sync/event.hpp>
#include <brio/thread/to_thread.hpp>

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <thread>

namespace brio::inline v0 {

namespace {

// Signals are for the program's own threads; but faults and profilers concern each thread.
sigset_t signals_of_others() {
    sigset_t set;
    sigfillset(&set);
    for (const int number : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS, SIGPROF}) sigdelset(&set, number);
    return set;
}

class without_signals {
public:
    without_signals() {
        const sigset_t set = signals_of_others();
        pthread_sigmask(SIG_BLOCK, &set, &before_);
    }
    without_signals(const without_signals&) = delete;
    without_signals& operator=(const without_signals&) = delete;
    ~without_signals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

private:
    sigset_t before_;
};

}  // namespace

namespace detail {

/// The stages: its loop is there, or could not be made (`error`); its loop is gone.
class pool_thread {
public:
    pool_thread(std::size_t index, std::function<void(loop&, std::size_t)> hook) : index_(index), hook_(std::move(hook)) {}

    void start(const std::shared_ptr<pool_thread>& self, std::string name) {
        thread_ = std::thread([self, name = std::move(name)] {
            ::pthread_setname_np(::pthread_self(), name.substr(0, 15).c_str());
            self->serve();
        });
    }

    /// Blocks until the loop is there.
    std::exception_ptr wait_started() {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return remote_ || error_; });
        return error_;
    }

    /// Takes no more work; the tasks are cancelled soon.
    void request_stop() {
        closing_ = true;
        std::unique_lock lock(mutex_);
        if (!remote_ || ended_) return;
        const auto call = make_callback([this] { stop_.set(); });
        // Between the look at `ended_` and this the loop may have gone: then there is nothing to stop.
        static_cast<void>(call->schedule_threadsafe(remote_->inbox()));
    }

    bool wait_ended(std::chrono::steady_clock::time_point deadline) {
        if (thread_.get_id() == std::this_thread::get_id()) return false;
        std::unique_lock lock(mutex_);
        return changed_.wait_until(lock, deadline, [this] { return ended_; });
    }

    /// Nobody waits any more.
    void finish(bool ended) {
        if (!thread_.joinable()) return;
        if (ended) {
            thread_.join();
            return;
        }
        if (thread_.get_id() != std::this_thread::get_id()) {
            log(log_level::warning, "loop_pool: loop " + std::to_string(index_) + " has not ended in time: its thread is left "
                                    "behind; a task blocks it, or swallows its cancel");
        }
        thread_.detach();
    }

    [[nodiscard]] remote_loop open() const {
        if (closing_) throw loop_error("the loop_pool is closed: it takes no more work");
        return *remote_;
    }
    [[nodiscard]] loop& get_loop() const {
        if (closing_) throw loop_error("the loop_pool is closed: its loops are gone");
        return *loop_;
    }

private:
    awaitable<> stay() { co_await stop_.wait(); }

    void serve() noexcept {
        std::optional<runner> own;
        try {
            own.emplace(run_options().handle_sigint(false).on_loop([this](loop& made) {
                if (hook_) hook_(made, index_);
            }));
            loop& made = own->get_loop();
            const std::lock_guard lock(mutex_);
            loop_ = &made;
            remote_.emplace(made.scheduler().inbox());
            changed_.notify_all();
        } catch (...) {
            own.reset();
            const std::lock_guard lock(mutex_);
            error_ = std::current_exception();
            ended_ = true;
            changed_.notify_all();
            return;
        }
        try {
            own->run(stay());
            own->close();
        } catch (...) {
            try {
                log(log_level::error, "loop_pool: loop " + std::to_string(index_) + " ended by " + describe(std::current_exception()));
            } catch (...) {  // out of memory for a message
            }
        }
        own.reset();
        const std::lock_guard lock(mutex_);
        ended_ = true;
        changed_.notify_all();
    }

    std::size_t index_;
    std::function<void(loop&, std::size_t)> hook_;
    std::thread thread_;
    event stop_;  // of its loop
    std::atomic<bool> closing_{false};
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<remote_loop> remote_;  // these three do not change once the pool is made
    loop* loop_ = nullptr;
    std::exception_ptr error_;
    bool ended_ = false;
};

remote_loop open_remote_loop(const pool_thread& thread) { return thread.open(); }

}  // namespace detail

struct loop_pool::state {
    void close(std::chrono::steady_clock::duration grace) noexcept {
        const std::lock_guard lock(closing);  // a second caller waits for the first
        if (std::exchange(is_closed, true)) return;
        const auto deadline = std::chrono::steady_clock::now() + grace;
        for (const auto& each : threads) each->request_stop();
        for (const auto& each : threads) each->finish(each->wait_ended(deadline));
    }

    std::mutex closing;
    bool is_closed = false;
    std::vector<std::shared_ptr<detail::pool_thread>> threads;  // shared with those that are left behind
    std::atomic<std::size_t> turn{0};
};

loop_pool::loop_pool(const loop_pool_options& options) : state_(std::make_shared<state>()) {
    const std::size_t count = options.chosen_size() ? options.chosen_size() : default_size();
    std::exception_ptr error;
    try {
        const without_signals guard;
        for (std::size_t i = 0; i < count; ++i) {
            const auto made = std::make_shared<detail::pool_thread>(i, options.chosen_hook());
            made->start(made, options.chosen_name() + "-" + std::to_string(i));
            state_->threads.push_back(made);
        }
    } catch (...) {
        error = std::current_exception();
    }
    for (const auto& each : state_->threads) {
        const std::exception_ptr failure = each->wait_started();
        if (!error) error = failure;
    }
    if (!error) return;
    state_->close(std::chrono::seconds(30));
    std::rethrow_exception(error);
}

loop_pool::~loop_pool() { close(); }

std::size_t loop_pool::default_size() noexcept {
    cpu_set_t allowed;
    CPU_ZERO(&allowed);
    const int count = ::sched_getaffinity(0, sizeof allowed, &allowed) == 0 ? CPU_COUNT(&allowed) : 0;
    return count > 0 ? static_cast<std::size_t>(count) : std::max<std::size_t>(1, std::thread::hardware_concurrency());
}

std::size_t loop_pool::size() const noexcept { return state_->threads.size(); }

pool_member loop_pool::on(std::size_t index) const {
    if (index < size()) return *state_->threads[index];
    throw std::out_of_range("loop_pool::on(" + std::to_string(index) + "): there are " + std::to_string(size()) + " loops");
}

pool_member loop_pool::next() const noexcept { return *state_->threads[state_->turn.fetch_add(1, std::memory_order_relaxed) % size()]; }

void loop_pool::close(std::chrono::steady_clock::duration grace) noexcept { state_->close(grace); }

awaitable<> loop_pool::aclose(std::chrono::steady_clock::duration grace) {
    co_await to_thread([](const std::shared_ptr<state>& shared, std::chrono::steady_clock::duration limit) { shared->close(limit); },
                       state_, grace);
}

loop& pool_member::get_loop() const { return thread_->get_loop(); }

}  // namespace brio::inline v0

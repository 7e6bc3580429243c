// SPDX-License-Identifier: BSL-1.0
// The way of a call to a pool thread and back.
#include <brio/thread/to_thread.hpp>

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/mailbox.hpp>
#include <brio/detail/services.hpp>
#include <brio/detail/task_state.hpp>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace brio::inline v0::detail {

namespace {

// The loop's default pool; joined when the loop closes.
class pool_service final : public loop_service {
public:
    static const char key;
    explicit pool_service(loop&) : pool(std::make_shared<thread_pool>()) {}
    void shutdown() noexcept override { pool->shutdown(); }
    std::shared_ptr<thread_pool> pool;
    std::vector<std::shared_ptr<thread_pool>> earlier;  // kept: the end of a pool waits for its threads
};

const char pool_service::key = 0;

}  // namespace

const std::shared_ptr<thread_pool>& default_pool() {
    loop& running = get_running_loop();
    return service_of<pool_service>(running, running.services()).pool;
}

void replace_default_pool(std::shared_ptr<thread_pool> pool) {
    loop& running = get_running_loop();
    auto& service = service_of<pool_service>(running, running.services());
    service.earlier.push_back(std::exchange(service.pool, std::move(pool)));
}

// While calls are out, the io_context has work: it must not run out of it, nor a virtual clock jump. The work belongs
// to the loop: a call that ends after the loop touches neither.
class thread_call::counter final : public loop_service {
public:
    static const char key;
    explicit counter(loop& owner) : sched_(owner.scheduler()) {}
    void add() {
        if (sched_.answers_due++ == 0) work_.emplace(sched_.context().get_executor());
    }
    void remove() noexcept {
        if (--sched_.answers_due == 0) work_.reset();
    }
    void shutdown() noexcept override { work_.reset(); }

private:
    scheduler& sched_;
    std::optional<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> work_;
};

const char thread_call::counter::key = 0;

thread_call::thread_call() = default;
thread_call::~thread_call() = default;

void thread_call::execute() noexcept {
    {
        const context_scope copied(&context_);
        call();
    }
    send_back();
}

void thread_call::abandon() noexcept {
    abandoned_ = true;
    send_back();
}

void thread_call::require_executed() const {
    if (abandoned_) throw loop_error("the thread pool was shut down before the call began");
}

void thread_call::send_back() noexcept {
    if (!inbox_->put(*this)) release();  // the loop is closed: nobody waits
}

void thread_call::start(thread_pool* pool) {
    loop& running = get_running_loop();
    counter_ = &service_of<thread_call::counter>(running, running.services());
    inbox_ = running.scheduler().inbox();
    context_ = inherited_context();
    counter_->add();
    add_ref();
    try {
        (pool ? *pool : *default_pool()).submit(*this);
    } catch (...) {
        counter_->remove();
        release();
        throw;
    }
}

void thread_call::run() noexcept {
    counter_->remove();
    returned();
    release();
}

void thread_call::returned() noexcept {
    if (wait_) wait_->wake();
}

void thread_call::drop() noexcept { release(); }

thread_wait::~thread_wait() {
    if (!call_ || call_->wait_ != this) return;
    call_->wait_ = nullptr;
    call_->stop_.request_stop();
}

void thread_wait::suspend() {
    call_->wait_ = this;
    try {
        call_->start(pool_);
    } catch (...) {
        call_->wait_ = nullptr;
        throw;
    }
}

cancel_reply thread_wait::cancel() noexcept {
    call_->stop_.request_stop();
    call_->wait_ = nullptr;
    return cancel_reply::left;
}

}  // namespace brio::inline v0::detail

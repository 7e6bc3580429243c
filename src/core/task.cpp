// SPDX-License-Identifier: BSL-1.0
// Task handles: untyped parts, done callbacks, introspection.
#include <brio/core/task.hpp>

#include <brio/core/loop.hpp>
#include <brio/detail/mailbox.hpp>
#include <brio/detail/describe.hpp>
#include <brio/detail/task_text.hpp>

namespace brio::inline v0 {

namespace {

// A done callback: waits in the task's list, then goes through the ready queue as a plain callback.
class done_callback final : public detail::completion {
public:
    done_callback(task_handle::callback_id id, detail::ref<detail::callback> call, std::shared_ptr<detail::mailbox> inbox) noexcept
        : id_(id), call_(std::move(call)), inbox_(std::move(inbox)) {}

    // A future may be set outside of its loop, even after that: then the inbox knows whether there still is a loop.
    void completed(detail::task_state&) noexcept override {
        detail::scheduler* const here = detail::scheduler::current();
        if (here && here->inbox() == inbox_) {
            call_->schedule_soon(*here);
        } else {
            static_cast<void>(call_->schedule_threadsafe(*inbox_));
        }
        delete this;
    }
    void dropped() noexcept override { delete this; }
    [[nodiscard]] task_handle::callback_id id() const noexcept { return id_; }

private:
    task_handle::callback_id id_;
    detail::ref<detail::callback> call_;
    std::shared_ptr<detail::mailbox> inbox_;
};

// A future may have outlived its loop: then the one that runs here calls.
std::shared_ptr<detail::mailbox> inbox_of(const detail::task_state& task) {
    detail::scheduler& sched = task.sched();
    if (detail::scheduler::current() == &sched) return sched.inbox();
    if (auto own = detail::mailbox::of(&sched)) return own;
    return detail::scheduler::require("add_done_callback").inbox();
}

}  // namespace

void task_handle::throw_no_task() {
    throw invalid_state_error("this task handle is empty: it was default-constructed or moved from");
}

context task_handle::context() const {
    detail::ref<detail::context_state>& slot = target().context();
    if (!slot) slot = detail::ref<detail::context_state>(new detail::context_state, detail::adopt);
    return brio::context(slot);
}

void task_handle::require_done() const {
    require_task();
    if (!done()) throw invalid_state_error("task " + name() + " is not done: co_await its join() first");
}

std::exception_ptr task_handle::exception() const {
    require_done();
    if (cancelled()) throw cancelled_error(state_->cancel_message());
    return state_->fetch_exception();
}

task_handle::callback_id task_handle::add_done_callback(std::function<void(task_handle)> function) const {
    return add_callback(detail::inherited_context(), std::move(function));
}

task_handle::callback_id task_handle::add_done_callback(const brio::context& shared,
                                                        std::function<void(task_handle)> function) const {
    return add_callback(shared.state(), std::move(function));
}

task_handle::callback_id task_handle::add_callback(detail::ref<detail::context_state> context,
                                                   std::function<void(task_handle)> function) const {
    require_task();
    static thread_local callback_id next_id = 1;
    const callback_id id = next_id++;
    detail::ref<detail::callback> call = detail::make_callback_in(std::move(context), std::move(function), *this);
    if (done()) {
        call->schedule_soon(detail::scheduler::require("add_done_callback"));
    } else {
        state_->add_completion(*new done_callback(id, std::move(call), inbox_of(*state_)));
    }
    return id;
}

bool task_handle::remove_done_callback(callback_id id) const {
    require_task();
    for (detail::completion* node = state_->first_completion(); node; node = state_->next_completion(*node)) {
        auto* const candidate = dynamic_cast<done_callback*>(node);
        if (!candidate || candidate->id() != id) continue;
        candidate->unlink();
        delete candidate;
        return true;
    }
    return false;
}

std::string to_string(const task_handle& handle) {
    if (!handle) return "no task";
    detail::task_state& task = *handle.untyped_state();
    std::string text = task.name() + " [" + detail::state_text(task);
    if (task.done()) {
        text += ": " + detail::outcome_text(task) + "]";
    } else {
        if (task.cancelling() > 0) text += ", cancelling";
        text += "]";
        if (const std::string wait = detail::wait_text(task); !wait.empty()) text += " in " + wait;
        const detail::waiter* const wait = task.waiting_on();
        if (wait && wait->where().line() > 0) text += " at " + detail::describe(wait->where());
    }
    text += ", created at " + detail::describe(task.where());
    std::size_t callbacks = 0;
    std::size_t waiters = 0;
    for (detail::completion* node = task.first_completion(); node; node = task.next_completion(*node)) {
        ++(dynamic_cast<done_callback*>(node) ? callbacks : waiters);
    }
    if (callbacks > 0) text += ", " + std::to_string(callbacks) + " callback(s)";
    if (waiters > 0) text += ", " + std::to_string(waiters) + " waiter(s)";
    return text;
}

task_handle current_task() {
    return task_handle(detail::ref<detail::task_state>(detail::scheduler::require("current_task()").current_task));
}

std::vector<task_handle> all_tasks() {
    std::vector<task_handle> found;
    detail::scheduler& sched = detail::scheduler::require("all_tasks()");
    for (detail::task_state* task = sched.tasks.first(); task; task = sched.tasks.next(*task)) {
        found.emplace_back(detail::ref<detail::task_state>(task));
    }
    return found;
}

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// A loop's share in the process's signals: its inbox, its handlers, and those who wait.
#include <brio/io/signal.hpp>

#include "detail/signal_table.hpp"

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/services.hpp>
#include <brio/detail/task_state.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <system_error>

namespace brio::inline v0::detail {

namespace {

using wake_descriptor = boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type>;

int make_event() {
    const int fd = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd >= 0) return fd;
    throw std::system_error(errno, std::system_category(), "no descriptor for the loop's signals: close some, or raise the "
                                                           "limit (ulimit -n)");
}

}  // namespace

/// Wakes the loop when a signal has come. Shared with the handler of Asio's wait, which may run after the service has
/// stopped it.
class signal_wakeup : public std::enable_shared_from_this<signal_wakeup> {
public:
    signal_wakeup(signal_service& service, scheduler& sched)
        : service_(&service),
          context_(sched.context()),
          in_virtual_time_(sched.clock() != nullptr),
          descriptor_(context_, make_event()),
          inbox_(signal_inbox::open(descriptor_.native_handle(), in_virtual_time_ ? &context_ : nullptr)) {}

    [[nodiscard]] signal_inbox& inbox() noexcept { return inbox_; }

    void wait() {
        descriptor_.async_wait(wake_descriptor::wait_read, [self = shared_from_this()](const boost::system::error_code&) {
            self->completed();
        });
        if (in_virtual_time_) context_.get_executor().on_work_finished();
    }

    /// What has come, before Asio tells.
    [[nodiscard]] signal_mask take_early() noexcept {
        const signal_mask arrived = inbox_.take();
        if (arrived && in_virtual_time_) context_.get_executor().on_work_finished();
        return arrived;
    }

    void stop() noexcept {
        service_ = nullptr;
        inbox_.close();
        static_cast<void>(take_early());
        if (in_virtual_time_) context_.get_executor().on_work_started();  // the completion of the wait takes it back
        boost::system::error_code ignored;
        descriptor_.close(ignored);
    }

private:
    void completed();

    signal_service* service_;  // null: stopped
    boost::asio::io_context& context_;
    bool in_virtual_time_;
    wake_descriptor descriptor_;
    signal_inbox& inbox_;
};

class signal_service final : public loop_service {
public:
    static const char key;

    explicit signal_service(loop& owner) noexcept : sched_(owner.scheduler()) {}
    ~signal_service() override { signal_service::shutdown(); }

    static signal_service& of(loop& running) { return service_of<signal_service>(running, running.services()); }

    void set_action(int number, ref<signal_action> action) {
        collect();  // what has come by now is the earlier one's
        subscribe(number);
        clear_action(number);
        actions_[index(number)] = std::move(action);
    }

    bool clear_action(int number) noexcept {
        ref<signal_action>& current = actions_[index(number)];
        if (!current) return false;
        current->remove();
        current = nullptr;
        unsubscribe(number);
        return true;
    }

    void add(signal_watch& watch, signal_mask mask) {
        collect();  // older signals are none of its business
        signal_mask done = 0;
        try {
            for (int number = 1; number <= most_signals; ++number) {
                if (!(mask & signal_bit(number))) continue;
                subscribe(number);
                done |= signal_bit(number);
            }
        } catch (...) {
            unsubscribe_all(done);
            throw;
        }
        watch.service_ = this;
        watch.mask_ = mask;
        watch.arrived_ = 0;
        watches_.push_back(watch);
    }

    void remove(signal_watch& watch) noexcept {
        watch.service_ = nullptr;
        watch.unlink();
        unsubscribe_all(watch.mask_);
    }

    void collect() noexcept {
        if (wakeup_) dispatch(wakeup_->take_early());
    }

    void dispatch(signal_mask arrived) noexcept {
        if (!arrived) return;
        for (int number = 1; number <= most_signals; ++number) {
            if ((arrived & signal_bit(number)) && actions_[index(number)]) actions_[index(number)]->trigger(sched_);
        }
        for (signal_watch* watch = watches_.first(); watch; watch = watches_.next(*watch)) {
            const signal_mask news = arrived & watch->mask_;
            watch->arrived_ |= news;
            if (news && !watch->waiters.empty()) watch->waiters.pop_front()->wake();
        }
    }

    void shutdown() noexcept override {
        closed_ = true;
        while (signal_watch* const watch = watches_.first()) remove(*watch);
        for (int number = 1; number <= most_signals; ++number) clear_action(number);
    }

private:
    [[nodiscard]] static std::size_t index(int number) noexcept { return static_cast<std::size_t>(number); }

    void subscribe(int number) {
        if (closed_) throw loop_error(name_of_signal(number) + " cannot be handled: the event loop is closing");
        if (!wakeup_) {
            auto made = std::make_shared<signal_wakeup>(*this, sched_);
            try {
                made->wait();
            } catch (...) {
                made->inbox().close();
                throw;
            }
            wakeup_ = std::move(made);
        }
        try {
            wakeup_->inbox().subscribe(number);
        } catch (...) {
            stop_if_idle();
            throw;
        }
        ++users_[index(number)];
        ++all_users_;
    }

    void unsubscribe(int number) noexcept {
        if (--users_[index(number)] == 0) wakeup_->inbox().unsubscribe(number);
        --all_users_;
        stop_if_idle();
    }

    void unsubscribe_all(signal_mask mask) noexcept {
        for (int number = 1; number <= most_signals; ++number) {
            if (mask & signal_bit(number)) unsubscribe(number);
        }
    }

    void stop_if_idle() noexcept {
        if (all_users_ == 0) std::exchange(wakeup_, nullptr)->stop();
    }

    scheduler& sched_;
    bool closed_ = false;
    std::array<std::size_t, most_signals + 1> users_{};  // by signal
    std::size_t all_users_ = 0;
    std::array<ref<signal_action>, most_signals + 1> actions_;
    intrusive_list<signal_watch> watches_;
    std::shared_ptr<signal_wakeup> wakeup_;  // while there are users
};

const char signal_service::key = 0;

void signal_wakeup::completed() {
    if (!service_) return;
    std::uint64_t count = 0;
    if (::read(descriptor_.native_handle(), &count, sizeof count) < 0) {}  // somebody may have been faster: no matter
    const signal_mask arrived = inbox_.take();
    // The work of this completion, if no signal has brought it: those were taken early.
    if (in_virtual_time_ && !arrived) context_.get_executor().on_work_started();
    wait();
    service_->dispatch(arrived);
}

void signal_watch::open(std::uint64_t mask) { signal_service::of(get_running_loop()).add(*this, mask); }

void signal_watch::close() noexcept {
    if (service_) service_->remove(*this);
}

void signal_watch::collect() noexcept {
    if (service_) service_->collect();
}

int signal_watch::take() noexcept {
    const int number = std::countr_zero(arrived_) + 1;
    arrived_ &= arrived_ - 1;
    return number;
}

void wait_signal_operation::suspend() {
    watch_.open(mask_);
    watch_.waiters.push_back(*this);
}

int wait_signal_operation::resume() noexcept {
    const int number = watch_.take();
    watch_.close();
    return number;
}

cancel_reply wait_signal_operation::cancel() noexcept {
    watch_.collect();
    if (is_woken()) return cancel_reply::completed;
    list_hook::unlink();
    watch_.close();
    return cancel_reply::left;
}

void set_signal_action(int number, ref<signal_action> action) {
    signal_service::of(get_running_loop()).set_action(number, std::move(action));
}

}  // namespace brio::inline v0::detail

namespace brio::inline v0 {

bool signal_listener::next_operation::resumable() noexcept {
    if (watch_.has_signal()) return true;
    watch_.waiters.push_back(*this);  // somebody who did not have to wait took it
    return false;
}

detail::cancel_reply signal_listener::next_operation::cancel() noexcept {
    list_hook::unlink();
    return detail::cancel_reply::left;
}

detail::cancel_reply signal_listener::next_operation::cancel_woken() noexcept {
    if (watch_.has_signal() && !watch_.waiters.empty()) watch_.waiters.pop_front()->wake();
    return detail::cancel_reply::left;
}

bool remove_signal_handler(detail::signal_number number) {
    return detail::signal_service::of(get_running_loop()).clear_action(number.value());
}

std::string signal_name(int number) { return detail::name_of_signal(number); }

}  // namespace brio::inline v0

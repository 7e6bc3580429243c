// SPDX-License-Identifier: BSL-1.0
// An epoll of the loop's own.
#include "io/poller.hpp"

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/task_state.hpp>

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <new>
#include <string>
#include <system_error>
#include <utility>

namespace brio::inline v0::detail {

namespace {

constexpr std::uint32_t bits[2] = {EPOLLIN, EPOLLOUT};
constexpr std::size_t events_per_poll = 128;

constexpr std::size_t index(readiness to) noexcept { return static_cast<std::size_t>(to); }

int open_epoll() {
    const int made = ::epoll_create1(EPOLL_CLOEXEC);
    if (made < 0) throw std::system_error(errno, std::system_category(), "cannot watch descriptors: epoll_create1");
    return made;
}

}  // namespace

const char poller::key = 0;

class poller::handler {
public:
    explicit handler(const std::shared_ptr<poller*>& target) noexcept : target_(target) {}
    void operator()(const boost::system::error_code& ec) const {
        if (*target_) (*target_)->polled(static_cast<bool>(ec));
    }

private:
    std::shared_ptr<poller*> target_;
};

poller::poller(loop& owner)
    : loop_(owner),
      epoll_(open_epoll()),
      asio_(owner.context().get_executor()),
      alive_(std::make_shared<poller*>(this)) {
    asio_.assign(epoll_.get());
    static_cast<void>(epoll_.release());  // Asio closes it
}

poller::~poller() { shutdown(); }

void poller::shutdown() noexcept {
    if (std::exchange(closed_, true)) return;
    *alive_ = nullptr;
    boost::system::error_code ignored;
    asio_.close(ignored);
    for (auto& [descriptor, item] : watched_) {
        for (ref<watch_callback>& callback : item.callbacks) {
            if (const ref<watch_callback> gone = std::exchange(callback, nullptr)) gone->cancel();
        }
    }
}

poller* poller::find() noexcept {
    scheduler* const sched = scheduler::current();
    return sched ? static_cast<poller*>(sched->owner().services().find(&key)) : nullptr;
}

poller& poller::of_running_loop(const char* what) {
    scheduler& sched = scheduler::require(what);
    if (sched.is_closed()) throw loop_error(std::string(what) + ": the event loop is closed");
    return service_of<poller>(sched.owner(), sched.owner().services());
}

std::uint32_t poller::watched::interest() const noexcept {
    std::uint32_t events = 0;
    for (const std::size_t side : {0U, 1U}) {
        if (!tasks[side].empty() || callbacks[side]) events |= bits[side];
    }
    return events;
}

void poller::set_armed(watched& item, std::uint32_t events) noexcept {
    if (item.armed != 0) --armed_count_;
    item.armed = events;
    if (item.armed != 0) ++armed_count_;
}

// The descriptor may be another one than the one that was known by this number: the system tells.
int poller::arm(int descriptor, watched& item) noexcept {
    if (closed_) return ECANCELED;
    epoll_event event{};
    event.data.fd = descriptor;
    const std::uint32_t interest = item.interest();
    if (interest == 0) {
        if (item.armed != 0) {
            ::epoll_ctl(asio_.native_handle(), EPOLL_CTL_DEL, descriptor, &event);
            item.known = false;
        }
        set_armed(item, 0);
        return 0;
    }
    event.events = interest;
    if (!item.has_callbacks()) event.events |= EPOLLONESHOT;
    int status = ::epoll_ctl(asio_.native_handle(), item.known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, descriptor, &event);
    if (status != 0 && errno == ENOENT) status = ::epoll_ctl(asio_.native_handle(), EPOLL_CTL_ADD, descriptor, &event);
    if (status != 0 && errno == EEXIST) status = ::epoll_ctl(asio_.native_handle(), EPOLL_CTL_MOD, descriptor, &event);
    const int error = status == 0 ? 0 : errno;
    item.known = error == 0;
    set_armed(item, error == 0 ? interest : 0);
    return error;
}

int poller::try_add(poll_operation& op) noexcept {
    try {
        op.watched_ = op.native();
        watched& item = watched_[op.watched_];
        item.tasks[index(op.waits_to())].push_back(op);
        if (const int error = arm(op.watched_, item); error != 0) {
            op.unlink();
            return error;
        }
        start_wait();
        return 0;
    } catch (const std::bad_alloc&) {
        op.unlink();
        return ENOMEM;
    }
}

void poller::add(poll_operation& op) {
    const int error = try_add(op);
    if (error == 0) return;
    throw std::system_error(error, std::system_category(),
                            std::string(op.describe()) + ": cannot watch descriptor " + std::to_string(op.native()));
}

void poller::leave(poll_operation& op) noexcept {
    op.unlink();
    const auto found = watched_.find(op.watched_);
    if (found == watched_.end() || found->second.interest() == found->second.armed) return;
    arm(found->first, found->second);
    stop_wait();
}

void poller::forget(int descriptor) noexcept {
    const auto found = watched_.find(descriptor);
    if (found == watched_.end()) return;
    for (intrusive_list<poll_operation>& tasks : found->second.tasks) {
        while (poll_operation* const op = tasks.pop_front()) op->wake();
    }
    arm(descriptor, found->second);
    stop_wait();
    if (!found->second.has_callbacks()) watched_.erase(found);
}

void poller::set_callback(int descriptor, readiness to, ref<watch_callback> callback) {
    watched& item = watched_[descriptor];
    const ref<watch_callback> previous = std::exchange(item.callbacks[index(to)], std::move(callback));
    if (const int error = arm(descriptor, item); error != 0) {
        item.callbacks[index(to)] = previous;
        throw std::system_error(error, std::system_category(), "cannot watch descriptor " + std::to_string(descriptor));
    }
    if (previous) previous->cancel();
    start_wait();
}

bool poller::drop_callback(int descriptor, readiness to) noexcept {
    const auto found = watched_.find(descriptor);
    if (found == watched_.end()) return false;
    const ref<watch_callback> gone = std::exchange(found->second.callbacks[index(to)], nullptr);
    if (!gone) return false;
    gone->cancel();
    arm(descriptor, found->second);
    stop_wait();
    return true;
}

// A second registration of the same descriptor in Asio's epoll fails.
void poller::require_free(int descriptor, const char* what) {
    if (descriptor < 0 || ::fcntl(descriptor, F_GETFD) < 0) {
        throw std::system_error(EBADF, std::system_category(), std::string(what) + "(" + std::to_string(descriptor) + ")");
    }
    if (const auto found = watched_.find(descriptor); found != watched_.end() && found->second.armed != 0) return;
    boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> probe(loop_.context().get_executor());
    boost::system::error_code ec;
    probe.assign(descriptor, ec);
    if (!ec) static_cast<void>(probe.release());
    if (ec == boost::system::errc::file_exists) {
        throw loop_error(std::string(what) + "(" + std::to_string(descriptor) +
                         "): the descriptor belongs to a stream or another Asio object of this loop: use that, or watch a duplicate");
    }
}

void poller::start_wait() {
    if (waiting_ || armed_count_ == 0) return;
    asio_.async_wait(boost::asio::posix::descriptor_base::wait_read, handler(alive_));
    waiting_ = true;
}

void poller::stop_wait() noexcept {
    if (!waiting_ || armed_count_ != 0 || closed_) return;
    boost::system::error_code ignored;
    asio_.cancel(ignored);
}

// Callbacks run before the next look: this node stands behind them in the queue. Those whose descriptor is ready still
// are seen again then.
void poller::polled(bool aborted) noexcept {
    const scheduler::io_step step(loop_.scheduler());
    waiting_ = false;
    if (!aborted) {
        std::array<epoll_event, events_per_poll> events;
        const int count = ::epoll_wait(asio_.native_handle(), events.data(), static_cast<int>(events.size()), 0);
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            const auto found = watched_.find(event.data.fd);
            if (found != watched_.end()) deliver(event.data.fd, found->second, event.events);
        }
    }
    if (armed_count_ != 0) loop_.scheduler().make_ready(*this);
}

void poller::run() noexcept {
    if (closed_) return;
    try {
        start_wait();
    } catch (const std::bad_alloc&) {
        loop_.scheduler().make_ready(*this);
    }
}

void poller::deliver(int descriptor, watched& item, std::uint32_t events) noexcept {
    if (!item.has_callbacks()) set_armed(item, 0);  // one shot
    for (const std::size_t side : {0U, 1U}) {
        if ((events & (bits[side] | EPOLLERR | EPOLLHUP)) == 0) continue;
        while (poll_operation* const op = item.tasks[side].pop_front()) op->wake();
        if (item.callbacks[side]) item.callbacks[side]->schedule(loop_.scheduler());
    }
    if (item.interest() != item.armed) arm(descriptor, item);
}

}  // namespace brio::inline v0::detail

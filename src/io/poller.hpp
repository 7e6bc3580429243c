// SPDX-License-Identifier: BSL-1.0
// poller: tells the tasks and callbacks of a loop when plain descriptors are ready.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/services.hpp>
#include <brio/io/unique_descriptor.hpp>
#include <brio/io/poll_operation.hpp>
#include <brio/io/watch.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <unordered_map>

namespace brio::inline v0::detail {

/// An epoll inside Asio's: Asio waits for ours, while anybody waits for anything. Waits of tasks are armed for one event,
/// callbacks as long as they are there. What is armed for one event and has fired stays known to the system, silent.
class poller final : public loop_service, public ready_node {
public:
    static const char key;
    explicit poller(loop& owner);
    ~poller() override;
    void shutdown() noexcept override;

    /// The running loop's, null when it has none yet.
    [[nodiscard]] static poller* find() noexcept;
    /// Throws loop_error when no loop runs or it is closed.
    [[nodiscard]] static poller& of_running_loop(const char* what);

    /// `op` is woken once, when its descriptor is ready. Throws std::system_error.
    void add(poll_operation& op);
    /// 0, or why the system refused.
    [[nodiscard]] int try_add(poll_operation& op) noexcept;
    void leave(poll_operation& op) noexcept;
    /// Wakes all who wait for `descriptor`, which is about to be closed.
    void forget(int descriptor) noexcept;

    void set_callback(int descriptor, readiness to, ref<watch_callback> callback);
    bool drop_callback(int descriptor, readiness to) noexcept;
    /// Throws loop_error when `descriptor` belongs to a stream or another Asio object of the loop, std::system_error
    /// when it is none.
    void require_free(int descriptor, const char* what);

    void run() noexcept override;
    void drop() noexcept override {}

private:
    struct watched {
        intrusive_list<poll_operation> tasks[2];
        ref<watch_callback> callbacks[2];
        std::uint32_t armed = 0;
        bool known = false;  // the system has it, maybe silenced

        [[nodiscard]] bool has_callbacks() const noexcept { return callbacks[0] || callbacks[1]; }
        [[nodiscard]] std::uint32_t interest() const noexcept;
    };
    class handler;

    int arm(int descriptor, watched& item) noexcept;
    void set_armed(watched& item, std::uint32_t events) noexcept;
    void deliver(int descriptor, watched& item, std::uint32_t events) noexcept;
    void start_wait();
    void stop_wait() noexcept;
    void polled(bool aborted) noexcept;

    loop& loop_;
    unique_descriptor epoll_;
    boost::asio::posix::basic_stream_descriptor<boost::asio::io_context::executor_type> asio_;
    std::unordered_map<int, watched> watched_;
    std::size_t armed_count_ = 0;
    bool waiting_ = false;
    bool closed_ = false;
    std::shared_ptr<poller*> alive_;  // what Asio's handler looks at: null once this has gone
};

}  // namespace brio::inline v0::detail

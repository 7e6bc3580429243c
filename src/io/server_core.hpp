// SPDX-License-Identifier: BSL-1.0
// The inside of a server: listening sockets, connections, those who wait for its end.
#pragma once

#include "io/served_socket.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/handle.hpp>
#include <brio/detail/context_state.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/mailbox.hpp>
#include <brio/io/address.hpp>
#include <brio/io/server.hpp>
#include <brio/io/unique_descriptor.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace brio::inline v0::detail {

/// A listening socket.
class listener {
public:
    listener(unique_descriptor bound, const address& at) noexcept : socket(std::move(bound)), where(at) {}

    unique_descriptor socket;
    address where;
    std::string file;          // a Unix socket's, to be removed ...
    std::uint64_t device = 0;  // ... if it still is this one
    std::uint64_t inode = 0;
    bool watched = false;
    bool pausing = false;      // after an error, for a second
    timer_handle pause;
};

class server_core;

/// The task of a handler, in its server's list from before it begins until nothing of it is left.
class running_handler final : public list_hook {
public:
    explicit running_handler(std::shared_ptr<server_core> of) noexcept;
    running_handler(const running_handler&) = delete;
    running_handler& operator=(const running_handler&) = delete;
    ~running_handler();

    [[nodiscard]] server_core& server() const noexcept { return *server_; }
    task<> handle;

private:
    std::shared_ptr<server_core> server_;
};

/// Shared by the server object, its connections and the callbacks of the loop. When the loop ends before the server is
/// closed, it accepts no more; the sockets go with the last owner.
class server_core final : public std::enable_shared_from_this<server_core> {
public:
    server_core(scheduler& sched, std::unique_ptr<client_handler> handler, const server_options& options);
    server_core(const server_core&) = delete;
    server_core& operator=(const server_core&) = delete;
    ~server_core();

    void add(unique_descriptor bound, const address& where);
    /// The file of the socket that was added last.
    void own_file(const std::string& path);
    void start();
    void close() noexcept;
    [[nodiscard]] bool is_serving() const noexcept { return serving_; }
    [[nodiscard]] bool is_closed() const noexcept { return closed_; }
    [[nodiscard]] bool is_over() const noexcept { return closed_ && clients_count_ == 0 && handlers_.empty(); }
    [[nodiscard]] const std::vector<std::unique_ptr<listener>>& listeners() const noexcept { return listeners_; }

    void close_clients(bool at_once) noexcept;
    void cancel_clients() noexcept;
    [[nodiscard]] std::size_t client_count() const noexcept { return clients_count_; }
    void entered(served_socket& client) noexcept;
    void left(served_socket& client) noexcept;
    void handler_begins(running_handler& one) noexcept { handlers_.push_back(one); }
    void look_at_end() noexcept;

    void wait_end(waiter& who) { enlist(end_waiters_, who); }
    void wait_close(waiter& who) { enlist(close_waiters_, who); }
    bool somebody_serves_forever = false;

private:
    [[nodiscard]] bool in_its_loop() const noexcept;
    [[nodiscard]] bool is_full() const noexcept { return most_ != 0 && clients_count_ >= most_; }
    void watch(listener& on);
    void unwatch(listener& on) noexcept;
    void resume_all() noexcept;
    void pause(listener& on) noexcept;
    void accept_some(listener& on);
    void accept_failed(listener& on, int error);
    void admit(unique_descriptor made, const address& peer, const listener& by);
    void serve(std::unique_ptr<served_socket> client, const address& peer, const listener& by);
    void report(const std::string& what, std::exception_ptr error) noexcept;
    /// The handshake, then the handler.
    static awaitable<> run_tls_handler(std::unique_ptr<running_handler> running, std::unique_ptr<served_socket> client, std::string name);
    static awaitable<> run_handler(std::unique_ptr<running_handler> running, stream client, std::string name);
    void call_handler(stream client, const std::string& name) noexcept;
    awaitable<> await_handler(stream client, const std::string& name);

    scheduler& sched_;
    std::shared_ptr<mailbox> loop_identity_;
    std::unique_ptr<client_handler> handler_;
    ref<context_state> context_ = inherited_context();  // of whoever made the server: that of the handlers
    std::vector<std::unique_ptr<listener>> listeners_;
    int backlog_;
    std::size_t most_;
    std::size_t limit_;
    std::optional<tls_context> tls_;
    tls_options tls_options_;
    bool serving_ = false;
    bool closed_ = false;
    std::size_t clients_count_ = 0;
    intrusive_list<served_socket> clients_;
    intrusive_list<running_handler> handlers_;
    intrusive_list<waiter> end_waiters_;
    intrusive_list<waiter> close_waiters_;
};

}  // namespace brio::inline v0::detail

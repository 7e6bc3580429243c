// SPDX-License-Identifier: BSL-1.0
// Accepting.
#include "io/server_core.hpp"

#include "io/poller.hpp"
#include "io/secure.hpp"

#include <brio/core/error.hpp>
#include <brio/core/log.hpp>
#include <brio/core/loop.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

namespace brio::inline v0::detail {

namespace {

constexpr std::chrono::seconds pause_after_error{1};
constexpr int most_per_turn = 64;  // then others run

// One connection was lost before it was accepted, or nothing is there: not worth a word.
bool is_passing(int error) noexcept {
    switch (error) {
        case EAGAIN:
#if EAGAIN != EWOULDBLOCK
        case EWOULDBLOCK:
#endif
        case EINTR:
        case ECONNABORTED:
        case EPROTO:
        case ENETDOWN:
        case ENETUNREACH:
        case EHOSTDOWN:
        case EHOSTUNREACH:
        case ENONET:
        case ENOPROTOOPT: return true;
        default: return false;
    }
}

// An eager task could be over, with the connection, before it is noted.
task<> begin_task(awaitable<> body, std::string name) {
    task_options options;
    options.name(std::move(name)).eager(false);
    return create_task(std::move(body), std::move(options));
}

bool is_out_of_resources(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
}

}  // namespace

served_socket::served_socket(boost::asio::io_context& context, std::shared_ptr<server_core> server)
    : socket(context), server_(std::move(server)) {
    server_->entered(*this);
}

served_socket::~served_socket() { leave(); }

void served_socket::close() noexcept {
    socket::close();
    leave();
}

void served_socket::leave() noexcept {
    if (!list_hook::is_linked()) return;
    list_hook::unlink();
    over = nullptr;
    server_->left(*this);
}

running_handler::running_handler(std::shared_ptr<server_core> of) noexcept : server_(std::move(of)) {
    server_->handler_begins(*this);
}

running_handler::~running_handler() {
    list_hook::unlink();
    server_->look_at_end();
}

server_core::server_core(scheduler& sched, std::unique_ptr<client_handler> handler, const server_options& options)
    : sched_(sched),
      loop_identity_(sched.inbox()),
      handler_(std::move(handler)),
      backlog_(options.chosen_backlog()),
      most_(options.chosen_max_connections()),
      limit_(options.chosen_limit()),
      tls_(options.chosen_tls()),
      tls_options_(options.chosen_tls_options()) {}

server_core::~server_core() { close(); }

// The loop may have gone, and another one be at its place.
bool server_core::in_its_loop() const noexcept {
    const scheduler* const here = scheduler::current();
    return here && here->inbox() == loop_identity_;
}

void server_core::add(unique_descriptor bound, const address& where) {
    listeners_.push_back(std::make_unique<listener>(std::move(bound), where));
}

void server_core::own_file(const std::string& path) {
    struct stat found{};
    if (::stat(path.c_str(), &found) != 0) return;
    listener& last = *listeners_.back();
    last.file = path;
    last.device = found.st_dev;
    last.inode = found.st_ino;
}

void server_core::start() {
    if (closed_) throw invalid_state_error("start_serving(): the server is closed");
    if (serving_) return;
    for (const auto& on : listeners_) {
        if (::listen(on->socket.get(), backlog_) != 0) {
            throw std::system_error(errno, std::system_category(), "cannot listen on " + on->where.to_string());
        }
    }
    serving_ = true;
    try {
        for (const auto& on : listeners_) watch(*on);
    } catch (...) {
        for (const auto& on : listeners_) unwatch(*on);
        serving_ = false;
        throw;
    }
}

void server_core::close() noexcept {
    if (std::exchange(closed_, true)) return;
    serving_ = false;
    for (const auto& on : listeners_) {
        unwatch(*on);
        if (in_its_loop()) on->pause.cancel();
        struct stat found{};
        const bool is_ours = !on->file.empty() && ::stat(on->file.c_str(), &found) == 0 && found.st_dev == on->device &&
                             found.st_ino == on->inode;
        if (is_ours) ::unlink(on->file.c_str());
        on->socket.reset();
    }
    while (waiter* const who = close_waiters_.pop_front()) who->wake();
    look_at_end();
}

void server_core::look_at_end() noexcept {
    if (!is_over()) return;
    while (waiter* const who = end_waiters_.pop_front()) who->wake();
}


void server_core::watch(listener& on) {
    if (on.watched || on.pausing || !serving_ || is_full()) return;
    const auto ready = [core = weak_from_this(), &on] {
        if (const std::shared_ptr<server_core> self = core.lock()) self->accept_some(on);
    };
    poller::of_running_loop("a server").set_callback(on.socket.get(), readiness::read, make_watch_callback(ready));
    on.watched = true;
}

void server_core::unwatch(listener& on) noexcept {
    if (!std::exchange(on.watched, false) || !in_its_loop()) return;
    if (poller* const watching = poller::find()) watching->drop_callback(on.socket.get(), readiness::read);
}

// Where watching fails, it is tried again later.
void server_core::resume_all() noexcept {
    if (!serving_ || !in_its_loop() || sched_.is_closed()) return;
    for (const auto& on : listeners_) {
        try {
            watch(*on);
        } catch (...) {
            report("a server cannot go on to accept on " + on->where.to_string(), std::current_exception());
            pause(*on);
        }
    }
}

void server_core::pause(listener& on) noexcept {
    unwatch(on);
    try {
        const auto go_on = [core = weak_from_this(), &on] {
            const std::shared_ptr<server_core> self = core.lock();
            if (!self) return;
            on.pausing = false;
            self->resume_all();
        };
        on.pause = sched_.owner().call_later(pause_after_error, go_on);
        on.pausing = true;
    } catch (...) {  // out of memory: accepting goes on at the next occasion
    }
}

void server_core::accept_some(listener& on) {
    const context_scope own(&context_);
    for (int i = 0; i < most_per_turn && serving_; ++i) {
        if (is_full()) {
            for (const auto& each : listeners_) unwatch(*each);
            return;
        }
        sockaddr_storage peer{};
        socklen_t size = sizeof peer;
        unique_descriptor made(
            ::accept4(on.socket.get(), reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
        if (!made) {
            const int error = errno;
            if (is_passing(error) && error != EAGAIN && error != EWOULDBLOCK) continue;
            if (!is_passing(error)) accept_failed(on, error);
            return;
        }
        admit(std::move(made), address::from_native(reinterpret_cast<const sockaddr*>(&peer), size), on);
    }
}

void server_core::accept_failed(listener& on, int error) {
    const std::string what = is_out_of_resources(error)
                                 ? "the system is out of resources for connections to " + on.where.to_string() +
                                       ": accepting pauses for 1 s"
                                 : "cannot accept on " + on.where.to_string() + ": accepting pauses for 1 s";
    report(what, std::make_exception_ptr(std::system_error(error, std::system_category(), "accept")));
    pause(on);
}

void server_core::admit(unique_descriptor made, const address& peer, const listener& by) {
    try {
        auto client = std::make_unique<served_socket>(sched_.context(), shared_from_this());
        const int family = by.where.data()->sa_family;
        const boost::system::error_code ec = client->adopt(made.release(), family);
        if (ec) throw std::system_error(ec.value(), std::system_category(), "cannot watch the connection");
        if (by.where.is_ip()) {
            client->set_no_delay();
            client->set_keep_alive();
        }
        serve(std::move(client), peer, by);
    } catch (...) {  // this connection is lost, the others are not
        report("a connection from " + peer.to_string() + " could not be served", std::current_exception());
    }
}

void server_core::serve(std::unique_ptr<served_socket> client, const address& peer, const listener& by) {
    served_socket& counted = *client;
    std::string name = peer.is_ip() || !peer.path().empty() ? "client " + peer.to_string() : "client of " + by.where.to_string();
    if (!tls_) {
        stream made = stream_access::make(std::move(client), limit_);
        counted.over = stream_access::state(made);
        if (handler_->is_plain()) return call_handler(std::move(made), name);
        auto running = std::make_unique<running_handler>(shared_from_this());
        running_handler& noted = *running;
        noted.handle = begin_task(run_handler(std::move(running), std::move(made), name), name);
        return;
    }
    auto running = std::make_unique<running_handler>(shared_from_this());
    running_handler& noted = *running;
    counted.handshake = begin_task(run_tls_handler(std::move(running), std::move(client), name), name);
    noted.handle = counted.handshake;
}

void server_core::call_handler(stream client, const std::string& name) noexcept {
    try {
        handler_->call(std::move(client));
    } catch (...) {
        report("error in the handler of " + name, std::current_exception());
    }
}

awaitable<> server_core::await_handler(stream client, const std::string& name) {
    try {
        co_await handler_->serve(std::move(client));
    } catch (const std::exception&) {
        report("error in the handler of " + name, std::current_exception());
    }
}

awaitable<> server_core::run_handler(std::unique_ptr<running_handler> running, stream client, std::string name) {
    co_await running->server().await_handler(std::move(client), name);
}

awaitable<> server_core::run_tls_handler(std::unique_ptr<running_handler> running, std::unique_ptr<served_socket> client,
                                         std::string name) {
    server_core& self = running->server();
    served_socket& counted = *client;
    stream made;
    try {
        made = co_await make_tls_stream(std::move(client), *self.tls_, self.tls_options_, std::string(), name, self.limit_);
    } catch (const std::exception& e) {
        if (self.sched_.owner().debug()) log(log_level::warning, "the TLS handshake with " + name + " failed: " + e.what());
        co_return;
    }
    counted.over = stream_access::state(made);
    if (self.handler_->is_plain()) {
        self.call_handler(std::move(made), name);
    } else {
        co_await self.await_handler(std::move(made), name);
    }
}

void server_core::report(const std::string& what, std::exception_ptr error) noexcept {
    sched_.owner().call_exception_handler(error_context(what, std::move(error)));
}

void server_core::entered(served_socket& client) noexcept {
    clients_.push_back(client);
    ++clients_count_;
}

void server_core::left(served_socket& client) noexcept {
    client.handshake = {};
    --clients_count_;
    if (!closed_) return resume_all();
    look_at_end();
}

// Closing takes connections out of the list.
void server_core::close_clients(bool at_once) noexcept {
    std::vector<ref<stream_core>> streams;
    for (served_socket* client = clients_.first(); client; client = clients_.next(*client)) {
        if (client->over) streams.emplace_back(client->over);
        else if (client->handshake) client->handshake.cancel();
    }
    for (const ref<stream_core>& item : streams) {
        auto& state = static_cast<stream_state&>(*item);
        if (at_once) state.abort();
        else state.close();
    }
}

void server_core::cancel_clients() noexcept {
    std::vector<task<>> all;  // a cancelled one may be over, and off the list, at once
    for (running_handler* one = handlers_.first(); one; one = handlers_.next(*one)) all.push_back(one->handle);
    for (const task<>& one : all) one.cancel();
}

}  // namespace brio::inline v0::detail

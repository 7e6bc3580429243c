// SPDX-License-Identifier: BSL-1.0
// Binding, and the server object.
#include <brio/io/server.hpp>

#include "io/io_error.hpp"
#include "io/secure.hpp"
#include "io/server_core.hpp"
#include "io/socket_setup.hpp"

#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/io/resolver.hpp>

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <stdexcept>
#include <system_error>

namespace brio::inline v0 {

namespace detail {

client_handler::~client_handler() = default;

namespace {

std::shared_ptr<server_core> make_core(std::unique_ptr<client_handler> handler, const server_options& options) {
    if (options.chosen_limit() == 0) throw std::invalid_argument("the limit of a server's streams must be at least 1 byte");
    if (options.chosen_backlog() < 0) throw std::invalid_argument("the backlog of a server cannot be negative");
    scheduler& sched = scheduler::require("start_server");
    return std::make_shared<server_core>(sched, std::move(handler), options);
}

server begin(std::shared_ptr<server_core> core, const server_options& options) {
    if (options.is_start_serving()) core->start();
    return server(std::move(core));
}

unique_descriptor bind_stream(const address& where, const server_options& options) {
    unique_descriptor made = open_socket(where.family(), SOCK_STREAM);
    if (options.is_reuse_address() && where.is_ip()) set_option(made, SOL_SOCKET, SO_REUSEADDR, 1, "reuse_address");
    if (options.is_reuse_port()) set_option(made, SOL_SOCKET, SO_REUSEPORT, 1, "reuse_port");
    // :: and 0.0.0.0 are two sockets, each for its own
    if (where.family() == address_family::ipv6) set_option(made, IPPROTO_IPV6, IPV6_V6ONLY, 1, "ipv6_only");
    bind_socket(made, where, "a server");
    return made;
}

// The family is switched off, or the address is not this computer's: others may do.
bool is_missing(const std::system_error& e) noexcept {
    return e.code().value() == EADDRNOTAVAIL || e.code().value() == EAFNOSUPPORT;
}

void bind_all(server_core& core, const std::vector<address>& addresses, const server_options& options) {
    std::exception_ptr missing;
    for (const address& where : addresses) {
        try {
            unique_descriptor made = bind_stream(where, options);
            const address bound = local_address_of(made.get());
            core.add(std::move(made), bound);
        } catch (const std::system_error& e) {
            if (!is_missing(e)) throw;
            if (!missing) missing = std::current_exception();
        }
    }
    if (core.listeners().empty()) std::rethrow_exception(missing);
}

// A socket of the caller's.
void add_socket(server_core& core, const server_options& options, bool unix_only) {
    const unique_descriptor& given = *options.chosen_socket();
    const address where = local_address_of(given.get());
    const bool right_family = unix_only ? where.is_unix() : where.is_unix() || where.is_ip();
    if (type_of_socket(given.get()) != SOCK_STREAM || !right_family) {
        throw std::invalid_argument("descriptor " + std::to_string(given.get()) + " is no " + (unix_only ? "Unix " : "") +
                                    "stream socket that a server could use");
    }
    make_non_blocking(given.get());
    core.add(unique_descriptor(options.chosen_socket()->release()), where);
}

}  // namespace

awaitable<server> listen_on_hosts(std::unique_ptr<client_handler> handler, std::vector<std::string> hosts, std::uint16_t port,
                                  server_options options) {
    if (options.chosen_socket()) {
        throw std::invalid_argument("start_server: give a host and a port, or a socket, not both");
    }
    if (hosts.empty()) throw std::invalid_argument("start_server: the list of hosts is empty");
    const std::shared_ptr<server_core> core = make_core(std::move(handler), options);
    resolve_options how;
    how.family(options.chosen_family()).passive();
    std::vector<address> addresses;
    for (std::string& host : hosts) {
        const std::vector<address> found = co_await getaddrinfo(std::move(host), port, how);
        for (const address& one : found) {
            if (std::find(addresses.begin(), addresses.end(), one) == addresses.end()) addresses.push_back(one);
        }
    }
    bind_all(*core, addresses, options);
    co_return begin(core, options);
}

server listen_on_socket(std::unique_ptr<client_handler> handler, server_options options) {
    if (!options.chosen_socket()) throw std::invalid_argument("start_server: give a host and a port, or a socket in the options");
    const std::shared_ptr<server_core> core = make_core(std::move(handler), options);
    add_socket(*core, options, false);
    return begin(core, options);
}

server listen_on_path(std::unique_ptr<client_handler> handler, std::string path, server_options options) {
    if (path.empty() && !options.chosen_socket()) throw std::invalid_argument("start_unix_server: give a path, or a socket in the options");
    if (!path.empty() && options.chosen_socket()) throw std::invalid_argument("start_unix_server: give a path or a socket, not both");
    const std::shared_ptr<server_core> core = make_core(std::move(handler), options);
    if (options.chosen_socket()) {
        add_socket(*core, options, true);
    } else {
        const address where = address::unix_path(path);
        remove_stale_socket(where);
        core->add(bind_stream(where, options), where);
    }
    const std::string file = core->listeners().back()->where.path();
    if (options.is_cleanup_socket() && !file.empty() && file.front() != '\0') core->own_file(file);
    return begin(core, options);
}

bool server_closed_operation::ready() const noexcept { return !core_ || core_->is_over(); }
void server_closed_operation::suspend() { core_->wait_end(*this); }
cancel_reply server_closed_operation::cancel() noexcept {
    unlink();
    return cancel_reply::left;
}

namespace {

// Until the server is closed.
class [[nodiscard]] close_operation final : public operation_base {
public:
    using value_type = void;
    explicit close_operation(server_core& core) noexcept : core_(core) {}

    [[nodiscard]] bool ready() const noexcept { return core_.is_closed(); }
    void suspend() { core_.wait_close(*this); }
    void resume() const noexcept {}
    cancel_reply cancel() noexcept override {
        unlink();
        return cancel_reply::left;
    }
    [[nodiscard]] const char* describe() const noexcept override { return "server.serve_forever()"; }

private:
    server_core& core_;
};

awaitable<> serve_until_closed(std::shared_ptr<server_core> core) {
    if (core->somebody_serves_forever) throw invalid_state_error("serve_forever(): another task serves this server already");
    core->start();
    core->somebody_serves_forever = true;
    std::exception_ptr cancelled;
    try {
        co_await close_operation(*core);
    } catch (const cancelled_error&) {
        cancelled = std::current_exception();
    }
    core->somebody_serves_forever = false;
    if (!cancelled) co_return;
    core->close();
    core->close_clients(false);
    core->cancel_clients();
    co_await server_closed_operation(core, source_location::current());
    std::rethrow_exception(cancelled);
}

}  // namespace

}  // namespace detail

server_options& server_options::tls(tls_context context, tls_options options) {
    if (!context.is_server()) {
        throw std::invalid_argument("server_options::tls(): the context is for connecting; make one with tls_context::server()");
    }
    tls_ = std::move(context);
    tls_options_ = std::move(options);
    return *this;
}

awaitable<stream> connect_accepted_socket(unique_descriptor socket, server_options options) {
    const int number = socket.get();
    if (detail::type_of_socket(number) != SOCK_STREAM) {
        throw std::invalid_argument("connect_accepted_socket: descriptor " + std::to_string(number) + " is no stream socket");
    }
    if (options.chosen_limit() == 0) throw std::invalid_argument("the limit of a stream must be at least 1 byte");
    const address peer = detail::peer_address_of(number);
    auto over = std::make_unique<detail::socket>(get_running_loop().context());
    const address here = detail::local_address_of(number);
    const boost::system::error_code ec = over->adopt(socket.release(), here.data()->sa_family);
    if (ec) throw detail::make_system_error(ec, "connect_accepted_socket");
    if (here.is_ip()) {
        over->set_no_delay();
        over->set_keep_alive();
    }
    if (!options.chosen_tls()) co_return detail::stream_access::make(std::move(over), options.chosen_limit());
    co_return co_await detail::make_tls_stream(std::move(over), *options.chosen_tls(), options.chosen_tls_options(), std::string(),
                                               peer.to_string(), options.chosen_limit());
}

server& server::operator=(server&& other) noexcept {
    if (this == &other) return *this;
    close();
    core_ = std::move(other.core_);
    return *this;
}

server::~server() { close(); }

void server::start_serving() {
    if (!core_) throw invalid_state_error("start_serving(): the server is closed");
    core_->start();
}

bool server::is_serving() const noexcept { return core_ && core_->is_serving(); }

awaitable<> server::serve_forever() {
    if (!core_ || core_->is_closed()) throw invalid_state_error("serve_forever(): the server is closed");
    return detail::serve_until_closed(core_);
}

void server::close() noexcept {
    if (core_) core_->close();
}

void server::close_clients() noexcept {
    if (core_) core_->close_clients(false);
}

void server::abort_clients() noexcept {
    if (core_) core_->close_clients(true);
}

void server::cancel_clients() noexcept {
    if (core_) core_->cancel_clients();
}

detail::server_closed_operation server::wait_closed(const source_location& where) const { return {core_, where}; }

std::size_t server::client_count() const noexcept { return core_ ? core_->client_count() : 0; }

std::vector<address> server::addresses() const {
    std::vector<address> all;
    if (!core_ || core_->is_closed()) return all;
    for (const auto& on : core_->listeners()) all.push_back(on->where);
    return all;
}

std::uint16_t server::port() const {
    for (const address& where : addresses()) {
        if (where.port() != 0) return where.port();
    }
    return 0;
}

std::vector<int> server::sockets() const {
    std::vector<int> all;
    if (!core_ || core_->is_closed()) return all;
    for (const auto& on : core_->listeners()) all.push_back(on->socket.get());
    return all;
}

}  // namespace brio::inline v0

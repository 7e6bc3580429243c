// SPDX-License-Identifier: BSL-1.0
// The resolver service of a loop.
#include "io/resolver.hpp"

#include "io/cache_machine.hpp"

#include <brio/compose/shield.hpp>
#include <brio/core/log.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/services.hpp>
#include <brio/detail/task_text.hpp>
#include <brio/io/address.hpp>
#include <brio/thread/run_in_executor.hpp>
#include <brio/thread/thread_pool.hpp>

#include <netdb.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

namespace brio::inline v0::detail {


namespace {

constexpr std::size_t resolver_threads = 8;

std::optional<std::uint16_t> port_in_digits(const std::string& service) noexcept {
    std::uint16_t port = 0;
    const char* const end = service.data() + service.size();
    const auto [last, ec] = std::from_chars(service.data(), end, port);
    if (ec != std::errc() || last != end) return std::nullopt;
    return port;
}

resolved not_found(int code) { return resolved(std::string(::gai_strerror(code)), code); }

// Those of `hosts`, in digits, that are of the query's family.
resolved in_digits(const name_query& query, std::uint16_t port, std::initializer_list<std::string_view> hosts) {
    std::vector<endpoint> made;
    for (const std::string_view host : hosts) {
        const std::optional<address> read = address::in_digits(host, port);
        if (!read) return not_found(EAI_NONAME);
        const endpoint one(read->data(), read->size());
        if (query.family == AF_UNSPEC || query.family == read->data()->sa_family) made.push_back(one);
    }
    return made.empty() ? not_found(EAI_ADDRFAMILY) : resolved(std::move(made));
}

// RFC 6761: these names are the loopback, whatever a resolver or a missing hosts file says.
bool is_localhost(std::string_view host) noexcept { return host == "localhost" || host.ends_with(".localhost"); }

// What needs no look-up.
std::optional<resolved> known_answer(const name_query& query) {
    if (query.host.find('\0') != query.host.npos) return not_found(EAI_NONAME);  // the system would read up to it
    const std::optional<std::uint16_t> port = port_in_digits(query.service);
    if (!port) return std::nullopt;
    if (query.host.empty() && query.passive) return in_digits(query, *port, {"0.0.0.0", "::"});
    if (query.host.empty() || is_localhost(query.host)) return in_digits(query, *port, {"127.0.0.1", "::1"});
    if (address::in_digits(query.host, *port)) return in_digits(query, *port, {query.host});
    if (query.digits_only) return not_found(EAI_NONAME);
    return std::nullopt;
}

resolved look_up(const name_query& query) {
    addrinfo hints{};
    hints.ai_family = query.family;
    hints.ai_socktype = query.datagram ? SOCK_DGRAM : SOCK_STREAM;
    const int base = (port_in_digits(query.service) ? AI_NUMERICSERV : 0) | (query.passive ? AI_PASSIVE : 0) |
                     (query.digits_only ? AI_NUMERICHOST : 0);
    hints.ai_flags = AI_ADDRCONFIG | base;
    addrinfo* list = nullptr;
    const char* const host = query.host.empty() ? nullptr : query.host.c_str();
    int code = ::getaddrinfo(host, query.service.c_str(), &hints, &list);
    if (code == EAI_ADDRFAMILY || code == EAI_NONAME || code == EAI_NODATA) {
        hints.ai_flags = base;  // loopback names on a host without any other address
        code = ::getaddrinfo(host, query.service.c_str(), &hints, &list);
    }
    if (code == EAI_SYSTEM) return resolved(std::system_category().message(errno), code);
    if (code != 0) return not_found(code);
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, &::freeaddrinfo);
    std::vector<endpoint> addresses;
    for (const addrinfo* item = list; item; item = item->ai_next) addresses.emplace_back(item->ai_addr, item->ai_addrlen);
    if (addresses.empty()) return resolved(std::string("the name has no address"), EAI_NODATA);
    return resolved(std::move(addresses));
}

class resolver_service final : public loop_service {
public:
    static const char key;
    explicit resolver_service(loop& owner) : loop_(owner) {}

    // A look-up that is stuck in the system's resolver cannot be stopped, only left behind.
    void shutdown() noexcept override {
        if (!std::exchange(ended_, true)) pool_.shutdown(std::chrono::seconds(2));
    }

    awaitable<resolved> find(name_query query) {
        const std::string name = query.key();
        if (const resolved* known = cache_.find(name, loop_.time()); known && !query.fresh) co_return *known;
        if (query.fresh) co_return co_await fetch(name, std::move(query));
        task<resolved> running;
        if (const auto found = running_.find(name); found != running_.end()) {
            running = found->second;
        } else {
            running = create_task(fetch_for_all(name, std::move(query)), "resolve " + name);
            running_.emplace(name, running);
        }
        co_return co_await shield(running);
    }

    [[nodiscard]] thread_pool& pool() noexcept { return pool_; }

private:
    awaitable<resolved> fetch_for_all(std::string name, name_query query) {
        struct forget {
            resolver_service& self;
            const std::string& name;
            ~forget() { self.running_.erase(name); }
        } guard{*this, name};
        co_return co_await fetch(name, std::move(query));
    }

    awaitable<resolved> fetch(std::string name, name_query query) {
        const auto begin = loop_.time();
        resolved found = co_await run_in_executor(pool_, &look_up, std::move(query));
        const auto took = loop_.time() - begin;
        if (loop_.debug() && took >= loop_.slow_step_duration()) {
            log(log_level::warning, "the look-up of the name " + name + " took " + duration_text(took));
        }
        const auto lifetime = found.error.empty() ? dns_positive_lifetime : dns_negative_lifetime;
        cache_.put(name, found, loop_.time() + lifetime);
        co_return found;
    }

    loop& loop_;
    thread_pool pool_{resolver_threads};
    cache_machine<resolved> cache_;
    std::map<std::string, task<resolved>> running_;
    bool ended_ = false;
};

const char resolver_service::key = 0;

resolver_service& running_service() {
    loop& running = get_running_loop();
    return service_of<resolver_service>(running, running.services());
}

}  // namespace

std::string name_query::key() const {
    std::string text = host + ":" + service;
    if (family != AF_UNSPEC) text += family == AF_INET6 ? ", IPv6" : ", IPv4";
    if (datagram) text += ", datagram";
    if (passive) text += ", passive";
    if (digits_only) text += ", digits";
    return text;
}

awaitable<resolved> resolve(name_query query) {
    if (std::optional<resolved> known = known_answer(query)) co_return std::move(*known);
    co_return co_await running_service().find(std::move(query));
}

awaitable<resolved> resolve(std::string host, std::uint16_t port) {
    return resolve(name_query(std::move(host), std::to_string(port)));
}

thread_pool& resolver_pool() { return running_service().pool(); }

}  // namespace brio::inline v0::detail

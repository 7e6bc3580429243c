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
#include <brio/thread/run_in_executor.hpp>
#include <brio/thread/thread_pool.hpp>

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace brio::inline v0::detail {


namespace {

constexpr std::size_t resolver_threads = 8;
constexpr const char* loopback_addresses[] = {"127.0.0.1", "::1"};

std::optional<endpoint> numeric(const std::string& host, std::uint16_t port) {
    sockaddr_in v4{};
    if (::inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        return endpoint(reinterpret_cast<const sockaddr*>(&v4), sizeof v4);
    }
    sockaddr_in6 v6{};
    if (::inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        return endpoint(reinterpret_cast<const sockaddr*>(&v6), sizeof v6);
    }
    return std::nullopt;
}

// RFC 6761: these names are the loopback, whatever a resolver or a missing hosts file says.
bool is_localhost(std::string_view host) noexcept { return host == "localhost" || host.ends_with(".localhost"); }

resolved look_up(const std::string& host, std::uint16_t port) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const std::string service = std::to_string(port);
    int code = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &list);
    if (code == EAI_ADDRFAMILY || code == EAI_NONAME || code == EAI_NODATA) {
        hints.ai_flags = AI_NUMERICSERV;  // loopback names on a host without any other address
        code = ::getaddrinfo(host.c_str(), service.c_str(), &hints, &list);
    }
    if (code != 0) {
        return resolved(std::string(code == EAI_SYSTEM ? std::strerror(errno) : ::gai_strerror(code)));
    }
    const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, &::freeaddrinfo);
    std::vector<endpoint> addresses;
    for (const addrinfo* item = list; item; item = item->ai_next) addresses.emplace_back(item->ai_addr, item->ai_addrlen);
    if (addresses.empty()) return resolved(std::string("the name has no address"));
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

    awaitable<resolved> find(std::string host, std::uint16_t port) {
        const std::string name = dns_key(host, port);
        if (const resolved* known = cache_.find(name, loop_.time())) co_return *known;
        task<resolved> running;
        if (const auto found = running_.find(name); found != running_.end()) {
            running = found->second;
        } else {
            running = create_task(fetch(name, std::move(host), port), "resolve " + name);
            running_.emplace(name, running);
        }
        co_return co_await shield(running);
    }

private:
    awaitable<resolved> fetch(std::string name, std::string host, std::uint16_t port) {
        struct forget {
            resolver_service& self;
            const std::string& name;
            ~forget() { self.running_.erase(name); }
        } guard{*this, name};
        const auto begin = loop_.time();
        resolved found = co_await run_in_executor(pool_, &look_up, std::move(host), port);
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

}  // namespace

awaitable<resolved> resolve(std::string host, std::uint16_t port) {
    if (const std::optional<endpoint> address = numeric(host, port)) {
        std::vector<endpoint> one(1, *address);
        co_return resolved(std::move(one));
    }
    if (is_localhost(host)) {
        std::vector<endpoint> loopback;
        for (const char* const address : loopback_addresses) loopback.push_back(*numeric(address, port));
        co_return resolved(std::move(loopback));
    }
    loop& running = get_running_loop();
    resolver_service& service = service_of<resolver_service>(running, running.services());
    co_return co_await service.find(std::move(host), port);
}

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// Happy eyeballs.
#include "io/connect.hpp"

#include "io/address_order.hpp"

#include <brio/compose/gather.hpp>
#include <brio/compose/wait_for.hpp>
#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/task.hpp>
#include <brio/sync/queue.hpp>

#include <boost/asio/error.hpp>

#include <exception>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace brio::inline v0::detail {


std::string to_string(const endpoint& address) {
    char text[INET6_ADDRSTRLEN] = "";
    if (address.data()->sa_family == AF_INET) {
        const auto* v4 = reinterpret_cast<const sockaddr_in*>(address.data());
        ::inet_ntop(AF_INET, &v4->sin_addr, text, sizeof text);
        return std::string(text) + ":" + std::to_string(ntohs(v4->sin_port));
    }
    if (address.data()->sa_family == AF_INET6) {
        const auto* v6 = reinterpret_cast<const sockaddr_in6*>(address.data());
        ::inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof text);
        return "[" + std::string(text) + "]:" + std::to_string(ntohs(v6->sin6_port));
    }
    return "a Unix socket";
}

namespace {

awaitable<connected> connect_one(endpoint address, time_point deadline) {
    auto made = std::make_unique<socket>(get_running_loop().context());
    boost::system::error_code ec = made->open(address.data()->sa_family);
    if (!ec) {
        const io_result done = co_await connect_operation(*made, address, deadline);
        ec = done.ec;
    }
    if (ec) {
        std::string text = to_string(address) + ": " + ec.message();
        co_return connected(ec, std::move(text));
    }
    made->set_no_delay();
    made->set_keep_alive();
    co_return connected(std::move(made));
}

awaitable<> attempt(endpoint address, time_point deadline, queue<connected>& outcomes) {
    connected outcome = co_await connect_one(std::move(address), deadline);
    outcomes.put_nowait(std::move(outcome));
}

// Cancels the attempts that are still under way when the race is left, however it is left.
class attempts {
public:
    void start(endpoint address, time_point deadline, queue<connected>& outcomes) {
        tasks_.push_back(create_task(attempt(std::move(address), deadline, outcomes), "connect " + to_string(address)));
    }
    awaitable<> stop() {
        for (const task<>& item : tasks_) item.cancel();
        co_await gather(return_exceptions, std::move(tasks_));
    }

private:
    std::vector<task<>> tasks_;
};

awaitable<std::optional<connected>> next_outcome(queue<connected>& outcomes, bool more_to_try) {
    try {
        if (more_to_try) co_return co_await wait_for(outcomes.get(), connect_stagger);
        co_return co_await outcomes.get();
    } catch (const timeout_error&) {
        co_return std::nullopt;
    }
}

awaitable<connected> race(std::vector<endpoint> addresses, time_point deadline, attempts& running, queue<connected>& outcomes) {
    std::size_t next = 0;
    std::size_t under_way = 0;
    connected last(boost::asio::error::host_not_found, "no address to connect to");
    while (next < addresses.size() || under_way > 0) {
        if (next < addresses.size()) {
            running.start(addresses[next++], deadline, outcomes);
            ++under_way;
        }
        std::optional<connected> outcome = co_await next_outcome(outcomes, next < addresses.size());
        if (!outcome) continue;
        --under_way;
        if (outcome->peer) co_return std::move(*outcome);
        if (!last.error.empty() && last.ec != boost::asio::error::host_not_found) outcome->error = last.error + "; " + outcome->error;
        last = std::move(*outcome);
    }
    co_return last;
}

}  // namespace

awaitable<connected> connect_any(std::vector<endpoint> addresses, time_point deadline) {
    if (addresses.size() == 1) co_return co_await connect_one(addresses.front(), deadline);
    interleave_families(addresses, [](const endpoint& address) { return address.data()->sa_family == AF_INET6; });
    attempts running;
    queue<connected> outcomes;
    std::exception_ptr error;
    connected winner(boost::asio::error::host_not_found, std::string());
    try {
        winner = co_await race(std::move(addresses), deadline, running, outcomes);
    } catch (...) {  // a cancel, too: the attempts are stopped first
        error = std::current_exception();
    }
    co_await running.stop();
    if (error) std::rethrow_exception(error);
    co_return winner;
}

}  // namespace brio::inline v0::detail

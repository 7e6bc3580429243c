// SPDX-License-Identifier: BSL-1.0
// Happy eyeballs.
#include "io/connect.hpp"

#include "io/address_order.hpp"

#include <brio/compose/gather.hpp>
#include <brio/compose/wait_for.hpp>
#include <brio/core/error.hpp>
#include <brio/core/loop.hpp>
#include <brio/core/task.hpp>
#include <brio/io/address.hpp>
#include <brio/sync/queue.hpp>

#include <boost/asio/error.hpp>

#include <exception>
#include <optional>

#include <sys/socket.h>

namespace brio::inline v0::detail {

std::string to_string(const endpoint& where) { return address::from_native(where.data(), where.size()).to_string(); }

connected::connected(connect_failure why) : ec(why.ec), error(why.peer + ": " + why.ec.message()) {
    failures.push_back(std::move(why));
}

namespace {

awaitable<connected> connect_one(endpoint address, time_point deadline, const connect_plan& plan) {
    auto made = std::make_unique<socket>(get_running_loop().context());
    boost::system::error_code ec = made->open(address.data()->sa_family);
    std::string what = to_string(address);
    if (!ec && plan.local) {
        made->native().bind(*plan.local, ec);
        if (ec) what += " from the local address " + to_string(*plan.local);
    }
    if (!ec) {
        const io_result done = co_await connect_operation(*made, address, deadline);
        ec = done.ec;
    }
    if (ec) co_return connected(connect_failure(std::move(what), ec));
    made->set_no_delay();
    if (plan.keep_alive) made->set_keep_alive();
    co_return connected(std::move(made));
}

using outcome_queue = std::shared_ptr<queue<connected>>;

awaitable<> attempt(endpoint address, time_point deadline, const connect_plan& plan, outcome_queue outcomes) {
    connected outcome = co_await connect_one(std::move(address), deadline, plan);
    outcomes->put_nowait(std::move(outcome));
}

// Cancels the attempts that are still under way when the race is left, however it is left.
class attempts {
public:
    void start(endpoint address, time_point deadline, const connect_plan& plan, const outcome_queue& outcomes) {
        const std::string peer = to_string(address);
        tasks_.push_back(create_task(attempt(std::move(address), deadline, plan, outcomes), "connect " + peer));
        // One that somebody else cancels has failed like any other.
        tasks_.back().add_done_callback([outcomes, peer](const task_handle& ended) {
            if (ended.cancelled()) outcomes->put_nowait(connected(connect_failure(peer, boost::asio::error::operation_aborted)));
        });
    }
    awaitable<> stop() {
        for (const task<>& item : tasks_) item.cancel();
        co_await gather(return_exceptions, std::move(tasks_));
    }

private:
    std::vector<task<>> tasks_;
};

awaitable<std::optional<connected>> next_outcome(outcome_queue outcomes, bool more_to_try, duration stagger) {
    try {
        if (more_to_try) co_return co_await wait_for(outcomes->get(), stagger);
        co_return co_await outcomes->get();
    } catch (const timeout_error&) {
        co_return std::nullopt;
    }
}

awaitable<connected> race(std::vector<endpoint> addresses, time_point deadline, const connect_plan& plan, attempts& running,
                          outcome_queue outcomes) {
    std::size_t next = 0;
    std::size_t under_way = 0;
    connected none;
    none.ec = boost::asio::error::host_not_found;
    none.error = "no address to connect to";
    while (next < addresses.size() || under_way > 0) {
        if (next < addresses.size()) {
            running.start(addresses[next++], deadline, plan, outcomes);
            ++under_way;
        }
        std::optional<connected> outcome = co_await next_outcome(outcomes, next < addresses.size(), plan.stagger);
        if (!outcome) continue;
        --under_way;
        if (outcome->peer) co_return std::move(*outcome);
        none.ec = outcome->ec;
        none.error = none.failures.empty() ? outcome->error : none.error + "; " + outcome->error;
        none.failures.push_back(std::move(outcome->failures.front()));
    }
    co_return none;
}

}  // namespace

awaitable<connected> connect_any(std::vector<endpoint> addresses, time_point deadline, connect_plan plan) {
    if (addresses.size() == 1) co_return co_await connect_one(addresses.front(), deadline, plan);
    interleave_families(addresses, [](const endpoint& address) { return address.data()->sa_family == AF_INET6; });
    attempts running;
    const outcome_queue outcomes = std::make_shared<queue<connected>>();
    std::exception_ptr error;
    connected winner;
    try {
        winner = co_await race(std::move(addresses), deadline, plan, running, outcomes);
    } catch (...) {  // a cancel, too: the attempts are stopped first
        error = std::current_exception();
    }
    co_await running.stop();
    while (!outcomes->empty()) outcomes->get_nowait();  // connections that came too late are closed now
    if (error) std::rethrow_exception(error);
    co_return winner;
}

}  // namespace brio::inline v0::detail

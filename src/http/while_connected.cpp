// SPDX-License-Identifier: BSL-1.0
// Watching a client.
#include "http/while_connected.hpp"

#include <brio/compose/with_task_group.hpp>
#include <brio/core/error.hpp>
#include <brio/core/exception_group.hpp>
#include <brio/core/task.hpp>

#include <exception>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::size_t most_ahead = 64 * 1024;

awaitable<> watch(server_link& link, bool& gone) {
    while (link.input.pending().size() < most_ahead) {
        const brio::detail::io_result got = co_await link.read(brio::detail::no_deadline);
        if (got.ec) {
            gone = true;
            throw client_gone(got.ec.message());
        }
        link.input.filled(got.bytes);
    }
}

}  // namespace

awaitable<> while_connected(server_link& link, awaitable<> work) {
    bool gone = false;
    std::exception_ptr error;
    const auto body = [&](task_group& group) -> awaitable<> {
        const task<> watching = group.create_task(watch(link, gone));
        try {
            co_await std::move(work);
        } catch (const cancelled_error&) {
            throw;
        } catch (...) {
            error = std::current_exception();
        }
        watching.cancel();
    };
    try {
        co_await with_task_group(body);
    } catch (const exception_group&) {
        if (!gone) throw;
    }
    if (gone) throw client_gone("it did not wait for the answer");
    if (error) std::rethrow_exception(error);
}

}  // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// The coroutine type of brio: an alias, so that everything Asio can await, a brio coroutine can await.
#pragma once

#include <brio/core/config.hpp>

#include <boost/asio/awaitable.hpp>

namespace brio::inline v0 {

/// What a brio coroutine returns: `brio::awaitable<int> answer() { co_return 42; }`.
///
/// It is `boost::asio::awaitable<T>` itself, on the default executor. Calling such a function runs nothing: the
/// body starts when the object is awaited or handed to `run`, `create_task`, `gather`, ... It is moved, never
/// copied, and awaited once. Inside a brio task one may `co_await` other coroutines, brio operations
/// (`sleep(1s)`, `task.join()`, `queue.get()`) and raw Asio operations (`asio::deferred`, `asio::use_awaitable`).
template <class T = void>
using awaitable = boost::asio::awaitable<T>;

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// Verbs that are one function in a thread.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/thread_call.hpp>
#include <brio/thread/to_thread.hpp>

#include <utility>

namespace brio::inline v0::detail {

template <class R, class... Params, class... Args>
ref<thread_call_result<R>> make_thread_call(R (*function)(Params...), Args... args) {
    using call = thread_call_of<R, R (*)(Params...), Args...>;
    return ref<thread_call_result<R>>(new call(std::in_place, function, std::move(args)...), adopt);
}

/// `what`: the verb, for people. `function(args...)` runs on the loop's pool.
template <class R, class... Params, class... Args>
thread_operation<R> thread_verb(const char* what, const source_location& where, R (*function)(Params...), Args... args) {
    return thread_operation<R>(nullptr, make_thread_call(function, std::move(args)...), what, where);
}

}  // namespace brio::inline v0::detail

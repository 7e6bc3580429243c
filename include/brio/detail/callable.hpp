// SPDX-License-Identifier: BSL-1.0
// Guards callables against g++ 12, which destroys a temporary closure twice inside a co_await expression.
#pragma once

#include <string_view>
#include <type_traits>

namespace brio::inline v0::detail {

template <class F>
constexpr bool is_closure() noexcept {
    const std::string_view name = __PRETTY_FUNCTION__;
    return name.find("<lambda") != name.npos || name.find("(lambda") != name.npos;
}

/// True unless `F` (deduced as a forwarding reference) is the form that g++ before 13 miscompiles: a temporary lambda
/// whose captures have destructors. Define BRIO_ALLOW_TEMPORARY_CLOSURES to take the responsibility.
template <class F>
inline constexpr bool safe_callable =
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13 && !defined(BRIO_ALLOW_TEMPORARY_CLOSURES)
    std::is_reference_v<F> || std::is_trivially_destructible_v<F> || !is_closure<F>();
#else
    true;
#endif

template <class F>
constexpr void check_callable() {
    static_assert(safe_callable<F>,
                  "g++ 12 destroys this temporary lambda's captures twice when it stands inside a co_await expression: "
                  "name it first (auto body = [x] { ... }; f(body)), or capture nothing and pass the values as "
                  "arguments (f([](auto x) { ... }, x))");
}

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// Looking into an exception_ptr.
#include <brio/detail/as_cancelled.hpp>

#include <concepts>
#include <cstring>
#include <exception>
#include <typeinfo>

namespace brio::inline v0::detail {

namespace {

// libstdc++ tells the type, and its exception_ptr is the address of the exception. A throw to find out costs as much as
// the rest of a task's life.
template <class Pointer>
concept knows_type = requires(const Pointer& error) {
    { error.__cxa_exception_type()->name() } -> std::same_as<const char*>;
} && sizeof(Pointer) == sizeof(void*);

template <class Pointer>
const cancelled_error* find(const Pointer& error) noexcept {
    if (!error) return nullptr;
    if constexpr (knows_type<Pointer>) {
        // Exact: cancelled_error is final.
        if (*error.__cxa_exception_type() != typeid(cancelled_error)) return nullptr;
        const cancelled_error* found = nullptr;
        std::memcpy(&found, &error, sizeof(found));
        return found;
    } else {
        try {
            std::rethrow_exception(error);
        } catch (const cancelled_error& cancelled) {
            return &cancelled;  // as long as `error`
        } catch (...) {
            return nullptr;
        }
    }
}

}  // namespace

const cancelled_error* as_cancelled(const std::exception_ptr& error) noexcept { return find(error); }

}  // namespace brio::inline v0::detail

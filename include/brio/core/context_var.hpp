// SPDX-License-Identifier: BSL-1.0
// context_var<T>: a variable with a value for each task.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/context.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/callable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

namespace detail {

[[noreturn]] BRIO_API void throw_no_value(const std::string& name);

/// What puts a variable back: the context, and the value it had there.
class BRIO_API context_token_base {
public:
    context_token_base() noexcept = default;
    context_token_base(ref<context_state> changed, std::uint64_t variable, context_state::value before) noexcept
        : context_(std::move(changed)), variable_(variable), before_(std::move(before)) {}

    /// Throws invalid_state_error when used twice, for another variable or in another context.
    void spend(std::uint64_t variable, const std::string& name);
    /// Without these checks; no effect when it was used.
    void restore();
    [[nodiscard]] const context_state::value& before() const noexcept { return before_; }

private:
    ref<context_state> context_;
    std::uint64_t variable_ = 0;
    context_state::value before_;
};

}  // namespace detail

/// A task-local variable; asyncio's `contextvars.ContextVar`. A task starts with its creator's values and changes only
/// its own. Usually a global object: `const brio::context_var<int> request_id("request_id", 0);`. Reading and setting
/// need no loop; outside of one the values are the thread's. Values are handed out as copies.
template <class T>
class context_var {
public:
    using value_type = T;

    /// `name` is for error messages.
    explicit context_var(std::string name) : name_(std::move(name)) {}
    context_var(std::string name, T default_value) : name_(std::move(name)), default_(std::move(default_value)) {}
    context_var(const context_var&) = delete;
    context_var& operator=(const context_var&) = delete;

    /// Undoes one `set`.
    class token {
    public:
        /// What the variable was before; none when it had no value.
        [[nodiscard]] std::optional<T> old_value() const {
            if (!base_.before()) return std::nullopt;
            return *static_cast<const T*>(base_.before().get());
        }

    private:
        friend class context_var;
        explicit token(detail::context_token_base base) noexcept : base_(std::move(base)) {}
        detail::context_token_base base_;
    };

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// The value here, or the default; throws invalid_state_error when there is neither.
    [[nodiscard]] T get() const {
        if (const auto found = find()) return *static_cast<const T*>(found.get());
        if (!default_) detail::throw_no_value(name_);
        return *default_;
    }
    /// The value here, or `fallback`.
    [[nodiscard]] T get_or(T fallback) const {
        const auto found = find();
        if (!found) return fallback;
        return *static_cast<const T*>(found.get());
    }
    [[nodiscard]] bool has_value() const { return find() != nullptr; }

    /// Changes the value for the rest of this task (callback, thread). Keep the token to undo it.
    token set(T value) const { return token(exchange(std::move(value))); }
    /// Puts back what was before that `set`. Throws invalid_state_error when the token was used already, is another
    /// variable's, or comes from another context.
    void reset(token& undo) const { undo.base_.spend(id_, name_); }
    void reset(token&& undo) const { undo.base_.spend(id_, name_); }

    /// For brio itself.
    [[nodiscard]] detail::context_token_base exchange(T value) const {
        detail::context_state& here = detail::current_context();
        auto before = here.exchange(id_, std::make_shared<const T>(std::move(value)));
        return {detail::ref<detail::context_state>(&here), id_, std::move(before)};
    }

private:
    [[nodiscard]] detail::context_state::value find() const {
        const auto& slot = detail::current_context_slot();
        return slot ? slot->find(id_) : nullptr;
    }

    std::string name_;
    std::optional<T> default_;
    std::uint64_t id_ = detail::context_state::new_variable();
};

namespace detail {

template <class T, class R>
awaitable<R> run_with_value(const context_var<T>& var, T value, awaitable<R> body) {
    struct scope {
        context_token_base token;
        explicit scope(context_token_base made) noexcept : token(std::move(made)) {}
        scope(const scope&) = delete;
        scope& operator=(const scope&) = delete;
        ~scope() { token.restore(); }
    };
    const scope here(var.exchange(std::move(value)));
    co_return co_await std::move(body);
}

}  // namespace detail

/// Runs `body` in this task with `var` set to `value`, and puts it back however the body ends. Tasks that the body
/// creates inherit the value. `var` must outlive the call. **Cancellation** reaches the body as any other.
template <class T, detail::any_awaitable X>
awaitable<detail::await_result_t<X>> with_value(const context_var<T>& var, std::type_identity_t<T> value, X&& body) {
    return detail::run_with_value<T>(var, std::move(value), detail::as_coroutine(std::forward<X>(body)));
}

/// The same for a coroutine function, which is copied or moved in.
template <class T, class F>
    requires detail::coroutine_function<F>
awaitable<detail::coroutine_result_t<F>> with_value(const context_var<T>& var, std::type_identity_t<T> value, F&& body) {
    detail::check_callable<F>();
    return detail::run_with_value<T>(var, std::move(value), detail::call_stored<std::decay_t<F>>(std::forward<F>(body)));
}

}  // namespace brio::inline v0

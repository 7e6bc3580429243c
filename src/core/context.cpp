// SPDX-License-Identifier: BSL-1.0
// Access to the current context.
#include <brio/core/context.hpp>
#include <brio/core/context_var.hpp>

#include <brio/core/error.hpp>

namespace brio::inline v0 {

context current_context() { return context(detail::ref<detail::context_state>(&detail::current_context())); }
context copy_context() { return context(detail::current_context().copy()); }

namespace detail {

void throw_no_value(const std::string& name) {
    throw invalid_state_error("context variable '" + name + "' has no value here and no default: set() it, or use get_or()");
}

void context_token_base::spend(std::uint64_t variable, const std::string& name) {
    if (!context_) throw invalid_state_error("context variable '" + name + "': this token was used already");
    if (variable_ != variable) {
        throw invalid_state_error("context variable '" + name + "': this token was made by another variable");
    }
    if (context_ != current_context_slot()) {
        throw invalid_state_error("context variable '" + name +
                                  "': this token was made in another context; reset it in the task that called set()");
    }
    restore();
}

void context_token_base::restore() {
    if (!context_) return;
    const ref<context_state> changed = std::move(context_);
    context_ = nullptr;
    changed->exchange(variable_, std::move(before_));
}

}  // namespace detail

}  // namespace brio::inline v0

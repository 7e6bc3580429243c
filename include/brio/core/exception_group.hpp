// SPDX-License-Identifier: BSL-1.0
// exception_group: several errors that happened at the same time, as one exception.
#pragma once

#include <brio/core/config.hpp>
#include <brio/core/error.hpp>

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0 {

/// What a task group throws; Python's `ExceptionGroup`. It has one member or more, each an exception with the name of
/// the task that it came from; a member may be a group again. Never empty, and never holds a `cancelled_error`: a
/// request to stop is no error. Immutable; copies share the members and do not throw.
///
/// `what()` is a text of several lines: the message, then one line for each error with the name of its task.
/// Differs from Python's in that conditions are asked about leaves only, not about the groups that hold them.
class BRIO_API exception_group final : public error {
public:
    /// One error, and where it came from.
    class BRIO_API member {
    public:
        member(std::exception_ptr error, std::string task = {}) noexcept : error_(std::move(error)), task_(std::move(task)) {}

        [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }
        /// The name of the task; empty when there was none.
        [[nodiscard]] const std::string& task() const noexcept { return task_; }

    private:
        std::exception_ptr error_;
        std::string task_;
    };

    /// Says whether an error matches.
    using condition = std::function<bool(const std::exception_ptr&)>;
    /// The errors that match and the rest, each none when that has no error.
    using parts = std::pair<std::optional<exception_group>, std::optional<exception_group>>;

    /// Throws std::invalid_argument when there are no members, or one is null or a `cancelled_error`.
    exception_group(std::string message, std::vector<member> members);
    exception_group(const exception_group&) noexcept = default;
    exception_group& operator=(const exception_group&) noexcept = default;
    ~exception_group() override;

    /// The text given to the constructor.
    [[nodiscard]] const std::string& message() const noexcept { return content_->message; }
    /// The direct members, in the order in which they happened.
    [[nodiscard]] const std::vector<member>& exceptions() const noexcept { return content_->members; }
    [[nodiscard]] std::size_t size() const noexcept { return content_->members.size(); }
    /// All errors that are no groups themselves, at any depth, from left to right.
    [[nodiscard]] std::vector<member> leaves() const;

    /// Divides the errors; both parts keep message and nesting, and groups that become empty vanish.
    [[nodiscard]] parts split(const condition& matches) const;
    /// The same by type: what `catch (const E&)` would catch matches.
    template <class E>
    [[nodiscard]] parts split() const {
        return split(is_a<E>);
    }
    /// The first part only.
    [[nodiscard]] std::optional<exception_group> subgroup(const condition& matches) const;
    template <class E>
    [[nodiscard]] std::optional<exception_group> subgroup() const {
        return subgroup(is_a<E>);
    }

    /// For `brio::except`: puts what `function` makes of each leaf in its place; null takes it away.
    [[nodiscard]] std::optional<exception_group> transform(
        const std::function<std::exception_ptr(const std::exception_ptr&)>& function) const;

private:
    struct content {
        std::string message;
        std::vector<member> members;
    };

    template <class E>
    static bool is_a(const std::exception_ptr& leaf) {
        static_assert(!std::is_same_v<E, exception_group>, "groups are looked through, not matched: ask for the errors in them");
        static_assert(!std::is_same_v<E, cancelled_error>, "a cancelled_error is never a member of a group");
        try {
            std::rethrow_exception(leaf);
        } catch (const E&) {
            return true;
        } catch (...) {
            return false;
        }
    }

    std::shared_ptr<const content> content_;
};

/// Handles the errors of one type in a group, in the spirit of Python's `except*`: calls `handler(const E&)` for each
/// leaf that `catch (const E&)` would catch, in their order, and gives back the group of the rest, none when nothing
/// is left. What the handler throws takes the place of the error that it was called for, so that `throw;` puts it
/// back and nothing is lost; a `cancelled_error` leaves at once. To be called in the `catch` block:
///
///     } catch (const brio::exception_group& errors) {
///         auto rest = brio::except<brio::timeout_error>(errors, [](const brio::timeout_error& e) { ... });
///         if (rest) throw *rest;
///     }
template <class E, class Handler>
    requires std::is_invocable_v<Handler&, const E&>
[[nodiscard]] std::optional<exception_group> except(const exception_group& group, Handler&& handler) {
    static_assert(!std::is_same_v<E, exception_group>, "groups are looked through, not matched: ask for the errors in them");
    static_assert(!std::is_same_v<E, cancelled_error>, "a cancelled_error is never a member of a group");
    return group.transform([&handler](const std::exception_ptr& error) -> std::exception_ptr {
        try {
            try {
                std::rethrow_exception(error);
            } catch (const E& matching) {
                handler(matching);
                return nullptr;
            }
        } catch (const cancelled_error&) {
            throw;
        } catch (...) {
            return std::current_exception();
        }
    });
}

/// The same for what an earlier `except` left over.
template <class E, class Handler>
    requires std::is_invocable_v<Handler&, const E&>
[[nodiscard]] std::optional<exception_group> except(const std::optional<exception_group>& rest, Handler&& handler) {
    if (!rest) return std::nullopt;
    return except<E>(*rest, handler);
}

}  // namespace brio::inline v0

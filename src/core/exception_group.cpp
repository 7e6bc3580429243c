// SPDX-License-Identifier: BSL-1.0
// Making, dividing and printing groups of errors.
#include <brio/core/exception_group.hpp>

#include <brio/detail/describe.hpp>

#include <stdexcept>

namespace brio::inline v0 {

namespace {

using member = exception_group::member;

std::optional<exception_group> as_group(const std::exception_ptr& error) {
    try {
        std::rethrow_exception(error);
    } catch (const exception_group& group) {
        return group;
    } catch (...) {
        return std::nullopt;
    }
}

void check(const std::vector<member>& members) {
    if (members.empty()) throw std::invalid_argument("an exception_group needs at least one error: do not throw an empty one");
    for (const member& item : members) {
        if (!item.error()) throw std::invalid_argument("an exception_group was given a null exception_ptr as a member");
        try {
            std::rethrow_exception(item.error());
        } catch (const cancelled_error&) {
            throw std::invalid_argument(
                "an exception_group was given a cancelled_error: throw that alone, a request to stop is not an error");
        } catch (...) {
        }
    }
}

std::string heading(const std::string& message, std::size_t count) {
    return message + (count == 1 ? " (1 error)" : " (" + std::to_string(count) + " errors)");
}

// The lines behind the first of a text belong to its error: they are moved to the right with it.
std::string indented(const std::string& text, const std::string& margin) {
    std::string moved;
    for (const char c : text) {
        moved += c;
        if (c == '\n') moved += margin;
    }
    return moved;
}

std::string text_of(const std::string& message, const std::vector<member>& members) {
    std::string text = heading(message, members.size());
    for (const member& item : members) {
        text += "\n  ";
        if (!item.task().empty()) text += item.task() + ": ";
        const std::optional<exception_group> nested = as_group(item.error());
        text += indented(nested ? nested->what() : detail::describe(item.error()), "  ");
    }
    return text;
}

// The texts of a group are made before its members are moved into it.
std::string checked_text(const std::string& message, const std::vector<member>& members) {
    check(members);
    return text_of(message, members);
}

void collect_leaves(const exception_group& group, std::vector<member>& found) {
    for (const member& item : group.exceptions()) {
        if (const std::optional<exception_group> nested = as_group(item.error())) {
            collect_leaves(*nested, found);
        } else {
            found.push_back(item);
        }
    }
}

}  // namespace

exception_group::exception_group(std::string message, std::vector<member> members)
    : error(checked_text(message, members)),
      content_(std::make_shared<const content>(content{std::move(message), std::move(members)})) {}

exception_group::~exception_group() = default;

std::vector<member> exception_group::leaves() const {
    std::vector<member> found;
    collect_leaves(*this, found);
    return found;
}

std::optional<exception_group> exception_group::transform(
    const std::function<std::exception_ptr(const std::exception_ptr&)>& function) const {
    std::vector<member> kept;
    for (const member& item : exceptions()) {
        if (const std::optional<exception_group> nested = as_group(item.error())) {
            if (const std::optional<exception_group> left = nested->transform(function)) {
                kept.emplace_back(std::make_exception_ptr(*left), item.task());
            }
        } else if (std::exception_ptr left = function(item.error())) {
            kept.emplace_back(std::move(left), item.task());
        }
    }
    if (kept.empty()) return std::nullopt;
    return exception_group(message(), std::move(kept));
}

// Each leaf is asked about once: conditions may count.
exception_group::parts exception_group::split(const condition& matches) const {
    std::vector<bool> answers;
    std::size_t next = 0;
    std::optional<exception_group> matching = transform([&](const std::exception_ptr& leaf) {
        answers.push_back(matches(leaf));
        return answers.back() ? leaf : nullptr;
    });
    std::optional<exception_group> rest =
        transform([&](const std::exception_ptr& leaf) { return answers[next++] ? nullptr : leaf; });
    return parts(std::move(matching), std::move(rest));
}

std::optional<exception_group> exception_group::subgroup(const condition& matches) const {
    return transform([&matches](const std::exception_ptr& leaf) { return matches(leaf) ? leaf : nullptr; });
}

}  // namespace brio::inline v0

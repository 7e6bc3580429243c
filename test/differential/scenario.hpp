// SPDX-License-Identifier: BSL-1.0
// brio's side of the differential test: traces, and what scenarios share. asyncio's side is harness.py.
#pragma once

#include <brio/brio.hpp>

#include <chrono>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace differential {

using brio::awaitable;
using std::chrono::milliseconds;

/// What scenarios throw.
struct boom : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// The words that both sides use for an error.
std::string describe(const std::exception_ptr& error);
/// Lets a topic describe errors of its own: `function` gives the words, or nothing when it does not know the error.
bool add_description(std::string (*function)(const std::exception_ptr&));

inline std::string show(std::string_view text) { return std::string(text); }
inline std::string show(const char* text) { return text; }
inline std::string show(bool value) { return value ? "True" : "False"; }
inline std::string show(brio::nothing) { return "None"; }
inline std::string show(const std::exception_ptr& error) { return error ? describe(error) : "None"; }
template <class T>
    requires(std::is_arithmetic_v<T> && !std::is_same_v<T, bool>)
std::string show(T value) {
    return std::to_string(value);
}
template <class T>
std::string show(const std::optional<T>& item) {
    return item ? show(*item) : "None";
}
template <class T>
std::string show(const brio::result<T>& either) {
    if (!either) return describe(either.exception());
    if constexpr (std::is_void_v<T>) {
        return "None";
    } else {
        return show(either.value());
    }
}
template <class T>
std::string show(const std::vector<T>& items) {
    std::string text;
    for (const auto& item : items) text += (text.empty() ? "" : ", ") + show(item);
    return "[" + text + "]";
}
template <class... Ts>
std::string show(const std::tuple<Ts...>& items) {
    std::string text;
    std::apply([&](const auto&... item) { ((text += (text.empty() ? "" : ", ") + show(item)), ...); }, items);
    return "[" + text + "]";
}

/// pending, the value, or the error.
template <class T>
std::string outcome(const brio::future<T>& task) {
    if (!task.done()) return "pending";
    try {
        if constexpr (std::is_void_v<T>) {
            task.result();
            return "None";
        } else {
            return show(task.result());
        }
    } catch (...) {
        return describe(std::current_exception());
    }
}

/// The lines that a scenario writes.
class trace {
public:
    template <class... Words>
    void operator()(const Words&... words) {
        std::string line;
        ((line += (line.empty() ? "" : " ") + show(words)), ...);
        lines_.push_back(std::move(line));
    }
    /// Milliseconds since the start.
    [[nodiscard]] long at() const;

    void start() { start_ = brio::get_running_loop().time(); }
    [[nodiscard]] const std::vector<std::string>& lines() const noexcept { return lines_; }

private:
    std::vector<std::string> lines_;
    brio::loop::time_point start_{};
};

struct scenario {
    std::string name;
    awaitable<> (*body)(trace&);
};
std::vector<scenario>& scenarios();
inline bool add_scenario(const char* name, awaitable<> (*body)(trace&)) {
    scenarios().push_back({name, body});
    return true;
}

// What many scenarios use.

/// Traces what comes of it.
template <class X>
awaitable<> attempt(trace& out, std::string label, X x) {
    std::string text = "None";
    try {
        if constexpr (std::is_void_v<brio::detail::await_result_t<X>>) {
            co_await brio::detail::as_coroutine(std::move(x));
        } else {
            auto value = co_await brio::detail::as_coroutine(std::move(x));
            text = show(value);
        }
    } catch (...) {
        text = describe(std::current_exception());
    }
    out(label, text);
}

awaitable<> worker(trace& out, std::string name, int ms);
/// Waits for ever; its clean-up takes that long.
awaitable<> cleaner(trace& out, std::string name, int ms);
awaitable<> stepper(trace& out, std::string name, int count);
awaitable<int> value_after(int ms, int value);
awaitable<> boom_after(int ms, std::string text);
awaitable<> turns(int count);

}  // namespace differential

/// `BRIO_SCENARIO(name) { out("a line"); co_await ...; }`: its counterpart is `async def name(out)` in the .py file of
/// the same name.
#define BRIO_SCENARIO(name)                                                                                       \
    static ::differential::awaitable<> scenario_##name(::differential::trace& out);                               \
    [[maybe_unused]] static const bool scenario_added_##name = ::differential::add_scenario(#name, &scenario_##name); \
    static ::differential::awaitable<> scenario_##name([[maybe_unused]] ::differential::trace& out)

// SPDX-License-Identifier: BSL-1.0
// What tests of the core listen to: the log, and the loop's exception handler.
#pragma once

#include <brio/core/log.hpp>
#include <brio/core/loop.hpp>
#include <brio/detail/describe.hpp>

#include <algorithm>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace brio_test {

inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

/// Takes over the log for its life.
class captured_log {
public:
    captured_log()
        : previous_(brio::set_log_sink([this](brio::log_level level, std::string_view text) {
              const std::lock_guard lock(mutex_);
              lines_.emplace_back(text);
              levels_.push_back(level);
          })) {}
    captured_log(const captured_log&) = delete;
    captured_log& operator=(const captured_log&) = delete;
    ~captured_log() { brio::set_log_sink(previous_); }

    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return lines_.size();
    }
    /// All lines, each with a line feed.
    [[nodiscard]] std::string text() const {
        const std::lock_guard lock(mutex_);
        std::string all;
        for (const std::string& line : lines_) all += line + "\n";
        return all;
    }
    [[nodiscard]] std::size_t count(std::string_view part) const {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(
            std::count_if(lines_.begin(), lines_.end(), [part](const std::string& line) { return contains(line, part); }));
    }
    [[nodiscard]] brio::log_level level(std::size_t index) const {
        const std::lock_guard lock(mutex_);
        return levels_.at(index);
    }

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
    std::vector<brio::log_level> levels_;
    brio::log_sink previous_;
};

/// Keeps what `target`'s exception handler is told. It must outlive the loop or be followed by another handler.
class captured_errors {
public:
    explicit captured_errors(brio::loop& target) {
        target.set_exception_handler([this](const brio::error_context& context) { reports_.push_back(context); });
    }
    captured_errors(const captured_errors&) = delete;
    captured_errors& operator=(const captured_errors&) = delete;

    [[nodiscard]] std::size_t size() const noexcept { return reports_.size(); }
    [[nodiscard]] const brio::error_context& operator[](std::size_t index) const { return reports_.at(index); }
    [[nodiscard]] std::string text() const {
        std::string all;
        for (const brio::error_context& report : reports_) all += report.to_string() + "\n";
        return all;
    }

private:
    std::vector<brio::error_context> reports_;
};

/// The type and text of what `function()` throws, "nothing" when it returns.
template <class F>
std::string thrown_by(F&& function) {
    try {
        function();
    } catch (...) {
        return brio::detail::describe(std::current_exception());
    }
    return "nothing";
}

/// Counts itself: how many live objects there are of one counter.
class counted {
public:
    explicit counted(int& live) : live_(&live) { ++*live_; }
    counted(const counted& other) : counted(*other.live_) {}
    counted& operator=(const counted&) = delete;
    ~counted() { --*live_; }

private:
    int* live_;
};

}  // namespace brio_test

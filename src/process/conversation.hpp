// SPDX-License-Identifier: BSL-1.0
// conversation: writing to a child's standard input while its outputs are read, without a deadlock.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/detail/ref.hpp>
#include <brio/io/stream.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace brio::inline v0::detail {

/// Text that grows as bytes are read straight into it.
class BRIO_API growing_text {
public:
    /// Where the next bytes may go; valid until the next call of anything here.
    [[nodiscard]] std::span<char> room();
    /// So many came there.
    void filled(std::size_t bytes);
    void append(std::string_view bytes);
    [[nodiscard]] std::size_t size() const noexcept { return length_; }
    [[nodiscard]] std::string take();

private:
    std::string text_;  // longer than what is in it, for room
    std::size_t length_ = 0;
    std::array<char, 256> probe_{};
};

/// Our ends of a child's streams (empty for those that are none), and what has gone through them. Counted; belongs to the
/// loop's thread. What is here survives a cancel: the next `talk` goes on where that one was.
class BRIO_API conversation {
public:
    using line_function = std::function<void(std::string_view)>;

    conversation() = default;
    conversation(const conversation&) = delete;
    conversation& operator=(const conversation&) = delete;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

    stream in;
    stream out;
    stream err;
    line_function on_line;        // is given the lines of `out`, which are not kept then
    line_function on_error_line;  // ... of `err`

    /// Sends the input, then closes `in`; reads `out` and `err` to their ends. That the child does not read its input to the
    /// end is no error. Throws the system's errors, and what the functions for lines throw. One at a time.
    [[nodiscard]] static awaitable<> talk(ref<conversation> self, std::string input);
    /// Reads what is there, without waiting.
    void take_what_is_there();
    /// What was read, if there is such a stream.
    [[nodiscard]] std::optional<std::string> take_out();
    [[nodiscard]] std::optional<std::string> take_err();
    void close() noexcept;

private:
    ~conversation() = default;
    class turn;
    [[nodiscard]] static awaitable<> send_input(ref<conversation> self);
    [[nodiscard]] static awaitable<> feed(ref<conversation> self);
    [[nodiscard]] static awaitable<> collect(ref<conversation> self, stream& from, growing_text& into);
    [[nodiscard]] static awaitable<> pass_lines(ref<conversation> self, stream& from, line_function& to);
    [[nodiscard]] static awaitable<> read(ref<conversation> self, stream& from, growing_text& into, line_function& to);

    std::uint32_t refs_ = 1;
    bool talking_ = false;
    std::string input_;
    std::size_t sent_ = 0;
    growing_text out_text_;
    growing_text err_text_;
    std::exception_ptr failure_;
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// What a read of a stream asks for, and whether the bytes that have come answer it. No I/O.
#pragma once

#include <brio/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::detail {

/// The byte sequences that end a chunk; at least one, none of them empty.
class BRIO_API separator_set {
public:
    /// Throws std::invalid_argument when there is none or one is empty.
    explicit separator_set(std::vector<std::string> texts);
    explicit separator_set(std::string text);

    [[nodiscard]] std::size_t shortest() const noexcept { return shortest_; }
    [[nodiscard]] std::size_t longest() const noexcept { return longest_; }

    struct match {
        std::size_t begin = std::string_view::npos;
        std::size_t end = std::string_view::npos;
    };
    /// The separator that is complete first, looked for from `from` on; npos when there is none.
    [[nodiscard]] match find(std::string_view text, std::size_t from) const noexcept;

private:
    void measure();

    std::string first_;
    std::vector<std::string> more_;
    std::size_t shortest_ = 0;
    std::size_t longest_ = 0;
};

/// One read. `look` is asked whenever bytes have come; it remembers how far it has searched.
class BRIO_API read_request {
public:
    enum class verdict : std::uint8_t {
        wait,        ///< More bytes are needed.
        take,        ///< The first `size()` bytes are the answer.
        incomplete,  ///< The end came first; everything that is there is a part.
        too_long,    ///< No separator within the limit; the first `size()` bytes hold no part of one.
        found_late,  ///< A separator begins at `size()`, which is beyond the limit.
    };

    /// At most `count` bytes as soon as there are any, nothing at the end.
    [[nodiscard]] static read_request some(std::size_t count) noexcept { return {kind::some, count}; }
    /// Everything up to the end.
    [[nodiscard]] static read_request all() noexcept { return {kind::all, 0}; }
    [[nodiscard]] static read_request exactly(std::size_t count) noexcept { return {kind::exactly, count}; }
    /// Up to and with the first separator.
    [[nodiscard]] static read_request until() noexcept { return {kind::until, 0}; }

    /// `pending`: what has come and was not taken, from one call to the next with more at its end. `separators` is
    /// asked for only by `until`.
    [[nodiscard]] verdict look(std::string_view pending, bool at_end, std::size_t limit, const separator_set* separators) noexcept;
    /// Bytes that the last `look` has spoken of.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }
    /// How many bytes more are needed for sure: room to read into. Not what would do: who says `read(65536)` on a connection
    /// that is silent most of the time should not hold that much memory meanwhile.
    [[nodiscard]] std::size_t missing(std::size_t pending) const noexcept {
        return kind_ != kind::exactly || pending >= count_ ? 0 : count_ - pending;
    }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }

private:
    enum class kind : std::uint8_t { some, all, exactly, until };
    read_request(kind what, std::size_t count) noexcept : kind_(what), count_(count) {}
    [[nodiscard]] verdict search(std::string_view pending, bool at_end, std::size_t limit, const separator_set& separators) noexcept;

    kind kind_;
    std::size_t count_;
    std::size_t searched_ = 0;
    std::size_t size_ = 0;
};

}  // namespace brio::inline v0::detail

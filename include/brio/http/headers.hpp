// SPDX-License-Identifier: BSL-1.0
// The header fields of a request or a response: an ordered, case-insensitive multimap in one flat buffer.
#pragma once

#include <brio/core/config.hpp>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace brio::inline v0::http {

namespace detail {
struct headers_access;
}

/// One header field, as views into its `headers`: valid until that object is changed or destroyed.
struct header_field {
    std::string_view name;
    std::string_view value;
};

/// Header fields in the order in which they were added, with their spelling kept; look-up ignores ASCII case
/// and scans. aiohttp's `CIMultiDict`. Everything lies in a single allocation, already in wire form.
///
/// Names and values are checked when they enter: a name must be a token of RFC 9110; a value may hold neither
/// 0x00-0x08, 0x0A-0x1F nor 0x7F, so that no header can smuggle a line break. Spaces and tabs around a value
/// are cut. A violation throws `invalid_request` and changes nothing.
///
/// All views handed out are valid until the next change of the object.
class BRIO_API headers {
public:
    class iterator;
    using const_iterator = iterator;
    using value_type = header_field;
    using size_type = std::size_t;

    headers() noexcept = default;
    headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields);
    headers(const headers& other);
    headers(headers&& other) noexcept : headers() { swap(other); }
    headers& operator=(const headers& other);
    headers& operator=(headers&& other) noexcept;
    ~headers();

    /// Appends a field; fields of the same name stay.
    headers& add(std::string_view name, std::string_view value);
    /// Gives the first field of that name this value (its place and spelling stay) and removes the others of
    /// that name; appends when there is none.
    headers& set(std::string_view name, std::string_view value);
    /// Removes all fields of that name and returns how many there were.
    std::size_t remove(std::string_view name) noexcept;
    /// Removes all fields; the memory is kept for the next use.
    void clear() noexcept;
    /// Makes room for that many bytes of names, values and bookkeeping (12 + 4 a field).
    void reserve(std::size_t bytes);

    /// The value of the first field of that name.
    [[nodiscard]] std::optional<std::string_view> get(std::string_view name) const noexcept;
    /// The values of all fields of that name, in order.
    [[nodiscard]] std::vector<std::string_view> get_all(std::string_view name) const;
    /// The values of all fields of that name joined by ", " (not meaningful for Set-Cookie).
    [[nodiscard]] std::string get_joined(std::string_view name) const;
    [[nodiscard]] bool contains(std::string_view name) const noexcept;
    [[nodiscard]] std::size_t count(std::string_view name) const noexcept;

    /// Number of fields.
    [[nodiscard]] std::size_t size() const noexcept { return count_; }
    [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
    /// The field at that position, 0 <= index < size().
    [[nodiscard]] header_field operator[](std::size_t index) const noexcept {
        const entry& e = entry_at(index);
        return {{data_ + e.begin, e.name_size}, {data_ + e.begin + e.name_size + 2, e.value_size}};
    }
    [[nodiscard]] iterator begin() const noexcept;
    [[nodiscard]] iterator end() const noexcept;

    /// All fields in wire form, each `Name: value\r\n`, without the empty line after them.
    [[nodiscard]] std::string_view wire() const noexcept { return {data_, text_size_}; }
    /// Appends wire() to `out`.
    void append_to(std::string& out) const { out.append(data_, text_size_); }

    void swap(headers& other) noexcept;
    friend void swap(headers& a, headers& b) noexcept { a.swap(b); }

private:
    friend struct detail::headers_access;
    struct entry {
        std::uint32_t begin;
        std::uint32_t name_size;
        std::uint32_t value_size;
    };

    // The buffer holds the text from its front and the entries, in reverse order, from its back.
    [[nodiscard]] entry& entry_at(std::size_t i) const noexcept {
        return reinterpret_cast<entry*>(data_ + capacity_)[-1 - static_cast<std::ptrdiff_t>(i)];
    }
    [[nodiscard]] std::size_t find(std::string_view name, std::size_t from) const noexcept;
    void grow(std::size_t text_more, std::size_t entries_more);
    void append(std::string_view name, std::string_view value);
    std::size_t mark(std::string_view name, std::size_t from) noexcept;
    void drop_marked() noexcept;
    void replace_value(std::size_t index, std::string_view value);

    char* data_ = nullptr;
    std::uint32_t capacity_ = 0; // a multiple of alignof(entry)
    std::uint32_t text_size_ = 0;
    std::uint32_t count_ = 0;
};

/// Forward iteration over the fields, yielding `header_field` by value.
class headers::iterator {
public:
    using iterator_category = std::input_iterator_tag;
    using iterator_concept = std::forward_iterator_tag;
    using value_type = header_field;
    using difference_type = std::ptrdiff_t;
    using reference = header_field;
    struct pointer {
        header_field field;
        const header_field* operator->() const noexcept { return &field; }
    };

    iterator() noexcept = default;
    iterator(const headers& of, std::size_t index) noexcept : of_(&of), index_(index) {}
    header_field operator*() const noexcept { return (*of_)[index_]; }
    pointer operator->() const noexcept { return {**this}; }
    iterator& operator++() noexcept {
        ++index_;
        return *this;
    }
    iterator operator++(int) noexcept {
        iterator old = *this;
        ++index_;
        return old;
    }
    bool operator==(const iterator&) const noexcept = default;

private:
    const headers* of_ = nullptr;
    std::size_t index_ = 0;
};

inline headers::iterator headers::begin() const noexcept { return {*this, 0}; }
inline headers::iterator headers::end() const noexcept { return {*this, count_}; }

} // namespace brio::inline v0::http

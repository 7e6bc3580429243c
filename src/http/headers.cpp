// SPDX-License-Identifier: BSL-1.0
// The flat header store: text grows from the front of the buffer, its index from the back.
#include "chars.hpp"
#include "headers_access.hpp"

#include <brio/http/error.hpp>
#include <brio/http/headers.hpp>

#include <algorithm>
#include <cstring>
#include <new>

namespace brio::inline v0::http {

namespace {

constexpr std::size_t minimum_capacity = 512;
constexpr std::size_t maximum_capacity = 64u << 20;
constexpr std::uint32_t removal_mark = 1u << 31; // free in entry::begin, since texts end at 64 MiB
constexpr std::size_t separators = 4;            // ": " and "\r\n"

std::string_view checked(std::string_view name, std::string_view value) {
    if (auto problem = detail::check_header_name(name)) throw invalid_request(*problem);
    value = detail::trim(value);
    if (auto problem = detail::check_header_value(name, value)) throw invalid_request(*problem);
    return value;
}

} // namespace

namespace detail {

std::optional<std::string> check_header_name(std::string_view name) {
    if (is_token(name)) return std::nullopt;
    if (name.empty()) return "the header name is empty";
    return "invalid header name \"" + printable(name) +
           "\": only letters, digits and !#$%&'*+-.^_`|~ are allowed";
}

std::optional<std::string> check_header_value(std::string_view name, std::string_view value) {
    if (all(value, value_char)) return std::nullopt;
    const auto bad = std::find_if_not(value.begin(), value.end(), [](char c) { return is(c, value_char); });
    return "invalid value of header " + printable(name) + ": byte " + printable({&*bad, 1}) +
           " at position " + std::to_string(bad - value.begin()) + " is a control character; remove it";
}

} // namespace detail

headers::headers(std::initializer_list<std::pair<std::string_view, std::string_view>> fields) : headers() {
    for (const auto& [name, value] : fields) add(name, value);
}

headers::headers(const headers& other) : headers() { *this = other; }

headers& headers::operator=(const headers& other) {
    if (this == &other) return *this;
    clear();
    if (other.count_ == 0) return *this;
    grow(other.text_size_, other.count_);
    std::memcpy(data_, other.data_, other.text_size_);
    text_size_ = other.text_size_;
    count_ = other.count_;
    std::memcpy(&entry_at(count_ - 1), &other.entry_at(count_ - 1), count_ * sizeof(entry));
    return *this;
}

headers& headers::operator=(headers&& other) noexcept {
    headers taken(std::move(other));
    swap(taken);
    return *this;
}

headers::~headers() { ::operator delete(data_); }

headers& headers::add(std::string_view name, std::string_view value) {
    append(name, checked(name, value));
    return *this;
}

headers& headers::set(std::string_view name, std::string_view value) {
    value = checked(name, value);
    const auto first = find(name, 0);
    if (first == count_) {
        append(name, value);
        return *this;
    }
    const std::string own_value(value); // may be a view into the text that is about to move
    if (mark(name, first + 1) != 0) drop_marked();
    replace_value(first, own_value);
    return *this;
}

std::size_t headers::remove(std::string_view name) noexcept {
    const auto marked = mark(name, 0);
    if (marked != 0) drop_marked();
    return marked;
}

void headers::clear() noexcept { text_size_ = count_ = 0; }

void headers::reserve(std::size_t bytes) {
    if (bytes > capacity_) grow(bytes - std::min<std::size_t>(bytes, text_size_ + count_ * sizeof(entry)), 0);
}

std::optional<std::string_view> headers::get(std::string_view name) const noexcept {
    const auto i = find(name, 0);
    if (i == count_) return std::nullopt;
    return (*this)[i].value;
}

std::vector<std::string_view> headers::get_all(std::string_view name) const {
    std::vector<std::string_view> values;
    for (auto i = find(name, 0); i != count_; i = find(name, i + 1)) values.push_back((*this)[i].value);
    return values;
}

std::string headers::get_joined(std::string_view name) const {
    std::string joined;
    bool first = true;
    for (auto i = find(name, 0); i != count_; i = find(name, i + 1)) {
        if (!first) joined += ", ";
        first = false;
        joined += (*this)[i].value;
    }
    return joined;
}

bool headers::contains(std::string_view name) const noexcept { return find(name, 0) != count_; }

std::size_t headers::count(std::string_view name) const noexcept {
    std::size_t n = 0;
    for (auto i = find(name, 0); i != count_; i = find(name, i + 1)) ++n;
    return n;
}

void headers::swap(headers& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    std::swap(text_size_, other.text_size_);
    std::swap(count_, other.count_);
}

std::size_t headers::find(std::string_view name, std::size_t from) const noexcept {
    for (std::size_t i = from; i < count_; ++i) {
        const entry& e = entry_at(i);
        if (e.name_size == name.size() && detail::iequals({data_ + e.begin, e.name_size}, name)) return i;
    }
    return count_;
}

void headers::grow(std::size_t text_more, std::size_t entries_more) {
    const std::size_t needed =
        text_size_ + text_more + (count_ + entries_more) * sizeof(entry) + alignof(entry);
    if (needed <= capacity_) return;
    if (needed > maximum_capacity)
        throw invalid_request("the header fields exceed 64 MiB in total; send such data in the body");
    std::size_t capacity = std::max({needed, minimum_capacity, std::size_t{capacity_} * 2});
    capacity = (capacity + alignof(entry) - 1) / alignof(entry) * alignof(entry);
    char* fresh = static_cast<char*>(::operator new(capacity));
    if (data_ != nullptr) {
        const auto index_bytes = count_ * sizeof(entry);
        std::memcpy(fresh, data_, text_size_);
        std::memcpy(fresh + capacity - index_bytes, data_ + capacity_ - index_bytes, index_bytes);
        ::operator delete(data_);
    }
    data_ = fresh;
    capacity_ = static_cast<std::uint32_t>(capacity);
}

void headers::append(std::string_view name, std::string_view value) {
    const std::size_t size = name.size() + value.size() + separators;
    if (text_size_ + size + (count_ + 1) * sizeof(entry) > capacity_) {
        const std::string own_name(name); // may be views into the buffer that is about to move
        const std::string own_value(value);
        grow(size, 1);
        append(own_name, own_value);
        return;
    }
    char* p = data_ + text_size_;
    p = std::copy_n(name.data(), name.size(), p);
    *p++ = ':';
    *p++ = ' ';
    p = std::copy_n(value.data(), value.size(), p);
    *p++ = '\r';
    *p = '\n';
    entry_at(count_) = {text_size_, static_cast<std::uint32_t>(name.size()),
                        static_cast<std::uint32_t>(value.size())};
    text_size_ += static_cast<std::uint32_t>(size);
    ++count_;
}

// Removal goes in two passes, because `name` may be a view into the text that the second one moves.
std::size_t headers::mark(std::string_view name, std::size_t from) noexcept {
    std::size_t marked = 0;
    for (auto i = find(name, from); i != count_; i = find(name, i + 1)) {
        entry_at(i).begin |= removal_mark;
        ++marked;
    }
    return marked;
}

void headers::drop_marked() noexcept {
    std::size_t kept = 0;
    std::uint32_t text = 0;
    for (std::size_t i = 0; i < count_; ++i) {
        entry e = entry_at(i);
        if ((e.begin & removal_mark) != 0) continue;
        const auto size = static_cast<std::uint32_t>(e.name_size + e.value_size + separators);
        std::memmove(data_ + text, data_ + e.begin, size);
        e.begin = text;
        entry_at(kept++) = e;
        text += size;
    }
    text_size_ = text;
    count_ = static_cast<std::uint32_t>(kept);
}

void headers::replace_value(std::size_t index, std::string_view value) {
    const std::size_t old_size = entry_at(index).value_size;
    if (value.size() > old_size) grow(value.size() - old_size, 0);
    entry& e = entry_at(index);
    char* at = data_ + e.begin + e.name_size + 2;
    const auto tail = static_cast<std::size_t>(data_ + text_size_ - (at + old_size));
    std::memmove(at + value.size(), at + old_size, tail);
    std::memcpy(at, value.data(), value.size());
    const auto shift = static_cast<std::uint32_t>(value.size() - old_size); // modulo 2^32 when it shrinks
    e.value_size = static_cast<std::uint32_t>(value.size());
    text_size_ += shift;
    for (std::size_t i = index + 1; i < count_; ++i) entry_at(i).begin += shift;
}

} // namespace brio::inline v0::http

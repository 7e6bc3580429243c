// SPDX-License-Identifier: BSL-1.0
// The grammar of challenges is ambiguous where commas stand; this reader looks one step ahead.
#include "challenge.hpp"

#include "chars.hpp"

#include <algorithm>

namespace brio::inline v0::http::detail {

namespace {

class reader {
public:
    explicit reader(std::string_view text) : rest_(text) {}

    bool skip_separators() noexcept {
        while (!rest_.empty() && (rest_.front() == ',' || is_space(rest_.front()))) rest_.remove_prefix(1);
        return !rest_.empty();
    }
    std::string_view take_token() noexcept {
        std::size_t n = 0;
        while (n < rest_.size() && is(rest_[n], token_char)) ++n;
        return take(n);
    }
    // An `=`, with space around it, that introduces a value.
    bool take_equals() noexcept {
        const std::size_t at = rest_.find_first_not_of(" \t");
        if (at == rest_.npos || rest_[at] != '=') return false;
        rest_.remove_prefix(at + 1);
        skip_spaces();
        return true;
    }
    std::string take_value() {
        if (rest_.empty() || rest_.front() != '"') return std::string(take_token());
        std::string value;
        std::size_t i = 1;
        for (; i < rest_.size() && rest_[i] != '"'; ++i) {
            if (rest_[i] == '\\' && i + 1 < rest_.size()) ++i;
            value += rest_[i];
        }
        rest_.remove_prefix(std::min(i + 1, rest_.size()));
        return value;
    }
    // A token68 that fills the rest of the element, after a scheme.
    std::string_view take_token68() noexcept {
        const std::size_t begin = rest_.find_first_not_of(" \t");
        if (begin == 0 || begin == rest_.npos) return {};
        std::size_t end = begin;
        while (end < rest_.size() && (is(rest_[end], alpha_char | digit_char) || std::string_view("-._~+/").find(rest_[end]) != std::string_view::npos)) ++end;
        if (end == begin) return {};
        while (end < rest_.size() && rest_[end] == '=') ++end;
        const std::size_t after = rest_.find_first_not_of(" \t", end);
        if (after != rest_.npos && rest_[after] != ',') return {};
        const std::string_view found = rest_.substr(begin, end - begin);
        rest_.remove_prefix(end);
        return found;
    }
    // To the next comma, for what cannot be read.
    void skip_element() noexcept { rest_.remove_prefix(std::min(rest_.find(','), rest_.size())); }

private:
    static bool is_space(char c) noexcept { return c == ' ' || c == '\t'; }
    void skip_spaces() noexcept {
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    }
    std::string_view take(std::size_t n) noexcept {
        const std::string_view part = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return part;
    }

    std::string_view rest_;
};

} // namespace

std::optional<std::string_view> challenge::get(std::string_view name) const noexcept {
    for (const auto& [key, value] : parameters) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::vector<challenge> parse_challenges(std::string_view text) {
    std::vector<challenge> all;
    reader in(text);
    while (in.skip_separators()) {
        const std::string_view word = in.take_token();
        if (word.empty()) {
            in.skip_element();
        } else if (in.take_equals()) {
            std::string value = in.take_value();
            if (!all.empty()) all.back().parameters.emplace_back(lowered(word), std::move(value));
        } else {
            challenge& added = all.emplace_back();
            added.scheme = lowered(word);
            added.token = in.take_token68();
        }
    }
    return all;
}

std::vector<std::pair<std::string, std::string>> parse_auth_parameters(std::string_view text) {
    auto all = parse_challenges("info " + std::string(text));
    return all.empty() ? std::vector<std::pair<std::string, std::string>>() : std::move(all.front().parameters);
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

} // namespace brio::inline v0::http::detail

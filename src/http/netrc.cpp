// SPDX-License-Identifier: BSL-1.0
// Reading netrc files.
#include "netrc.hpp"

#include "chars.hpp"
#include "file_text.hpp"

#include <brio/http/error.hpp>

#include <algorithm>
#include <cstdlib>
#include <system_error>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::size_t largest_file = 1024 * 1024;

class tokens {
public:
    explicit tokens(std::string_view text) : rest_(text) {}

    // The next keyword; comments are skipped. nullopt at the end.
    std::optional<std::string> next() {
        for (;;) {
            skip_space();
            if (rest_.empty()) return std::nullopt;
            if (rest_.front() != '#') return plain_word();
            skip_line();
        }
    }
    // The word after a keyword, quotes undone.
    std::string value_of(const std::string& what) {
        skip_space();
        if (rest_.empty()) throw invalid_request("the netrc file ends after '" + what + "' (line " + std::to_string(line_) + ")");
        return rest_.front() == '"' ? quoted_word() : plain_word();
    }
    // A macro ends at an empty line.
    void skip_macro() {
        skip_line();
        while (!rest_.empty()) {
            const std::string_view line = trim(rest_.substr(0, rest_.find('\n')));
            const bool is_last = line.empty() || line == "\r";
            skip_line();
            if (is_last) return;
        }
    }
    [[nodiscard]] std::size_t line() const noexcept { return line_; }

private:
    static bool is_space(char c) noexcept { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
    void pop() noexcept {
        if (rest_.front() == '\n') ++line_;
        rest_.remove_prefix(1);
    }
    void skip_space() noexcept {
        while (!rest_.empty() && is_space(rest_.front())) pop();
    }
    void skip_line() noexcept {
        while (!rest_.empty() && rest_.front() != '\n') rest_.remove_prefix(1);
        if (!rest_.empty()) pop();
    }
    std::string plain_word() {
        std::string word;
        for (; !rest_.empty() && !is_space(rest_.front()); rest_.remove_prefix(1)) word += rest_.front();
        return word;
    }
    std::string quoted_word() {
        std::string word;
        for (rest_.remove_prefix(1); !rest_.empty() && rest_.front() != '"'; pop()) {
            if (rest_.front() == '\\' && rest_.size() > 1) pop();
            word += rest_.front();
        }
        if (rest_.empty()) throw invalid_request("a quote of the netrc file does not end (line " + std::to_string(line_) + ")");
        rest_.remove_prefix(1);
        return word;
    }

    std::string_view rest_;
    std::size_t line_ = 1;
};

} // namespace

netrc::netrc(std::string_view text) {
    tokens in(text);
    login ignored;
    login* current = nullptr;
    while (const auto word = in.next()) {
        if (*word == "machine") {
            const auto [place, is_new] = hosts_.try_emplace(lowered(in.value_of(*word)));
            ignored = login();
            current = is_new ? &place->second : &ignored; // the first entry of a host counts
        } else if (*word == "default") {
            current = &ignored;
        } else if (*word == "macdef") {
            in.skip_macro();
        } else if (current && *word == "login") {
            current->user = in.value_of(*word);
        } else if (current && *word == "password") {
            current->password = in.value_of(*word);
        } else if (current && *word == "account") {
            in.value_of(*word);
        } else {
            // Not the word itself: it may be a password.
            throw invalid_request("line " + std::to_string(in.line()) + " of the netrc file is not understood");
        }
    }
}

const login* netrc::find(std::string_view host) const {
    const auto found = hosts_.find(host);
    if (found == hosts_.end() || found->second.user.empty() || found->second.password.empty()) return nullptr;
    const auto bad = [](const std::string& text) { return !all(text, value_char); };
    return bad(found->second.user) || bad(found->second.password) || found->second.user.find(':') != std::string::npos ? nullptr : &found->second;
}

netrc load_netrc(std::string path) {
    const bool may_lack = path.empty();
    if (path.empty()) {
        if (const char* named = std::getenv("NETRC")) {
            path = named;
        } else if (const char* home = std::getenv("HOME")) {
            path = std::string(home) + "/.netrc";
        } else {
            return {};
        }
    }
    try {
        return netrc(read_file(path, largest_file, "netrc file"));
    } catch (const std::system_error& e) {
        if (may_lack && e.code() == std::errc::no_such_file_or_directory) return {};
        throw;
    }
}

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// A tree of path segments, searched with backtracking.
#include "http/route_table.hpp"

#include "http/chars.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace brio::inline v0::http::detail {

/// What fits one segment: text, then a parameter, then the rest of the path.
struct route_table::node {
    std::map<std::string, std::unique_ptr<node>, std::less<>> by_text;
    std::unique_ptr<node> by_parameter;
    endpoints here;
    endpoints rest;
};

namespace {

// Splits "/a/b" into "a" and "b"; "/" has one segment, which is empty.
std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> all;
    for (std::size_t at = 1;;) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        all.push_back(path.substr(at, end - at));
        if (end == path.size()) return all;
        at = end + 1;
    }
}

[[noreturn]] void refuse_pattern(std::string_view pattern, const std::string& why) {
    throw std::invalid_argument("the route \"" + printable(pattern) + "\" " + why);
}

// "{name}" or "{name...}" without its braces; empty-handed for text.
std::optional<std::string_view> parameter_of(std::string_view segment, std::string_view pattern) {
    if (segment.find_first_of("{}") == segment.npos) return std::nullopt;
    if (segment.size() < 3 || segment.front() != '{' || segment.back() != '}') {
        refuse_pattern(pattern, "mixes text and a parameter in one segment; a parameter is a whole segment: {name}");
    }
    const std::string_view inner = segment.substr(1, segment.size() - 2);
    const std::string_view name = inner.ends_with("...") ? inner.substr(0, inner.size() - 3) : inner;
    const auto fits = [](char c) { return is(c, digit_char | alpha_char) || c == '_' || c == '-'; };
    if (name.empty() || !std::all_of(name.begin(), name.end(), fits)) {
        refuse_pattern(pattern, "has a parameter whose name is not made of letters, digits, _ and -");
    }
    return inner;
}

bool is_step_back(std::string_view decoded) noexcept { return decoded == "." || decoded == ".."; }

}  // namespace

bool is_well_encoded(std::string_view text) noexcept {
    for (std::size_t at = text.find('%'); at != text.npos; at = text.find('%', at + 1)) {
        if (text.size() - at < 3 || hex_value(text[at + 1]) < 0 || hex_value(text[at + 2]) < 0) return false;
    }
    return true;
}

route_table::route_table() : root_(std::make_unique<node>()) {}
route_table::~route_table() = default;

void route_table::add(std::string_view method, std::string_view pattern, std::size_t route) {
    if (method != "*" && !is_token(method)) throw std::invalid_argument("\"" + printable(method) + "\" is no method");
    if (!pattern.starts_with('/')) refuse_pattern(pattern, "does not begin with /");
    endpoint made{route, {}};
    node* at = root_.get();
    endpoints* into = nullptr;
    bool plain = pattern.find('%') == pattern.npos;
    for (const std::string_view segment : segments_of(pattern)) {
        if (into) refuse_pattern(pattern, "goes on behind a {name...}");
        const auto parameter = parameter_of(segment, pattern);
        if (!parameter) {
            auto& next = at->by_text[percent_decode(segment)];
            if (!next) next = std::make_unique<node>();
            at = next.get();
            continue;
        }
        plain = false;
        const bool is_rest = parameter->ends_with("...");
        std::string name(parameter->substr(0, parameter->size() - (is_rest ? 3 : 0)));
        if (std::find(made.names.begin(), made.names.end(), name) != made.names.end()) refuse_pattern(pattern, "has two parameters " + name);
        made.names.push_back(std::move(name));
        if (is_rest) {
            into = &at->rest;
            continue;
        }
        if (!at->by_parameter) at->by_parameter = std::make_unique<node>();
        at = at->by_parameter.get();
    }
    if (!into) into = &at->here;
    if (!into->emplace(method, made).second) refuse_pattern(pattern, "is there already for " + std::string(method));
    if (plain) plain_[std::string(pattern)].emplace(method, std::move(made));
}

/// One look for a path. Goes on after a place that lacks the method: another one may have it.
class route_table::search {
public:
    search(std::string_view method, std::string_view path) : method_(method) {
        for (const std::string_view raw : segments_of(path)) decoded_.push_back(percent_decode(raw));
        taken_.reserve(decoded_.size());
    }

    bool look(const node& in, std::size_t index) {
        if (index == decoded_.size()) return take(in.here);
        const std::string& segment = decoded_[index];
        if (const auto found = in.by_text.find(segment); found != in.by_text.end() && look(*found->second, index + 1)) return true;
        if (in.by_parameter && !segment.empty()) {
            taken_.push_back(segment);
            if (look(*in.by_parameter, index + 1)) return true;
            taken_.pop_back();
        }
        return look_at_rest(in, index);
    }

    bool take(const endpoints& here) {
        const endpoint* found = at(here, method_);
        if (!found && method_ == "HEAD") found = at(here, "GET");
        if (!found) found = at(here, "*");
        if (!found) {
            for (const auto& [name, unused] : here) methods_.push_back(name);
            return false;
        }
        result.what = verdict::found;
        result.route = found->route;
        for (std::size_t i = 0; i < taken_.size(); ++i) result.params.emplace_back(found->names[i], std::move(taken_[i]));
        return true;
    }

    /// Nothing was found: is it for the method?
    void conclude() {
        if (methods_.empty()) return;
        result.what = verdict::no_method;
        if (std::find(methods_.begin(), methods_.end(), "GET") != methods_.end()) methods_.emplace_back("HEAD");
        methods_.emplace_back("OPTIONS");
        std::sort(methods_.begin(), methods_.end());
        methods_.erase(std::unique(methods_.begin(), methods_.end()), methods_.end());
        for (const std::string& name : methods_) result.allowed.append(result.allowed.empty() ? "" : ", ").append(name);
    }

    match result;

private:
    bool look_at_rest(const node& in, std::size_t index) {
        if (in.rest.empty() || std::any_of(decoded_.begin() + static_cast<std::ptrdiff_t>(index), decoded_.end(), is_step_back)) return false;
        std::string rest;
        for (std::size_t i = index; i < decoded_.size(); ++i) rest.append(i > index ? "/" : "").append(decoded_[i]);
        taken_.push_back(std::move(rest));
        if (take(in.rest)) return true;
        taken_.pop_back();
        return false;
    }

    static const endpoint* at(const endpoints& here, std::string_view method) {
        const auto found = here.find(method);
        return found == here.end() ? nullptr : &found->second;
    }

    std::string_view method_;
    std::vector<std::string> decoded_;
    std::vector<std::string> taken_;
    std::vector<std::string> methods_;
};

route_table::match route_table::find(std::string_view method, std::string_view path) const {
    if (!is_well_encoded(path)) {
        match bad;
        bad.what = verdict::bad_encoding;
        return bad;
    }
    if (const auto plain = plain_.find(path); plain != plain_.end()) {
        search simple(method, "/");
        if (simple.take(plain->second)) return std::move(simple.result);
    }
    if (!path.starts_with('/')) return {};
    search whole(method, path);
    if (!whole.look(*root_, 0)) whole.conclude();
    return std::move(whole.result);
}

}  // namespace brio::inline v0::http::detail

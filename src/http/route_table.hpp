// SPDX-License-Identifier: BSL-1.0
// route_table: which route a method and a path belong to. No I/O.
#pragma once

#include <brio/http/percent.hpp>

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

/// Numbers of routes by method and path pattern: `/users/{id}`, `/static/{path...}`.
class route_table {
public:
    route_table();
    ~route_table();
    route_table(const route_table&) = delete;
    route_table& operator=(const route_table&) = delete;

    /// Throws std::invalid_argument for a malformed pattern or method, and for a route that is there already.
    void add(std::string_view method, std::string_view pattern, std::size_t route);

    enum class verdict : unsigned char {
        found,
        no_path,      ///< nothing fits
        no_method,    ///< only the method differs: `allowed` has those that there are
        bad_encoding  ///< a `%` without two hexadecimal digits
    };
    struct match {
        verdict what = verdict::no_path;
        std::size_t route = 0;
        name_values params;
        std::string allowed;  ///< `GET, HEAD, POST, OPTIONS`
    };
    /// `path` is percent-encoded, without a query.
    [[nodiscard]] match find(std::string_view method, std::string_view path) const;

private:
    struct endpoint {
        std::size_t route;
        std::vector<std::string> names;
    };
    using endpoints = std::map<std::string, endpoint, std::less<>>;  // by method
    struct node;
    class search;

    std::unique_ptr<node> root_;
    std::map<std::string, endpoints, std::less<>> plain_;  // patterns without parameters and percent signs, whole
};

/// Whether every `%` is followed by two hexadecimal digits.
[[nodiscard]] bool is_well_encoded(std::string_view text) noexcept;

}  // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// The netrc file: names and passwords by host.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

struct login {
    std::string user;
    std::string password;
};

/// The entries of a netrc file. `default` entries and macros are skipped: a password for "all other hosts" would go
/// to whoever a redirect leads to.
class netrc {
public:
    netrc() = default;
    /// Throws invalid_request for text that is no netrc, naming the line.
    explicit netrc(std::string_view text);

    /// For exactly that host; nullptr when there is none, or it lacks a user name or a password.
    [[nodiscard]] const login* find(std::string_view host) const;

private:
    std::map<std::string, login, std::less<>> hosts_;
};

/// Reads the file; with an empty path $NETRC, or .netrc in the home directory, which need not exist. Throws
/// std::system_error, invalid_request.
netrc load_netrc(std::string path);

} // namespace brio::inline v0::http::detail

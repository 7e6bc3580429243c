// SPDX-License-Identifier: BSL-1.0
// Normalising the host part of a URL: names, IDNA, IPv4 and IPv6 literals.
#pragma once

#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

enum class host_kind { name, ipv4, ipv6 };

/// Appends the normalised host (IPv6 in brackets) to `out`. Throws invalid_url.
host_kind append_host(std::string& out, std::string_view host);

/// True when the text is an IPv4 address of four decimal parts.
bool is_ipv4(std::string_view host) noexcept;

} // namespace brio::inline v0::http::detail

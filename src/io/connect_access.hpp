// SPDX-License-Identifier: BSL-1.0
// The inside of connect_options.
#pragma once

#include <brio/io/open_connection.hpp>

namespace brio::inline v0 {

struct connect_access {
    using duration = connect_options::duration;
    static const std::optional<duration>& timeout(const connect_options& o) noexcept { return o.timeout_; }
    static const std::optional<address>& local(const connect_options& o) noexcept { return o.local_; }
    static address_family family(const connect_options& o) noexcept { return o.family_; }
    static duration stagger(const connect_options& o) noexcept { return o.stagger_; }
    static bool all_errors(const connect_options& o) noexcept { return o.all_errors_; }
    static const std::optional<tls_context>& tls(const connect_options& o) noexcept { return o.tls_; }
    static const tls_options& how(const connect_options& o) noexcept { return o.tls_options_; }
    static std::size_t limit(const connect_options& o) noexcept { return o.limit_; }
};

}  // namespace brio::inline v0

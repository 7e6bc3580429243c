// SPDX-License-Identifier: BSL-1.0
// Following redirects: which answers are followed, with which method and which headers, and when to refuse.
#pragma once

#include <brio/http/headers.hpp>
#include <brio/http/url.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

/// What the next hop can do with the request body.
enum class body_kind : unsigned char { none, replayable, one_shot };

struct redirect_policy {
    unsigned most = 10;           // redirects followed; 0: never follow
    bool allow_downgrade = false; // https to http
};

/// One answer that was followed.
struct redirect_hop {
    unsigned status;
    http::url from;
    std::string location;
};

/// True for the statuses that may be followed: 301, 302, 303, 307, 308.
bool is_redirect_status(unsigned status) noexcept;

/// The state of one call over its chain of hops.
///
/// After each answer: `follow(...)`. When it returns true, send method() to target() with the headers as they
/// are now, with the body only if send_body(). Once credentials_dropped(), nothing of the caller's or the
/// session's that authenticates may be added by hand again, except cookies of the jar and credentials bound
/// to the new origin.
class redirect_machine {
public:
    redirect_machine(http::url start, std::string method, redirect_policy policy = {});

    /// Judges an answer. False: deliver it to the caller. True: `request` was rewritten for the next hop.
    /// `sensitive` names further headers of the caller's that must not leave the origin.
    /// Throws redirect_error, too_many_redirects, invalid_url.
    bool follow(unsigned status, std::optional<std::string_view> location, http::headers& request,
                body_kind body, const std::vector<std::string>& sensitive = {});

    [[nodiscard]] const http::url& target() const noexcept { return target_; }
    [[nodiscard]] const std::string& method() const noexcept { return method_; }
    /// False once a hop turned the request into a GET.
    [[nodiscard]] bool send_body() const noexcept { return send_body_; }
    /// True once the chain has left its first origin, even if it came back.
    [[nodiscard]] bool credentials_dropped() const noexcept { return credentials_dropped_; }
    /// A hop of the chain was encrypted and the target is not: nothing secret may be sent.
    [[nodiscard]] bool downgraded() const noexcept;
    [[nodiscard]] const std::vector<redirect_hop>& history() const noexcept { return history_; }

private:
    [[nodiscard]] http::url resolve(std::string_view location) const;
    void change_method(unsigned status, http::headers& request, body_kind body);
    void leave_origin(http::headers& request, const std::vector<std::string>& sensitive);

    http::url target_;
    std::string method_;
    redirect_policy policy_;
    std::vector<redirect_hop> history_;
    bool send_body_ = true;
    bool credentials_dropped_ = false;
};

} // namespace brio::inline v0::http::detail

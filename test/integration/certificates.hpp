// SPDX-License-Identifier: BSL-1.0
// A private certificate authority and what it signs, made by the openssl program.
#pragma once

#include "temp_folder.hpp"

#include <filesystem>
#include <string>

namespace brio_test {

/// Certificates for servers on localhost and 127.0.0.1; all with the same EC key.
class certificates {
public:
    certificates();

    [[nodiscard]] std::filesystem::path authority() const { return folder_ / "ca.pem"; }
    [[nodiscard]] std::filesystem::path other_authority() const { return folder_ / "other.pem"; }
    [[nodiscard]] std::filesystem::path key() const { return folder_ / "server.key"; }
    [[nodiscard]] std::filesystem::path good() const { return folder_ / "good.pem"; }
    [[nodiscard]] std::filesystem::path expired() const { return folder_ / "expired.pem"; }
    /// For elsewhere.example only.
    [[nodiscard]] std::filesystem::path wrong_host() const { return folder_ / "wrong_host.pem"; }
    /// Signed by other_authority().
    [[nodiscard]] std::filesystem::path foreign() const { return folder_ / "foreign.pem"; }
    /// Signed by itself.
    [[nodiscard]] std::filesystem::path self_signed() const { return folder_ / "self_signed.pem"; }

private:
    void make_authority(const std::string& name) const;
    void sign(const std::string& name, const std::string& authority, const std::string& hosts,
              int days) const;

    temp_folder folder_;
};

} // namespace brio_test

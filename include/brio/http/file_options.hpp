// SPDX-License-Identifier: BSL-1.0
// How files are served.
#pragma once

#include <brio/core/config.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0::http {

/// For `server::files` and `reply::file`; every setter gives the object back.
class BRIO_API file_options {
public:
    file_options() noexcept = default;

    /// What is sent for a folder [`index.html`]; empty: nothing, folders are 404.
    file_options& index(std::string name) {
        index_ = std::move(name);
        return *this;
    }
    /// Also files and folders whose names begin with a dot [no].
    file_options& dotfiles(bool on = true) noexcept {
        dotfiles_ = on;
        return *this;
    }
    /// Symbolic links are followed as long as they stay inside of the folder [yes]; `false`: none are.
    file_options& follow_links(bool on) noexcept {
        follow_links_ = on;
        return *this;
    }
    /// Sends `x.gz` in place of `x`, when it is there and the client takes gzip [no].
    file_options& precompressed(bool on = true) noexcept {
        precompressed_ = on;
        return *this;
    }
    /// `Cache-Control: max-age=...`; without it the client decides.
    file_options& max_age(std::chrono::seconds age) noexcept {
        max_age_ = age;
        return *this;
    }
    /// The content type, in place of the one that the name tells.
    file_options& content_type(std::string type) {
        content_type_ = std::move(type);
        return *this;
    }
    /// The client is to save it under this name: `Content-Disposition: attachment`.
    file_options& download_as(std::string name) {
        download_as_ = std::move(name);
        return *this;
    }

    [[nodiscard]] const std::string& chosen_index() const noexcept { return index_; }
    [[nodiscard]] bool is_dotfiles() const noexcept { return dotfiles_; }
    [[nodiscard]] bool is_follow_links() const noexcept { return follow_links_; }
    [[nodiscard]] bool is_precompressed() const noexcept { return precompressed_; }
    [[nodiscard]] const std::optional<std::chrono::seconds>& chosen_max_age() const noexcept { return max_age_; }
    [[nodiscard]] const std::string& chosen_content_type() const noexcept { return content_type_; }
    [[nodiscard]] const std::string& chosen_download_name() const noexcept { return download_as_; }

private:
    std::string index_ = "index.html";
    std::string content_type_;
    std::string download_as_;
    std::optional<std::chrono::seconds> max_age_;
    bool dotfiles_ = false;
    bool follow_links_ = true;
    bool precompressed_ = false;
};

}  // namespace brio::inline v0::http

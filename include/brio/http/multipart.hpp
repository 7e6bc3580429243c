// SPDX-License-Identifier: BSL-1.0
// A form with files, as multipart/form-data.
#pragma once

#include <brio/core/config.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http {

namespace detail {
class body_factory;
struct body_segment;
} // namespace detail

/// The parts of a form in order; aiohttp's `FormData` when it holds files. `options().body(std::move(form))`.
///
/// Files are read while they are sent, in blocks and on a thread; nothing is held in memory but the block. The length
/// of the whole is announced: a file whose size changes meanwhile ends the request with invalid_request. A form can be
/// sent again (redirects, retries, several requests).
///
/// Names and file names are sent as HTML has it: UTF-8, with `"`, CR and LF as `%22`, `%0D`, `%0A`, so that nothing can
/// break out of them. The boundary holds 128 random bits. Content types with a control character throw invalid_request.
class BRIO_API multipart {
public:
    multipart();
    multipart(const multipart&);
    multipart(multipart&&) noexcept;
    multipart& operator=(const multipart&);
    multipart& operator=(multipart&&) noexcept;
    ~multipart();

    /// A text field; without a content type of its own unless one is given.
    multipart& field(std::string_view name, std::string_view value, std::string_view content_type = {});
    /// A file on disk, sent under the last part of its path or under `file_name`. It is opened when the request is
    /// sent; std::system_error when that fails, invalid_request for what is no regular file.
    multipart& file(std::string_view name, std::string path, std::string_view content_type = "application/octet-stream",
                    std::string_view file_name = {});
    /// Bytes in memory, sent as a file.
    multipart& data(std::string_view name, std::string bytes, std::string_view file_name,
                    std::string_view content_type = "application/octet-stream");

    [[nodiscard]] const std::string& boundary() const noexcept { return boundary_; }
    /// `multipart/form-data; boundary=...`
    [[nodiscard]] std::string content_type() const;

private:
    friend class options;
    void begin(std::string_view name, const std::string* file_name, std::string_view content_type);
    [[nodiscard]] std::shared_ptr<detail::body_factory> factory() const;

    std::string boundary_;
    std::vector<detail::body_segment> segments_;
};

} // namespace brio::inline v0::http

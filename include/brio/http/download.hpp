// SPDX-License-Identifier: BSL-1.0
// What a download to a file says beyond its URL, and what it gives.
#pragma once

#include <brio/core/config.hpp>
#include <brio/http/error.hpp>
#include <brio/http/options.hpp>
#include <brio/http/response.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace brio::inline v0::http {

/// How far a download has come.
class BRIO_API download_progress {
public:
    download_progress(std::uint64_t bytes, std::optional<std::uint64_t> of, std::uint64_t first) noexcept;

    /// Bytes of the file that are there, those of an earlier attempt included.
    std::uint64_t received;
    /// The size of the whole file, if the server has announced it.
    std::optional<std::uint64_t> total;
    /// How many there were from an earlier attempt.
    std::uint64_t resumed_from;

    /// Of 100; nullopt when the size is not known.
    [[nodiscard]] std::optional<unsigned> percent() const noexcept;
};

/// Options of `session.download`; setters chain. The defaults are in brackets.
class BRIO_API download_options {
public:
    using progress_function = std::function<void(const download_progress&)>;

    download_options();

    /// Headers, credentials, limits of the request. `max_body`, `decode` and `raise_for_status` do not count: there is no
    /// limit, bytes are stored as they come, and a status other than success is an error.
    download_options& request(options of_request);
    /// Keep what has arrived when the download ends early, and go on from there when it is called again [false]: where the server
    /// says which version of the file it is.
    download_options& resume(bool on = true);
    /// Called in the loop, when the body begins and then for each piece that was written. It must not block; an exception
    /// ends the download.
    download_options& progress(progress_function called);
    /// The SHA-256 of the whole file, 64 hexadecimal digits: another one is a `checksum_error`, and the file is not
    /// there. Throws invalid_request.
    download_options& sha256(std::string hexadecimal);

private:
    friend struct download_access;

    options request_;
    progress_function progress_;
    std::string sha256_;
    bool resume_ = false;
};

/// A file that was downloaded.
class BRIO_API download_result {
public:
    download_result(std::string path, std::uint64_t size, std::uint64_t resumed_from, response head);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    /// Of the whole file.
    [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
    /// Bytes that were there from an earlier attempt; 0: all came now.
    [[nodiscard]] std::uint64_t resumed_from() const noexcept { return resumed_from_; }
    /// The last answer: status (200, 206, or 416 when everything was there already), headers, URL, redirects; no body.
    [[nodiscard]] const response& head() const noexcept { return head_; }

private:
    std::string path_;
    std::uint64_t size_;
    std::uint64_t resumed_from_;
    response head_;
};

/// A download that came whole, but is not what was expected. It has been removed.
class BRIO_API checksum_error : public error {
public:
    checksum_error(const std::string& expected, const std::string& actual);
    ~checksum_error() override;
    [[nodiscard]] const std::string& expected() const noexcept { return sums_->first; }
    [[nodiscard]] const std::string& actual() const noexcept { return sums_->second; }

private:
    std::shared_ptr<const std::pair<std::string, std::string>> sums_;
};

} // namespace brio::inline v0::http

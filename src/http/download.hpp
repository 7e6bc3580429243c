// SPDX-License-Identifier: BSL-1.0
// One download: its attempts, and the file that grows.
#pragma once

#include "http/partial_file.hpp"
#include "http/resume_machine.hpp"
#include "http/retry_machine.hpp"
#include "http/session_core.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/http/download.hpp>
#include <brio/http/response.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace brio::inline v0::http::detail {

/// Lives in the frame of `run_download`. After an error: give_up().
class download {
public:
    /// Throws invalid_url.
    download(std::shared_ptr<session_core> core, std::string url, std::string path, download_options opts);
    download(const download&) = delete;
    download& operator=(const download&) = delete;
    /// Leaves what is to be done with the file to a thread.
    ~download();

    awaitable<download_result> run();
    /// Ends the file, as far as it came.
    awaitable<> give_up();

private:
    awaitable<> open();
    awaitable<bool> attempt();
    awaitable<> receive(streaming_response& from);
    awaitable<> flush();
    awaitable<std::string> explanation(streaming_response& from) const;
    [[nodiscard]] options request() const;
    [[nodiscard]] std::optional<std::chrono::milliseconds> pause_after(const std::exception_ptr& failure);
    void report() const;

    std::shared_ptr<session_core> core_;
    std::string url_;
    std::string path_;
    download_options opts_;
    std::string name_; // the URL as it stands in the note
    std::shared_ptr<partial_file> file_;
    std::optional<resume_machine> machine_;
    retry_machine retry_;
    std::string buffer_;          // arrived, and not written yet
    std::uint64_t written_ = 0;   // of the file
    std::uint64_t resumed_from_ = 0;
    std::optional<response> head_;
};

awaitable<download_result> run_download(std::shared_ptr<session_core> core, std::string url, std::string path, download_options opts);

} // namespace brio::inline v0::http::detail

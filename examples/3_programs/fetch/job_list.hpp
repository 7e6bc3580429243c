// SPDX-License-Identifier: BSL-1.0
// Work that may lead to more work.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/sync/queue.hpp>

#include <cstddef>
#include <optional>

namespace fetch {

/// The numbers of the rows to be fetched, shared by so many workers. It ends when all of them have been dealt with and
/// nothing was added meanwhile.
class job_list {
public:
    explicit job_list(std::size_t workers) : workers_(workers) {}

    void add(std::size_t job) {
        ++open_;
        jobs_.put_nowait(job);
    }
    /// The next one; none at the end.
    brio::awaitable<std::optional<std::size_t>> next() {
        if (open_ == 0) co_return std::nullopt;
        const std::optional<std::size_t> job = co_await jobs_.get();
        co_return job;
    }
    /// One that `next` gave has been dealt with.
    void done() {
        if (--open_ > 0) return;
        for (std::size_t i = 0; i < workers_; ++i) jobs_.put_nowait(std::nullopt);
    }

private:
    brio::queue<std::optional<std::size_t>> jobs_;
    std::size_t open_ = 0; // waiting, or being worked on
    std::size_t workers_;
};

} // namespace fetch

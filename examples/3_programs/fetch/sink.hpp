// SPDX-License-Identifier: BSL-1.0
// Where a body goes while it arrives.
#pragma once

#include <brio/core/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace fetch {

/// Takes one body piece by piece. Destroyed before `finish`, it leaves nothing behind.
class sink {
public:
    virtual ~sink() = default;
    virtual brio::awaitable<> write(std::string_view piece) = 0;
    virtual brio::awaitable<> finish() = 0;
};

/// A fresh sink for the job with that number; called for every attempt.
using sink_maker = std::function<std::unique_ptr<sink>(std::size_t job)>;

/// Drops everything.
class null_sink final : public sink {
public:
    brio::awaitable<> write(std::string_view) override { co_return; }
    brio::awaitable<> finish() override { co_return; }
};

} // namespace fetch

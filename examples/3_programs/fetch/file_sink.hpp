// SPDX-License-Identifier: BSL-1.0
// Writes a body to disk without ever blocking the event loop.
#pragma once

#include "part_file.hpp"
#include "sink.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace fetch {

/// Collects pieces up to a block and writes each block on a thread. A small file costs a single trip to a
/// thread.
class file_sink final : public sink {
public:
    explicit file_sink(std::filesystem::path file);
    brio::awaitable<> write(std::string_view piece) override;
    brio::awaitable<> finish() override;

private:
    // Shared with the thread: when this task is cancelled, the call that runs there goes on, and whoever is
    // last removes the incomplete file.
    std::shared_ptr<part_file> file_;
    std::string block_;
};

} // namespace fetch

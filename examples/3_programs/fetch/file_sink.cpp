// SPDX-License-Identifier: BSL-1.0
// Writes a body to disk without ever blocking the event loop.
#include "file_sink.hpp"

#include <brio/thread/to_thread.hpp>

#include <utility>

namespace fetch {

namespace {

constexpr std::size_t block_size = 256 * 1024;

// On a thread; gives the buffer back to be filled again.
std::string append(const std::shared_ptr<part_file>& file, std::string block) {
    file->append(block);
    block.clear();
    return block;
}

// On a thread.
void complete(const std::shared_ptr<part_file>& file, const std::string& rest) {
    file->append(rest);
    file->commit();
}

} // namespace

file_sink::file_sink(std::filesystem::path file) : file_(std::make_shared<part_file>(std::move(file))) {}

brio::awaitable<> file_sink::write(std::string_view piece) {
    block_ += piece;
    if (block_.size() >= block_size) block_ = co_await brio::to_thread(append, file_, std::move(block_));
}

brio::awaitable<> file_sink::finish() { co_await brio::to_thread(complete, file_, std::move(block_)); }

} // namespace fetch

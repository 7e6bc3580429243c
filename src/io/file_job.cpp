// SPDX-License-Identifier: BSL-1.0
// What threads do with an open file.
#include "io/file_state.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>

namespace brio::inline v0::detail {

namespace {

// Between two of these a job looks whether anybody still waits.
constexpr std::size_t piece = 1024 * 1024;

}  // namespace

void file_job::call() noexcept {
    try {
        work();
    } catch (...) {  // out of memory
        failure = std::current_exception();
    }
}

void file_job::work() {
    const int fd = descriptor_->get();
    int status = 0;
    switch (task) {
        case file_task::read: read(number < 0 ? std::numeric_limits<std::int64_t>::max() : number); return;
        case file_task::line: read_line(); return;
        case file_task::write: write(); return;
        case file_task::size:
        case file_task::seek_end: find_size(); return;
        case file_task::truncate: status = ::ftruncate(fd, number); break;
        case file_task::sync: status = ::fsync(fd); break;
        case file_task::sync_data: status = ::fdatasync(fd); break;
        case file_task::close: error = descriptor_->close(); return;
        default: break;
    }
    if (status != 0) error = errno;
}

/// At most `limit` bytes; what the size of the file promises is made room for at once.
void file_job::read(std::int64_t limit) {
    struct stat now {};
    std::int64_t expected = static_cast<std::int64_t>(piece);
    if (::fstat(descriptor_->get(), &now) == 0 && now.st_size > offset) expected = now.st_size - offset + 1;
    data.reserve(static_cast<std::size_t>(std::min(limit, expected)));
    while (limit > static_cast<std::int64_t>(data.size()) && !is_given_up()) {
        const auto missing = static_cast<std::uint64_t>(limit) - data.size();
        if (!append_piece(static_cast<std::size_t>(std::min<std::uint64_t>(missing, piece)))) return;
    }
}

void file_job::read_line() {
    const auto size = static_cast<std::size_t>(number);
    for (std::size_t seen = 0; append_piece(size) && !is_given_up(); seen = data.size()) {
        if (data.find('\n', seen) != data.npos) return;
    }
}

/// False at the end of the file, and when it failed.
bool file_job::append_piece(std::size_t size) {
    const std::size_t before = data.size();
    data.resize(before + size);
    const std::int64_t got = read_fully(descriptor_->get(), data.data() + before, size, offset + static_cast<std::int64_t>(before));
    data.resize(before + static_cast<std::size_t>(std::max<std::int64_t>(got, 0)));
    if (got < 0) error = static_cast<int>(-got);
    return got == static_cast<std::int64_t>(size);
}

void file_job::write() {
    error = write_fully(descriptor_->get(), data, offset);
    if (offset >= 0) {
        number = offset + static_cast<std::int64_t>(data.size());
    } else {
        number = ::lseek(descriptor_->get(), 0, SEEK_CUR);  // the end of what was appended
    }
    data = std::string();
}

void file_job::find_size() {
    struct stat now {};
    if (::fstat(descriptor_->get(), &now) != 0) {
        error = errno;
        return;
    }
    number = now.st_size;
    if (!S_ISBLK(now.st_mode)) return;
    number = ::lseek(descriptor_->get(), 0, SEEK_END);  // of these only seeking knows it
    if (number < 0) error = errno;
}

}  // namespace brio::inline v0::detail

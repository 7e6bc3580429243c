// SPDX-License-Identifier: BSL-1.0
// A file that appears under its name when it is complete, or not at all.
#include "part_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

namespace fetch {

namespace {

// An attempt that was cut off may still be writing when the next one begins: no two share a name. Finished
// files never begin with a dot, so that no URL can name one of these.
std::filesystem::path part_of(const std::filesystem::path& file) {
    static std::atomic<unsigned> serial{0};
    return file.parent_path() / ("." + file.filename().string() + "." + std::to_string(++serial) + ".part");
}

} // namespace

part_file::part_file(std::filesystem::path final_path)
    : final_(std::move(final_path)), part_(part_of(final_)) {}

part_file::~part_file() {
    if (descriptor_ >= 0) ::close(descriptor_);
    if (exists_) ::unlink(part_.c_str());
}

void part_file::append(std::string_view bytes) {
    if (descriptor_ < 0) open();
    while (!bytes.empty()) {
        const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail("cannot write");
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

void part_file::commit() {
    if (descriptor_ < 0) open(); // an empty body is a file, too
    close();
    if (std::rename(part_.c_str(), final_.c_str()) != 0) fail("cannot rename the complete file to");
    exists_ = false;
}

void part_file::open() {
    descriptor_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (descriptor_ < 0) fail("cannot create");
    exists_ = true;
}

void part_file::close() {
    if (::close(std::exchange(descriptor_, -1)) != 0) fail("cannot write");
}

void part_file::fail(const char* what) const {
    const std::error_code reason(errno, std::generic_category());
    throw std::system_error(reason, what + (" '" + final_.string() + "'"));
}

} // namespace fetch

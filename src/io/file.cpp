// SPDX-License-Identifier: BSL-1.0
// Opening files, and the verbs on them.
#include <brio/io/file.hpp>

#include "io/file_state.hpp"
#include "io/thread_verb.hpp"

#include <brio/core/error.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace brio::inline v0 {

namespace detail {

opened_file::opened_file(std::shared_ptr<open_descriptor> opened, std::string name, bool appending, std::size_t size) noexcept
    : descriptor(std::move(opened)), path(std::move(name)), appends(appending), buffer_size(size) {}
opened_file::opened_file(opened_file&&) noexcept = default;
opened_file::~opened_file() = default;

ref<sequence> make_file_state(opened_file opened) { return ref<sequence>(new file_state(std::move(opened)), adopt); }

file open_operation::resume() { return file(make_file_state(static_cast<thread_call_result<opened_file>&>(*call_).take())); }

std::size_t file_read_into::resume() {
    throw_if_failed();
    std::memcpy(target_, data().data(), data().size());
    return data().size();
}

namespace {

constexpr const char* opening = "open_file failed:";

// What has no place to read at is a stream; a directory has no bytes.
int reason_to_refuse(int fd) noexcept {
    struct stat now {};
    if (::fstat(fd, &now) != 0) return errno;
    if (S_ISDIR(now.st_mode)) return EISDIR;
    if (S_ISCHR(now.st_mode) && ::isatty(fd)) return ESPIPE;
    return ::lseek(fd, 0, SEEK_CUR) < 0 ? errno : 0;
}

opened_file open_in_thread(std::string path, file_options options) {
    // Non-blocking: opening a pipe would wait for its other end.
    unique_descriptor fd = open_path(opening, path, options.flags() | O_NONBLOCK, options.chosen_permissions());
    if (const int error = reason_to_refuse(fd.get())) throw file_error(opening, path, error);
    const int flags = ::fcntl(fd.get(), F_GETFL);
    if (flags >= 0) ::fcntl(fd.get(), F_SETFL, flags & ~O_NONBLOCK);
    return opened_file(std::make_shared<open_descriptor>(std::move(fd)), std::move(path), options.appends(),
                       options.chosen_buffer_size());
}

}  // namespace

}  // namespace detail

file_options::file_options(std::string_view mode) {
    const std::string_view letters = mode.substr(0, std::min<std::size_t>(mode.size(), 1));
    if (letters == "r") {
        read();
    } else if (letters == "w") {
        create().truncate();
    } else if (letters == "x") {
        write().exclusive();
    } else if (letters == "a") {
        append().create();
    }
    std::string_view rest = mode.substr(letters.size());
    bool both = false;
    bool binary = false;
    for (; !rest.empty(); rest.remove_prefix(1)) {
        bool& seen = rest[0] == '+' ? both : binary;
        if ((rest[0] != '+' && rest[0] != 'b') || seen) break;
        seen = true;
    }
    if (!rest.empty() || !(read_ || write_)) {
        throw std::invalid_argument("file_options: '" + std::string(mode) +
                                    "' is no mode: one of r, w, x, a, then maybe + to read and write");
    }
    if (both) read().write();
}

int file_options::flags() const noexcept {
    const int access = read_ && write_ ? O_RDWR : write_ ? O_WRONLY : O_RDONLY;
    return access | (append_ ? O_APPEND : 0) | (create_ ? O_CREAT : 0) | (exclusive_ ? O_EXCL : 0) | (truncate_ ? O_TRUNC : 0);
}

detail::open_operation open_file(std::string path, const file_options& options, const source_location& where) {
    return detail::open_operation(detail::make_thread_call(&detail::open_in_thread, std::move(path), options), where);
}

file::file() noexcept = default;
file::file(detail::ref<detail::sequence> state) noexcept : state_(std::move(state)) {}
file::file(file&& other) noexcept = default;
file& file::operator=(file&& other) noexcept = default;
file::~file() = default;

const detail::ref<detail::sequence>& file::require_state() const {
    if (!state_) throw invalid_state_error("this file object has no file: it was moved from, or never had one");
    return state_;
}

detail::file_read file::read(std::size_t count, const source_location& where) const {
    return {require_state(), count > static_cast<std::size_t>(INT64_MAX) ? -1 : static_cast<std::int64_t>(count), where};
}

detail::file_read_into file::read_into(void* data, std::size_t size, const source_location& where) const {
    return {require_state(), data, size, where};
}

detail::file_line file::next_line(const source_location& where) const { return {require_state(), where}; }

detail::file_done file::write(std::string data, const source_location& where) const {
    return {require_state(), detail::file_task::write, 0, std::move(data), where};
}

detail::file_number file::seek(std::int64_t offset, seek_from base, const source_location& where) const {
    using detail::file_task;
    file_task task = file_task::seek;
    if (base == seek_from::current) task = file_task::seek_current;
    if (base == seek_from::end) task = file_task::seek_end;
    return {require_state(), task, offset, where};
}

std::uint64_t file::tell() const {
    const auto& state = static_cast<const detail::file_state&>(*require_state());
    if (state.descriptor() < 0) throw invalid_state_error("the file '" + state.path() + "' is closed");
    return static_cast<std::uint64_t>(state.position());
}

detail::file_number file::size(const source_location& where) const {
    return {require_state(), detail::file_task::size, 0, where};
}

detail::file_done file::truncate(std::uint64_t size, const source_location& where) const {
    if (size > static_cast<std::uint64_t>(INT64_MAX)) {
        throw std::invalid_argument("file.truncate: " + std::to_string(size) + " bytes are more than a file can have");
    }
    return {require_state(), detail::file_task::truncate, static_cast<std::int64_t>(size), {}, where};
}

detail::file_done file::sync(const source_location& where) const {
    return {require_state(), detail::file_task::sync, 0, {}, where};
}

detail::file_done file::sync_data(const source_location& where) const {
    return {require_state(), detail::file_task::sync_data, 0, {}, where};
}

detail::file_done file::close(const source_location& where) const {
    return {require_state(), detail::file_task::close, 0, {}, where};
}

bool file::is_open() const noexcept { return native_handle() >= 0; }

const std::string& file::path() const noexcept {
    static const std::string none;
    return state_ ? static_cast<const detail::file_state&>(*state_).path() : none;
}

int file::native_handle() const noexcept {
    return state_ ? static_cast<const detail::file_state&>(*state_).descriptor() : -1;
}

}  // namespace brio::inline v0

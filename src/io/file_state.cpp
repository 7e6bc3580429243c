// SPDX-License-Identifier: BSL-1.0
// Which operations need a thread, and what becomes of what that has found.
#include "io/file_state.hpp"

#include "io/background.hpp"

#include <brio/core/error.hpp>

#include <algorithm>
#include <stdexcept>

namespace brio::inline v0::detail {

namespace {

const char* description(file_task task) noexcept {
    switch (task) {
        case file_task::read: return "file.read()";
        case file_task::line: return "file.next_line()";
        case file_task::write: return "file.write()";
        case file_task::seek:
        case file_task::seek_current:
        case file_task::seek_end: return "file.seek()";
        case file_task::size: return "file.size()";
        case file_task::truncate: return "file.truncate()";
        case file_task::sync: return "file.sync()";
        case file_task::sync_data: return "file.sync_data()";
        case file_task::close: return "file.close()";
    }
    return "a file";
}

std::int64_t checked_sum(std::int64_t base, std::int64_t offset) {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(base, offset, &sum) || sum < 0) {
        throw std::invalid_argument("file.seek: " + std::to_string(offset) + " bytes from " + std::to_string(base) +
                                    " is no place in a file");
    }
    return sum;
}

}  // namespace

file_operation::file_operation(ref<sequence> opened, file_task task, std::int64_t number, std::string data,
                               const source_location& where)
    : sequence_operation(std::move(opened), description(task), where), task_(task), number_(number), data_(std::move(data)) {}

file_state::file_state(opened_file opened)
    : descriptor_(std::move(opened.descriptor)),
      path_(std::move(opened.path)),
      appends_(opened.appends),
      buffer_size_(opened.buffer_size) {}

file_state::~file_state() {
    if (descriptor_) run_in_background([descriptor = std::move(descriptor_)]() mutable { descriptor.reset(); });
}

void file_state::require_open() const {
    if (!descriptor_) throw invalid_state_error("the file '" + path_ + "' is closed");
}

void file_state::fail(file_task task, int error) const {
    throw file_error(std::string(description(task)) + " failed:", path_, error);
}

bool file_state::serve(sequence_operation& operation) {
    auto& wanted = static_cast<file_operation&>(operation);
    if (wanted.task_ == file_task::close) return !descriptor_;
    require_open();
    switch (wanted.task_) {
        case file_task::read: return serve_read(wanted, false);
        case file_task::line: return serve_line(wanted, false);
        case file_task::seek: serve_seek(wanted, 0); return true;
        case file_task::seek_current: serve_seek(wanted, position_); return true;
        case file_task::write: return wanted.data_.empty();
        default: return false;
    }
}

ref<sequence_job> file_state::make_job(sequence_operation& operation) {
    auto& wanted = static_cast<file_operation&>(operation);
    const auto ahead = static_cast<std::int64_t>(buffered());
    std::int64_t offset = position_;
    std::int64_t number = wanted.number_;
    switch (wanted.task_) {
        case file_task::read:
            offset += ahead;
            if (number >= 0) number = std::max(number - ahead, static_cast<std::int64_t>(buffer_size_));
            break;
        case file_task::line:
            offset += ahead;
            number = static_cast<std::int64_t>(buffer_size_);
            break;
        case file_task::write:
            if (appends_) offset = -1;
            break;
        default: break;
    }
    return ref<sequence_job>(new file_job(descriptor_, wanted.task_, offset, number, std::move(wanted.data_)), adopt);
}

void file_state::accept(sequence_job& job, sequence_operation* operation) {
    auto& done = static_cast<file_job&>(job);
    auto* const wanted = static_cast<file_operation*>(operation);
    if (done.task == file_task::write || done.task == file_task::truncate) forget_buffer();
    if (done.task == file_task::close) descriptor_ = nullptr;
    if (done.failure) std::rethrow_exception(done.failure);
    if (done.error) fail(done.task, done.error);
    switch (done.task) {
        case file_task::read:
        case file_task::line: {
            fill(std::move(done.data), wanted || buffered() + done.data.size() <= buffer_size_);
            if (wanted && done.task == file_task::read) serve_read(*wanted, true);
            if (wanted && done.task == file_task::line) serve_line(*wanted, true);
            break;
        }
        case file_task::write:
            if (wanted) position_ = done.number;
            break;
        case file_task::size:
            if (wanted) wanted->number_ = done.number;
            break;
        case file_task::seek_end:
            if (wanted) serve_seek(*wanted, done.number);
            break;
        default: break;
    }
}

bool file_state::serve_read(file_operation& wanted, bool at_end) {
    const bool all = wanted.number_ < 0;
    const std::size_t count = all ? buffered() : std::min(buffered(), static_cast<std::size_t>(wanted.number_));
    if (!at_end && (all || count < static_cast<std::size_t>(wanted.number_))) return false;
    if (begin_ == 0 && count == buffer_.size()) {
        wanted.data_ = std::move(buffer_);
        position_ += static_cast<std::int64_t>(count);
        forget_buffer();
    } else {
        wanted.data_.assign(buffer_, begin_, count);
        consume(count);
    }
    return true;
}

bool file_state::serve_line(file_operation& wanted, bool at_end) {
    const auto newline = buffer_.find('\n', std::max(begin_, scanned_));
    if (newline == buffer_.npos) {
        scanned_ = buffer_.size();
        if (!at_end) return false;
        wanted.found_ = buffered() > 0;
    } else {
        wanted.found_ = true;
    }
    const std::size_t end = std::min(newline, buffer_.size());
    const bool has_return = newline != buffer_.npos && end > begin_ && buffer_[end - 1] == '\r';
    wanted.data_.assign(buffer_, begin_, end - begin_ - (has_return ? 1 : 0));
    consume(std::min(end + 1, buffer_.size()) - begin_);
    return true;
}

void file_state::serve_seek(file_operation& wanted, std::int64_t base) {
    const std::int64_t target = checked_sum(base, wanted.number_);
    if (target >= position_ && target - position_ <= static_cast<std::int64_t>(buffered())) {
        consume(static_cast<std::size_t>(target - position_));
    } else {
        position_ = target;
        forget_buffer();
    }
    wanted.number_ = target;
}

void file_state::fill(std::string data, bool keep) {
    if (!keep) return;  // a large read that nobody waits for any more
    if (buffered() == 0) {
        buffer_ = std::move(data);
        begin_ = scanned_ = 0;
        return;
    }
    buffer_.erase(0, begin_);
    scanned_ -= std::min(scanned_, begin_);
    begin_ = 0;
    buffer_ += data;
}

void file_state::consume(std::size_t count) noexcept {
    begin_ += count;
    position_ += static_cast<std::int64_t>(count);
    if (begin_ == buffer_.size()) forget_buffer();
}

void file_state::forget_buffer() noexcept {
    buffer_.clear();
    begin_ = scanned_ = 0;
}

}  // namespace brio::inline v0::detail

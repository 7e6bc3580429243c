// SPDX-License-Identifier: BSL-1.0
// An open file: its descriptor, which threads share, and what the loop knows of it.
#pragma once

#include "io/posix_file.hpp"

#include <brio/core/config.hpp>
#include <brio/detail/file_operation.hpp>
#include <brio/detail/sequence.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <string>

namespace brio::inline v0::detail {

/// Shared by the file and by the jobs that use it.
class open_descriptor {
public:
    explicit open_descriptor(unique_descriptor fd) noexcept : fd_(std::move(fd)) {}
    [[nodiscard]] int get() const noexcept { return fd_.get(); }
    [[nodiscard]] int close() noexcept { return fd_.close(); }

private:
    unique_descriptor fd_;
};

/// The part of one operation that may block.
class file_job final : public sequence_job {
public:
    file_job(std::shared_ptr<open_descriptor> descriptor, file_task what, std::int64_t at, std::int64_t count, std::string bytes)
        : task(what), offset(at), number(count), data(std::move(bytes)), descriptor_(std::move(descriptor)) {}

    file_task task;
    std::int64_t offset;  // -1: at the end, for a write
    std::int64_t number;  // bytes to read (-1: to the end) or the size of a piece of lines; the size; then the result
    std::string data;     // to write, or what was read
    int error = 0;        // of the system
    std::exception_ptr failure;

private:
    void call() noexcept override;
    void work();
    void read(std::int64_t limit);
    void read_line();
    bool append_piece(std::size_t size);
    void write();
    void find_size();

    std::shared_ptr<open_descriptor> descriptor_;
};

/// Where the file is read and written. The buffer holds what follows the position.
class file_state final : public sequence {
public:
    explicit file_state(opened_file opened);

    [[nodiscard]] const std::string& path() const noexcept { return path_; }
    [[nodiscard]] std::int64_t position() const noexcept { return position_; }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_ ? descriptor_->get() : -1; }

private:
    ~file_state() override;

    bool serve(sequence_operation& operation) override;
    ref<sequence_job> make_job(sequence_operation& operation) override;
    void accept(sequence_job& job, sequence_operation* operation) override;

    [[nodiscard]] std::size_t buffered() const noexcept { return buffer_.size() - begin_; }
    bool serve_read(file_operation& wanted, bool at_end);
    bool serve_line(file_operation& wanted, bool at_end);
    void serve_seek(file_operation& wanted, std::int64_t base);
    void fill(std::string data, bool keep);
    void consume(std::size_t count) noexcept;
    void forget_buffer() noexcept;
    void require_open() const;
    [[noreturn]] void fail(file_task task, int error) const;

    std::shared_ptr<open_descriptor> descriptor_;  // null: closed
    std::string path_;
    bool appends_;
    std::size_t buffer_size_;
    std::int64_t position_ = 0;
    std::string buffer_;
    std::size_t begin_ = 0;    // of what is not consumed
    std::size_t scanned_ = 0;  // no line ends before this
};

}  // namespace brio::inline v0::detail

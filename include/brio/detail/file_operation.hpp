// SPDX-License-Identifier: BSL-1.0
// What can be done with an open file.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/sequence.hpp>
#include <brio/detail/thread_call.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace brio::inline v0 {
class file;
}

namespace brio::inline v0::detail {

class file_state;
class open_descriptor;

enum class file_task : std::uint8_t { read, line, write, seek, seek_current, seek_end, size, truncate, sync, sync_data, close };

/// One operation: what it wants, and what came of it.
class BRIO_API file_operation : public sequence_operation {
protected:
    file_operation(ref<sequence> opened, file_task task, std::int64_t number, std::string data, const source_location& where);
    file_operation(file_operation&&) noexcept = default;
    ~file_operation() = default;

    [[nodiscard]] std::string& data() noexcept { return data_; }
    [[nodiscard]] std::int64_t number() const noexcept { return number_; }
    [[nodiscard]] bool found() const noexcept { return found_; }

private:
    friend class file_state;

    file_task task_;
    bool found_ = false;   // there was a line
    std::int64_t number_;  // a count of bytes (-1: all), an offset, a size
    std::string data_;
};

class BRIO_API [[nodiscard("a read does nothing unless it is awaited: co_await it")]] file_read final : public file_operation {
public:
    using value_type = std::string;
    file_read(ref<sequence> opened, std::int64_t count, const source_location& where)
        : file_operation(std::move(opened), file_task::read, count, {}, where) {}
    file_read(file_read&&) noexcept = default;

    std::string resume() {
        throw_if_failed();
        return std::move(data());
    }
};

class BRIO_API [[nodiscard("a read does nothing unless it is awaited: co_await it")]] file_read_into final : public file_operation {
public:
    using value_type = std::size_t;
    file_read_into(ref<sequence> opened, void* target, std::size_t size, const source_location& where)
        : file_operation(std::move(opened), file_task::read, static_cast<std::int64_t>(size), {}, where), target_(target) {}
    file_read_into(file_read_into&&) noexcept = default;

    std::size_t resume();

private:
    void* target_;
};

class BRIO_API [[nodiscard("a read does nothing unless it is awaited: co_await it")]] file_line final : public file_operation {
public:
    using value_type = std::optional<std::string>;
    file_line(ref<sequence> opened, const source_location& where)
        : file_operation(std::move(opened), file_task::line, 0, {}, where) {}
    file_line(file_line&&) noexcept = default;

    std::optional<std::string> resume() {
        throw_if_failed();
        std::optional<std::string> line;
        if (found()) line.emplace(std::move(data()));
        return line;
    }
};

class BRIO_API [[nodiscard("this does nothing unless it is awaited: co_await it")]] file_number final : public file_operation {
public:
    using value_type = std::uint64_t;
    file_number(ref<sequence> opened, file_task task, std::int64_t number, const source_location& where)
        : file_operation(std::move(opened), task, number, {}, where) {}
    file_number(file_number&&) noexcept = default;

    std::uint64_t resume() {
        throw_if_failed();
        return static_cast<std::uint64_t>(number());
    }
};

class BRIO_API [[nodiscard("this does nothing unless it is awaited: co_await it")]] file_done final : public file_operation {
public:
    using value_type = void;
    file_done(ref<sequence> opened, file_task task, std::int64_t number, std::string data, const source_location& where)
        : file_operation(std::move(opened), task, number, std::move(data), where) {}
    file_done(file_done&&) noexcept = default;

    void resume() { throw_if_failed(); }
};

/// What a thread has opened.
class BRIO_API opened_file {
public:
    opened_file(std::shared_ptr<open_descriptor> descriptor, std::string path, bool appends, std::size_t buffer_size) noexcept;
    opened_file(opened_file&&) noexcept;
    ~opened_file();

    std::shared_ptr<open_descriptor> descriptor;
    std::string path;
    bool appends;
    std::size_t buffer_size;
};

/// In the loop that is running.
[[nodiscard]] BRIO_API ref<sequence> make_file_state(opened_file opened);

class BRIO_API [[nodiscard("open_file does nothing unless it is awaited: co_await it")]] open_operation final
    : public thread_wait {
public:
    using value_type = file;
    open_operation(ref<thread_call_result<opened_file>> call, const source_location& where) noexcept
        : thread_wait(nullptr, std::move(call), "open_file", where) {}
    open_operation(open_operation&&) noexcept = default;

    file resume();
};

}  // namespace brio::inline v0::detail

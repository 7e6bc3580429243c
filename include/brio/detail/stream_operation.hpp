// SPDX-License-Identifier: BSL-1.0
// What the operations of a stream have in common.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/read_request.hpp>
#include <brio/detail/ref.hpp>

#include <cstddef>
#include <cstdint>
#include <utility>

namespace brio::inline v0::detail {

/// The counted base of a stream's inside (stream_state). It belongs to the loop's thread.
class BRIO_API stream_core {
public:
    stream_core() noexcept = default;
    stream_core(const stream_core&) = delete;
    stream_core& operator=(const stream_core&) = delete;
    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

protected:
    virtual ~stream_core();

private:
    std::uint32_t refs_ = 0;
};

/// An operation on a stream; keeps the inside alive.
class stream_operation : public operation_base {
public:
    stream_operation(stream_core& of, const char* name, const source_location& where) noexcept
        : operation_base(where), stream_(&of), name_(name) {}
    stream_operation(stream_operation&&) noexcept = default;
    [[nodiscard]] const char* describe() const noexcept override { return name_; }

protected:
    ~stream_operation() = default;
    [[nodiscard]] stream_core& core() const noexcept { return *stream_; }
    [[nodiscard]] bool was_moved() const noexcept { return !stream_; }

private:
    ref<stream_core> stream_;
    const char* name_;
};

/// A read. At most one of a stream waits at a time.
class BRIO_API stream_reader : public stream_operation {
public:
    stream_reader(stream_core& of, const read_request& what, const char* name, const source_location& where) noexcept
        : stream_operation(of, name, where), request_(what) {}
    stream_reader(stream_reader&& other) noexcept : stream_operation(std::move(other)), target(other.target), request_(other.request_) {}

    bool ready();
    void suspend();
    cancel_reply cancel() noexcept override;

    [[nodiscard]] read_request& request() noexcept { return request_; }
    /// Where a chunk ends; null for reads by size.
    [[nodiscard]] virtual const separator_set* separators() const noexcept { return nullptr; }
    read_request::verdict verdict = read_request::verdict::wait;
    /// Where the bytes go past the stream's buffer when that is empty; null: always through it.
    void* target = nullptr;
    std::size_t direct = 0;  // bytes that went there
    bool leaving = false;    // cancelled while bytes may still go there

protected:
    ~stream_reader();
    /// The read is over: lets the next one in, and throws the error of the stream if there is one, or the cancel.
    void leave();

    read_request request_;
};

}  // namespace brio::inline v0::detail

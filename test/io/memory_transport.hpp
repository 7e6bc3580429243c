// SPDX-License-Identifier: BSL-1.0
// A connection inside of the process. Waiting for it is no work of the io_context, so virtual time goes on meanwhile.
#pragma once

#include "io/stream_state.hpp"
#include "io/transport.hpp"

#include <brio/brio.hpp>
#include <brio/testing/fail_each.hpp>

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace io_test {

/// One direction of a connection.
struct memory_channel {
    explicit memory_channel(std::size_t room) : capacity(room) {}

    const std::size_t capacity;
    std::string bytes;
    bool ended = false;  // nothing more will be written
    bool broken = false; // nobody reads any more
    bool reset = false;
    std::optional<brio::detail::io_handler> reader;
    std::optional<brio::detail::io_handler> writer;
    void* target = nullptr;
    std::size_t target_size = 0;
    std::string_view source;

    bool read(void* data, std::size_t size, brio::detail::io_result& result) noexcept {
        if (bytes.empty() && !ended && !reset) return false;
        if (brio::testing::fault_points::fails("connection.read")) reset = true;
        result.bytes = std::min(size, bytes.size());
        std::memcpy(data, bytes.data(), result.bytes);
        bytes.erase(0, result.bytes);
        if (result.bytes == 0 && reset) result.ec = boost::asio::error::connection_reset;
        if (result.bytes == 0 && !reset) result.ec = boost::asio::error::eof;
        return true;
    }
    bool write(std::string_view data, brio::detail::io_result& result) {
        if (brio::testing::fault_points::fails("connection.write")) reset = true;
        if (broken || reset) result.ec = boost::asio::error::broken_pipe;
        result.bytes = result.ec ? 0 : std::min(data.size(), capacity - std::min(capacity, bytes.size()));
        bytes.append(data.substr(0, result.bytes));
        return result.ec || result.bytes > 0;
    }
    /// Completes what can go on.
    void move_on(boost::asio::io_context& context) {
        for (bool again = true; again;) {
            again = false;
            brio::detail::io_result step;
            if (reader && read(target, target_size, step)) again = complete(context, reader, step);
            step = {};
            if (writer && write(source, step)) again = complete(context, writer, step);
        }
    }
    static bool complete(boost::asio::io_context& context, std::optional<brio::detail::io_handler>& who, brio::detail::io_result result) {
        brio::detail::io_handler told = std::move(*who);
        who.reset();
        boost::asio::post(context, [told = std::move(told), result]() mutable { told(result.ec, result.bytes); });
        return true;
    }
};

class memory_transport final : public brio::detail::transport {
public:
    using channel = std::shared_ptr<memory_channel>;
    memory_transport(boost::asio::io_context& context, channel in, channel out) : context_(context), in_(std::move(in)), out_(std::move(out)) {}
    ~memory_transport() override { close(); }

    bool try_read(void* data, std::size_t size, brio::detail::io_result& result) noexcept override {
        if (closed_ || !in_->read(data, size, result)) return false;
        in_->move_on(context_);
        return true;
    }
    bool try_write(std::string_view data, brio::detail::io_result& result) noexcept override {
        if (closed_ || !out_->write(data, result)) return false;
        out_->move_on(context_);
        return true;
    }
    void start_read(void* data, std::size_t size, brio::detail::io_handler handler) override {
        in_->target = data;
        in_->target_size = size;
        in_->reader.emplace(std::move(handler));
        in_->move_on(context_);
    }
    void start_write(std::string_view data, brio::detail::io_handler handler) override {
        out_->source = data;
        out_->writer.emplace(std::move(handler));
        out_->move_on(context_);
    }
    void cancel() noexcept override {
        const brio::detail::io_result aborted{boost::asio::error::operation_aborted, 0};
        if (in_->reader) memory_channel::complete(context_, in_->reader, aborted);
        if (out_->writer) memory_channel::complete(context_, out_->writer, aborted);
    }
    void close() noexcept override {
        if (std::exchange(closed_, true)) return;
        cancel();
        out_->ended = true;
        in_->broken = true;
        out_->move_on(context_);
        in_->move_on(context_);
    }
    [[nodiscard]] bool is_quiet() noexcept override { return in_->bytes.empty() && !in_->ended; }
    [[nodiscard]] bool can_write_eof() const noexcept override { return true; }
    [[nodiscard]] boost::system::error_code write_eof() noexcept override {
        out_->ended = true;
        out_->move_on(context_);
        return {};
    }

private:
    boost::asio::io_context& context_;
    channel in_;
    channel out_;
    bool closed_ = false;
};

/// Both ends of a connection that holds `capacity` bytes in each direction.
struct memory_connection {
    explicit memory_connection(std::size_t capacity = 64 * 1024)
        : context(brio::get_running_loop().context()),
          up(std::make_shared<memory_channel>(capacity)),
          down(std::make_shared<memory_channel>(capacity)),
          near(std::make_unique<memory_transport>(context, down, up)),
          far(std::make_unique<memory_transport>(context, up, down)) {}

    /// Both sides meet a reset.
    void reset() const {
        for (const auto& one : {up, down}) {
            one->bytes.clear();
            one->reset = true;
            one->move_on(context);
        }
    }

    boost::asio::io_context& context;
    memory_transport::channel up;
    memory_transport::channel down;
    std::unique_ptr<memory_transport> near;
    std::unique_ptr<memory_transport> far;
};

}  // namespace io_test

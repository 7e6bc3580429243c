// SPDX-License-Identifier: BSL-1.0
// The transport whose peer is a function.
#pragma once

#include "http/request_parser.hpp"
#include "io/transport.hpp"

#include <brio/detail/timer_heap.hpp>
#include <brio/http/mock.hpp>

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::detail {
class scheduler;
}

namespace brio::inline v0::http::detail {

/// What all connections of a mock share.
class mock_state {
public:
    explicit mock_state(mock::handler handler) : answer(std::move(handler)) {}

    /// Throws connect_error when connections are refused.
    std::unique_ptr<brio::detail::transport> connect(const std::shared_ptr<mock_state>& self, const http::url& target);

    /// How a reply arrives.
    struct delivery {
        std::string bytes;
        std::size_t piece;
        mock_reply::duration delay;
        mock_reply::duration pause;
        bool ends;   // the connection, behind it
        bool breaks; // ... by a reset
    };
    delivery deliver(const mock_request& request);

    mock::handler answer;
    std::vector<mock_request> requests;
    std::size_t connections = 0;
    bool refuses = false;
};

class mock_transport final : public brio::detail::transport, private brio::detail::timer_node {
public:
    mock_transport(std::shared_ptr<mock_state> state, std::string origin);
    ~mock_transport() override;

    bool try_read(void* data, std::size_t size, brio::detail::io_result& result) noexcept override;
    bool try_write(std::string_view data, brio::detail::io_result& result) noexcept override;
    void start_read(void* data, std::size_t size, brio::detail::io_handler handler) override;
    void start_write(std::string_view data, brio::detail::io_handler handler) override;
    void cancel() noexcept override;
    void close() noexcept override;
    [[nodiscard]] bool is_quiet() noexcept override;

private:
    struct arrival {
        brio::detail::time_point when;
        std::string bytes; // empty: the end
    };

    void fire() noexcept override;
    void take(std::string_view data);
    void serve();
    void send(const mock_state::delivery& reply);
    void settle() noexcept;
    void post(brio::detail::io_handler handler, const brio::detail::io_result& result);

    std::shared_ptr<mock_state> state_;
    std::string origin_;
    brio::detail::scheduler& sched_;
    boost::asio::io_context& context_;
    request_parser parser_;
    std::string input_; // of the server
    std::string body_;
    bool continued_ = false;
    std::deque<arrival> coming_;
    std::string ready_;
    std::optional<brio::detail::io_handler> reader_;
    void* room_ = nullptr;
    std::size_t room_size_ = 0;
    bool breaks_ = false; // the end, when it comes, is a reset
    bool ended_ = false;
    bool closed_ = false;
};

} // namespace brio::inline v0::http::detail

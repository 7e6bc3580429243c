// SPDX-License-Identifier: BSL-1.0
// server_connection: one client: requests in, answers out, in order.
#pragma once

#include "http/file_reply.hpp"
#include "http/request_parser.hpp"
#include "http/request_source.hpp"
#include "http/response_writer.hpp"
#include "http/server_access.hpp"
#include "http/server_core.hpp"
#include "http/server_link.hpp"
#include "http/turn_budget.hpp"

#include <brio/core/awaitable.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/io/stream.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

class body_of_connection;

/// Counted, since a handler may leave a task behind that still reads a request's body.
class server_connection final : public std::enable_shared_from_this<server_connection>, public brio::detail::list_hook {
public:
    server_connection(std::shared_ptr<server_core> core, stream client);
    ~server_connection();
    server_connection(const server_connection&) = delete;
    server_connection& operator=(const server_connection&) = delete;

    awaitable<> serve();
    /// Ends after the answer that is under way; at once when there is none.
    void leave_soon() noexcept;

private:
    friend class body_of_connection;

    /// What became of a head that was waited for.
    enum class arrival : unsigned char { complete, refused, late, gone };
    awaitable<arrival> read_head();
    /// Serves one request: false when the connection is not to be used any more.
    awaitable<bool> serve_request();
    /// The answer, the body of the request being read before that unless the handler wants to do so.
    awaitable<reply> make_answer(destination to);
    awaitable<std::string> read_body(std::uint64_t most);
    awaitable<std::string_view> next_body_view();
    /// Nobody reads the body of this request any more: who has its request still, is told so.
    void end_body() noexcept;
    awaitable<> invite();
    /// Reads what the handler has left of the body, if that is little: false when it is not.
    awaitable<bool> skip_body();

    /// Sends an answer; true when another request may follow.
    awaitable<bool> send(reply made);
    /// Puts an error page in the place of an answer that must not be sent.
    awaitable<> check(reply& made);
    /// The reply with its file, if it is one and no middleware had to see that before.
    awaitable<reply> with_file(reply made);
    /// Compresses it, or says that it has to be while it is sent.
    awaitable<bool> pack(reply& made);
    /// Head and body of a reply whose head is in `output_` already.
    awaitable<bool> send_body(reply made, response_facts facts, bool packs);
    awaitable<> send_plain(const std::string& body, bool wanted);
    awaitable<> send_file(const file_body& body, bool wanted);
    awaitable<> send_produced(reply_producer& producer, body_plan plan, bool packs);
    awaitable<> hand_over(connection_taker& taker);
    awaitable<> refuse(unsigned status);
    std::optional<response_facts> write_head(const reply& made, body_plan plan, bool keep);
    [[nodiscard]] bool may_stay(const reply& made) const;
    [[nodiscard]] rate_guard write_pace() const;
    void begin_request();
    void note(unsigned status, bool complete);

    std::shared_ptr<server_core> core_;
    server_link link_;
    std::shared_ptr<const client_facts> client_;
    request_parser parser_;
    rate_guard body_pace_;
    turn_budget turn_;  // of requests and pieces that were there without waiting
    std::shared_ptr<body_of_connection> body_;
    std::string output_;
    connection_taker* taker_ = nullptr;  // has the connection
    std::size_t served_ = 0;
    std::uint64_t sent_before_ = 0;  // of this answer's body
    std::uint64_t body_limit_ = 0;
    std::chrono::steady_clock::time_point begun_;
    bool idle_ = false;
    bool invited_ = false;
    bool answering_ = false;  // the final head is on its way: what is sent now is its body
    bool reading_ = false;  // somebody waits for a piece of the body
    bool lingering_ = false;
    bool too_slow_ = false;  // the client has used up its time: for its 408 there is little left
};

}  // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// scripted_server: a peer at the level of bytes. Each accepted connection plays a script.
#pragma once

#include <brio/brio.hpp>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace http_test {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

/// What a server has seen so far.
struct records {
    std::size_t connections = 0;
    std::vector<std::string> requests;  // of all connections, in order of arrival
};

/// One connection of a scripted server. What the client does to the socket never throws: reading just ends.
class peer {
public:
    peer(tcp::socket connected, std::size_t place, std::shared_ptr<records> into)
        : index(place), socket_(std::move(connected)), seen_(std::move(into)) {
        socket_.set_option(tcp::no_delay(true));
    }

    /// Number of connections that came before this one.
    const std::size_t index;

    /// The next request, head and body as they came; empty when the client has gone.
    brio::awaitable<std::string> request() {
        while (!whole_request()) {
            const bool more = co_await read_more();
            if (!more) co_return std::string();
        }
        const std::size_t size = whole_request();
        std::string taken = buffer_.substr(0, size);
        buffer_.erase(0, size);
        seen_->requests.push_back(taken);
        co_return taken;
    }
    /// Reads until the client closes; everything that was not taken as a request.
    brio::awaitable<std::string> until_closed() {
        for (bool more = true; more;) more = co_await read_more();
        co_return buffer_;
    }
    /// Waits for at least that many bytes, without taking them.
    brio::awaitable<> until_received(std::size_t bytes) {
        for (bool more = true; more && buffer_.size() < bytes;) more = co_await read_more();
    }
    [[nodiscard]] const std::string& pending() const noexcept { return buffer_; }

    brio::awaitable<> send(std::string bytes) {
        boost::system::error_code ec;
        co_await asio::async_write(socket_, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
        rethrow_cancel(ec);
    }
    /// In pieces of that size, each a segment of its own, with some turns of the loop in between.
    brio::awaitable<> send_in_pieces(std::string bytes, std::size_t piece = 1) {
        for (std::size_t at = 0; at < bytes.size(); at += piece) {
            co_await send(bytes.substr(at, piece));
            for (int turn = 0; turn < 3; ++turn) co_await brio::sleep(std::chrono::seconds(0));
        }
    }
    /// Says that nothing more comes, but goes on listening.
    void half_close() {
        boost::system::error_code ignored;
        socket_.shutdown(tcp::socket::shutdown_send, ignored);
    }
    /// Closes with RST.
    void reset() {
        boost::system::error_code ignored;
        socket_.set_option(asio::socket_base::linger(true, 0), ignored);
        socket_.close(ignored);
    }
    void close() {
        boost::system::error_code ignored;
        socket_.close(ignored);
    }
    /// Does nothing until the server is stopped.
    brio::awaitable<> stall() { co_await never_.wait(); }
    [[nodiscard]] tcp::socket& socket() noexcept { return socket_; }

private:
    static void rethrow_cancel(const boost::system::error_code& ec) {
        if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
    }

    brio::awaitable<bool> read_more() {
        char piece[16 * 1024];
        boost::system::error_code ec;
        const std::size_t n =
            co_await socket_.async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ec));
        rethrow_cancel(ec);
        if (ec) co_return false;
        buffer_.append(piece, n);
        co_return true;
    }

    // Size of the request at the front of the buffer; 0 when it is not complete.
    [[nodiscard]] std::size_t whole_request() const {
        const std::size_t head = buffer_.find("\r\n\r\n");
        if (head == buffer_.npos) return 0;
        std::string lower = buffer_.substr(0, head + 2);
        std::transform(lower.begin(), lower.end(), lower.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        std::size_t body = 0;
        if (const std::size_t at = lower.find("\r\ncontent-length:"); at != lower.npos) {
            body = std::stoul(lower.substr(at + 17));
        }
        return buffer_.size() >= head + 4 + body ? head + 4 + body : 0;
    }

    tcp::socket socket_;
    std::shared_ptr<records> seen_;
    std::string buffer_;
    brio::event never_;
};

/// A coroutine function; the connection is closed when it ends. It may capture: it lives as long as the server's tasks.
using script = std::function<brio::awaitable<>(peer&)>;

/// Listens on a free port of the loopback interface. Needs a running loop. `co_await stop()` at the end of the test.
class scripted_server {
public:
    explicit scripted_server(script play, const std::string& address = "127.0.0.1", std::uint16_t port = 0)
        : state_(std::make_shared<state>(std::move(play), brio::get_running_loop().context())) {
        const tcp::endpoint local(asio::ip::make_address(address), port);
        state_->acceptor.open(local.protocol());
        state_->acceptor.set_option(asio::socket_base::reuse_address(true));
        state_->acceptor.bind(local);
        state_->acceptor.listen();
        port_ = state_->acceptor.local_endpoint().port();
        host_ = local.address().is_v6() ? "[" + address + "]" : address;
        accepting_ = brio::create_task(accept_all(state_), "scripted server");
    }
    scripted_server(const scripted_server&) = delete;
    scripted_server& operator=(const scripted_server&) = delete;
    ~scripted_server() { cancel_all(); }

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
    [[nodiscard]] std::string authority() const { return host_ + ":" + std::to_string(port_); }
    [[nodiscard]] std::string url(const std::string& path = "/") const { return "http://" + authority() + path; }
    [[nodiscard]] std::size_t connections() const noexcept { return state_->seen->connections; }
    [[nodiscard]] const std::vector<std::string>& requests() const noexcept { return state_->seen->requests; }
    /// Connections whose script has not ended.
    [[nodiscard]] std::size_t playing() const noexcept {
        const auto& all = state_->playing;
        return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [](const auto& t) { return !t.done(); }));
    }

    /// No further connections.
    void stop_listening() {
        boost::system::error_code ignored;
        state_->acceptor.close(ignored);
    }
    brio::awaitable<> stop() {
        cancel_all();
        std::vector<brio::task<>> all(state_->playing);
        all.push_back(accepting_);
        co_await brio::gather(brio::return_exceptions, std::move(all));
        stop_listening();
    }

private:
    struct state {
        state(script what, asio::io_context& context) : play(std::move(what)), acceptor(context) {}
        script play;
        tcp::acceptor acceptor;
        std::shared_ptr<records> seen = std::make_shared<records>();
        std::vector<brio::task<>> playing;
    };

    static brio::awaitable<> play_one(std::shared_ptr<state> of, tcp::socket connected, std::size_t place) {
        peer one(std::move(connected), place, of->seen);
        co_await of->play(one);
    }
    static brio::awaitable<> accept_all(std::shared_ptr<state> of) {
        for (;;) {
            boost::system::error_code ec;
            tcp::socket connected =
                co_await of->acceptor.async_accept(asio::redirect_error(asio::use_awaitable, ec));
            if (ec == asio::error::operation_aborted && of->acceptor.is_open()) throw boost::system::system_error(ec);
            if (ec) co_return;
            const std::size_t place = of->seen->connections++;
            of->playing.push_back(brio::create_task(play_one(of, std::move(connected), place), "scripted peer"));
        }
    }
    void cancel_all() const {
        accepting_.cancel();
        for (const auto& one : state_->playing) one.cancel();
    }

    std::shared_ptr<state> state_;
    brio::task<> accepting_;
    std::string host_;
    std::uint16_t port_ = 0;
};

/// `HTTP/1.1 STATUS` with Content-Length, further header lines (each with CR LF) and the body.
inline std::string answer(std::string_view status, std::string_view body, std::string_view more = {}) {
    return std::string("HTTP/1.1 ").append(status).append("\r\nContent-Length: ") + std::to_string(body.size()) +
           std::string("\r\n").append(more).append("\r\n").append(body);
}
inline std::string ok(std::string_view body, std::string_view more = {}) { return answer("200 OK", body, more); }

/// Answers every request with these bytes, and keeps the connection.
inline script always(std::string bytes) {
    return [bytes = std::move(bytes)](peer& client) -> brio::awaitable<> {
        for (;;) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            co_await client.send(bytes);
        }
    };
}
/// Answers one request with these bytes, then closes when the client has read them.
inline script once(std::string bytes) {
    return [bytes = std::move(bytes)](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(bytes);
    };
}
/// Takes one request and never answers.
inline script silent() {
    return [](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.until_closed();
    };
}
/// Answers by the path of the request; 404 for others.
inline script paths(std::vector<std::pair<std::string, std::string>> answers) {
    return [answers = std::move(answers)](peer& client) -> brio::awaitable<> {
        for (;;) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            std::string bytes = answer("404 Not Found", "");
            const std::size_t from = got.find(' ') + 1;
            const std::string target = got.substr(from, got.find(' ', from) - from);
            for (const auto& [path, reply] : answers) {
                if (path == target) bytes = reply;
            }
            co_await client.send(bytes);
        }
    };
}

}  // namespace http_test

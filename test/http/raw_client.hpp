// SPDX-License-Identifier: BSL-1.0
// raw_client: a client at the level of bytes, for tests of servers.
#pragma once

#include <brio/brio.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace http_test {

/// An answer as it came.
struct raw_answer {
    unsigned status = 0;
    std::string head;
    std::string body;  // without chunks

    /// The value of a field, empty-handed when there is none.
    [[nodiscard]] std::optional<std::string> field(std::string_view name) const {
        const auto lower = [](std::string text) {
            std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            return text;
        };
        const std::string wanted = "\r\n" + lower(std::string(name)) + ": ";
        const std::size_t at = lower(head).find(wanted);
        if (at == head.npos) return std::nullopt;
        const std::size_t from = at + wanted.size();
        return head.substr(from, head.find("\r\n", from) - from);
    }
};

/// One connection. Reading throws incomplete_read_error when the server ends it too early.
class raw_client {
public:
    static brio::awaitable<raw_client> connect(std::uint16_t port) {
        brio::stream made = co_await brio::open_connection("127.0.0.1", port);
        co_return raw_client(std::move(made));
    }
    explicit raw_client(brio::stream over) : io(std::move(over)) {}

    brio::awaitable<> send(std::string bytes) { co_await io.write(bytes); }
    /// A request without a body.
    brio::awaitable<raw_answer> get(std::string target, std::string more = {}, std::string method = "GET") {
        co_await io.write(method + " " + target + " HTTP/1.1\r\nHost: x\r\n" + more + "\r\n");
        co_return co_await answer(method == "HEAD");
    }
    /// The next answer; `bodiless` for one to HEAD.
    brio::awaitable<raw_answer> answer(bool bodiless = false) {
        raw_answer got;
        got.head = co_await io.read_until("\r\n\r\n");
        got.status = static_cast<unsigned>(std::stoul(got.head.substr(9, 3)));
        if (bodiless || got.status < 200 || got.status == 204 || got.status == 304) co_return got;
        if (const auto length = got.field("Content-Length")) {
            got.body = co_await io.read_exactly(std::stoul(*length));
        } else if (got.field("Transfer-Encoding")) {
            for (;;) {
                const std::string piece = co_await chunk();
                if (piece.empty()) break;
                got.body += piece;
            }
        } else {
            got.body = co_await io.read();
        }
        co_return got;
    }
    /// The next chunk of a body; empty at its end.
    brio::awaitable<std::string> chunk() {
        const std::string size = co_await io.read_until("\r\n");
        std::string data = co_await io.read_exactly(std::stoul(size, nullptr, 16) + 2);
        data.resize(data.size() - 2);
        co_return data;
    }
    /// Everything until the server ends the connection.
    brio::awaitable<std::string> rest() {
        std::string all;
        try {
            for (std::string piece = co_await io.read(65536); !piece.empty(); piece = co_await io.read(65536)) all += piece;
        } catch (const std::system_error&) {  // reset
        }
        co_return all;
    }

    brio::stream io;
};

}  // namespace http_test

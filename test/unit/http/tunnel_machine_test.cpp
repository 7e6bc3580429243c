// SPDX-License-Identifier: BSL-1.0
// Handshakes with proxies that behave, and with those that do not.
#include "http/tunnel_machine.hpp"

#include <brio/http/proxy_error.hpp>

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http;
using detail::make_connect_tunnel;
using detail::make_socks5_tunnel;
using detail::tunnel_machine;

std::string bytes(std::initializer_list<int> all) {
    std::string out;
    for (const int b : all) out += static_cast<char>(b);
    return out;
}

// ---- CONNECT

struct verdict {
    std::string what; // up, waiting, or refused
    unsigned status = 0;
    std::string text;
};
verdict connect(std::string_view answer, std::size_t piece = 100'000, bool eof = false) {
    const auto m = make_connect_tunnel(url("http://proxy:3128"), url("https://a.example/"), "me");
    EXPECT_FALSE(m->output().empty());
    try {
        for (; !answer.empty(); answer.remove_prefix(std::min(piece, answer.size()))) m->feed(answer.substr(0, piece));
        if (eof) m->feed_eof();
    } catch (const proxy_error& e) {
        EXPECT_EQ(e.phase(), phase::proxy);
        EXPECT_LE(e.text().size(), 4096u);
        return {"refused", e.status(), e.text()};
    }
    return {m->is_done() ? "up" : "waiting", 0, ""};
}

TEST(connect_tunnel, H_109_110_114_requests) {
    EXPECT_EQ(make_connect_tunnel(url("http://proxy:3128"), url("https://a.example/secret?x#y"), "me")->output(),
              "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\nUser-Agent: me\r\n\r\n");
    EXPECT_EQ(make_connect_tunnel(url("http://ada:p%40w@proxy"), url("https://u:canary@[2001:db8::1]:8443/"), "me")->output(),
              "CONNECT [2001:db8::1]:8443 HTTP/1.1\r\nHost: [2001:db8::1]:8443\r\nUser-Agent: me\r\nProxy-Authorization: Basic YWRhOnBAdw==\r\n\r\n");
    EXPECT_THROW(make_connect_tunnel(url("http://a%0d%0ab:p@proxy"), url("https://a.example/"), "me"), invalid_request);
}

TEST(connect_tunnel, H_111_answers) {
    struct row {
        const char *answer, *what;
        unsigned status;
    };
    for (const auto& [answer, what, status] : {
             row{"HTTP/1.1 200 Connection established\r\n\r\n", "up", 0},
             row{"HTTP/1.0 200 OK\r\nVia: x\r\n\r\n", "up", 0},
             row{"HTTP/1.1 204 Fine\r\n\r\n", "up", 0},
             row{"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", "up", 0},
             row{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "up", 0},
             row{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", "up", 0},
             row{"HTTP/1.1 200 OK\r\n", "waiting", 0},
             row{"HTTP/1.1 200 OK\r\n\r\nX", "refused", 200},
             row{"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nX", "refused", 200},
             row{"HTTP/1.1 407 Who?\r\nContent-Length: 4\r\n\r\nhtml", "refused", 407},
             row{"HTTP/1.1 302 Found\r\nLocation: http://evil/\r\nContent-Length: 0\r\n\r\n", "refused", 302},
             row{"HTTP/1.1 502 Bad\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "refused", 502},
             row{"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\nsurplus", "refused", 403},
             row{"HTTP/1.1 101 Switching\r\n\r\n", "refused", 0},
             row{"SSH-2.0-OpenSSH\r\n", "refused", 0},
             row{"\x05\xFF", "refused", 0},
         }) {
        for (const std::size_t piece : {100'000u, 1u, 5u}) {
            // Cut into pieces, a surplus byte may come when the tunnel is up: that is an error all the same.
            const verdict v = connect(answer, piece);
            EXPECT_EQ(v.what, what) << answer << piece;
            EXPECT_EQ(v.status, status) << answer << piece;
        }
    }
    EXPECT_EQ(connect("HTTP/1.1 407 Who?\r\nContent-Length: 4\r\n\r\nhtml").text, "html");
}

TEST(connect_tunnel, H_111_floods_have_an_end) {
    std::string interim;
    for (int i = 0; i < 11; ++i) interim += "HTTP/1.1 100 Continue\r\n\r\n";
    EXPECT_EQ(connect(interim).what, "refused");
    EXPECT_EQ(connect("HTTP/1.1 200 OK\r\nA: " + std::string(15'000, 'x') + "\r\nB: " + std::string(2'000, 'x') + "\r\n\r\n").what, "refused") << "over 16 KiB";
    EXPECT_EQ(connect("HTTP/1.1 200 OK\r\nA: " + std::string(15'000, 'x') + "\r\n\r\n").what, "up");
    const verdict large = connect("HTTP/1.1 403 No\r\nContent-Length: 100000\r\n\r\n" + std::string(5'000, 'x'), 1000);
    EXPECT_EQ(large.what, "refused") << "without waiting for the rest";
    EXPECT_EQ(large.text.size(), 4096u);
}

TEST(connect_tunnel, H_111_a_proxy_that_closes) {
    EXPECT_EQ(connect("", 1, true).what, "refused");
    EXPECT_EQ(connect("HTTP/1.1 20", 1, true).what, "refused");
    const verdict v = connect("HTTP/1.1 403 No\r\n\r\nbecause", 3, true);
    EXPECT_EQ(v.status, 403u);
    EXPECT_EQ(v.text, "because");
}

// ---- SOCKS 5

TEST(socks5_tunnel, names_are_for_the_proxy) {
    for (const std::size_t piece : {100u, 1u}) {
        const auto m = make_socks5_tunnel(url("socks5h://proxy"), "a.example", 443);
        EXPECT_EQ(m->output(), bytes({5, 1, 0}));
        EXPECT_EQ(m->output(), "") << "its turn";
        const auto feed = [&](const std::string& text) {
            for (std::size_t at = 0; at < text.size(); at += piece) m->feed(std::string_view(text).substr(at, piece));
        };
        feed(bytes({5, 0}));
        EXPECT_EQ(m->output(), bytes({5, 1, 0, 3, 9}) + "a.example" + bytes({1, 0xBB}));
        EXPECT_FALSE(m->is_done());
        feed(bytes({5, 0, 0, 1, 10, 0, 0, 1, 0x12, 0x34}));
        EXPECT_TRUE(m->is_done());
        EXPECT_EQ(m->output(), "");
    }
}

TEST(socks5_tunnel, addresses_and_passwords) {
    const auto v4 = make_socks5_tunnel(url("socks5://proxy"), "10.0.0.1", 80);
    v4->output();
    v4->feed(bytes({5, 0}));
    EXPECT_EQ(v4->output(), bytes({5, 1, 0, 1, 10, 0, 0, 1, 0, 80}));
    v4->feed(bytes({5, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1}));
    EXPECT_TRUE(v4->is_done());

    const auto v6 = make_socks5_tunnel(url("socks5://ada:secret@proxy"), "::1", 80);
    EXPECT_EQ(v6->output(), bytes({5, 2, 0, 2}));
    v6->feed(bytes({5, 2}));
    EXPECT_EQ(v6->output(), bytes({1, 3}) + "ada" + bytes({6}) + "secret");
    v6->feed(bytes({1, 0}));
    EXPECT_EQ(v6->output(), bytes({5, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 80}));
    v6->feed(bytes({5, 0, 0, 3, 255}) + std::string(255, 'n') + bytes({0, 1}));
    EXPECT_TRUE(v6->is_done()) << "a bound name of 255 bytes";

    const auto open = make_socks5_tunnel(url("socks5://ada:secret@proxy"), "::1", 80);
    open->output();
    open->feed(bytes({5, 0}));
    EXPECT_EQ(open->output()[1], 1) << "the proxy wants no password: it gets none";
}

TEST(socks5_tunnel, H_112_proxies_that_misbehave) {
    struct row {
        std::vector<std::string> answers;
        const char* says;
    };
    const row rows[] = {
        {{bytes({4, 0})}, "does not speak SOCKS 5"},
        {{"HTTP/1.1 400"}, "does not speak SOCKS 5"},
        {{bytes({5, 0xFF})}, "wants an authentication"},
        {{bytes({5, 2})}, "not offered"},
        {{bytes({5, 1})}, "not offered"},
        {{bytes({5, 0, 5})}, "behind"},
        {{bytes({5, 0}), bytes({4, 0})}, "does not speak SOCKS 5"},
        {{bytes({5, 0}), bytes({5, 1})}, "general failure"},
        {{bytes({5, 0}), bytes({5, 2})}, "not allowed"},
        {{bytes({5, 0}), bytes({5, 5, 0, 1, 0, 0, 0, 0, 0, 0})}, "connection refused"},
        {{bytes({5, 0}), bytes({5, 8})}, "address type"},
        {{bytes({5, 0}), bytes({5, 200})}, "reply 200"},
        {{bytes({5, 0}), bytes({5, 0, 0, 2, 0})}, "unknown type"},
        {{bytes({5, 0}), bytes({5, 0, 0, 1, 1, 2, 3, 4, 0, 1, 9})}, "behind"},
    };
    for (const auto& [answers, says] : rows) {
        const auto m = make_socks5_tunnel(url("socks5h://proxy"), "a.example", 80);
        m->output();
        try {
            for (const std::string& one : answers) {
                m->feed(one);
                m->output();
            }
            ADD_FAILURE() << says;
        } catch (const proxy_error& e) {
            EXPECT_NE(std::string(e.what()).find(says), std::string::npos) << e.what();
        }
    }
    const auto refused = make_socks5_tunnel(url("socks5h://ada:canary@proxy"), "a.example", 80);
    refused->output();
    refused->feed(bytes({5, 2}));
    refused->output();
    try {
        refused->feed(bytes({1, 1}));
        ADD_FAILURE();
    } catch (const proxy_error& e) {
        EXPECT_EQ(std::string(e.what()).find("canary"), std::string::npos);
    }
    const auto cut = make_socks5_tunnel(url("socks5h://proxy"), "a.example", 80);
    cut->output();
    cut->feed(bytes({5, 0}));
    cut->output();
    cut->feed(bytes({5, 0, 0, 3, 200, 'x'}));
    EXPECT_FALSE(cut->is_done());
    EXPECT_THROW(cut->feed_eof(), proxy_error);
}

TEST(socks5_tunnel, H_112_names_and_passwords_that_do_not_fit) {
    EXPECT_THROW(make_socks5_tunnel(url("socks5h://proxy"), std::string(256, 'x'), 80), invalid_request);
    EXPECT_THROW(make_socks5_tunnel(url("socks5h://proxy"), "", 80), invalid_request);
    EXPECT_NO_THROW(make_socks5_tunnel(url("socks5h://proxy"), std::string(255, 'x'), 80));
    EXPECT_THROW(make_socks5_tunnel(url("socks5h://" + std::string(256, 'u') + ":p@proxy"), "a", 80), invalid_request);
    EXPECT_THROW(make_socks5_tunnel(url("socks5h://u:" + std::string(256, 'p') + "@proxy"), "a", 80), invalid_request);
    EXPECT_THROW(make_socks5_tunnel(url("socks5h://u@proxy"), "a", 80), invalid_request);
    EXPECT_NO_THROW(make_socks5_tunnel(url("socks5h://" + std::string(255, 'u') + ":p@proxy"), "a", 80));
}

} // namespace

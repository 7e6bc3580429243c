// SPDX-License-Identifier: BSL-1.0
// The server programs of the examples, run as a user runs them.
#include "certificates.hpp"
#include "child_process.hpp"
#include "temp_folder.hpp"

#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace brio_test;
using namespace std::chrono_literals;

namespace {

// A program of the examples that listens, until the end of the test.
class program {
public:
    explicit program(std::vector<std::string> words, std::string mark = "listening on ") : child_(path_of(std::move(words))) {
        while (child_.running()) {
            const std::string text = child_.output();
            const std::size_t at = text.find(mark);
            const std::size_t end = at == text.npos ? at : text.find('\n', at);
            if (end != text.npos) {
                where_ = text.substr(at + mark.size(), end - at - mark.size());
                return;
            }
            std::this_thread::sleep_for(2ms);
        }
        throw std::runtime_error("the program has ended: " + child_.errors());
    }

    [[nodiscard]] brio::address where() const { return brio::address::parse(where_); }
    [[nodiscard]] std::string port() const { return std::to_string(where().port()); }
    [[nodiscard]] child_process& process() { return child_; }
    /// Ctrl-C; gives the exit code.
    int interrupt() {
        child_.signal(SIGINT);
        return child_.wait();
    }

private:
    static std::vector<std::string> path_of(std::vector<std::string> words) {
        words[0] = std::string(BRIO_EXAMPLES) + "/" + words[0];
        return words;
    }

    child_process child_;
    std::string where_;
};

std::string shell(const std::string& line) { return run_program({"/bin/bash", "-o", "pipefail", "-c", line}); }

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool is_sanitized = true;
#elif defined(__has_feature)
constexpr bool is_sanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool is_sanitized = false;
#endif

std::string free_port() {
    std::string port;
    const auto find = [&port]() -> brio::awaitable<> {
        const brio::server s = co_await brio::start_server([](brio::stream) {}, "127.0.0.1", 0);
        port = std::to_string(s.port());
    };
    brio::run(find());
    return port;
}

TEST(server_programs, echo_and_its_client) {
    program server({"echo_server", "0"});
    child_process client({std::string(BRIO_EXAMPLES) + "/echo_client", server.port(), "127.0.0.1"}, "one\ntwo\nthree");
    EXPECT_EQ(client.wait(), 0) << client.errors();
    EXPECT_EQ(client.output(), "one\ntwo\nthree\n");
    EXPECT_EQ(server.interrupt(), 130);
}

TEST(server_programs, echo_ends_by_ctrl_c_with_clients) {
    program server({"echo_server", "0"});
    const auto talk = [&]() -> brio::awaitable<> {
        brio::stream client = co_await brio::open_connection("127.0.0.1", server.where().port());
        co_await client.write("x");
        const std::string back = co_await client.read_exactly(1);
        EXPECT_EQ(back, "x");
        server.process().signal(SIGINT);
        const std::string end = co_await client.read();
        EXPECT_EQ(end, "") << "closed in good order";
    };
    brio::run(talk());
    EXPECT_EQ(server.process().wait(), 130) << server.process().errors();
    EXPECT_EQ(server.process().errors(), "");
}

TEST(server_programs, a_port_that_is_taken_is_an_error_with_a_sentence) {
    program server({"echo_server", "0"});
    child_process second({std::string(BRIO_EXAMPLES) + "/echo_server", server.port()});
    EXPECT_EQ(second.wait(), 1);
    EXPECT_EQ(second.errors(), "cannot bind a server to 127.0.0.1:" + server.port() + ": Address already in use\n");
}

TEST(server_programs, chat) {
    program server({"chat_server", "0"});
    const auto talk = [&]() -> brio::awaitable<> {
        const std::uint16_t port = server.where().port();
        brio::stream ann = co_await brio::open_connection("127.0.0.1", port);
        brio::stream bob = co_await brio::open_connection("127.0.0.1", port);
        co_await ann.write("Ann\n");
        std::string line = co_await ann.read_line();
        EXPECT_EQ(line, "What is your name?\n");
        line = co_await ann.read_line();
        EXPECT_EQ(line, "Welcome, Ann!\n") << "in the room before Bob, who would not be announced to her otherwise";
        co_await bob.write("Bob\n");
        line = co_await bob.read_line();
        EXPECT_EQ(line, "What is your name?\n");
        line = co_await bob.read_line();
        EXPECT_EQ(line, "Welcome, Bob!\n");
        line = co_await ann.read_line();
        EXPECT_EQ(line, "* Bob is here\n");
        co_await ann.write("hello\n");
        line = co_await bob.read_line();
        EXPECT_EQ(line, "Ann: hello\n");
        ann.close();
        line = co_await bob.read_line();
        EXPECT_EQ(line, "* Ann is gone\n");
    };
    brio::run(talk());
    EXPECT_EQ(server.interrupt(), 130) << server.process().errors();
}

TEST(server_programs, chat_for_browsers) {
    program server({"web_chat", "0"});
    const auto talk = [&]() -> brio::awaitable<> {
        namespace http = brio::http;
        const std::string url = "http://127.0.0.1:" + server.port();
        http::session web;
        const http::response page = co_await web.get(url);
        EXPECT_NE(page.text().find("new WebSocket("), std::string::npos);
        http::websocket ann = co_await web.websocket(url + "/chat");
        http::websocket bob = co_await web.websocket(url + "/chat");
        co_await bob.ping();
        co_await ann.send("hello");
        for (http::websocket* const each : {&ann, &bob}) {
            const http::websocket_message heard = co_await each->receive();
            EXPECT_EQ(heard.data, "hello");
        }
        co_await ann.close();
        server.process().signal(SIGINT);
        const auto end = co_await bob.next();
        EXPECT_FALSE(end.has_value());
        EXPECT_EQ(bob.close_code(), 1001U);
        co_await web.close();
    };
    brio::run(talk());
    EXPECT_EQ(server.process().wait(), 130) << server.process().errors();
}

TEST(server_programs, echo_over_tls_with_openssl) {
    const certificates made;
    program server({"tls_echo_server", made.good(), made.key(), "0"});
    const std::string answer = shell("(printf 'secret\\n'; sleep 1) | timeout 20 openssl s_client -connect 127.0.0.1:" +
                                     server.port() + " -CAfile " + made.authority().string() +
                                     " -verify_return_error -quiet -no_ign_eof 2>/dev/null");
    EXPECT_EQ(answer, "secret\n");
    EXPECT_NE(server.process().output().find("speaks TLSv1.3"), std::string::npos) << server.process().output();
    EXPECT_EQ(server.interrupt(), 130);
}

TEST(server_programs, time_by_datagram) {
    program server({"time_server", "0"});
    const auto ask = [&]() -> brio::awaitable<> {
        const brio::datagram socket = co_await brio::open_datagram(brio::datagram_options().remote(server.where()));
        for (int i = 0; i < 3; ++i) {
            co_await socket.send("");
            const brio::packet answer = co_await brio::wait_for(socket.receive(), 10s);
            EXPECT_EQ(answer.data.size(), 21U) << answer.data;
            EXPECT_EQ(answer.data.substr(0, 2), "20");
        }
    };
    brio::run(ask());
    EXPECT_EQ(server.interrupt(), 130);
}

TEST(server_programs, static_files_with_curl) {
    const temp_folder folder;
    std::filesystem::create_directory(folder / "site");
    shell("head -c 5000000 /dev/urandom > " + (folder / "site/large.bin").string());
    write_file(folder / "site/hello.txt", "hello");
    write_file(folder / "secret.txt", "not for you");
    program server({"static_files", folder / "site", "0"});
    const std::string base = "http://127.0.0.1:" + server.port();
    EXPECT_EQ(shell("curl -sS " + base + "/hello.txt"), "hello");
    shell("curl -sS " + base + "/large.bin | cmp - " + (folder / "site/large.bin").string());
    EXPECT_EQ(shell("curl -sS -o /dev/null -w '%{http_code}' " + base + "/missing"), "404");
    EXPECT_EQ(shell("curl -sS --path-as-is -o /dev/null -w '%{http_code}' " + base + "/../secret.txt"), "404");
    EXPECT_EQ(shell("curl -sS --path-as-is -o /dev/null -w '%{http_code}' " + base + "//etc/passwd"), "404");
    EXPECT_EQ(server.interrupt(), 130) << server.process().errors();
}

TEST(server_programs, web_server_with_curl) {
    const temp_folder folder;
    std::filesystem::create_directory(folder / "site");
    shell("head -c 3000000 /dev/urandom > " + (folder / "site/large.bin").string());
    write_file(folder / "site/index.html", "<p>home");
    write_file(folder / "secret.txt", "not for you");
    program server({"web_server", folder / "site", "0", "127.0.0.1", "2"});
    const std::string base = "http://127.0.0.1:" + server.port();
    for (int i = 0; i < 10; ++i) EXPECT_EQ(shell("curl -sS " + base + "/"), "<p>home");
    shell("curl -sS " + base + "/large.bin | cmp - " + (folder / "site/large.bin").string());
    shell("curl -sS -r 1000000- " + base + "/large.bin | cmp - <(tail -c +1000001 " + (folder / "site/large.bin").string() + ")");
    EXPECT_EQ(shell("curl -sS --path-as-is -o /dev/null -w '%{http_code}' " + base + "/../secret.txt"), "404");
    EXPECT_EQ(server.interrupt(), 130);
    const std::string log = server.process().errors();
    EXPECT_NE(log.find("\"GET /large.bin HTTP/1.1\" 206 2000000"), log.npos) << log;
    EXPECT_NE(log.find("\"GET /../secret.txt HTTP/1.1\" 404"), log.npos) << log;
}

// For programs that say nothing when they listen: the system's table of sockets has it, in state 0A.
void wait_for_listener(const std::string& port) {
    char local[16];
    std::snprintf(local, sizeof local, ":%04X", static_cast<unsigned>(std::stoi(port)));
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (std::chrono::steady_clock::now() < deadline) {
        std::ifstream table("/proc/net/tcp");
        for (std::string line; std::getline(table, line);) {
            std::istringstream words(line);
            std::string number, here, there, state;
            words >> number >> here >> there >> state;
            if (here.ends_with(local) && state == "0A") return;
        }
        std::this_thread::sleep_for(2ms);
    }
    throw std::runtime_error("nobody listens on port " + port);
}

// How much goes through it is up to BRIO_PROXY_MIB.
TEST(server_programs, a_large_copy_through_the_proxy_is_exact_and_memory_stays_the_same) {
    const char* const wanted = std::getenv("BRIO_PROXY_MIB");
    const std::string mib = wanted ? wanted : is_sanitized ? "128" : "2048";
    const std::string source = "head -c " + mib + "M /dev/zero | openssl enc -aes-128-ctr -K 00 -iv 00 2>/dev/null";
    const std::string sink = free_port();
    const temp_folder folder;
    child_process receiver({"/bin/bash", "-c", "nc -l 127.0.0.1 " + sink + " | sha256sum"});
    program proxy({"proxy", "0", "127.0.0.1", sink});
    wait_for_listener(sink);
    const std::string sent = shell(source + " | tee >(nc -N 127.0.0.1 " + proxy.port() + " >/dev/null) | sha256sum");
    EXPECT_EQ(receiver.wait(120s), 0);
    EXPECT_EQ(receiver.output(), sent);
    const std::string status = shell("grep VmHWM /proc/$(pgrep -nf '[p]roxy 0 127.0.0.1 " + sink + "')/status");
    const long kib = std::stol(status.substr(status.find(':') + 1));
    EXPECT_LT(kib, is_sanitized ? 400'000 : 40'000) << "KiB at the peak";
    EXPECT_EQ(proxy.interrupt(), 130) << proxy.process().errors();
}

// Whether or not the server is there already.
brio::awaitable<brio::stream> connect_soon(std::uint16_t port) {
    for (int i = 0; i < 1000; ++i) {
        try {
            co_return co_await brio::open_connection("127.0.0.1", port);
        } catch (const std::system_error&) {
        }
        co_await brio::sleep(5ms);
    }
    throw std::runtime_error("nobody listens on port " + std::to_string(port));
}

TEST(server_programs, several_loops_on_one_port) {
    const std::string port = free_port();
    program server({"many_loops", port, "3"}, "serving port ");
    const auto ask = [&]() -> brio::awaitable<> {
        for (int i = 0; i < 30; ++i) {
            brio::stream client = co_await connect_soon(static_cast<std::uint16_t>(std::stoi(port)));
            co_await client.write(std::to_string(i) + "\n");
            const std::string line = co_await client.read_line();
            EXPECT_EQ(line, std::to_string(i) + "\n");
        }
    };
    brio::run(ask());
    EXPECT_EQ(server.interrupt(), 130) << server.process().errors();
}

}  // namespace

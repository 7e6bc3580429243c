// SPDX-License-Identifier: BSL-1.0
// Streams and servers against programs that nobody here wrote: nc, socat, curl, openssl.
#include "certificates.hpp"
#include "real_time.hpp"
#include "temp_folder.hpp"

#include <brio/brio.hpp>

#include <algorithm>
#include <cctype>
#include <string>

using namespace brio_test;
using namespace std::chrono_literals;
using brio::awaitable;
using brio::command;
using brio::stream;

namespace {

std::string in_capitals(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return text;
}

awaitable<> shout(stream client) {
    while (true) {
        const std::string line = co_await client.read_line();
        if (line.empty()) break;
        co_await client.write(in_capitals(line));
    }
    client.close();
    co_await client.wait_closed();
}

awaitable<> shout_once(stream client) {
    const std::string line = co_await client.read_line();
    co_await client.write(in_capitals(line));
    client.close();
    co_await client.wait_closed();
}

awaitable<> hello_web(stream client) {
    while (true) {
        const std::string line = co_await client.read_line();
        if (line.empty() || line == "\r\n") break;
    }
    co_await client.write("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello");
}

awaitable<std::string> output_of(command what, std::string input = std::string()) {
    brio::run_process_options how;
    how.input(std::move(input)).check().timeout(30s);
    brio::process_result done = co_await brio::run_process(std::move(what), std::move(how));
    co_return std::move(done).out();
}

awaitable<> stop(brio::server& server) {
    server.close();
    co_await server.wait_closed();
}

TEST(peers, nc_talks_to_a_server) {
    in_real_time([]() -> awaitable<> {
        brio::server server = co_await brio::start_server(shout, "127.0.0.1", 0);
        const std::string got = co_await output_of(command("nc", "-N", "127.0.0.1", std::to_string(server.port())), "one\ntwo");
        EXPECT_EQ(got, "ONE\nTWO");
        co_await stop(server);
    });
}

TEST(peers, socat_talks_to_a_unix_server) {
    const temp_folder folder;
    in_real_time([&]() -> awaitable<> {
        const std::string path = folder / "socket";
        brio::server server = brio::start_unix_server(shout, path);
        const std::string got = co_await output_of(command("socat", "-t", "10", "-", "UNIX-CONNECT:" + path), "over unix\n");
        EXPECT_EQ(got, "OVER UNIX\n");
        co_await stop(server);
    });
}

TEST(peers, curl_gets_what_a_server_says) {
    in_real_time([]() -> awaitable<> {
        brio::server server = co_await brio::start_server(hello_web, "127.0.0.1", 0);
        const std::string got = co_await output_of(command("curl", "-sS", "http://127.0.0.1:" + std::to_string(server.port()) + "/"));
        EXPECT_EQ(got, "hello");
        co_await stop(server);
    });
}

awaitable<stream> connect_when_there(std::string path) {
    while (true) {
        try {
            co_return co_await brio::open_unix_connection(path);
        } catch (const std::system_error& e) {
            if (e.code() != std::errc::no_such_file_or_directory && e.code() != std::errc::connection_refused) throw;
        }
        co_await brio::sleep(2ms);
    }
}

TEST(peers, a_stream_talks_to_socat) {
    const temp_folder folder;
    in_real_time([&]() -> awaitable<> {
        const std::string path = folder / "socket";
        brio::process socat = co_await brio::create_subprocess_exec("socat", "UNIX-LISTEN:" + path, "EXEC:tr a-z A-Z");
        stream peer = co_await brio::wait_for(connect_when_there(path), 20s);
        co_await peer.write("through tr");
        peer.write_eof();
        const std::string got = co_await peer.read();
        EXPECT_EQ(got, "THROUGH TR");
        const int code = co_await socat.wait();
        EXPECT_EQ(code, 0);
    });
}

TEST(peers, openssl_s_client_talks_to_a_tls_server) {
    const certificates made;
    in_real_time([&]() -> awaitable<> {
        brio::server_options options;
        options.tls(brio::tls_context::server(made.good(), made.key()));
        brio::server server = co_await brio::start_server(shout_once, "127.0.0.1", 0, options);
        for (const char* version : {"-tls1_2", "-tls1_3"}) {
            command client("openssl", "s_client", "-quiet", "-verify_return_error", "-CAfile", made.authority(), version,
                           "-servername", "localhost", "-connect", "127.0.0.1:" + std::to_string(server.port()));
            const std::string got = co_await output_of(std::move(client), "over tls\n");
            EXPECT_EQ(got, "OVER TLS\n");
        }
        co_await stop(server);
    });
}

// What `openssl s_server` prints of the port that the system gave it.
awaitable<std::uint16_t> accepted_port(stream& output) {
    while (const auto line = co_await output.next_line()) {
        if (line->starts_with("ACCEPT ")) co_return static_cast<std::uint16_t>(std::stoi(line->substr(line->rfind(':') + 1)));
    }
    co_return 0;
}

TEST(peers, a_stream_talks_to_openssl_s_server) {
    const certificates made;
    in_real_time([&]() -> awaitable<> {
        brio::process server = co_await brio::create_subprocess_exec(
            command("openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", made.good(), "-key", made.key(), "-rev")
                .stdin_from(brio::stdio::pipe)
                .stdout_to(brio::stdio::pipe)
                .stderr_to(brio::stdio::null)
                .kill_on_drop());
        const std::uint16_t port = co_await brio::wait_for(accepted_port(server.stdout_stream()), 20s);
        EXPECT_NE(port, 0);
        brio::tls_context trusting = brio::tls_context::client();
        trusting.ca_file(made.authority());
        brio::tls_options how;
        how.server_name("localhost");
        brio::connect_options options;
        options.tls(trusting, how);
        stream peer = co_await brio::open_connection("127.0.0.1", port, options);
        co_await peer.write("drawer\n");
        const std::string got = co_await peer.read_line();
        EXPECT_EQ(got, "reward\n");
        EXPECT_EQ(peer.tls()->version(), "TLSv1.3");
        peer.close();
        co_await peer.wait_closed();
        server.kill();
        co_await server.wait();
    });
}

TEST(peers, openssl_s_server_with_a_foreign_certificate_is_refused) {
    const certificates made;
    in_real_time([&]() -> awaitable<> {
        brio::process server = co_await brio::create_subprocess_exec(
            command("openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", made.foreign(), "-key", made.key(), "-rev")
                .stdin_from(brio::stdio::pipe)
                .stdout_to(brio::stdio::pipe)
                .stderr_to(brio::stdio::null));
        const std::uint16_t port = co_await brio::wait_for(accepted_port(server.stdout_stream()), 20s);
        brio::tls_context trusting = brio::tls_context::client();
        trusting.ca_file(made.authority());
        brio::tls_options how;
        how.server_name("localhost");
        brio::connect_options options;
        options.tls(trusting, how);
        bool refused = false;
        try {
            const stream peer = co_await brio::open_connection("127.0.0.1", port, options);
        } catch (const brio::tls_error& e) {
            refused = !e.reason().empty();
        }
        EXPECT_TRUE(refused);
        server.kill();
        co_await server.wait();
    });
}

TEST(peers, sort_and_yes_and_head) {
    in_real_time([]() -> awaitable<> {
        const std::string sorted = co_await output_of(command("sort"), "pear\napple\nfig\n");
        EXPECT_EQ(sorted, "apple\nfig\npear\n");
        brio::run_process_options how;
        how.check().timeout(30s);
        const brio::process_result some = co_await brio::run_process(command("yes") | command("head", "-n", "3"), std::move(how));
        EXPECT_EQ(some.out(), "y\ny\ny\n");
    });
}

}  // namespace

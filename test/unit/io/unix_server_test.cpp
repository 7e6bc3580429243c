// SPDX-License-Identifier: BSL-1.0
// Servers on Unix sockets and their files (asyncio.md 2.22, SRV-1, SRV-4, SRV-14 to SRV-16).
#include "unit/compose/outcome.hpp"
#include "unit/io/descriptors.hpp"

#include <brio/testing/test.hpp>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>

namespace {

using namespace brio_test;
namespace fs = std::filesystem;
using brio::address;
using brio::awaitable;
using brio::open_unix_connection;
using brio::server;
using brio::server_options;
using brio::start_unix_server;
using brio::stream;

awaitable<> echo(stream client) {
    while (auto line = co_await client.next_line()) co_await client.write(*line + "\n");
}

awaitable<std::string> ask(std::string path, std::string question) {
    stream s = co_await open_unix_connection(std::move(path));
    co_await s.write(question + "\n");
    co_return co_await s.read_line();
}

awaitable<> until_empty(server& s) {
    s.close();
    co_await s.wait_closed();
}

class folder {
public:
    folder() : path_(testing::TempDir() + "brio_server_XXXXXX") { EXPECT_NE(::mkdtemp(path_.data()), nullptr); }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;
    ~folder() { fs::remove_all(path_); }
    [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

std::string error_of(const std::string& path, server_options options = server_options()) {
    try {
        const server made = start_unix_server(&echo, path, std::move(options));
        return "no error";
    } catch (const std::invalid_argument& e) {
        return std::string("invalid: ") + e.what();
    } catch (const std::exception& e) {
        return e.what();
    }
}

BRIO_TEST(unix_server, SRV_1_coroutine_and_plain_handlers) {
    const folder here;
    server s = start_unix_server(&echo, here / "s");
    EXPECT_EQ(s.addresses().front(), address::unix_path(here / "s"));
    EXPECT_EQ(s.port(), 0);
    EXPECT_EQ(co_await ask(here / "s", "hello"), "hello\n");
    const auto plain = [](stream client) { client.write("plain\n"); };
    server p = start_unix_server(plain, here / "p");
    EXPECT_EQ(co_await ask(here / "p", ""), "plain\n");
    co_await until_empty(s);
    co_await until_empty(p);
}

BRIO_TEST(unix_server, abstract_names) {
    server s = start_unix_server(&echo, "@brio-test-server");
    EXPECT_EQ(co_await ask("@brio-test-server", "no file"), "no file\n");
    EXPECT_EQ(error_of("@brio-test-server"), "cannot bind a server to unix:@brio-test-server: Address already in use");
    s.close();
    co_await s.wait_closed();
}

BRIO_TEST(unix_server, SRV_4_bound_but_not_serving) {
    const folder here;
    server s = start_unix_server(&echo, here / "s", server_options().start_serving(false));
    EXPECT_FALSE(s.is_serving());
    EXPECT_TRUE(fs::exists(here / "s"));
    const std::string text = co_await end_of(ask(here / "s", "x"));
    EXPECT_NE(text.find("Connection refused"), std::string::npos) << text;
    s.start_serving();
    EXPECT_EQ(co_await ask(here / "s", "x"), "x\n");
    co_await until_empty(s);
}

BRIO_TEST(unix_server, SRV_14_its_file_goes_with_it) {
    const folder here;
    server s = start_unix_server(&echo, here / "s");
    EXPECT_TRUE(fs::is_socket(here / "s"));
    s.close();
    EXPECT_FALSE(fs::exists(here / "s"));
    { const server scoped = start_unix_server(&echo, here / "s"); }
    EXPECT_FALSE(fs::exists(here / "s"));
    co_return;
}

BRIO_TEST(unix_server, SRV_14_not_if_it_is_gone) {
    const folder here;
    server s = start_unix_server(&echo, here / "s");
    fs::remove(here / "s");
    s.close();
    EXPECT_FALSE(fs::exists(here / "s"));
    co_return;
}

BRIO_TEST(unix_server, SRV_14_not_if_it_was_replaced) {
    const folder here;
    server first = start_unix_server(&echo, here / "s");
    server second = start_unix_server(&echo, here / "s");
    first.close();
    EXPECT_TRUE(fs::exists(here / "s")) << "it is the second one's";
    EXPECT_EQ(co_await ask(here / "s", "second"), "second\n");
    fs::remove(here / "s");
    std::ofstream(here / "s") << "a file of somebody's";
    co_await until_empty(second);
    EXPECT_TRUE(fs::is_regular_file(here / "s"));
}

BRIO_TEST(unix_server, SRV_14_not_if_clean_up_was_turned_off) {
    const folder here;
    server s = start_unix_server(&echo, here / "s", server_options().cleanup_socket(false));
    s.close();
    EXPECT_TRUE(fs::exists(here / "s"));
    co_return;
}

BRIO_TEST(unix_server, SRV_15_a_stale_socket_is_replaced_and_another_file_is_an_error) {
    const folder here;
    server s = start_unix_server(&echo, here / "s", server_options().cleanup_socket(false));
    s.close();
    server again = start_unix_server(&echo, here / "s");
    EXPECT_EQ(co_await ask(here / "s", "again"), "again\n");
    std::ofstream(here / "file") << "precious";
    EXPECT_EQ(error_of(here / "file"), "cannot bind a server to unix:" + (here / "file") + ": Address already in use");
    EXPECT_TRUE(fs::is_regular_file(here / "file"));
    EXPECT_EQ(fs::file_size(here / "file"), 8u);
    co_await until_empty(again);
}

BRIO_TEST(unix_server, SRV_16_path_and_socket_both_or_neither) {
    const folder here;
    EXPECT_EQ(error_of(""), "invalid: start_unix_server: give a path, or a socket in the options");
    EXPECT_EQ(error_of(here / "s", server_options().socket(stream_socket(AF_UNIX))),
              "invalid: start_unix_server: give a path or a socket, not both");
    brio::unique_descriptor inet = stream_socket(AF_INET);
    const std::string number = std::to_string(inet.get());
    EXPECT_EQ(error_of("", server_options().socket(std::move(inet))),
              "invalid: descriptor " + number + " is no Unix stream socket that a server could use");
    brio::unique_descriptor datagrams(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(error_of("", server_options().socket(std::move(datagrams))).substr(0, 20), "invalid: descriptor ");
    EXPECT_EQ(error_of(std::string(200, 'x')).substr(0, 8), "invalid:") << "longer than the system allows";
    brio::unique_descriptor bound = stream_socket(AF_UNIX);
    const address where = address::unix_path(here / "own");
    ::bind(bound.get(), where.data(), static_cast<socklen_t>(where.size()));
    server own = start_unix_server(&echo, "", server_options().socket(std::move(bound)));
    EXPECT_EQ(co_await ask(here / "own", "own"), "own\n");
    co_await until_empty(own);
    EXPECT_FALSE(fs::exists(here / "own"));
}

}  // namespace

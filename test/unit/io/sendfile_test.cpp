// SPDX-License-Identifier: BSL-1.0
// sock_sendfile (asyncio.md 2.25, NET-15 to NET-20).
#include "unit/compose/outcome.hpp"
#include "unit/io/descriptors.hpp"

#include <brio/compose/shield.hpp>
#include <brio/testing/cancel_at_each_await.hpp>
#include <brio/testing/test.hpp>

#include <cerrno>
#include <string>
#include <system_error>

namespace {

using namespace std::chrono_literals;
using namespace brio_test;
using brio::awaitable;
using brio::create_task;
using brio::unique_descriptor;
using brio::sendfile_options;
using brio::sock_sendfile;

std::string pattern(std::size_t size) {
    std::string text(size, '\0');
    for (std::size_t i = 0; i < size; ++i) text[i] = static_cast<char>('a' + (i / 7 + i / 4096) % 26);
    return text;
}

// An open file without a name.
unique_descriptor file_of(const std::string& content) {
    std::string name = testing::TempDir() + "brio_sendfile_XXXXXX";
    unique_descriptor made(::mkostemp(name.data(), O_CLOEXEC));
    ::unlink(name.c_str());
    put(made, content);
    ::lseek(made.get(), 0, SEEK_SET);
    return made;
}

off_t position(const unique_descriptor& file) { return ::lseek(file.get(), 0, SEEK_CUR); }

awaitable<std::string> receive_all(int socket) {
    std::string all;
    while (true) {
        const std::string part = co_await brio::sock_recv(socket, 65536);
        if (part.empty()) co_return all;
        all += part;
    }
}

BRIO_TEST(sendfile, a_whole_file) {
    const std::string content = pattern(5'000'000);
    const unique_descriptor file = file_of(content);
    ends p = socket_pair();
    brio::task<std::string> receiving = create_task(receive_all(p.far.get()));
    EXPECT_EQ(co_await sock_sendfile(p.near.get(), file.get()), content.size());
    EXPECT_EQ(position(file), static_cast<off_t>(content.size()));
    p.near.reset();
    EXPECT_TRUE(co_await receiving.join() == content);
}

BRIO_TEST(sendfile, a_part_of_a_file) {
    const std::string content = pattern(100'000);
    const unique_descriptor file = file_of(content);
    ends p = socket_pair();
    sendfile_options part;
    part.offset(1000).count(2000);
    EXPECT_EQ(co_await sock_sendfile(p.near.get(), file.get(), part), 2000u);
    EXPECT_EQ(position(file), 3000);
    p.near.reset();
    EXPECT_EQ(co_await receive_all(p.far.get()), content.substr(1000, 2000));
}

BRIO_TEST(sendfile, NET_15_nothing_and_beyond_the_end) {
    const unique_descriptor file = file_of("12345");
    ends p = socket_pair();
    EXPECT_EQ(co_await sock_sendfile(p.near.get(), file.get(), sendfile_options().count(0)), 0u);
    EXPECT_EQ(position(file), 0) << "nothing was sent: it stays";
    EXPECT_EQ(co_await sock_sendfile(p.near.get(), file.get(), sendfile_options().offset(5)), 0u);
    EXPECT_EQ(co_await sock_sendfile(p.near.get(), file.get(), sendfile_options().offset(4).count(100)), 1u);
    p.near.reset();
    EXPECT_EQ(co_await receive_all(p.far.get()), "5");
}

BRIO_TEST(sendfile, NET_15_mixes_with_ordinary_sends_in_order) {
    const std::string content = pattern(300'000);
    const unique_descriptor file = file_of(content);
    ends p = socket_pair();
    brio::task<std::string> receiving = create_task(receive_all(p.far.get()));
    co_await brio::sock_sendall(p.near.get(), "before");
    co_await sock_sendfile(p.near.get(), file.get());
    co_await brio::sock_sendall(p.near.get(), "after");
    p.near.reset();
    EXPECT_TRUE(co_await receiving.join() == "before" + content + "after");
}

BRIO_TEST(sendfile, NET_16_what_the_system_cannot_send_is_copied) {
    ends source = pipe_pair();  // no file
    put(source.far, "from a pipe");
    source.far.reset();
    ends p = socket_pair();
    EXPECT_EQ(co_await sock_sendfile(p.near.get(), source.near.get()), 11u);
    p.near.reset();
    EXPECT_EQ(co_await receive_all(p.far.get()), "from a pipe");
}

BRIO_TEST(sendfile, NET_16_an_error_when_copying_is_forbidden) {
    ends source = pipe_pair();
    ends p = socket_pair();
    bool refused = false;
    try {
        co_await sock_sendfile(p.near.get(), source.near.get(), sendfile_options().fallback(false));
    } catch (const brio::sendfile_not_available_error& e) {
        refused = std::string(e.what()).find("copying was forbidden") != std::string::npos;
    }
    EXPECT_TRUE(refused);
}

BRIO_TEST(sendfile, NET_18_the_position_tells_how_far_it_got) {
    const std::string content = pattern(5'000'000);
    const unique_descriptor file = file_of(content);
    ends p = socket_pair();
    brio::task<std::uint64_t> sending = create_task(sock_sendfile(p.near.get(), file.get()));
    std::size_t got = 0;
    while (got < 600'000) {
        const std::string part = co_await brio::sock_recv(p.far.get(), 65536);
        got += part.size();
    }
    p.far.reset();
    int code = 0;
    try {
        co_await sending.join();
    } catch (const std::system_error& e) {
        code = e.code().value();
    }
    EXPECT_TRUE(code == EPIPE || code == ECONNRESET) << code;
    EXPECT_GE(position(file), static_cast<off_t>(got));
    EXPECT_LT(position(file), static_cast<off_t>(content.size()));
}

BRIO_TEST(sendfile, NET_20_a_cancel_is_clean) {
    const std::string content = pattern(5'000'000);
    const unique_descriptor file = file_of(content);
    ends p = socket_pair();
    EXPECT_EQ(co_await given_up(sock_sendfile(p.near.get(), file.get())), "cancelled");
    const off_t sent = position(file);
    EXPECT_GT(sent, 0);
    EXPECT_LT(sent, static_cast<off_t>(content.size()));
    brio::task<std::string> receiving = create_task(receive_all(p.far.get()));
    co_await sock_sendfile(p.near.get(), file.get(), sendfile_options().offset(static_cast<std::uint64_t>(sent)));
    p.near.reset();
    EXPECT_TRUE(co_await receiving.join() == content) << "the position told where to go on";
}

TEST(sendfile, NET_20_at_each_await_the_position_tells_what_has_come) {
    const auto body = []() -> awaitable<> {
        const std::string content = pattern(700'000);
        const unique_descriptor file = file_of(content);
        ends p = socket_pair();
        brio::task<std::string> receiving = create_task(receive_all(p.far.get()));
        bool cancelled = false;
        try {
            co_await sock_sendfile(p.near.get(), file.get());
        } catch (const brio::cancelled_error&) {
            cancelled = true;
        }
        p.near.reset();
        while (!receiving.done()) {
            try {
                co_await brio::shield(receiving);
            } catch (const brio::cancelled_error&) {
                cancelled = true;
            }
        }
        const std::string got = receiving.result();
        EXPECT_EQ(got.size(), static_cast<std::size_t>(position(file)));
        EXPECT_TRUE(content.starts_with(got));
        if (cancelled) throw brio::cancelled_error();
    };
    brio::testing::cancel_at_each_await(body);
}

BRIO_TEST(sendfile, bad_descriptors) {
    const unique_descriptor file = file_of("x");
    const ends p = socket_pair();
    const std::string text = co_await end_of(sock_sendfile(p.near.get(), 9999));
    EXPECT_NE(text.find("Bad file descriptor"), std::string::npos) << text;
    EXPECT_EQ(co_await end_of(sock_sendfile(-1, file.get())), "sock_sendfile: -1 is no descriptor");
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// Streams cancelled at every await: no byte, descriptor, task or timer is lost.
#include "io/acceptor.hpp"
#include "io/certificates.hpp"

#include <brio/testing/test.hpp>

#include <filesystem>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;
using brio::testing::cancel_at_each_await;
using brio::testing::scenario_options;
using brio::testing::with_state;

struct transcript {
    std::string wanted;
    std::string got;
    bool finished = false;
};

// Whatever happens to the reader, what it has and what it finds afterwards is everything.
template <class Read>
awaitable<> read_and_rescue(transcript& t, stream& from, Read read) {
    try {
        while (t.got.size() < t.wanted.size()) t.got += co_await read(from);
        t.finished = true;
    } catch (const brio::cancelled_error&) {
    }
    while (t.got.size() < t.wanted.size()) {
        try {
            t.got += co_await from.read(1000);
        } catch (const brio::cancelled_error&) {  // another one: the sweep cancels up to three times
        }
    }
}

awaitable<> feed(stream& to, std::string text, std::size_t piece) {
    for (std::size_t at = 0; at < text.size(); at += piece) {
        co_await to.write(std::string_view(text).substr(at, piece));
        co_await brio::sleep(0s);
    }
}

void expect_all(transcript& t) { EXPECT_EQ(t.got, t.wanted); }

template <class Read>
void sweep_reads(std::string text, std::size_t piece, Read read) {
    const auto body = [text, piece, read](transcript& t) -> awaitable<> {
        t.wanted = text;
        ends e = unix_pair();
        brio::task<> feeding = brio::create_task(feed(e.far, text, piece));
        co_await read_and_rescue(t, e.near, read);
        for (;;) {
            try {
                co_await brio::gather(brio::return_exceptions, feeding);
                break;
            } catch (const brio::cancelled_error&) {
            }
        }
    };
    const auto complete = [text](transcript& t) {
        if (!t.wanted.empty()) expect_all(t);  // else it never began
    };
    cancel_at_each_await(with_state<transcript>(body, complete));
}

}  // namespace

TEST(stream_sweep, STR_30_read) {
    sweep_reads("0123456789abcdefghij", 3, [](stream& s) -> awaitable<std::string> { co_return co_await s.read(7); });
}

TEST(stream_sweep, STR_30_read_exactly) {
    sweep_reads("0123456789abcdefghij", 3, [](stream& s) -> awaitable<std::string> { co_return co_await s.read_exactly(5); });
}

TEST(stream_sweep, STR_30_read_line) {
    sweep_reads("one\ntwo two\n\nthree\n", 4, [](stream& s) -> awaitable<std::string> { co_return co_await s.read_line(); });
}

TEST(stream_sweep, STR_30_read_until_with_a_timeout) {
    sweep_reads("one, two; three, four; ", 4, [](stream& s) -> awaitable<std::string> {
        std::vector<std::string> marks{", ", "; "};
        co_return co_await brio::wait_for(s.read_until(std::move(marks)), 1h);
    });
}

TEST(stream_sweep, STR_30_read_into) {
    sweep_reads("0123456789abcdefghij", 3, [](stream& s) -> awaitable<std::string> {
        char room[6];
        const std::size_t n = co_await s.read_into(room, sizeof room);
        co_return std::string(room, n);
    });
}

TEST(stream_sweep, STR_30_read_much_into_the_callers_memory) {
    std::string much;
    for (int i = 0; much.size() < 40'000; ++i) much += std::to_string(i) + " ";
    sweep_reads(much, 9000, [](stream& s) -> awaitable<std::string> {
        std::vector<char> room(10'000);
        const std::size_t n = co_await s.read_into(room);
        co_return std::string(room.data(), n);
    });
}

TEST(stream_sweep, a_conversation_by_lines) {
    struct state {
        std::vector<std::string> heard;
    };
    const auto body = [](state& s) -> awaitable<> {
        ends e = unix_pair();
        const auto serve = [&s](stream peer) -> awaitable<> {
            while (const std::optional<std::string> line = co_await peer.next_line()) {
                s.heard.push_back(*line);
                co_await peer.write("re: " + *line + "\n");
            }
            peer.close();
            co_await peer.wait_closed();
        };
        const auto talk = [](stream& mine) -> awaitable<> {
            for (const char* const word : {"a", "b", "c"}) {
                co_await mine.write(std::string(word) + "\n");
                const std::string answer = co_await mine.read_line();
                EXPECT_EQ(answer, std::string("re: ") + word + "\n");
            }
            mine.write_eof();
            const std::string rest = co_await mine.read();
            EXPECT_EQ(rest, "");
            mine.close();
            co_await mine.wait_closed();
        };
        brio::task<> serving = brio::create_task(serve(std::move(e.far)), "server");
        std::exception_ptr error;
        bool cancelled = false;
        try {
            co_await talk(e.near);
        } catch (const brio::cancelled_error&) {
            cancelled = true;
        }
        e.near.close();
        co_await brio::gather(brio::return_exceptions, serving);
        if (cancelled) throw brio::cancelled_error();
    };
    const auto in_order = [](state& s) {
        const std::vector<std::string> all{"a", "b", "c"};
        EXPECT_LE(s.heard.size(), all.size());
        EXPECT_TRUE(std::equal(s.heard.begin(), s.heard.end(), all.begin()));
    };
    cancel_at_each_await(with_state<state>(body, in_order));
    cancel_at_each_await(with_state<state>(body, in_order), scenario_options().every_task());
}

TEST(stream_sweep, writes_with_back_pressure_are_sent_whole_or_not_at_all) {
    struct state {
        std::size_t begun = 0;
        std::string got;
    };
    constexpr std::size_t size = 300'000;
    const auto body = [](state& s) -> awaitable<> {
        ends e = tcp_pair(true);
        const auto collect = [&s](stream& from) -> awaitable<> { s.got = co_await from.read(); };
        brio::task<> collecting = brio::create_task(collect(e.far));
        bool cancelled = false;
        try {
            for (int i = 0; i < 3; ++i) {
                ++s.begun;
                co_await e.near.write(std::string(size, static_cast<char>('a' + i)));
            }
        } catch (const brio::cancelled_error&) {
            cancelled = true;
        }
        e.near.close();
        for (;;) {
            try {
                co_await brio::gather(brio::return_exceptions, collecting);
                break;
            } catch (const brio::cancelled_error&) {
                cancelled = true;
            }
        }
        if (cancelled) throw brio::cancelled_error();
    };
    const auto whole = [](state& s) {
        if (s.got.empty()) return;  // the collector was cancelled
        EXPECT_EQ(s.got.size(), s.begun * size);
    };
    cancel_at_each_await(with_state<state>(body, whole));
}

TEST(stream_sweep, TLS_12_start_tls_a_conversation_and_the_goodbye) {
    const auto body = []() -> awaitable<> {
        ends e = tcp_pair();
        const auto serve = [](stream peer) -> awaitable<> {
            co_await peer.start_tls(server_context(), brio::tls_options().shutdown_timeout(1s));
            const std::string line = co_await peer.read_line();
            co_await peer.write(line);
            peer.close();
            co_await peer.wait_closed();
        };
        const auto talk = [](stream& mine) -> awaitable<> {
            co_await mine.start_tls(client_context(), named().shutdown_timeout(1s));
            co_await mine.write("over TLS\n");
            const std::string answer = co_await mine.read_line();
            EXPECT_EQ(answer, "over TLS\n");
            mine.close();
            co_await mine.wait_closed();
        };
        brio::task<> serving = brio::create_task(serve(std::move(e.far)), "server");
        bool cancelled = false;
        try {
            co_await talk(e.near);
        } catch (const brio::cancelled_error&) {
            cancelled = true;
        }
        e.near.abort();
        co_await brio::gather(brio::return_exceptions, serving);
        if (cancelled) throw brio::cancelled_error();
    };
    cancel_at_each_await(body);
}

TEST(stream_sweep, open_connection) {
    const auto body = []() -> awaitable<> {
        brio::detail::acceptor on(brio::get_running_loop().context());
        on.listen("127.0.0.1", 0, 64);
        {
            stream one = co_await brio::open_connection("127.0.0.1", on.port());
            stream two = co_await brio::open_connection("localhost", on.port(), brio::connect_options().timeout(1h));
            co_await two.write("x");
            two.close();
            co_await two.wait_closed();
        }
        on.close();
    };
    cancel_at_each_await(body, scenario_options().every_task());
}

TEST(stream_sweep, NET_20_send_file) {
    const http_test::scratch_folder folder;
    const std::string content(400'000, 'f');
    const std::string path = folder.file("content", content);
    struct state {
        int file = -1;
        off_t position = 0;
        std::string got;
        ~state() { ::close(file); }
    };
    const auto body = [path](state& s) -> awaitable<> {
        s.file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        ends e = tcp_pair(true);
        const auto collect = [&s](stream& from) -> awaitable<> { s.got = co_await from.read(); };
        brio::task<> collecting = brio::create_task(collect(e.far));
        bool cancelled = false;
        try {
            co_await e.near.send_file(s.file);
        } catch (const brio::cancelled_error&) {
            cancelled = true;
        }
        s.position = ::lseek(s.file, 0, SEEK_CUR);
        e.near.close();
        for (;;) {
            try {
                co_await brio::gather(brio::return_exceptions, collecting);
                break;
            } catch (const brio::cancelled_error&) {
                cancelled = true;
            }
        }
        if (cancelled) throw brio::cancelled_error();
    };
    const auto in_step = [](state& s) {
        EXPECT_TRUE(s.got.empty() || s.got.size() == static_cast<std::size_t>(s.position)) << s.got.size() << " " << s.position;
    };
    cancel_at_each_await(with_state<state>(body, in_step));
}

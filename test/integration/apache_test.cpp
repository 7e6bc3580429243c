// SPDX-License-Identifier: BSL-1.0
// The session against Apache httpd.
#include "apache.hpp"
#include "interop.hpp"
#include "pages.hpp"

namespace http = brio::http;
using namespace brio_test;
using namespace std::chrono_literals;

namespace {

const std::string secret = "open sesame";

} // namespace

TEST(apache, requests_share_a_connection) {
    apache site;
    write_pages(site.www(), 100);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        for (std::size_t i = 0; i < 100; ++i) {
            const http::response answer = co_await client.get(site.url() + "/" + std::to_string(i) + ".txt");
            EXPECT_EQ(answer.body(), page(i)) << i;
        }
        expect_connections(client, 1, 1);
        const http::response missing = co_await client.get(site.url() + "/missing");
        EXPECT_EQ(missing.status(), 404U);
        const http::response head = co_await client.head(site.url() + "/7.txt");
        EXPECT_EQ(head.header("Content-Length"), std::to_string(page(7).size()));
        EXPECT_EQ(head.body(), "");
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(apache, a_connection_that_the_server_ends_is_not_used_again) {
    apache site;
    write_file(site.www() / "a", "bytes");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        for (std::uint64_t i = 1; i <= 7; ++i) { // it says `Connection: close` with every third answer
            const http::response answer = co_await client.get(site.other_url() + "/a");
            EXPECT_EQ(answer.body(), "bytes") << i;
            expect_connections(client, (i + 2) / 3, i % 3 == 0 ? 0 : 1);
        }
        co_await client.close();
    });
}

TEST(apache, many_at_once) {
    apache site;
    write_pages(site.www(), 200);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().limit(8));
        std::vector<brio::awaitable<http::response>> all;
        for (std::size_t i = 0; i < 200; ++i) all.push_back(client.get(site.url() + "/" + std::to_string(i) + ".txt"));
        const std::vector<http::response> answers = co_await brio::gather(std::move(all));
        for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(answers[i].body(), page(i)) << i;
        EXPECT_LE(client.stats().created, 8U);
        EXPECT_EQ(client.stats().open, client.stats().idle);
        co_await client.close();
    });
}

TEST(apache, compressed_on_the_way) {
    apache site;
    const std::string large = page(12'288) + noise(300'000) + std::string(300'000, 'x');
    write_file(site.www() / "large", large);
    write_file(site.www() / "empty", "");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const http::response answer = co_await client.get(site.url() + "/gzip/large");
        EXPECT_EQ(answer.header("Content-Encoding"), "gzip");
        EXPECT_EQ(answer.header("Transfer-Encoding"), "chunked");
        expect_same_bytes(answer.body(), large);
        const http::response empty = co_await client.get(site.url() + "/gzip/empty");
        EXPECT_EQ(empty.status(), 200U);
        EXPECT_EQ(empty.body(), "");
        const http::response head = co_await client.head(site.url() + "/gzip/large");
        EXPECT_EQ(head.body(), "");
        const http::response packed = co_await client.get(site.url() + "/gzip/large", http::options().header("Accept-Encoding", "gzip"));
        EXPECT_EQ(packed.body().substr(0, 2), "\x1f\x8b");
        EXPECT_LT(packed.body().size(), large.size());
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(apache, redirects) {
    apache site;
    write_file(site.www() / "a", "bytes");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const http::response answer = co_await client.get(site.url() + "/old/again/old/a");
        EXPECT_EQ(answer.body(), "bytes");
        EXPECT_EQ(answer.url().str(), site.url() + "/a");
        BRIO_ASSERT_EQ(answer.history().size(), 3U);
        EXPECT_EQ(answer.history()[0].status, 301U);
        EXPECT_EQ(answer.history()[1].status, 307U);
        expect_connections(client, 1, 1);
        const http::response posted = co_await client.post(site.url() + "/again/echo", http::options().text("once more"));
        EXPECT_EQ(posted.body(), "once more") << "307 keeps method and body";
        const http::response seen = co_await client.get(site.url() + "/old/a", http::options().redirects(0));
        EXPECT_EQ(seen.status(), 301U);
        EXPECT_EQ(seen.header("Location"), site.url() + "/a");
        co_await client.close();
    });
}

TEST(apache, credentials_do_not_travel_to_another_origin) {
    apache site;
    write_file(site.www() / "a", "bytes");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const http::response straight = co_await client.get(site.other_url() + "/a", http::options().auth(http::auth::basic("ada", secret)));
        EXPECT_EQ(straight.header("X-Authorization"), "Basic YWRhOm9wZW4gc2VzYW1l");
        const http::response away = co_await client.get(site.url() + "/away/a", http::options().auth(http::auth::basic("ada", secret)));
        EXPECT_EQ(away.url().str(), site.other_url() + "/a");
        EXPECT_EQ(away.body(), "bytes");
        EXPECT_FALSE(away.header("X-Authorization").value_or("").starts_with("Basic")) << *away.header("X-Authorization");
        co_await client.close();
    });
}

TEST(apache, basic_authentication) {
    apache site;
    write_file(site.www() / "a", "for ada");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const std::string url = site.url() + "/basic/a";
        const http::response stranger = co_await client.get(url);
        EXPECT_EQ(stranger.status(), 401U);
        EXPECT_EQ(stranger.header("WWW-Authenticate"), "Basic realm=\"brio\"");
        const http::response wrong = co_await client.get(url, http::options().auth(http::auth::basic("ada", "abracadabra")));
        EXPECT_EQ(wrong.status(), 401U);
        const http::response right = co_await client.get(url, http::options().auth(http::auth::basic("ada", secret)));
        EXPECT_EQ(right.body(), "for ada");
        const std::string in_url = "http://ada:open%20sesame@" + url.substr(7);
        const http::response named = co_await client.get(in_url);
        EXPECT_EQ(named.body(), "for ada");
        EXPECT_EQ(named.url().str(), url) << "without the password";
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(apache, digest_handshake) {
    apache site;
    write_file(site.www() / "a", "for ada");
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const std::string url = site.url() + "/digest/a";
        const http::auth who = http::auth::digest("ada", secret);
        for (int i = 0; i < 5; ++i) {
            const http::response answer = co_await client.get(url + "?n=" + std::to_string(i), http::options().auth(who));
            EXPECT_EQ(answer.status(), 200U) << i;
            EXPECT_EQ(answer.body(), "for ada") << i;
        }
        const http::session_stats before = client.stats();
        EXPECT_EQ(before.created + before.reused, 6U) << "one challenge, then the nonce is used on";
        co_await brio::sleep(2100ms); // the nonce grows old: the server answers `stale=true`
        const http::response later = co_await client.get(url, http::options().auth(who));
        EXPECT_EQ(later.body(), "for ada");
        EXPECT_EQ(client.stats().created + client.stats().reused, 8U) << "one challenge more";
        const http::response wrong = co_await client.get(url, http::options().auth(http::auth::digest("ada", "abracadabra")));
        EXPECT_EQ(wrong.status(), 401U);
        const http::response stranger = co_await client.get(url, http::options().auth(http::auth::digest("bob", secret)));
        EXPECT_EQ(stranger.status(), 401U);
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(apache, ranges) {
    apache site;
    const std::string all = noise(100'000);
    write_file(site.www() / "a", all);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        const std::string url = site.url() + "/a";
        const http::response middle = co_await client.get(url, http::options().header("Range", "bytes=1000-50999"));
        EXPECT_EQ(middle.status(), 206U);
        EXPECT_EQ(middle.header("Content-Range"), "bytes 1000-50999/100000");
        expect_same_bytes(middle.body(), all.substr(1000, 50'000));
        const http::response tail = co_await client.get(url, http::options().header("Range", "bytes=-10"));
        expect_same_bytes(tail.body(), all.substr(99'990));
        const http::response two = co_await client.get(url, http::options().header("Range", "bytes=0-9,50-59"));
        EXPECT_EQ(two.status(), 206U);
        EXPECT_TRUE(two.header("Content-Type")->starts_with("multipart/byteranges; boundary=")) << *two.header("Content-Type");
        const http::response beyond = co_await client.get(url, http::options().header("Range", "bytes=100000-"));
        EXPECT_EQ(beyond.status(), 416U);
        const http::response same = co_await client.get(url, http::options().header("If-None-Match", *tail.header("ETag")));
        EXPECT_EQ(same.status(), 304U);
        EXPECT_EQ(same.body(), "");
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

TEST(apache, large_uploads) {
    apache site;
    const std::string bytes = noise(24 << 20);
    write_file(site.www() / "source", bytes);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        http::options sized;
        sized.body(in_pieces(bytes, 100'000), bytes.size());
        const http::response first = co_await client.put(site.url() + "/store/sized", std::move(sized));
        EXPECT_EQ(first.status(), 201U);
        http::options chunked;
        chunked.body(in_pieces(bytes, 100'000));
        const http::response second = co_await client.put(site.url() + "/store/chunked", std::move(chunked));
        EXPECT_EQ(second.status(), 201U);
        const http::response third = co_await client.put(site.url() + "/store/file", http::options().body_file(site.www() / "source"));
        EXPECT_EQ(third.status(), 201U);
        const http::response fourth = co_await client.put(site.url() + "/store/file", http::options().body(bytes));
        EXPECT_EQ(fourth.status(), 204U) << "it was there already";
        expect_connections(client, 1, 1);
        co_await client.close();
    });
    for (const char* name : {"sized", "chunked", "file"}) expect_same_bytes(read_file(site.store() / name), bytes);
}

TEST(apache, H_082_asks_before_it_sends) {
    apache site;
    const std::string bytes = noise(2 << 20);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        std::size_t begun = 0;
        http::options wanted;
        wanted.body(in_pieces(bytes, 50'000, &begun)).expect_continue();
        const http::response stored = co_await client.put(site.url() + "/store/wanted", std::move(wanted));
        EXPECT_EQ(stored.status(), 201U);
        EXPECT_GT(begun, 0U);
        expect_connections(client, 1, 1);
        begun = 0;
        http::options refused;
        refused.body(in_pieces(bytes, 50'000, &begun)).expect_continue();
        const http::response answer = co_await client.put(site.url() + "/private/refused", std::move(refused));
        EXPECT_EQ(answer.status(), 401U);
        EXPECT_EQ(begun, 0U) << "the server did not ask for the body";
        expect_connections(client, 1, 0);
        http::options known;
        known.body(in_pieces(bytes, 50'000, &begun)).expect_continue().auth(http::auth::basic("ada", secret));
        const http::response allowed = co_await client.put(site.url() + "/private/allowed", std::move(known));
        EXPECT_EQ(allowed.status(), 201U);
        expect_connections(client, 2, 1);
        co_await client.close();
    });
    expect_same_bytes(read_file(site.store() / "wanted"), bytes);
    expect_same_bytes(read_file(site.store() / "allowed"), bytes);
    EXPECT_FALSE(std::filesystem::exists(site.store() / "refused"));
}

TEST(apache, echoes_chunks) {
    apache site;
    const std::string bytes = noise(50'000);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        for (const std::size_t piece : {std::size_t(1000), std::size_t(7), bytes.size()}) {
            http::options chunked;
            chunked.body(in_pieces(bytes, piece));
            const http::response answer = co_await client.post(site.url() + "/echo", std::move(chunked));
            EXPECT_EQ(answer.status(), 200U);
            expect_same_bytes(answer.body(), bytes);
        }
        expect_connections(client, 1, 1);
        co_await client.close();
    });
}

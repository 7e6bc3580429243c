// SPDX-License-Identifier: BSL-1.0
// The session against nginx: many files, compression, redirects, a body larger than memory should be.
#include "nginx.hpp"
#include "pages.hpp"
#include "real_time.hpp"

#include <fstream>

namespace http = brio::http;
using namespace brio_test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t many = 2000;

brio::awaitable<> fetch_pages(http::session& client, const std::string& base,
                              brio::queue<std::size_t>& numbers, std::size_t& equal) {
    while (const auto number = numbers.try_get()) {
        const http::response answer = co_await client.get(base + "/" + std::to_string(*number) + ".txt");
        EXPECT_EQ(answer.status(), 200U);
        equal += answer.body() == page(*number);
    }
}

// 64 at a time; every byte compared.
brio::awaitable<> fetch_many(std::string base, http::session_options options, std::size_t limit) {
    http::session client(options.limit(limit));
    brio::queue<std::size_t> numbers;
    for (std::size_t i = 0; i < many; ++i) numbers.put_nowait(i);
    std::size_t equal = 0;
    std::vector<brio::awaitable<>> workers;
    for (int i = 0; i < 64; ++i) workers.push_back(fetch_pages(client, base, numbers, equal));
    co_await brio::gather(std::move(workers));
    EXPECT_EQ(equal, many);
    EXPECT_EQ(client.stats().created + client.stats().reused, many);
    EXPECT_LE(client.stats().created, limit);
    co_await client.close();
}

std::size_t resident_bytes() {
    std::ifstream statm("/proc/self/statm");
    std::size_t all = 0;
    std::size_t resident = 0;
    statm >> all >> resident;
    return resident * 4096;
}

#if defined(__has_feature)
#define HAS_SANITIZER (__has_feature(address_sanitizer) || __has_feature(thread_sanitizer))
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#else
#define HAS_SANITIZER 0
#endif
constexpr std::size_t allowed_growth =
    HAS_SANITIZER ? 512 << 20 : 4 << 20; // they keep freed memory for a while

} // namespace

TEST(plain, two_thousand_files) {
    nginx site;
    write_pages(site.www(), many);
    in_real_time([&] { return fetch_many(site.url(), http::session_options(), 64); });
}

TEST(plain, two_thousand_files_over_eight_connections) {
    nginx site;
    write_pages(site.www(), many);
    in_real_time([&] { return fetch_many(site.url(), http::session_options(), 8); });
}

TEST(tls, two_thousand_files) {
    const certificates of;
    nginx site(of);
    write_pages(site.www(), many);
    in_real_time(
        [&] { return fetch_many(site.tls_url(), http::session_options().ca_file(of.authority()), 64); });
}

TEST(plain, compressed_files) {
    nginx site;
    write_pages(site.www(), 20);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        for (std::size_t i = 0; i < 20; ++i) {
            const http::response answer =
                co_await client.get(site.url() + "/gzip/" + std::to_string(i) + ".txt");
            EXPECT_EQ(answer.body(), page(i)) << i;
            if (page(i).empty()) continue;
            EXPECT_EQ(answer.header("Content-Encoding"), "gzip") << i;
        }
        const http::response raw =
            co_await client.get(site.url() + "/gzip/1.txt", http::options().decode(false));
        EXPECT_FALSE(raw.header("Content-Encoding")) << "it was not asked for";
        EXPECT_EQ(client.stats().created, 1U);
        co_await client.close();
    });
}

TEST(plain, redirects) {
    const certificates of;
    nginx site(of);
    in_real_time([&]() -> brio::awaitable<> {
        http::session client(http::session_options().ca_file(of.authority()));
        const http::response answer = co_await client.get(site.url() + "/hop/3");
        EXPECT_EQ(answer.body(), "arrived");
        EXPECT_EQ(answer.url().str(), site.url() + "/hop/0");
        BRIO_ASSERT_EQ(answer.history().size(), 3U);
        EXPECT_EQ(answer.history()[0].status, 307U);
        EXPECT_EQ(answer.history()[1].status, 301U);
        EXPECT_EQ(answer.history()[2].status, 302U);

        const http::response secure = co_await client.get(site.url() + "/to-tls");
        EXPECT_EQ(secure.url().str(), site.tls_url() + "/hop/0");
        EXPECT_EQ(secure.header("X-Protocol"), "TLSv1.3");

        const auto [error, took] =
            co_await failure_of<http::too_many_redirects>(get(client, site.url() + "/loop"));
        EXPECT_TRUE(error);
        co_await client.close();
    });
}

TEST(plain, a_gigabyte_does_not_grow_the_process) {
    nginx site;
    write_file(site.www() / "huge", "");
    constexpr std::uint64_t size = std::uint64_t(1) << 30;
    std::filesystem::resize_file(site.www() / "huge", size); // sparse: takes no room
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        http::streaming_response answer = co_await client.stream("GET", site.url() + "/huge");
        EXPECT_EQ(answer.content_length(), size);
        std::uint64_t received = 0;
        std::size_t before = 0;
        std::size_t most = 0;
        std::uint64_t next_look = 16 << 20;
        while (const auto piece = co_await answer.next_chunk()) {
            received += piece->size();
            if (received < next_look) continue;
            next_look += 16 << 20;
            if (before == 0) before = resident_bytes();
            most = std::max(most, resident_bytes());
        }
        EXPECT_EQ(received, size);
        EXPECT_LE(most, before + allowed_growth);
        co_await client.close();
    });
}

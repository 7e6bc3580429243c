// SPDX-License-Identifier: BSL-1.0
// Downloads that are cut off and go on, against nginx and Apache httpd.
#include "apache.hpp"
#include "interop.hpp"
#include "nginx.hpp"

#include <chrono>
#include <stdexcept>

namespace http = brio::http;
using namespace brio_test;
using namespace std::chrono_literals;

namespace {

class interruption : public std::runtime_error {
public:
    interruption() : std::runtime_error("enough for now") {}
};

// Ends the download when that much is there.
http::download_options until(std::uint64_t size) {
    return http::download_options().resume().progress([size](const http::download_progress& now) {
        if (now.received >= size) throw interruption();
    });
}

brio::awaitable<> download(http::session& client, std::string url, std::string to, http::download_options how) {
    co_await client.download(std::move(url), std::move(to), std::move(how));
}

// A file with a strong validator: one that has just changed has a weak one.
void write_old_file(const std::filesystem::path& file, const std::string& bytes, std::chrono::hours age) {
    write_file(file, bytes);
    std::filesystem::last_write_time(file, std::filesystem::file_time_type::clock::now() - age);
}

brio::awaitable<> cut_off_twice(std::string url, std::filesystem::path source, std::string bytes) {
    const temp_folder to;
    const std::string target = to / "target";
    http::session client;
    for (const std::uint64_t size : {std::uint64_t(1) << 20, std::uint64_t(3) << 20}) {
        const auto [cut, took] = co_await failure_of<interruption>(download(client, url, target, until(size)));
        EXPECT_TRUE(cut.has_value());
        EXPECT_FALSE(std::filesystem::exists(target));
        EXPECT_GE(std::filesystem::file_size(target + ".part"), size / 2);
        expect_connections(client, client.stats().created, 0);
    }
    http::download_options last;
    last.resume().sha256(sha256_of(bytes));
    const http::download_result done = co_await client.download(url, target, std::move(last));
    EXPECT_EQ(done.head().status(), 206U);
    EXPECT_GE(done.resumed_from(), std::uint64_t(2) << 20);
    EXPECT_EQ(done.size(), bytes.size());
    expect_same_bytes(read_file(target), bytes);
    EXPECT_FALSE(std::filesystem::exists(target + ".part"));
    EXPECT_FALSE(std::filesystem::exists(target + ".part.info"));
    expect_connections(client, client.stats().created, 1);

    // Another version in between: from the beginning.
    const auto [cut, took] = co_await failure_of<interruption>(download(client, url, target, until(1 << 20)));
    EXPECT_TRUE(cut.has_value());
    expect_same_bytes(read_file(target), bytes);
    const std::string newer = noise(bytes.size() + 1, 2);
    write_old_file(source, newer, 1h);
    const http::download_result anew = co_await client.download(url, target, http::download_options().resume());
    EXPECT_EQ(anew.head().status(), 200U);
    EXPECT_EQ(anew.resumed_from(), 0U);
    expect_same_bytes(read_file(target), newer);
    co_await client.close();
}

} // namespace

TEST(resume, from_nginx) {
    nginx site;
    const std::string bytes = noise(24 << 20);
    write_old_file(site.www() / "large", bytes, 2h);
    in_real_time([&] { return cut_off_twice(site.url() + "/large", site.www() / "large", bytes); });
}

TEST(resume, from_apache) {
    apache site;
    const std::string bytes = noise(24 << 20);
    write_old_file(site.www() / "large", bytes, 2h);
    in_real_time([&] { return cut_off_twice(site.url() + "/large", site.www() / "large", bytes); });
}

TEST(resume, a_wrong_checksum_leaves_nothing) {
    nginx site;
    write_file(site.www() / "a", "bytes");
    const temp_folder to;
    in_real_time([&]() -> brio::awaitable<> {
        http::session client;
        http::download_options how;
        how.sha256(std::string(64, '0'));
        const auto [error, took] =
            co_await failure_of<http::checksum_error>(download(client, site.url() + "/a", to / "a", std::move(how)));
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_TRUE(std::filesystem::is_empty(to.path()));
        co_await client.close();
    });
}

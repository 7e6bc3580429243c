// SPDX-License-Identifier: BSL-1.0
// The program fetch against servers that nobody here wrote.
#include "apache.hpp"
#include "node.hpp"
#include "openssl_server.hpp"
#include "pages.hpp"
#include "python_server.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace brio_test;

namespace {

struct outcome {
    int code;
    std::string output;
    std::string errors;
};

outcome run_fetch(std::vector<std::string> arguments, const std::string& input = {}) {
    arguments.insert(arguments.begin(), BRIO_FETCH);
    child_process program(arguments, input);
    const int code = program.wait();
    return {code, program.output(), program.errors()};
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

// All pages below that address into a folder, and each byte of them compared. With few connections: these servers have
// short queues.
void fetch_pages(const std::string& base, std::size_t count, std::vector<std::string> more = {}) {
    const temp_folder to;
    std::string list;
    for (std::size_t i = 0; i < count; ++i) list += base + "/" + std::to_string(i) + ".txt\n";
    more.insert(more.end(), {"-c", "4", "-o", to / "out", "-"});
    const outcome got = run_fetch(more, list);
    EXPECT_EQ(got.code, 0) << got.errors;
    EXPECT_TRUE(contains(got.output, "fetched " + std::to_string(count) + " of " + std::to_string(count) + "; ")) << got.output;
    for (std::size_t i = 0; i < count; ++i) ASSERT_EQ(read_file(to / ("out/" + std::to_string(i) + ".txt")), page(i)) << i;
}

// One line with what is wrong and what to do.
void expect_refused(const openssl_server& site, const std::string& authority, const std::string& what, const std::string& advice) {
    const outcome got = run_fetch({"--cacert", authority, site.url()});
    EXPECT_EQ(got.code, 1);
    EXPECT_EQ(std::count(got.errors.begin(), got.errors.end(), '\n'), 1) << got.errors;
    EXPECT_TRUE(contains(got.errors, what)) << got.errors;
    EXPECT_TRUE(contains(got.errors, advice)) << got.errors;
}

} // namespace

TEST(fetch_interop, from_apache) {
    const apache site;
    write_pages(site.www(), 200);
    fetch_pages(site.url(), 200);
    fetch_pages(site.url() + "/gzip", 50);
    fetch_pages(site.other_url(), 50);
    fetch_pages(site.url() + "/away", 20);
    fetch_pages(site.url() + "/basic", 20, {"--header", "Authorization: Basic YWRhOm9wZW4gc2VzYW1l"});
}

TEST(fetch_interop, from_python) {
    for (const std::string protocol : {"HTTP/1.0", "HTTP/1.1"}) {
        const python_server site(protocol);
        write_pages(site.www(), 100);
        fetch_pages(site.url(), 100);
    }
}

TEST(fetch_interop, from_node) {
    const node site;
    const temp_folder to;
    const outcome got = run_fetch({"-o", to / "out", site.url() + "/slow/5", site.url() + "/coded/br"});
    EXPECT_EQ(got.code, 0) << got.errors;
    EXPECT_EQ(read_file(to / "out/5"), "line 1\nline 2\nline 3\nline 4\nline 5\n");
    EXPECT_EQ(read_file(to / "out/br").substr(0, 20), "the quick brown fox ");
    const outcome cut = run_fetch({"--retries", "0", "-o", to / "cut", site.url() + "/cut"});
    EXPECT_EQ(cut.code, 1);
    EXPECT_FALSE(std::filesystem::exists(to / "cut/cut"));
}

TEST(fetch_interop, certificates_and_protocols) {
    const certificates of;
    const openssl_server good(of, of.good());
    const outcome got = run_fetch({"--cacert", of.authority(), good.url()});
    EXPECT_EQ(got.code, 0) << got.errors;
    expect_refused(openssl_server(of, of.expired()), of.authority(), "certificate has expired", "renew");
    expect_refused(openssl_server(of, of.wrong_host()), of.authority(), "hostname mismatch", "host name");
    expect_refused(openssl_server(of, of.self_signed()), of.authority(), "self-signed certificate", "--cacert");
    expect_refused(openssl_server(of, of.foreign()), of.authority(), "issuer certificate", "--cacert");
    expect_refused(openssl_server(of, of.good(), {"-tls1", "-cipher", "ALL:@SECLEVEL=0"}), of.authority(), "protocol", "TLS 1.2");
}

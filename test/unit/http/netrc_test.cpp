// SPDX-License-Identifier: BSL-1.0
// netrc files.
#include "http/netrc.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace {

using namespace brio::http::detail;

std::string found(const netrc& in, const char* host) {
    const login* l = in.find(host);
    return l ? l->user + "/" + l->password : "none";
}

TEST(netrc, entries) {
    const netrc n("# comment\nmachine a.example login ada password secret\n"
                  "machine\nb.example\n\tlogin \"b ob\" password \"p\\\"w#\\\\\" # more\r\n"
                  "machine C.Example login c account x password #pw\n"
                  "macdef init\n machine evil.example login x password y\n\nmachine d.example password only\n"
                  "machine e.example login only\nmachine a.example login second password second\n"
                  "machine colon.example login a:b password p\ndefault login any password canary");
    EXPECT_EQ(found(n, "a.example"), "ada/secret");
    EXPECT_EQ(found(n, "b.example"), "b ob/p\"w#\\");
    EXPECT_EQ(found(n, "c.example"), "c/#pw") << "no comment, but a password";
    for (const char* host : {"d.example", "e.example", "evil.example", "other.example", "example", "www.a.example", "a.example.evil.org", "", "default", "colon.example"})
        EXPECT_EQ(found(n, host), "none") << host;
    EXPECT_EQ(found(netrc(""), "x"), "none");
    EXPECT_EQ(found(netrc("machine x login a password \"#p\""), "x"), "a/#p");
}

TEST(netrc, what_is_no_netrc) {
    for (const char* text : {"login x", "hello", "machine", "machine x login", "machine x password", "machine x frobnicate y", "machine x login \"a", "machine x login a canary"}) {
        try {
            const netrc n{std::string_view(text)};
            ADD_FAILURE() << text;
        } catch (const brio::http::invalid_request& e) {
            EXPECT_NE(std::string(e.what()).find("line"), std::string::npos) << e.what();
            EXPECT_EQ(std::string(e.what()).find("canary"), std::string::npos);
        }
    }
}

TEST(netrc, files) {
    EXPECT_THROW(load_netrc("/nonexistent/netrc"), std::system_error);
    const std::string path = (std::filesystem::temp_directory_path() / ("brio_netrc_" + std::to_string(::getpid()))).string();
    std::ofstream(path) << "machine a login b password c\n";
    EXPECT_EQ(found(load_netrc(path), "a"), "b/c");
    const char* old = std::getenv("NETRC");
    const std::string saved = old ? old : "";
    ::setenv("NETRC", path.c_str(), 1);
    EXPECT_EQ(found(load_netrc(""), "a"), "b/c");
    ::setenv("NETRC", "/nonexistent/netrc", 1);
    EXPECT_EQ(found(load_netrc(""), "a"), "none") << "nobody said that there is one";
    if (old) ::setenv("NETRC", saved.c_str(), 1);
    else ::unsetenv("NETRC");
    std::filesystem::remove(path);
}

} // namespace

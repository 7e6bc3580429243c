// SPDX-License-Identifier: BSL-1.0
// Socket addresses: text and back, order, the system's form.
#include <brio/io/address.hpp>

#include <gtest/gtest.h>

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <sstream>
#include <stdexcept>
#include <string>
#include <unordered_set>
#include <vector>

namespace {

using brio::address;
using brio::address_family;

std::string error_of(const std::string& host, std::uint16_t port = 1) {
    try {
        address made(host, port);
        return "no error: " + made.to_string();
    } catch (const std::invalid_argument& e) {
        return e.what();
    }
}

TEST(address, of_ipv4) {
    const address a("127.0.0.1", 8080);
    EXPECT_EQ(a.family(), address_family::ipv4);
    EXPECT_TRUE(a.is_ip());
    EXPECT_EQ(a.host(), "127.0.0.1");
    EXPECT_EQ(a.port(), 8080);
    EXPECT_EQ(a.scope_id(), 0u);
    EXPECT_EQ(a.path(), "");
    EXPECT_EQ(a.to_string(), "127.0.0.1:8080");
    EXPECT_EQ(a.size(), sizeof(sockaddr_in));
    EXPECT_EQ(a.data()->sa_family, AF_INET);
    EXPECT_EQ(a.with_port(9).to_string(), "127.0.0.1:9");
}

TEST(address, of_ipv6) {
    const address a("::1", 80);
    EXPECT_EQ(a.family(), address_family::ipv6);
    EXPECT_EQ(a.host(), "::1");
    EXPECT_EQ(a.to_string(), "[::1]:80");
    EXPECT_EQ(a.size(), sizeof(sockaddr_in6));
    const address scoped("fe80::1%1", 7);
    EXPECT_EQ(scoped.scope_id(), 1u);
    EXPECT_EQ(scoped.host(), "fe80::1%1");
    EXPECT_EQ(address("fe80::1%lo", 7), scoped) << "the loopback interface has the number 1";
    EXPECT_NE(address("fe80::1", 7), scoped);
    EXPECT_EQ(scoped.with_port(65535).to_string(), "[fe80::1%1]:65535");
}

TEST(address, names_and_other_text_are_refused) {
    EXPECT_EQ(error_of("localhost"), "'localhost' is no IP address in digits: look names up with getaddrinfo");
    for (const std::string bad : {"", "1.2.3", "1.2.3.4.5", "256.0.0.1", ":::1", "[::1]", "::1%", "::1%no-such-interface", " 1.2.3.4"}) {
        EXPECT_EQ(error_of(bad), "'" + bad + "' is no IP address in digits: look names up with getaddrinfo");
    }
    EXPECT_THROW(address(std::string("127.0.0.1\0.evil", 15), 1), std::invalid_argument);
}

TEST(address, of_a_unix_socket) {
    const address a = address::unix_path("/run/x.sock");
    EXPECT_TRUE(a.is_unix());
    EXPECT_FALSE(a.is_ip());
    EXPECT_EQ(a.path(), "/run/x.sock");
    EXPECT_EQ(a.host(), "");
    EXPECT_EQ(a.port(), 0);
    EXPECT_EQ(a.to_string(), "unix:/run/x.sock");
    EXPECT_EQ(a.size(), offsetof(sockaddr_un, sun_path) + 12);
    EXPECT_THROW(static_cast<void>(a.with_port(1)), std::invalid_argument);
}

TEST(address, of_an_abstract_unix_socket) {
    const address a = address::unix_path("@name");
    EXPECT_EQ(a.path(), std::string("\0name", 5));
    EXPECT_EQ(a.to_string(), "unix:@name");
    EXPECT_EQ(address::unix_path(std::string("\0name", 5)), a);
    EXPECT_EQ(a.size(), offsetof(sockaddr_un, sun_path) + 5);
    const address inner = address::unix_path(std::string("@a\0b", 4));
    EXPECT_EQ(inner.path(), std::string("\0a\0b", 4));
    EXPECT_NE(inner, address::unix_path("@a"));
}

TEST(address, bad_unix_paths_are_refused) {
    EXPECT_THROW(static_cast<void>(address::unix_path("")), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(address::unix_path(std::string("/a\0b", 4))), std::invalid_argument);
    EXPECT_EQ(address::unix_path(std::string(107, 'x')).path(), std::string(107, 'x'));
    try {
        static_cast<void>(address::unix_path(std::string(108, 'x')));
        FAIL() << "108 bytes do not fit";
    } catch (const std::invalid_argument& e) {
        EXPECT_NE(std::string(e.what()).find("has 108 bytes, at most 107"), std::string::npos) << e.what();
    }
}

TEST(address, parse_reads_what_to_string_writes) {
    const std::vector<address> all{address("0.0.0.0", 0), address("10.1.2.3", 65535), address("::", 1), address("2001:db8::7", 443),
                                   address("fe80::1%1", 5), address::unix_path("/a:b/c"), address::unix_path("@abstract")};
    for (const address& a : all) EXPECT_EQ(address::parse(a.to_string()), a) << a;
}

TEST(address, parse_refuses_what_is_unclear) {
    for (const char* bad : {"", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:+1", "127.0.0.1: 1", "::1:80",
                            "[::1]", "[127.0.0.1]:80", "localhost:80", "unix:", ":80", "[]:80"}) {
        EXPECT_THROW(static_cast<void>(address::parse(bad)), std::invalid_argument) << bad;
    }
}

TEST(address, no_address) {
    const address none;
    EXPECT_TRUE(none.empty());
    EXPECT_EQ(none.data(), nullptr);
    EXPECT_EQ(none.size(), 0u);
    EXPECT_EQ(none.to_string(), "(no address)");
    EXPECT_EQ(none, address::from_native(nullptr, 0));
    EXPECT_FALSE(none.is_unspecified());
}

TEST(address, from_the_system) {
    const address a("192.0.2.1", 53);
    sockaddr_storage room{};
    std::memcpy(&room, a.data(), a.size());
    EXPECT_EQ(address::from_native(reinterpret_cast<sockaddr*>(&room), sizeof room), a) << "more room than needed";
    EXPECT_THROW(static_cast<void>(address::from_native(a.data(), a.size() - 1)), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(address::from_native(reinterpret_cast<sockaddr*>(&room), 129)), std::invalid_argument);
    sockaddr_un unnamed{};
    unnamed.sun_family = AF_UNIX;
    const address end = address::from_native(reinterpret_cast<sockaddr*>(&unnamed), sizeof(sa_family_t));
    EXPECT_TRUE(end.is_unix());
    EXPECT_EQ(end.path(), "");
    EXPECT_EQ(end.to_string(), "(unnamed Unix socket)");
    const address path = address::unix_path("/p");
    std::memcpy(&unnamed, path.data(), path.size());
    EXPECT_EQ(address::from_native(reinterpret_cast<sockaddr*>(&unnamed), sizeof unnamed), path) << "NULs at the end are padding";
}

TEST(address, kinds) {
    EXPECT_TRUE(address("127.9.9.9", 1).is_loopback());
    EXPECT_TRUE(address("::1", 1).is_loopback());
    EXPECT_TRUE(address("::ffff:127.0.0.1", 1).is_loopback());
    EXPECT_FALSE(address("128.0.0.1", 1).is_loopback());
    EXPECT_FALSE(address::unix_path("/x").is_loopback());
    EXPECT_TRUE(address("224.0.0.1", 1).is_multicast());
    EXPECT_TRUE(address("239.255.255.255", 1).is_multicast());
    EXPECT_TRUE(address("ff02::1", 1).is_multicast());
    EXPECT_FALSE(address("240.0.0.1", 1).is_multicast());
    EXPECT_TRUE(address("0.0.0.0", 1).is_unspecified());
    EXPECT_TRUE(address("::", 1).is_unspecified());
    EXPECT_FALSE(address("::1", 1).is_unspecified());
}

TEST(address, order_and_hash) {
    EXPECT_LT(address("9.0.0.1", 99), address("10.0.0.1", 1)) << "hosts in order of their bytes, before ports";
    EXPECT_LT(address("10.0.0.1", 9), address("10.0.0.1", 10));
    EXPECT_LT(address("255.0.0.1", 1), address("::", 1));
    EXPECT_LT(address(), address("0.0.0.0", 0));
    const std::unordered_set<address> set{address("10.0.0.1", 9), address("10.0.0.1", 10), address("10.0.0.1", 9)};
    EXPECT_EQ(set.size(), 2u);
    std::ostringstream out;
    out << address("10.0.0.1", 9);
    EXPECT_EQ(out.str(), "10.0.0.1:9");
}

}  // namespace

// SPDX-License-Identifier: BSL-1.0
// getaddrinfo and getnameinfo, over a resolver of ours (fake_resolver).
#include "http/error_of.hpp"
#include "http/fake_resolver.hpp"

#include <brio/io/resolver.hpp>
#include <brio/testing/test.hpp>

#include <netdb.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace http_test;
namespace names = http_test::fake_resolver;
using brio::address;
using brio::address_family;
using brio::getaddrinfo;
using brio::getnameinfo;
using brio::name_options;
using brio::resolve_error;
using brio::resolve_options;

brio::awaitable<std::string> found(brio::awaitable<std::vector<address>> look_up) {
    std::string text;
    try {
        const std::vector<address> all = co_await std::move(look_up);
        for (const address& one : all) text += (text.empty() ? "" : " ") + one.to_string();
    } catch (const std::exception& e) {
        text = e.what();
    }
    co_return text;
}

}  // namespace

BRIO_TEST_REAL_TIME(getaddrinfo, SRV_31_digits_need_no_look_up) {
    names::reset();
    EXPECT_EQ(co_await found(getaddrinfo("127.0.0.1", 80)), "127.0.0.1:80");
    EXPECT_EQ(co_await found(getaddrinfo("::1", 80)), "[::1]:80");
    EXPECT_EQ(co_await found(getaddrinfo("fe80::1%lo", 80)), "[fe80::1%1]:80");
    EXPECT_EQ(co_await found(getaddrinfo("::1", "443")), "[::1]:443");
    EXPECT_EQ(names::calls(), 0u);
}

BRIO_TEST_REAL_TIME(getaddrinfo, names_are_looked_up_once) {
    names::reset();
    names::add("both.test", {"192.0.2.1", "2001:db8::1"});
    EXPECT_EQ(co_await found(getaddrinfo("both.test", 80)), "192.0.2.1:80 [2001:db8::1]:80");
    EXPECT_EQ(co_await found(getaddrinfo("both.test", 80)), "192.0.2.1:80 [2001:db8::1]:80");
    EXPECT_EQ(names::calls("both.test"), 1u) << "the answer was kept";
    co_await found(getaddrinfo("both.test", 80, resolve_options().fresh()));
    EXPECT_EQ(names::calls("both.test"), 2u);
    co_await found(getaddrinfo("both.test", 81));
    co_await found(getaddrinfo("both.test", 80, resolve_options().datagram()));
    EXPECT_EQ(names::calls("both.test"), 4u) << "other questions";
}

BRIO_TEST_REAL_TIME(getaddrinfo, those_who_ask_together_share_one_question) {
    names::reset();
    names::add("shared.test", {"192.0.2.1"}, 30ms);
    std::vector<brio::task<std::string>> all;
    for (int i = 0; i < 20; ++i) all.push_back(brio::create_task(found(getaddrinfo("shared.test", 1))));
    co_await brio::sleep(5ms);
    all[0].cancel();
    for (std::size_t i = 1; i < all.size(); ++i) EXPECT_EQ(co_await all[i].join(), "192.0.2.1:1");
    EXPECT_TRUE(all[0].cancelled());
    EXPECT_EQ(names::calls("shared.test"), 1u);
}

BRIO_TEST_REAL_TIME(getaddrinfo, a_cancel_releases_at_once) {
    names::reset();
    names::add("slow.test", {"192.0.2.1"}, 1s);
    const stopwatch watch;
    bool late = false;
    try {
        co_await brio::wait_for(getaddrinfo("slow.test", 1), 10ms);
    } catch (const brio::timeout_error&) {
        late = true;
    }
    EXPECT_TRUE(late);
    EXPECT_LT(watch.elapsed(), 900ms);
    EXPECT_EQ(co_await found(getaddrinfo("slow.test", 1)), "192.0.2.1:1");
    EXPECT_EQ(names::calls("slow.test"), 1u) << "it joined the question under way";
}

BRIO_TEST_REAL_TIME(getaddrinfo, failures_have_a_code_and_a_sentence) {
    names::reset();
    names::fail("no.test", EAI_NONAME);
    try {
        co_await getaddrinfo("no.test", 25);
        ADD_FAILURE();
    } catch (const resolve_error& e) {
        EXPECT_EQ(e.code(), EAI_NONAME);
        EXPECT_EQ(e.host(), "no.test");
        EXPECT_EQ(std::string(e.what()), "cannot resolve 'no.test' (port 25): Name or service not known");
    }
    const std::string nul("a\0b", 3);
    EXPECT_NE((co_await found(getaddrinfo(nul, 1))).find("Name or service not known"), std::string::npos);
    EXPECT_EQ(names::calls("a"), 0u) << "nothing is cut at a NUL";
}

BRIO_TEST_REAL_TIME(getaddrinfo, SRV_32_an_answer_without_addresses_is_an_error) {
    names::reset();
    names::add("empty.test", {});
    EXPECT_EQ(co_await found(getaddrinfo("empty.test", 25)), "cannot resolve 'empty.test' (port 25): the name has no address");
}

BRIO_TEST_REAL_TIME(getaddrinfo, families) {
    names::reset();
    EXPECT_EQ(co_await found(getaddrinfo("localhost", 7)), "127.0.0.1:7 [::1]:7");
    EXPECT_EQ(co_await found(getaddrinfo("localhost", 7, resolve_options().family(address_family::ipv6))), "[::1]:7");
    EXPECT_EQ(co_await found(getaddrinfo("127.0.0.1", 7, resolve_options().family(address_family::ipv6))),
              "cannot resolve '127.0.0.1' (port 7): Address family for hostname not supported");
    EXPECT_THROW(static_cast<void>(getaddrinfo("x", 1, resolve_options().family(address_family::unix_socket))), std::invalid_argument);
    EXPECT_EQ(names::calls(), 0u);
}

BRIO_TEST_REAL_TIME(getaddrinfo, SRV_35_an_empty_host_means_all_interfaces_for_servers) {
    names::reset();
    EXPECT_EQ(co_await found(getaddrinfo("", 7, resolve_options().passive())), "0.0.0.0:7 [::]:7");
    EXPECT_EQ(co_await found(getaddrinfo("", 7)), "127.0.0.1:7 [::1]:7");
    EXPECT_EQ(names::calls(), 0u);
}

BRIO_TEST_REAL_TIME(getaddrinfo, digits_only_asks_nobody) {
    names::reset();
    names::add("there.test", {"192.0.2.1"});
    EXPECT_EQ(co_await found(getaddrinfo("there.test", 1, resolve_options().digits_only())),
              "cannot resolve 'there.test' (port 1): Name or service not known");
    EXPECT_EQ(names::calls(), 0u);
}

BRIO_TEST_REAL_TIME(getaddrinfo, services_by_name_go_to_the_system) {
    names::reset();
    names::add("there.test", {"192.0.2.1"});
    co_await found(getaddrinfo("there.test", "https"));
    EXPECT_EQ(names::calls("there.test"), 1u);
    EXPECT_EQ(names::last_service(), "https");
}

BRIO_TEST_REAL_TIME(getnameinfo, digits_and_names) {
    names::reset();
    names::add_reverse("192.0.2.1", "there.test");
    const brio::host_name plain = co_await getnameinfo(address("192.0.2.1", 80));
    EXPECT_EQ(plain.host, "there.test");
    const brio::host_name digits = co_await getnameinfo(address("192.0.2.1", 80), name_options().digits().port_digits());
    EXPECT_EQ(digits.host, "192.0.2.1");
    EXPECT_EQ(digits.service, "80");
    const brio::host_name unknown = co_await getnameinfo(address("192.0.2.2", 80));
    EXPECT_EQ(unknown.host, "192.0.2.2");
    try {
        co_await getnameinfo(address("192.0.2.2", 80), name_options().required());
        ADD_FAILURE();
    } catch (const resolve_error& e) {
        EXPECT_EQ(e.code(), EAI_NONAME);
        EXPECT_EQ(std::string(e.what()), "cannot find the name of 192.0.2.2:80: Name or service not known");
    }
    EXPECT_THROW(static_cast<void>(getnameinfo(address::unix_path("/x"))), std::invalid_argument);
    EXPECT_THROW(static_cast<void>(getnameinfo(address())), std::invalid_argument);
}

BRIO_TEST_REAL_TIME(getnameinfo, a_cancel_releases_at_once) {
    names::reset();
    names::add_reverse("192.0.2.1", "there.test", 1s);
    const stopwatch watch;
    bool late = false;
    try {
        co_await brio::wait_for(getnameinfo(address("192.0.2.1", 80)), 10ms);
    } catch (const brio::timeout_error&) {
        late = true;
    }
    EXPECT_TRUE(late);
    EXPECT_LT(watch.elapsed(), 900ms);
}

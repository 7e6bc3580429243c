// SPDX-License-Identifier: BSL-1.0
// Which proxy, and which hosts need none.
#include "http/proxy_rules.hpp"

#include <brio/http/error.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace {

using namespace brio::http;
using detail::no_proxy_list;
using detail::proxy_rules;

TEST(proxy_rules, no_proxy_lists) {
    struct row {
        const char *list, *target;
        bool matches;
    };
    for (const auto& [list, target, matches] : {
             row{"", "http://a.example/", false},
             row{" , ,", "http://a.example/", false},
             row{"*", "http://a.example/", true},
             row{"x.example, *", "https://10.0.0.1/", true},
             row{"example.com", "http://example.com/", true},
             row{"example.com", "http://a.b.example.com/", true},
             row{"example.com", "http://badexample.com/", false},
             row{"example.com", "http://example.com.evil.org/", false},
             row{"EXAMPLE.com", "http://www.example.COM/", true},
             row{"example.com.", "http://example.com/", true},
             row{".example.com", "http://example.com/", false},
             row{".example.com", "http://a.example.com/", true},
             row{"*.example.com", "http://example.com/", false},
             row{"*.example.com", "http://a.example.com/", true},
             row{"a*.example.com", "http://ab.example.com/", false},
             row{"example.com:80", "http://example.com/", true},
             row{"example.com:80", "https://example.com/", false},
             row{"example.com:8080", "http://www.example.com:8080/", true},
             row{"example.com:", "http://example.com/", false},
             row{"example.com:x", "http://example.com/", false},
             row{"example.com:0", "http://example.com/", false},
             row{":80", "http://example.com/", false},
             row{"a.example,b.example , c.example", "http://b.example/", true},
             row{"a.example,b.example , c.example", "http://c.example/", true},
             row{"a.example b.example", "http://b.example/", false},
             row{"b\xC3\xBC" "cher.example", "http://www.xn--bcher-kva.example/", true},
             row{"10.0.0.1", "http://10.0.0.1/", true},
             row{"10.0.0.1", "http://10.0.0.11/", false},
             row{"10.0.0.1:81", "http://10.0.0.1/", false},
             row{"10.0.0.1:80", "http://10.0.0.1/", true},
             row{"10.0.0.0/8", "http://10.200.3.4/", true},
             row{"10.0.0.0/8", "http://11.0.0.1/", false},
             row{"10.0.0.0/8:80", "http://10.200.3.4/", true},
             row{"10.0.0.0/8:80", "http://10.200.3.4:81/", false},
             row{"10.0.0.0/8:80", "http://11.0.0.1/", false},
             row{"fe80::/10:443", "https://[fe80::1]/", true},
             row{"fe80::/10:443", "http://[fe80::1]/", false},
             row{"10.0.0.0/8:", "http://10.0.0.1/", false},
             row{"10.1.2.3/12", "http://10.15.0.1/", true},
             row{"10.1.2.3/12", "http://10.16.0.1/", false},
             row{"10.0.0.1/32", "http://10.0.0.1/", true},
             row{"0.0.0.0/0", "http://1.2.3.4/", true},
             row{"0.0.0.0/0", "http://a.example/", false},
             row{"0.0.0.0/0", "http://[::1]/", false},
             row{"10.0.0.0/33", "http://10.0.0.0/", false},
             row{"10.0.0.0/x", "http://10.0.0.0/", false},
             row{"10.0.0.0/", "http://10.0.0.0/", false},
             row{"example.com/8", "http://example.com/", false},
             row{"0.1", "http://10.0.0.1/", false},
             row{"::1", "http://[::1]/", true},
             row{"[::1]", "http://[::1]/", true},
             row{"[::1]:80", "http://[::1]/", true},
             row{"[::1]:81", "http://[::1]/", false},
             row{"[::1", "http://[::1]/", false},
             row{"[::1]x", "http://[::1]/", false},
             row{"fe80::/10", "http://[fe80::1]/", true},
             row{"fe80::/10", "http://[fec0::1]/", false},
             row{"::ffff:10.0.0.1", "http://10.0.0.1/", true},
             row{"10.0.0.0/8", "http://[::ffff:10.0.0.1]/", true},
             row{"::ffff:10.0.0.0/104", "http://10.9.9.9/", true},
             row{"::ffff:10.0.0.0/8", "http://10.9.9.9/", false},
         })
        EXPECT_EQ(no_proxy_list(list).matches(url(target)), matches) << list << " " << target;
}

TEST(proxy_rules, H_023_zones_match_nothing) {
    for (const char* list : {"fe80::1%eth0", "[fe80::1%25eth0]", "fe80::%eth0/10", "fe80::1%25.example.com", "%25.example.com"}) {
        EXPECT_FALSE(no_proxy_list(list).matches(url("http://[fe80::1]/"))) << list;
        EXPECT_FALSE(no_proxy_list(list).matches(url("http://a.example.com/"))) << list;
    }
}

std::string proxy_of(const std::map<std::string, std::string>& environment, const char* target) {
    const auto get = [&environment](const char* name) -> const char* {
        const auto found = environment.find(name);
        return found == environment.end() ? nullptr : found->second.c_str();
    };
    const proxy_rules rules = proxy_rules::from_environment(get);
    const url* found = rules.find(url(target));
    return found ? found->str() : "none";
}

TEST(proxy_rules, the_environment) {
    struct row {
        std::map<std::string, std::string> environment;
        const char *target, *proxy;
    };
    const row rows[] = {
        {{}, "http://a.example/", "none"},
        {{{"http_proxy", "http://p:3128"}}, "http://a.example/", "http://p:3128/"},
        {{{"http_proxy", "p:3128"}}, "http://a.example/", "http://p:3128/"},
        {{{"http_proxy", " p "}}, "http://a.example/", "http://p/"},
        {{{"http_proxy", "http://p:3128"}}, "https://a.example/", "none"},
        {{{"HTTP_PROXY", "http://p:3128"}}, "http://a.example/", "none"},
        {{{"https_proxy", "http://p:3128"}}, "https://a.example/", "http://p:3128/"},
        {{{"HTTPS_PROXY", "http://p:3128"}}, "https://a.example/", "http://p:3128/"},
        {{{"HTTPS_PROXY", "http://upper"}, {"https_proxy", "http://lower"}}, "https://a.example/", "http://lower/"},
        {{{"https_proxy", ""}, {"HTTPS_PROXY", "http://upper"}}, "https://a.example/", "http://upper/"},
        {{{"all_proxy", "socks5h://s"}}, "https://a.example/", "socks5h://s/"},
        {{{"ALL_PROXY", "socks5://s:1"}, {"http_proxy", "p"}}, "http://a.example/", "http://p/"},
        {{{"ALL_PROXY", "socks5://s:1"}, {"http_proxy", "p"}}, "https://a.example/", "socks5://s:1/"},
        {{{"http_proxy", "p"}, {"no_proxy", "a.example"}}, "http://a.example/", "none"},
        {{{"http_proxy", "p"}, {"NO_PROXY", "a.example"}}, "http://a.example/", "none"},
        {{{"http_proxy", "p"}, {"NO_PROXY", "a.example"}, {"no_proxy", "b.example"}}, "http://a.example/", "http://p/"},
        {{{"http_proxy", "p"}}, "http://localhost/", "none"},
        {{{"http_proxy", "p"}}, "http://127.9.9.9:8080/", "none"},
        {{{"http_proxy", "p"}}, "http://[::1]/", "none"},
        {{{"http_proxy", "p"}}, "http://[::ffff:127.0.0.1]/", "none"},
        {{{"http_proxy", "p"}}, "http://[::2]/", "http://p/"},
        {{{"http_proxy", "p"}}, "http://localhost.example/", "http://p/"},
    };
    for (const auto& [environment, target, proxy] : rows) EXPECT_EQ(proxy_of(environment, target), proxy) << target;
    for (const char* bad : {"ftp://p", "http://", "http://user:canary@p:99999", "socks4://p"}) {
        try {
            proxy_of({{"http_proxy", bad}}, "http://a.example/");
            ADD_FAILURE() << bad;
        } catch (const invalid_url& e) {
            EXPECT_EQ(std::string(e.what()).find("canary"), std::string::npos) << e.what();
        }
    }
}

TEST(proxy_rules, one_proxy_for_everything) {
    const proxy_rules rules(url("http://u:p@proxy:3128"), "internal.example");
    EXPECT_EQ(rules.find(url("https://a.example/"))->user(), "u");
    EXPECT_NE(rules.find(url("http://localhost/")), nullptr) << "it was said so";
    EXPECT_EQ(rules.find(url("http://x.internal.example/")), nullptr);
}

} // namespace

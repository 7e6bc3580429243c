// SPDX-License-Identifier: BSL-1.0
// Who may set which cookie, what a request carries, what goes first, and cookie files.
#include <brio/http/cookie_jar.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace {

using namespace std::chrono;
using namespace brio::http;
namespace fs = std::filesystem;

constexpr sys_seconds now = sys_days(year(2026) / 3 / 1);

class folder {
public:
    folder() {
        std::string name = (fs::temp_directory_path() / "brio_cookie_test_XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp");
        path_ = name;
    }
    ~folder() { fs::remove_all(path_); }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }
    std::size_t files() const { return static_cast<std::size_t>(std::distance(fs::directory_iterator(path_), fs::directory_iterator())); }

private:
    fs::path path_;
};

void write(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::binary) << text; }

// What a jar sends to `to` after that one header from `from`.
std::string sent(const char* from, const std::string& set_cookie, const char* to) {
    cookie_jar jar;
    jar.store(url(from), set_cookie, now);
    return jar.header_for(url(to), now);
}

TEST(cookie_jar, H_115_116_domains) {
    struct row {
        const char *from, *domain, *to;
        bool comes;
    };
    for (const auto& [from, domain, to, comes] : {
             row{"http://www.example.com/", "", "http://www.example.com/", true},
             row{"http://www.example.com/", "", "http://example.com/", false},
             row{"http://www.example.com/", "", "http://a.www.example.com/", false},
             row{"http://www.example.com/", "Domain=example.com", "http://example.com/", true},
             row{"http://www.example.com/", "Domain=example.com", "http://other.example.com:81/", true},
             row{"http://www.example.com/", "Domain=.example.com", "http://a.b.example.com/", true},
             row{"http://www.example.com/", "Domain=EXAMPLE.com", "http://example.com/", true},
             row{"http://www.example.com/", "Domain=www.example.com", "http://a.www.example.com/", true},
             row{"http://www.example.com/", "Domain=www.example.com", "http://example.com/", false},
             row{"http://www.example.com/", "Domain=a.www.example.com", "http://a.www.example.com/", false},
             row{"http://www.example.com/", "Domain=other.example.com", "http://other.example.com/", false},
             row{"http://www.example.com/", "Domain=example.org", "http://example.org/", false},
             row{"http://www.example.com/", "Domain=ample.com", "http://www.example.com/", false},
             row{"http://www.example.com/", "Domain=com", "http://www.example.com/", false},
             row{"http://www.example.com/", "Domain=.com", "http://www.example.com/", false},
             row{"http://www.example.com/", "Domain=example.com.", "http://www.example.com/", false},
             row{"http://www.example.com/", "Domain=example.com:80", "http://www.example.com/", false},
             row{"http://www.example.com/", "Domain=..example.com", "http://www.example.com/", false},
             row{"http://www.example.com/", "Domain=*.example.com", "http://www.example.com/", false},
             row{"http://www.example.com/", "Domain=\"example.com\"", "http://www.example.com/", false},
             row{"http://www.example.com/", "Domain=", "http://www.example.com/", true},
             row{"http://www.example.com/", "Domain", "http://www.example.com/", true},
             row{"http://www.example.com/", "Domain=.", "http://www.example.com/", true},
             row{"http://www.example.com/", "Domain=.", "http://a.www.example.com/", false},
             row{"http://www.example.com/", "Domain=example.org; Domain=example.com", "http://example.com/", true},
             row{"http://evil-example.com/", "Domain=example.com", "http://evil-example.com/", false},
             row{"http://example.com/", "Domain=example.com", "http://evil-example.com/", false},
             row{"http://example.com/", "Domain=example.com", "http://example.com.evil.org/", false},
             row{"http://example.com/", "Domain=example.com", "http://xexample.com/", false},
             row{"http://localhost/", "", "http://localhost/", true},
             row{"http://localhost/", "Domain=localhost", "http://localhost/", true},
             row{"http://localhost/", "Domain=localhost", "http://a.localhost/", false},
             row{"http://127.0.0.1/", "", "http://127.0.0.1:8080/", true},
             row{"http://127.0.0.1/", "Domain=127.0.0.1", "http://127.0.0.1/", true},
             row{"http://127.0.0.1/", "Domain=0.0.1", "http://127.0.0.1/", false},
             row{"http://127.0.0.1/", "Domain=1", "http://127.0.0.1/", false},
             row{"http://[::1]/", "", "http://[::1]:1/", true},
             row{"http://[::1]/", "Domain=[::1]", "http://[::1]/", false},
             row{"http://B\xC3\xBC" "cher.example/", "Domain=xn--bcher-kva.example", "http://www.b\xC3\xBC" "cher.example/", true},
             row{"http://b\xC3\xBC" "cher.example/", "Domain=b\xC3\xBC" "cher.example", "http://b\xC3\xBC" "cher.example/", false},
         })
        EXPECT_EQ(sent(from, "a=b; " + std::string(domain), to), comes ? "a=b" : "") << from << " " << domain << " " << to;
}

#if defined(BRIO_TEST_PUBLIC_SUFFIXES)
TEST(cookie_jar, H_115_public_suffixes) {
    for (const char* suffix : {"co.uk", "CO.UK", ".co.uk", "github.io", "com.au", "xn--p1ai"}) {
        std::string name(suffix);
        if (name.front() == '.') name.erase(0, 1);
        const std::string site = "http://www." + name + "/";
        EXPECT_EQ(sent(site.c_str(), "a=b; Domain=" + std::string(suffix), site.c_str()), "") << suffix;
        const std::string itself = "http://" + name + "/";
        EXPECT_EQ(sent(itself.c_str(), "a=b; Domain=" + std::string(suffix), itself.c_str()), "a=b") << "for itself alone";
        EXPECT_EQ(sent(itself.c_str(), "a=b; Domain=" + std::string(suffix), site.c_str()), "") << suffix;
    }
    EXPECT_EQ(sent("http://a.site.co.uk/", "a=b; Domain=site.co.uk", "http://b.site.co.uk/"), "a=b");
    EXPECT_EQ(sent("http://a.www.ck/", "a=b; Domain=www.ck", "http://b.www.ck/"), "a=b") << "an exception of the list";
    EXPECT_EQ(sent("http://a.b.ck/", "a=b; Domain=b.ck", "http://a.b.ck/"), "") << "a wildcard of the list";
}
#endif

TEST(cookie_jar, H_117_prefixes_keep_their_promise) {
    struct row {
        const char *from, *header;
        bool taken;
    };
    for (const auto& [from, header, taken] : {
             row{"https://a.example/", "__Secure-x=1; Secure", true},
             row{"https://a.example/", "__Secure-x=1", false},
             row{"http://a.example/", "__Secure-x=1; Secure", false},
             row{"https://a.example/", "__sEcUrE-x=1", false},
             row{"https://a.example/", "__Host-x=1; Secure; Path=/", true},
             row{"https://a.example/", "__Host-x=1; Path=/", false},
             row{"https://a.example/", "__Host-x=1; Secure", false},
             row{"https://a.example/", "__Host-x=1; Secure; Path=/sub", false},
             row{"https://a.example/", "__Host-x=1; Secure; Path=sub", true},
             row{"https://a.example/x/", "__Host-x=1; Secure; Path=sub", false},
             row{"https://www.a.example/", "__Host-x=1; Secure; Path=/; Domain=a.example", false},
             row{"https://a.example/", "__HOST-x=1; Secure; Domain=a.example; Path=/", false},
             row{"http://a.example/", "__Host-x=1; Secure; Path=/", false},
             row{"http://a.example/", "__host-x=1; Path=/", false},
             row{"https://a.example/", "=__Host-x=1; Secure; Path=/", false},
             row{"https://a.example/", "__Host-x", false},
             row{"https://a.example/", "__secure-x", false},
             row{"https://a.example/", "=__Secure-", false},
             row{"https://a.example/", "__Hos-x=1", true},
             row{"https://a.example/", "x__Host-=1", true},
         })
        EXPECT_EQ(cookie_jar().store(url(from), header, now), taken) << header;
    EXPECT_TRUE(cookie_jar().store(url("https://127.0.0.1/"), "__Host-x=1; Secure; Path=/", now));
}

TEST(cookie_jar, secure_cookies_are_for_https_alone) {
    cookie_jar jar;
    const url plain("http://a.example/");
    const url tls("https://a.example/");
    EXPECT_FALSE(jar.store(plain, "a=1; Secure", now));
    EXPECT_TRUE(jar.store(tls, "a=1; Secure", now));
    EXPECT_EQ(jar.header_for(plain, now), "");
    EXPECT_EQ(jar.header_for(tls, now), "a=1");
    EXPECT_FALSE(jar.store(plain, "a=2", now)) << "it would take the place of a Secure one";
    EXPECT_FALSE(jar.store(plain, "a=2; Path=/login", now));
    EXPECT_FALSE(jar.store(url("http://www.a.example/"), "a=2; Domain=a.example", now));
    EXPECT_TRUE(jar.store(url("http://b.example/"), "a=2", now));
    EXPECT_TRUE(jar.store(plain, "b=2", now));
    EXPECT_EQ(jar.header_for(tls, now), "a=1; b=2");
    EXPECT_TRUE(jar.store(tls, "a=3", now)) << "https may";

    cookie_jar deep;
    ASSERT_TRUE(deep.store(tls, "a=1; Secure; Path=/login", now));
    EXPECT_TRUE(deep.store(plain, "a=2; Path=/", now)) << "it stands behind the Secure one";
    EXPECT_FALSE(deep.store(plain, "a=2; Path=/login/x", now));
}

TEST(cookie_jar, H_119_paths) {
    struct row {
        const char *from, *path, *to;
        bool comes;
    };
    for (const auto& [from, path, to, comes] : {
             row{"http://a/", "Path=/foo", "http://a/foo", true},
             row{"http://a/", "Path=/foo", "http://a/foo/", true},
             row{"http://a/", "Path=/foo", "http://a/foo/bar", true},
             row{"http://a/", "Path=/foo", "http://a/foo?x", true},
             row{"http://a/", "Path=/foo", "http://a/foobar", false},
             row{"http://a/", "Path=/foo", "http://a/fo", false},
             row{"http://a/", "Path=/foo", "http://a/", false},
             row{"http://a/", "Path=/foo", "http://a/Foo", false},
             row{"http://a/", "Path=/foo/", "http://a/foo/", true},
             row{"http://a/", "Path=/foo/", "http://a/foo/bar", true},
             row{"http://a/", "Path=/foo/", "http://a/foo", false},
             row{"http://a/", "Path=/foo%2fbar", "http://a/foo/bar", false},
             row{"http://a/", "Path=/foo/bar", "http://a/foo%2fbar", false},
             row{"http://a/", "Path=/foo%2fbar", "http://a/foo%2fbar/x", true},
             row{"http://a/", "Path=/", "http://a/anything", true},
             row{"http://a/x/y", "", "http://a/x/z", true},
             row{"http://a/x/y", "", "http://a/x", true},
             row{"http://a/x/y", "", "http://a/xx", false},
             row{"http://a/x/y/", "", "http://a/x/y/z", true},
             row{"http://a/x/y/", "", "http://a/x/z", false},
             row{"http://a/x", "", "http://a/z", true},
             row{"http://a", "", "http://a/z", true},
             row{"http://a/x/y", "Path=", "http://a/x/z", true},
             row{"http://a/x/y", "Path", "http://a/z", false},
             row{"http://a/x/y", "Path=foo", "http://a/x/", true},
             row{"http://a/x/y", "Path=\"/\"", "http://a/z", false},
             row{"http://a/x/y", "Path=/a\tb", "http://a/x/z", true},
         })
        EXPECT_EQ(sent(from, "a=b; " + std::string(path), to), comes ? "a=b" : "") << from << " " << path << " " << to;
    const std::string deep = "/" + std::string(4096, 'p');
    cookie_jar jar;
    EXPECT_TRUE(jar.store(url("http://a/x/y"), "a=b; Path=" + deep, now)) << "over 1024 bytes: as if there were none";
    EXPECT_EQ(jar.header_for(url("http://a" + deep), now), "");
    EXPECT_EQ(jar.header_for(url("http://a/x/"), now), "a=b");
    ASSERT_TRUE(jar.store(url("http://a" + deep + "/y"), "c=d", now));
    EXPECT_EQ(jar.header_for(url("http://a" + deep + "/z"), now), "c=d");
}

TEST(cookie_jar, longer_paths_first_then_older_ones) {
    cookie_jar jar;
    const url at("http://a.example/x/y");
    for (const char* text : {"one=1; Path=/", "two=2; Path=/x/y", "three=3; Path=/x", "four=4; Path=/", "one=5; Path=/"}) jar.store(at, text, now);
    EXPECT_EQ(jar.header_for(at, now), "two=2; three=3; one=5; four=4") << "a replaced cookie keeps its age";
    jar.store(at, "nameless", now);
    jar.store(at, "empty=; Path=/", now);
    EXPECT_EQ(jar.header_for(at, now), "two=2; three=3; nameless; one=5; four=4; empty=");
    EXPECT_EQ(jar.cookies_for(at, now).size(), 6u);
    EXPECT_EQ(jar.cookies_for(at, now)[0].name, "two");
}

TEST(cookie_jar, what_counts_as_the_same_cookie) {
    cookie_jar jar;
    const url at("http://a.example/");
    jar.store(at, "n=1", now);
    jar.store(at, "N=2", now);
    jar.store(at, "n=3; Path=/x", now);
    jar.store(at, "n=4; Domain=a.example", now);
    EXPECT_EQ(jar.size(), 4u);
    jar.store(at, "n=5", now);
    EXPECT_EQ(jar.size(), 4u);
    jar.store(at, "n=gone; Max-Age=0", now);
    jar.store(at, "N=gone; Expires=Thu, 01 Jan 1970 00:00:00 GMT", now);
    EXPECT_EQ(jar.header_for(url("http://a.example/x"), now), "n=3; n=4");
    jar.store(at, "never=was; Max-Age=-1", now);
    EXPECT_EQ(jar.size(), 2u);
}

TEST(cookie_jar, cookies_end) {
    cookie_jar jar;
    const url at("http://a.example/");
    jar.store(at, "short=1; Max-Age=60", now);
    jar.store(at, "session=1", now);
    EXPECT_EQ(jar.header_for(at, now + 59s), "short=1; session=1");
    EXPECT_EQ(jar.header_for(at, now + 60s), "session=1");
    EXPECT_EQ(jar.all(now + 60s).size(), 1u);
    jar.store(at, "far=1; Expires=Fri, 31 Dec 9999 23:59:59 GMT", now);
    EXPECT_EQ(jar.header_for(at, now + days(400) - 1s), "session=1; far=1");
    EXPECT_EQ(jar.header_for(at, now + days(400)), "session=1");
}

TEST(cookie_jar, H_120_values_are_kept_verbatim) {
    for (const char* value : {"\"quoted\"", "a%20b%0d%0a", "a,b", "a=b", "a b", "\\\"", "\xC3\xA9", "'"})
        EXPECT_EQ(sent("http://a/", "n=" + std::string(value), "http://a/"), "n=" + std::string(value));
    EXPECT_EQ(sent("http://a/", std::string("n=a\0b", 5), "http://a/"), "");
    EXPECT_EQ(sent("http://a/", "n=a\rb", "http://a/"), "");
    EXPECT_EQ(sent("http://a/", "n=a\x7F", "http://a/"), "");
    EXPECT_EQ(sent("http://a/", "n\x01=a", "http://a/"), "");
    EXPECT_EQ(sent("http://a/", "n\t=a", "http://a/"), "n=a") << "white space around a name is cut";
    EXPECT_EQ(sent("http://a/", "n\tm=a", "http://a/"), "");
}

TEST(cookie_jar, H_121_of_one_answer_the_last_fifty_are_taken) {
    headers answer;
    for (int i = 0; i < 51; ++i) answer.add("Set-Cookie", "n" + std::to_string(i) + "=v");
    answer.add("X-Set-Cookie", "no=1");
    cookie_jar jar;
    jar.store(url("http://a.example/"), answer, now);
    EXPECT_EQ(jar.size(), 50u);
    EXPECT_EQ(jar.all(now).front().name, "n1");
    EXPECT_EQ(jar.all(now).back().name, "n50");
}

TEST(cookie_jar, H_121_ten_thousand_on_one_domain_and_too_many_in_all) {
    cookie_jar jar;
    const url at("http://a.example/");
    for (int i = 0; i < 10'000; ++i) jar.store(at, "n" + std::to_string(i) + "=v", now);
    EXPECT_EQ(jar.size(), 50u);
    EXPECT_EQ(jar.all(now).front().name, "n9950") << "the newest stay";
    for (int i = 0; i < 100; ++i) {
        const url site("http://s" + std::to_string(i) + ".example/");
        for (int n = 0; n < 45; ++n) jar.store(site, "n" + std::to_string(n) + "=v", now);
        EXPECT_FALSE(jar.header_for(at, now).empty()) << "and are in use now";
    }
    EXPECT_EQ(jar.size(), 3000u);
    EXPECT_EQ(jar.cookies_for(at, now).size(), 50u);
    EXPECT_TRUE(jar.cookies_for(url("http://s0.example/"), now).empty()) << "the least recently used have gone";
    EXPECT_EQ(jar.cookies_for(url("http://s99.example/"), now).size(), 45u);
}

TEST(cookie_jar, H_121_an_attacker_on_the_wire_cannot_push_out_secure_cookies) {
    cookie_jar jar;
    ASSERT_TRUE(jar.store(url("https://a.example/"), "login=1; Secure", now));
    for (int i = 0; i < 200; ++i) jar.store(url("http://a.example/"), "n" + std::to_string(i) + "=v", now);
    EXPECT_EQ(jar.size(), 50u);
    EXPECT_EQ(jar.all(now).front().name, "login");
}

TEST(cookie_jar, H_121_a_request_carries_what_fits_the_newest_ones) {
    cookie_jar jar;
    const url at("http://a.example/p/q");
    for (int i = 0; i < 10; ++i) jar.store(at, "n" + std::to_string(i) + "=" + std::string(1000, 'v') + "; Path=" + (i % 2 ? "/p" : "/"), now);
    const std::string text = jar.header_for(at, now);
    EXPECT_LE(text.size(), 8190u);
    EXPECT_EQ(text.find("n0="), text.npos);
    EXPECT_EQ(text.find("n1="), text.npos);
    EXPECT_EQ(text.find("n3="), 0u) << "still by path";
    EXPECT_NE(text.find("n9="), text.npos);
    cookie_jar huge;
    for (int i = 0; i < 3; ++i) huge.store(at, "n" + std::to_string(i) + "=" + std::string(4094, 'v'), now);
    EXPECT_EQ(huge.cookies_for(at, now).size(), 1u);
    EXPECT_EQ(huge.cookies_for(at, now)[0].name, "n2");

    cookie_jar many;
    const url deep("http://d.c.b.a.example/");
    for (const char* domain : {"a.example", "b.a.example", "c.b.a.example", "d.c.b.a.example"})
        for (int i = 0; i < 50; ++i) many.store(deep, std::string(1, domain[0]) + std::to_string(i) + "=v; Domain=" + domain, now);
    EXPECT_EQ(many.size(), 200u);
    EXPECT_EQ(many.cookies_for(deep, now).size(), 150u);
    EXPECT_EQ(many.header_for(deep, now).substr(0, 4), "b0=v");
}

TEST(cookie_jar, cookies_of_ones_own) {
    cookie_jar jar;
    cookie c("n", "v");
    EXPECT_FALSE(jar.set(c, now)) << "without a domain";
    c.domain = "A.Example";
    EXPECT_TRUE(jar.set(c, now));
    EXPECT_EQ(jar.header_for(url("http://a.example/"), now), "n=v");
    EXPECT_EQ(jar.header_for(url("http://b.a.example/"), now), "");
    c.host_only = false;
    c.path = "/x";
    EXPECT_TRUE(jar.set(c, now));
    EXPECT_EQ(jar.header_for(url("http://b.a.example/x"), now), "n=v");
    c.expires = now;
    EXPECT_TRUE(jar.set(c, now));
    EXPECT_EQ(jar.size(), 1u) << "one that has ended removes its namesake";
    const auto refused = [&](auto change) {
        cookie bad("n", "v");
        bad.domain = "a.example";
        change(bad);
        return !jar.set(bad, now);
    };
    EXPECT_FALSE(refused([](cookie&) {}));
    EXPECT_TRUE(refused([](cookie& b) { b.name = "a=b"; }));
    EXPECT_TRUE(refused([](cookie& b) { b.name = "a;b"; }));
    EXPECT_TRUE(refused([](cookie& b) { b.value = "a;b"; }));
    EXPECT_TRUE(refused([](cookie& b) { b.value = "a\r\nX: y"; }));
    EXPECT_TRUE(refused([](cookie& b) { b.value = std::string(4097, 'v'); }));
    EXPECT_TRUE(refused([](cookie& b) { b.path = "x"; }));
    EXPECT_TRUE(refused([](cookie& b) { b.path = "/x;y"; }));
    EXPECT_TRUE(refused([](cookie& b) { b.domain = "a b"; }));
    EXPECT_TRUE(refused([](cookie& b) { b.domain = "127.1"; }));
    EXPECT_TRUE(refused([](cookie& b) { b.domain = "127.0.0.1", b.host_only = false; }));
    EXPECT_TRUE(refused([](cookie& b) { b.domain = "com", b.host_only = false; }));
    EXPECT_TRUE(refused([](cookie& b) { b.name = "__Host-x"; }));
    EXPECT_TRUE(refused([](cookie& b) { b.name.clear(), b.value.clear(); }));
}

TEST(cookie_jar, handles_share_and_clear) {
    cookie_jar a;
    cookie_jar b = a;
    EXPECT_TRUE(a == b);
    EXPECT_FALSE(a == cookie_jar());
    b.store(url("http://a.example/"), "a=1", now);
    b.store(url("http://b.example/"), "b=1", now);
    EXPECT_EQ(a.size(), 2u);
    const cookie_jar moved = std::move(b);
    EXPECT_EQ(b.size(), 2u) << "a moved-from handle is still one"; // NOLINT
    EXPECT_EQ(a.clear("a.example"), 1u);
    EXPECT_EQ(a.clear("a.example"), 0u);
    EXPECT_EQ(moved.size(), 1u);
    a.clear();
    EXPECT_TRUE(moved.empty());
}

TEST(cookie_jar, H_123_a_file_keeps_everything_but_same_site) {
    const folder dir;
    const std::string path = dir / "cookies.txt";
    cookie_jar jar;
    const url at("https://www.example.com/x/y");
    jar.store(at, "host=1", now);
    jar.store(at, "domain=2; Domain=example.com; Path=/; Secure; HttpOnly; Max-Age=1000", now);
    jar.store(at, "tab=a\tb; SameSite=Lax", now);
    jar.store(url("http://127.0.0.1/"), "ip=1", now);
    jar.store(url("http://[::1]/"), "ip6=1", now);
    jar.store(at, "empty=", now);
    jar.store(at, "bare", now);
    jar.store(at, "over=1; Max-Age=10", now);
    jar.save(path, now + 20s);
    EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(dir.files(), 1u);

    cookie_jar back;
    EXPECT_EQ(back.load(path, now + 20s), 7u);
    auto wanted = jar.all(now + 20s);
    for (cookie& c : wanted) c.same_site = same_site::unset;
    EXPECT_EQ(back.all(now + 20s), wanted);
    EXPECT_EQ(back.header_for(url("http://example.com/x/"), now + 20s), "") << "host-only survives";
    EXPECT_EQ(back.header_for(url("https://example.com/x/"), now + 20s), "domain=2");
    EXPECT_EQ(back.to_netscape(now + 20s), jar.to_netscape(now + 20s));
}

TEST(cookie_jar, H_123_broken_lines_are_skipped) {
    const folder dir;
    const std::string path = dir / "cookies.txt";
    write(path, "# Netscape HTTP Cookie File\n\nnot a cookie\n" + std::string(1024 * 1024, 'x') +
                    "\na.example\tFALSE\t/\tFALSE\t0\tgood\t1\r\n.com\tTRUE\t/\tFALSE\t0\tsuffix\t1\n"
                    "a.example\tFALSE\t/\tFALSE\t0\t__Host-x\t1\n127.0.0.1\tTRUE\t/\tFALSE\t0\tip\t1\n"
                    "a.example\tFALSE\t/\tFALSE\t1\tended\t1\na.example\tFALSE\t/\tFALSE\t0\tbad\t\x01\n"
                    "a.example\tFALSE\t/\tFALSE\t99999999999\tfar\t1\na.example\tFALSE\t/\tFAL");
    cookie_jar jar;
    jar.load(path, now);
    EXPECT_EQ(jar.header_for(url("http://a.example/"), now), "good=1; far=1");
    EXPECT_EQ(jar.size(), 2u);
    EXPECT_EQ(jar.all(now)[1].expires, now + days(400));
}

TEST(cookie_jar, H_123_files_that_cannot_be_read_or_written_leave_all_as_it_was) {
    const folder dir;
    cookie_jar jar;
    jar.store(url("http://a.example/"), "a=1", now);
    const auto code_of = [](auto what) {
        try {
            what();
        } catch (const std::system_error& e) {
            return e.code().value();
        }
        return 0;
    };
    EXPECT_EQ(code_of([&] { jar.load(dir / "none"); }), ENOENT);
    EXPECT_EQ(code_of([&] { jar.load(dir / ""); }), EISDIR);
    write(dir / "huge", std::string(17 * 1024 * 1024, 'x'));
    EXPECT_EQ(code_of([&] { jar.load(dir / "huge"); }), EFBIG);
    EXPECT_EQ(jar.header_for(url("http://a.example/"), now), "a=1");

    EXPECT_EQ(code_of([&] { jar.save(dir / "none/x"); }), ENOENT);
    fs::create_directory(dir / "folder");
    write(dir / "folder/x", "kept");
    EXPECT_NE(code_of([&] { jar.save(dir / "folder"); }), 0);
    EXPECT_TRUE(fs::exists(dir / "folder/x"));
    EXPECT_EQ(dir.files(), 2u) << "no temporary file stays";
    write(dir / "old", "before");
    jar.save(dir / "old", now);
    EXPECT_EQ(fs::status(dir / "old").permissions(), fs::perms::owner_read | fs::perms::owner_write);
    EXPECT_EQ(cookie_jar().load(dir / "old", now), 1u);
}

} // namespace

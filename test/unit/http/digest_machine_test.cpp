// SPDX-License-Identifier: BSL-1.0
// Digest authentication: the examples of the RFCs, nonces, hostile challenges.
#include "http/digest_machine.hpp"

#include "http/challenge.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http::detail;

constexpr const char* origin = "http://www.example.org";

digest_machine machine(const char* user = "Mufasa", const char* password = "Circle of Life",
                       const char* nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ") {
    return digest_machine(user, password, [nonce] { return std::string(nonce); });
}
std::string part(const std::string& header, const std::string& name) {
    const auto all = parse_challenges(header);
    return all.empty() ? "" : std::string(all[0].get(name).value_or("none"));
}

// RFC 7616 section 3.9.1.
TEST(digest_machine, example_with_two_algorithms) {
    const std::string rest = "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
                             "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
    auto md5 = machine();
    ASSERT_TRUE(md5.challenged(origin, "Digest " + rest + ", algorithm=MD5", 0));
    const std::string one = md5.authorize(origin, "GET", "/dir/index.html");
    EXPECT_EQ(part(one, "response"), "8ca523f5e9506fed4657c9700eebdbec");
    EXPECT_EQ(one, "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
                   "uri=\"/dir/index.html\", response=\"8ca523f5e9506fed4657c9700eebdbec\", qop=auth, nc=00000001, "
                   "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", algorithm=MD5, "
                   "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
    auto both = machine();
    ASSERT_TRUE(both.challenged(origin, "Digest " + rest + ", algorithm=MD5, Digest " + rest + ", algorithm=SHA-256, Digest " + rest, 0));
    const std::string best = both.authorize(origin, "GET", "/dir/index.html");
    EXPECT_EQ(part(best, "algorithm"), "SHA-256") << "the strongest one, wherever it stands";
    EXPECT_EQ(part(best, "response"), "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
}

// RFC 7616 section 3.9.2; its response was made with SHA-512/256 as the erratum 4897 has it.
TEST(digest_machine, example_with_a_hashed_user_name) {
    auto m = machine("J\xC3\xA4s\xC3\xB8n Doe", "Secret, or not?", "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v");
    ASSERT_TRUE(m.challenged("http://api.example.org",
                             "Digest realm=\"api@example.org\", qop=\"auth\", algorithm=SHA-512-256, nonce=\"5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK\", "
                             "opaque=\"HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS\", charset=UTF-8, userhash=true",
                             0));
    const std::string text = m.authorize("http://api.example.org", "GET", "/doe.json");
    EXPECT_EQ(part(text, "username"), "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b");
    EXPECT_EQ(part(text, "response"), "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5");
    EXPECT_EQ(part(text, "userhash"), "true");
}

// RFC 2617 section 3.5 and its ancestor without qop.
TEST(digest_machine, older_forms) {
    auto m = machine("Mufasa", "Circle Of Life", "0a4f113b");
    ASSERT_TRUE(m.challenged(origin, "Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", opaque=\"5c\"", 0));
    const std::string text = m.authorize(origin, "GET", "/dir/index.html");
    EXPECT_EQ(part(text, "response"), "6629fae49393a05397450978507c4ef1");
    EXPECT_EQ(text.find("algorithm"), text.npos) << "it was not mentioned";

    ASSERT_TRUE(m.challenged(origin, "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"", 0));
    const std::string bare = m.authorize(origin, "GET", "/dir/index.html");
    EXPECT_EQ(part(bare, "response"), "670fd8c2df070c60b045671b8b24ff02");
    for (const char* absent : {"qop", "nc", "cnonce", "opaque"}) EXPECT_EQ(part(bare, absent), "none") << absent;
}

TEST(digest_machine, sessions_hash_the_nonces_in) {
    auto m = machine("u", "p", "c");
    ASSERT_TRUE(m.challenged(origin, "Digest realm=\"r\", qop=auth, nonce=\"n\", algorithm=MD5-sess", 0));
    const auto md5 = [](const std::string& text) { return *hex_hash(hash_kind::md5, text); };
    const std::string secret = md5(md5("u:r:p") + ":n:c");
    for (const char* count : {"00000001", "00000002"}) {
        const std::string text = m.authorize(origin, "PUT", "/x");
        EXPECT_EQ(part(text, "response"), md5(secret + ":n:" + count + ":c:auth:" + md5("PUT:/x")));
        EXPECT_EQ(part(text, "algorithm"), "MD5-sess");
    }
    ASSERT_TRUE(m.challenged(origin, "Digest realm=\"r\", nonce=\"n\", algorithm=sha-256-SESS", 0));
    EXPECT_EQ(part(m.authorize(origin, "PUT", "/x"), "cnonce"), "c") << "the session needs it, with or without qop";
}

TEST(digest_machine, nonces_are_counted_and_replaced) {
    auto m = machine();
    EXPECT_EQ(m.authorize(origin, "GET", "/"), "") << "nothing was asked yet";
    ASSERT_TRUE(m.challenged(origin, "Digest realm=\"r\", qop=auth, nonce=\"one\"", 0));
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "nc"), "00000001");
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "nc"), "00000002");
    EXPECT_TRUE(m.challenged(origin, "Digest realm=\"r\", qop=auth, nonce=\"two\", stale=TRUE", 1)) << "right password, old nonce";
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "nc"), "00000001");
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "nonce"), "two");
    EXPECT_FALSE(m.challenged(origin, "Digest realm=\"r\", qop=auth, nonce=\"three\"", 1)) << "a wrong password";
    EXPECT_FALSE(m.challenged(origin, "Digest realm=\"r\", qop=auth, nonce=\"three\", stale=false", 1));
    EXPECT_FALSE(m.challenged(origin, "Digest realm=\"r\", qop=auth, nonce=\"three\", stale=true", 2)) << "no endless round";
    m.informed(origin, "qop=auth, nextnonce=\"four\"");
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "nonce"), "four");
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "nc"), "00000002");
    m.informed(origin, "nextnonce=\"\"");
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "nonce"), "four");
}

TEST(digest_machine, H_074_nothing_is_said_to_another_origin) {
    auto m = machine();
    ASSERT_TRUE(m.challenged("https://a.example", "Digest realm=\"r\", qop=auth, nonce=\"n\"", 0));
    for (const char* other : {"http://a.example", "https://a.example:444", "https://b.example", "https://www.a.example", ""})
        EXPECT_EQ(m.authorize(other, "GET", "/"), "") << other;
    m.informed("https://b.example", "nextnonce=\"evil\"");
    EXPECT_EQ(part(m.authorize("https://a.example", "GET", "/"), "nonce"), "n");
}

TEST(digest_machine, H_013_realm_and_nonce_go_back_as_they_came) {
    auto m = machine("a\"b\\c", "p", "c");
    ASSERT_TRUE(m.challenged(origin, "Digest realm=\"x\\\"y\\\\z\", nonce=\"n\\\"\", opaque=\"\", domain=\"\"", 0));
    const std::string text = m.authorize(origin, "GET", "/q?a=\"");
    EXPECT_NE(text.find("username=\"a\\\"b\\\\c\", realm=\"x\\\"y\\\\z\", nonce=\"n\\\"\", uri=\"/q?a=\\\"\""), text.npos) << text;
    EXPECT_NE(text.find("opaque=\"\""), text.npos);
    const auto md5 = [](const std::string& t) { return *hex_hash(hash_kind::md5, t); };
    EXPECT_EQ(part(text, "response"), md5(md5("a\"b\\c:x\"y\\z:p") + ":n\":" + md5("GET:/q?a=\"")));
}

TEST(digest_machine, H_013_challenges_that_cannot_be_met) {
    for (const char* text :
         {"", "Basic realm=\"x\"", "Negotiate", "NTLM", "Digest", "Digest realm=\"r\"", "Digest nonce=\"n\"", "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
          "Digest realm=\"r\", nonce=\"n\", qop=\"authx\"", "Digest realm=\"r\", nonce=\"n\", algorithm=SHA3-256", "Digest realm=\"r\", nonce=\"n\", algorithm=\"\"",
          "Digest realm=\"r\", nonce=\"n\", algorithm=-sess", "Digestx realm=\"r\", nonce=\"n\"", "Digest YII="})
        EXPECT_FALSE(machine().challenged(origin, text, 0)) << text;
    auto m = machine();
    EXPECT_TRUE(m.challenged(origin, "Digest realm=\"r\", nonce=\"n\", algorithm=unknown, Negotiate, Digest realm=\"r\", nonce=\"n2\", algorithm=md5", 0));
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "nonce"), "n2");
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "algorithm"), "md5") << "as the server wrote it";
    EXPECT_TRUE(m.challenged(origin, "Digest realm=\"r\", nonce=\"n3\", qop=\"\"", 0));
    EXPECT_EQ(part(m.authorize(origin, "GET", "/"), "qop"), "none");
}

TEST(digest_machine, user_names_beyond_ascii) {
    auto m = machine("\xC3\xA4 b", "p");
    ASSERT_TRUE(m.challenged(origin, "Digest realm=\"r\", nonce=\"n\", charset=utf-8", 0));
    EXPECT_NE(m.authorize(origin, "GET", "/").find("username*=UTF-8''%C3%A4%20b, "), std::string::npos);
    ASSERT_TRUE(m.challenged(origin, "Digest realm=\"r\", nonce=\"n\"", 0));
    EXPECT_NE(m.authorize(origin, "GET", "/").find("username=\"\xC3\xA4 b\""), std::string::npos);
}

TEST(digest_machine, client_nonces_are_random) {
    digest_machine a("u", "p");
    digest_machine b("u", "p");
    for (auto* m : {&a, &b}) ASSERT_TRUE(m->challenged(origin, "Digest realm=\"r\", qop=auth, nonce=\"n\"", 0));
    const std::string one = part(a.authorize(origin, "GET", "/"), "cnonce");
    EXPECT_EQ(one.size(), 32u);
    EXPECT_NE(one, part(b.authorize(origin, "GET", "/"), "cnonce"));
}

} // namespace

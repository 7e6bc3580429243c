// SPDX-License-Identifier: BSL-1.0
// Reading challenges, several to a header and with every oddity of the grammar.
#include "http/challenge.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace brio::http::detail;

std::string shape(std::string_view text) {
    std::string out;
    for (const challenge& c : parse_challenges(text)) {
        out += (out.empty() ? "" : " / ") + c.scheme;
        if (!c.token.empty()) out += " <" + c.token + ">";
        for (const auto& [name, value] : c.parameters) out += " " + name + "=[" + value + "]";
    }
    return out;
}

TEST(challenge, H_013_several_in_one_header) {
    struct row {
        const char *text, *shape;
    };
    for (const auto& [text, wanted] : {
             row{"", ""},
             row{" , ,", ""},
             row{"Basic", "basic"},
             row{"Basic realm=\"x\"", "basic realm=[x]"},
             row{"BASIC REALM = \"x\"", "basic realm=[x]"},
             row{"Basic realm=x", "basic realm=[x]"},
             row{"Basic realm=\"a, b=c\", charset=\"UTF-8\"", "basic realm=[a, b=c] charset=[UTF-8]"},
             row{"Basic realm=\"a\", Digest realm=\"b\", nonce=\"c\"", "basic realm=[a] / digest realm=[b] nonce=[c]"},
             row{"Digest realm=\"a\", nonce=\"b\",Digest realm=\"a\",nonce=\"c\"", "digest realm=[a] nonce=[b] / digest realm=[a] nonce=[c]"},
             row{"Newauth realm=\"apps\", type=1, title=\"Login to \\\"apps\\\"\", Basic realm=\"simple\"",
                 "newauth realm=[apps] type=[1] title=[Login to \"apps\"] / basic realm=[simple]"},
             row{"Negotiate", "negotiate"},
             row{"Negotiate YII=", "negotiate <YII=>"},
             row{"Negotiate YII==, NTLM", "negotiate <YII==> / ntlm"},
             row{"NTLM abc+/._~-", "ntlm <abc+/._~->"},
             row{"Negotiate, Basic realm=\"x\"", "negotiate / basic realm=[x]"},
             row{",,Basic realm=\"x\",,", "basic realm=[x]"},
             row{"Digest domain=\"\", realm=\"\", nonce=\"n\"", "digest domain=[] realm=[] nonce=[n]"},
             row{"Digest realm=\"a\\\\b\\\"c\"", "digest realm=[a\\b\"c]"},
             row{"Digest realm=\"open", "digest realm=[open]"},
             row{"Digest realm=\"open\\", "digest realm=[open\\]"},
             row{"Digest realm=", "digest <realm=>"}, // the grammar has it so
             row{"Digest a=\"\", realm=, nonce=\"n\"", "digest a=[] realm=[] nonce=[n]"},
             row{"realm=\"x\", Basic", "basic"},
             row{"@@@, Basic realm=\"x\"", "basic realm=[x]"},
             row{"Basic realm=\"x\" nonce=\"y\"", "basic realm=[x] nonce=[y]"},
             row{"Digest qop=\"auth,auth-int\", algorithm=SHA-256", "digest qop=[auth,auth-int] algorithm=[SHA-256]"},
             row{"Digest realm=a=b", "digest realm=[a]"},
         })
        EXPECT_EQ(shape(text), wanted) << text;
}

TEST(challenge, quoting_and_info) {
    EXPECT_EQ(quoted("a\"b\\c"), "\"a\\\"b\\\\c\"");
    const auto info = parse_auth_parameters("nextnonce=\"n, 2\", qop=auth, rspauth=\"x\"");
    ASSERT_EQ(info.size(), 3u);
    EXPECT_EQ(info[0].first + "=" + info[0].second, "nextnonce=n, 2");
    EXPECT_EQ(info[1].second, "auth");
    EXPECT_TRUE(parse_auth_parameters("").empty());
}

} // namespace

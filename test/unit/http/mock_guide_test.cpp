// SPDX-License-Identifier: BSL-1.0
// The snippets of doc/guide/http-testing.md.
#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/json/value.hpp>

namespace {

namespace http = brio::http;
using namespace std::chrono_literals;

// [code]
// The code to be tested: it takes a session, and knows nothing of tests.
brio::awaitable<double> temperature(http::session& web, std::string city) {
    http::response answer = co_await web.get("https://weather.example/now", http::options().query("city", city).timeout(10s));
    answer.raise_for_status();
    co_return answer.json().at("celsius").to_number<double>();
}
// [/code]

}  // namespace

// [answers]
BRIO_TEST(weather, asks_for_the_city) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply(200, R"({"celsius": 21.5})"); });
    http::session web(http::session_options().transport(mock));
    EXPECT_EQ(co_await temperature(web, "Kyiv"), 21.5);
    EXPECT_EQ(mock.requests().at(0).url().str(), "https://weather.example/now?city=Kyiv");
}
// [/answers]

// [time]
BRIO_TEST(weather, does_not_wait_for_ever) {
    http::mock mock([](const http::mock_request&) { return http::mock_reply::never(); });
    http::session web(http::session_options().transport(mock));
    const auto begin = brio::get_running_loop().time();
    bool late = false;
    try {
        co_await temperature(web, "Kyiv");
    } catch (const http::timeout&) {
        late = true;
    }
    EXPECT_TRUE(late);
    EXPECT_EQ(brio::get_running_loop().time() - begin, 10s);  // of virtual time: the test takes none
}
// [/time]

// [faults]
BRIO_TEST(weather, tells_what_went_wrong) {
    int turn = 0;
    http::mock mock([&turn](const http::mock_request&) {
        switch (turn++) {
        case 0: return http::mock_reply(500);                                  // an error page
        case 1: return http::mock_reply(200, R"({"celsius": 21.5})").cut(60);  // the connection ends early
        case 2: return http::mock_reply().reset().cut(0);                      // ... or breaks at once
        default: return http::mock_reply::raw("SSH-2.0-OpenSSH_9.2\r\n");      // no HTTP at all
        }
    });
    http::session web(http::session_options().transport(mock));
    int errors = 0;
    for (int i = 0; i < 4; ++i) {
        try {
            co_await temperature(web, "Kyiv");
        } catch (const http::error&) {
            ++errors;
        }
    }
    EXPECT_EQ(errors, 4);
}
// [/faults]

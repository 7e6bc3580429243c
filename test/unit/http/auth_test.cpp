// SPDX-License-Identifier: BSL-1.0
// Credentials as the servers see them.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace {

using namespace http_test;
namespace http = brio::http;

std::string authorization(const std::string& request) {
    const std::string name = "\r\nAuthorization: ";
    const std::size_t at = request.find(name);
    if (at == request.npos) return "none";
    if (request.find(name, at + 1) != request.npos) return "two headers";
    return request.substr(at + name.size(), request.find("\r\n", at + name.size()) - at - name.size());
}
std::string redirect_to(const std::string& url) { return answer("302 Found", "", "Location: " + url + "\r\n"); }
std::string challenge(const std::string& more = "nonce=\"n\"") {
    return answer("401 No", "who?", "WWW-Authenticate: Basic realm=\"b\"\r\nWWW-Authenticate: Digest realm=\"r\", qop=\"auth\", " + more + "\r\n");
}
// 401 without the right kind of Authorization, 200 with it.
script guarded(std::string header = challenge()) {
    return [header = std::move(header)](peer& client) -> brio::awaitable<> {
        for (;;) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            std::string bytes = ok("in");
            if (!contains(got, "Authorization: Digest ")) bytes = header;
            co_await client.send(bytes);
        }
    };
}

class netrc_file {
public:
    explicit netrc_file(const std::string& text) : path_((std::filesystem::temp_directory_path() / ("brio_auth_" + std::to_string(::getpid()))).string()) {
        std::ofstream(path_) << text;
    }
    ~netrc_file() { std::filesystem::remove(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace

BRIO_TEST_REAL_TIME(auth, basic_and_bearer) {
    scripted_server server(always(ok("")));
    http::session s;
    co_await s.get(server.url(), http::options().auth(http::auth::basic("Aladdin", "open sesame")));
    co_await s.get(server.url(), http::options().auth(http::auth::bearer("abc.DEF-123_~+/==")));
    co_await s.get("http://ada:p%40w@" + server.authority() + "/");
    co_await s.get(server.url());
    EXPECT_EQ(authorization(server.requests().at(0)), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(authorization(server.requests().at(1)), "Bearer abc.DEF-123_~+/==");
    EXPECT_EQ(authorization(server.requests().at(2)), "Basic YWRhOnBAdw==");
    EXPECT_EQ(authorization(server.requests().at(3)), "none");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(auth, H_006_credentials_that_would_break_out_are_refused) {
    for (const char* bad : {"a\r\nX: y", "a\nb", "\x7F", "\x01"}) {
        EXPECT_THROW((void)http::auth::basic(bad, "p"), http::invalid_request);
        EXPECT_THROW((void)http::auth::basic("u", bad), http::invalid_request);
        EXPECT_THROW((void)http::auth::digest(bad, "p"), http::invalid_request);
        EXPECT_THROW((void)http::auth::digest("u", bad), http::invalid_request);
        EXPECT_THROW((void)http::auth::bearer(bad), http::invalid_request);
    }
    for (const char* bad : {"", "a b", "a,b", "a=b", "=", "\xC3\xA4"}) EXPECT_THROW((void)http::auth::bearer(bad), http::invalid_request) << bad;
    EXPECT_THROW((void)http::auth::basic("a:b", "p"), http::invalid_request);
    http::session s;
    co_await error_of<http::invalid_request>(s.get("http://a%0d%0ab:p@127.0.0.1:1/"));
}

BRIO_TEST_REAL_TIME(auth, given_twice_it_is_an_error) {
    http::session s;
    const http::auth ada = http::auth::basic("ada", "canary");
    std::vector<std::string> texts;
    texts.push_back(text_of(co_await error_of<http::invalid_request>(s.get("http://u:canary@127.0.0.1:1/", http::options().auth(ada)))));
    const http::options both = http::options().auth(ada).header("authorization", "canary");
    texts.push_back(text_of(co_await error_of<http::invalid_request>(s.get("http://127.0.0.1:1/", both))));
    const http::options header = http::options().header("Authorization", "canary");
    texts.push_back(text_of(co_await error_of<http::invalid_request>(s.get("http://u:canary@127.0.0.1:1/", header))));
    for (const std::string& text : texts) EXPECT_FALSE(contains(text, "canary")) << text;
}

BRIO_TEST_REAL_TIME(auth, of_the_session_yields_to_that_of_a_request) {
    scripted_server server(always(ok("")));
    http::session s(http::session_options().auth(http::auth::bearer("session")).header("X-A", "1"));
    co_await s.get(server.url());
    co_await s.get(server.url(), http::options().auth(http::auth::bearer("own")));
    co_await s.get(server.url(), http::options().header("Authorization", "header"));
    co_await s.get("http://u:p@" + server.authority() + "/");
    http::session with_header(http::session_options().header("Authorization", "session"));
    co_await with_header.get(server.url(), http::options().auth(http::auth::bearer("own")));
    const std::vector<std::string> wanted{"Bearer session", "Bearer own", "header", "Basic dTpw", "Bearer own"};
    for (std::size_t i = 0; i < wanted.size(); ++i) EXPECT_EQ(authorization(server.requests().at(i)), wanted[i]);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(auth, H_011_of_a_session_with_a_base_url_stays_there) {
    scripted_server other(always(ok("")));
    scripted_server home(always(ok("")));
    http::session s(http::session_options().base_url(home.url()).auth(http::auth::bearer("canary")));
    co_await s.get("x");
    co_await s.get(other.url());
    co_await s.get("//" + other.authority() + "/x");
    EXPECT_EQ(authorization(home.requests().at(0)), "Bearer canary");
    for (const std::string& seen : other.requests()) EXPECT_EQ(authorization(seen), "none");
    co_await home.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(auth, H_070_074_it_does_not_cross_origins_and_does_not_come_back) {
    std::string home_url;
    scripted_server other([&home_url](peer& client) -> brio::awaitable<> {
        for (;;) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            std::string bytes = challenge();
            if (contains(got, "GET /back")) bytes = redirect_to(home_url);
            co_await client.send(bytes);
        }
    });
    scripted_server home(paths({{"/away", redirect_to(other.url("/stay"))}, {"/near", redirect_to("/page")}, {"/page", ok("")}, {"/round", redirect_to(other.url("/back"))}}));
    home_url = home.url("/page");
    http::session s;
    for (const http::auth& one : {http::auth::basic("u", "p"), http::auth::bearer("t")}) {
        const std::size_t before = other.requests().size();
        co_await s.get(home.url("/near"), http::options().auth(one));
        EXPECT_NE(authorization(home.requests().back()), "none");
        co_await s.get(home.url("/away"), http::options().auth(one));
        EXPECT_EQ(authorization(other.requests().at(before)), "none");
        co_await s.get(home.url("/round"), http::options().auth(one));
        EXPECT_EQ(authorization(home.requests().back()), "none");
    }
    const http::response r = co_await s.get(home.url("/away"), http::options().auth(http::auth::digest("u", "p")));
    EXPECT_EQ(r.status(), 401u) << "its challenge is not ours to answer";
    EXPECT_EQ(authorization(other.requests().back()), "none");
    co_await home.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(auth, digest_answers_and_then_proves_itself_at_once) {
    scripted_server server(guarded());
    http::session s;
    const http::auth ada = http::auth::digest("ada", "secret");
    http::options opts;
    opts.auth(ada).body("payload");
    const http::response r = co_await s.post(server.url("/x?y"), opts);
    EXPECT_EQ(r.body(), "in");
    EXPECT_TRUE(contains(authorization(server.requests().at(1)), "uri=\"/x?y\"")) << server.requests().at(1);
    EXPECT_TRUE(contains(authorization(server.requests().at(1)), "nc=00000001"));
    EXPECT_TRUE(contains(server.requests().at(1), "\r\n\r\npayload"));
    co_await s.get(server.url(), http::options().auth(ada));
    EXPECT_EQ(server.requests().size(), 3u);
    EXPECT_TRUE(contains(authorization(server.requests().at(2)), "nc=00000002"));
    EXPECT_EQ(server.connections(), 1u) << "the body of a 401 is drained";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(auth, digest_gives_the_401_of_a_wrong_password) {
    scripted_server server(always(challenge()));
    http::session s;
    const http::response r = co_await s.get(server.url(), http::options().auth(http::auth::digest("ada", "wrong")));
    EXPECT_EQ(r.status(), 401u);
    EXPECT_EQ(r.body(), "who?");
    EXPECT_EQ(server.requests().size(), 2u);
    co_await server.stop();

    scripted_server stale(always(challenge("nonce=\"n\", stale=true")));
    co_await s.get(stale.url(), http::options().auth(http::auth::digest("ada", "wrong")));
    EXPECT_EQ(stale.requests().size(), 3u) << "stale once, then it is the answer";
    co_await stale.stop();
}

BRIO_TEST_REAL_TIME(auth, H_085_schemes_bound_to_connections_are_not_offered) {
    for (const char* scheme : {"NTLM", "Negotiate", "Negotiate YII=", "Basic realm=\"x\""}) {
        scripted_server server(always(answer("401 No", "", std::string("WWW-Authenticate: ") + scheme + "\r\n")));
        http::session s;
        const http::response r = co_await s.get(server.url(), http::options().auth(http::auth::digest("u", "p")));
        EXPECT_EQ(r.status(), 401u);
        EXPECT_EQ(server.requests().size(), 1u) << scheme;
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(auth, H_063_the_body_of_a_challenge_is_not_decoded) {
    scripted_server server(guarded(answer("401 No", "not gzip at all", "Content-Encoding: gzip\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n")));
    http::session s;
    const http::response r = co_await s.get(server.url(), http::options().auth(http::auth::digest("u", "p")));
    EXPECT_EQ(r.body(), "in");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(auth, digest_on_redirects_of_the_same_origin) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        for (;;) {
            const std::string got = co_await client.request();
            if (got.empty()) co_return;
            std::string bytes = ok("in");
            if (contains(got, "GET /a ")) bytes = redirect_to("/b");
            if (!contains(got, "Authorization: Digest ")) bytes = challenge();
            co_await client.send(bytes);
        }
    });
    http::session s;
    const http::response r = co_await s.get(server.url("/a"), http::options().auth(http::auth::digest("u", "p")));
    EXPECT_EQ(r.body(), "in");
    EXPECT_EQ(r.history().size(), 1u);
    EXPECT_TRUE(contains(authorization(server.requests().at(2)), "uri=\"/b\""));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(auth, H_075_netrc_goes_by_the_host_of_the_hop) {
    const netrc_file file("machine 127.0.0.1 login one password 1\nmachine 127.0.0.2 login two password 2\nmachine allowed.example login no password canary\n"
                          "default login d password canary\n");
    scripted_server third(always(ok("")), "127.0.0.3");
    scripted_server second(paths({{"/", redirect_to(third.url())}}), "127.0.0.2");
    scripted_server first(paths({{"/", redirect_to(second.url())}, {"/page", ok("")}}));
    http::session s(http::session_options().netrc(file.path()));
    co_await s.get(first.url());
    EXPECT_EQ(authorization(first.requests().at(0)), "Basic b25lOjE=");
    EXPECT_EQ(authorization(second.requests().at(0)), "Basic dHdvOjI=");
    EXPECT_EQ(authorization(third.requests().at(0)), "none") << "default entries are not used";
    co_await s.get("http://allowed.example:@" + third.authority() + "/");
    EXPECT_FALSE(contains(authorization(third.requests().at(1)), "Y2FuYXJ5"));
    EXPECT_FALSE(contains(third.requests().at(1), "canary"));
    co_await s.get(first.url("/page"), http::options().header("Authorization", "own"));
    EXPECT_EQ(authorization(first.requests().back()), "own");
    co_await s.get(first.url("/page"), http::options().auth(http::auth::bearer("own")));
    EXPECT_EQ(authorization(first.requests().back()), "Bearer own");
    http::session without;
    co_await without.get(first.url("/page"));
    EXPECT_EQ(authorization(first.requests().back()), "none") << "only where it was asked for";
    for (auto* server : {&first, &second, &third}) co_await server->stop();
    EXPECT_THROW(http::session(http::session_options().netrc("/nonexistent/netrc")), std::system_error);
}

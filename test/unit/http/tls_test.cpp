// SPDX-License-Identifier: BSL-1.0
// TLS of a session: who is trusted, what is refused, peers that misbehave.
#include "http/certificates.hpp"
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <boost/asio/ssl.hpp>

namespace {

using namespace http_test;
namespace http = brio::http;
namespace ssl = asio::ssl;
using tls_stream = ssl::stream<tcp::socket&>;

authority& ca() {
    static authority one;
    return one;
}
const identity& good() {
    static const identity one = ca().issue("IP:127.0.0.1,DNS:localhost");
    return one;
}
const scratch_folder& folder() {
    static const scratch_folder one;
    return one;
}
http::session_options trusting() {
    static const std::string file = folder().file("ca.pem", ca().pem());
    return http::session_options().ca_file(file);
}

// What a server does after its handshake.
using tls_script = std::function<brio::awaitable<>(tls_stream&)>;

struct tls_setup {
    tls_setup() : context(ssl::context::tls_server) {}
    ssl::context context;
    std::size_t resumed = 0;
    std::size_t handshakes = 0;
};

std::shared_ptr<tls_setup> setup(const identity& who) {
    auto made = std::make_shared<tls_setup>();
    made->context.use_certificate_chain(asio::buffer(who.certificate));
    made->context.use_private_key(asio::buffer(who.key), ssl::context::pem);
    return made;
}

brio::awaitable<std::string> read_request(tls_stream& client) {
    std::string got;
    char piece[4096];
    boost::system::error_code ec;
    while (!ec && !contains(got, "\r\n\r\n")) {
        const std::size_t n = co_await client.async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ec));
        got.append(piece, n);
    }
    if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
    co_return ec ? std::string() : got;
}

brio::awaitable<> write(tls_stream& client, std::string bytes) {
    boost::system::error_code ec;
    co_await asio::async_write(client, asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, ec));
}

brio::awaitable<> answer_all(tls_stream& client) {
    for (;;) {
        const std::string got = co_await read_request(client);
        if (got.empty()) co_return;
        co_await write(client, ok("secret"));
    }
}

script over_tls(std::shared_ptr<tls_setup> with, tls_script play = answer_all) {
    return [with, play](peer& client) -> brio::awaitable<> {
        tls_stream stream(client.socket(), with->context);
        boost::system::error_code ec;
        co_await stream.async_handshake(ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, ec));
        if (ec == asio::error::operation_aborted) throw boost::system::system_error(ec);
        if (ec) co_return;
        ++with->handshakes;
        if (SSL_session_reused(stream.native_handle())) ++with->resumed;
        co_await play(stream);
    };
}

std::string https(const scripted_server& server, const std::string& host = "127.0.0.1") {
    return "https://" + host + ":" + std::to_string(server.port()) + "/";
}

}  // namespace

BRIO_TEST_REAL_TIME(tls, a_verified_server_by_address_and_by_name) {
    scripted_server server(over_tls(setup(good())));
    http::session s(trusting());
    const http::response by_address = co_await s.get(https(server));
    EXPECT_EQ(by_address.body(), "secret");
    const http::response again = co_await s.get(https(server));
    EXPECT_EQ(again.body(), "secret");
    EXPECT_EQ(server.connections(), 1u) << "kept alive";
    const http::response by_name = co_await s.get(https(server, "localhost"));
    EXPECT_EQ(by_name.body(), "secret");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, H_102_certificates_that_are_not_accepted) {
    const std::vector<std::pair<identity, std::string>> bad{
        {ca().issue("IP:127.0.0.1", -10, -5), "expired"},
        {ca().issue("IP:127.0.0.1", 5, 10), "not yet valid"},
        {ca().issue("IP:127.0.0.2,DNS:other.example"), "mismatch"},
        {ca().issue("DNS:127.0.0.1"), "mismatch"},  // an address matches addresses only, and never the common name
        {ca().self_signed("IP:127.0.0.1"), "self"},
        {authority().issue("IP:127.0.0.1"), "certificate"},
    };
    for (const auto& [who, reason] : bad) {
        scripted_server server(over_tls(setup(who)));
        http::session s(trusting());
        const auto e = co_await error_of<http::tls_error>(s.get(https(server)));
        EXPECT_EQ(e.phase(), http::phase::tls);
        EXPECT_TRUE(contains(e.reason(), reason)) << e.reason();
        EXPECT_TRUE(contains(e.url(), "https://127.0.0.1")) << e.url();
        EXPECT_TRUE(server.requests().empty());
        EXPECT_EQ(s.stats().open, 0u);
        http::session blind(trusting().verify(false));
        const http::response r = co_await blind.get(https(server));
        EXPECT_EQ(r.body(), "secret");
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(tls, H_102_wildcards_match_one_whole_label_only) {
    scripted_server server(over_tls(setup(ca().issue("DNS:local*"))));
    http::session s(trusting());
    co_await error_of<http::tls_error>(s.get(https(server, "localhost")));
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, the_system_store_does_not_know_the_test_authority) {
    scripted_server server(over_tls(setup(good())));
    http::session strict;
    co_await error_of<http::tls_error>(strict.get(https(server)));
    http::session extra(http::session_options().extra_ca_file(folder().file("extra.pem", ca().pem())));
    const http::response r = co_await extra.get(https(server));
    EXPECT_EQ(r.body(), "secret");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, H_101_old_protocols_are_refused_and_new_ones_pass) {
    for (const int version : {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
        const auto with = setup(good());
        SSL_CTX* const native = with->context.native_handle();
        SSL_CTX_set_security_level(native, 0);
        SSL_CTX_set_min_proto_version(native, version);
        SSL_CTX_set_max_proto_version(native, version);
        SSL_CTX_set_cipher_list(native, "ALL:@SECLEVEL=0");
        scripted_server server(over_tls(with));
        http::session s(trusting());
        if (version < TLS1_2_VERSION) {
            const auto e = co_await error_of<http::tls_error>(s.get(https(server)));
            EXPECT_TRUE(e.reason().empty()) << "the certificate is not the cause";
        } else {
            const http::response r = co_await s.get(https(server));
            EXPECT_EQ(r.body(), "secret");
        }
        co_await server.stop();
    }
}

BRIO_TEST_REAL_TIME(tls, H_103_a_stalled_handshake_is_a_timeout_of_tls) {
    scripted_server mute([](peer& client) -> brio::awaitable<> { co_await client.until_closed(); });
    scripted_server half([](peer& client) -> brio::awaitable<> {
        co_await client.until_received(1);
        co_await client.send("\x16\x03\x03\x00\x7a\x02");
        co_await client.until_closed();
    });
    http::session s(trusting().connect_timeout(100ms));
    for (const scripted_server* server : {&mute, &half}) {
        const stopwatch watch;
        const auto e = co_await error_of<http::timeout>(s.get(https(*server)));
        EXPECT_EQ(e.phase(), http::phase::tls);
        EXPECT_GE(watch.elapsed(), 99ms);
        EXPECT_LT(watch.elapsed(), 5s);
    }
    EXPECT_EQ(s.stats().open, 0u);
    co_await mute.stop();
    co_await half.stop();
}

BRIO_TEST_REAL_TIME(tls, H_106_plain_http_on_a_tls_port_and_the_reverse) {
    scripted_server plain([](peer& client) -> brio::awaitable<> {
        co_await client.until_received(1);
        co_await client.send(answer("400 Bad Request", "no TLS here"));
        co_await client.until_closed();
    });
    http::session s(trusting());
    const auto e = co_await error_of<http::tls_error>(s.get(https(plain)));
    EXPECT_TRUE(contains(text_of(e), "does not speak TLS")) << e.what();
    co_await plain.stop();
    scripted_server secure([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(std::string("\x15\x03\x03\x00\x02\x02\x0a", 7));
    });
    co_await error_of<http::protocol_error>(s.get(secure.url()));
    co_await secure.stop();
}

BRIO_TEST_REAL_TIME(tls, H_106_a_protocol_that_was_not_offered_is_refused) {
    const auto with = setup(good());
    std::string offered;
    const auto select = [](SSL*, const unsigned char** out, unsigned char* size, const unsigned char* in, unsigned in_size, void* into) {
        static_cast<std::string*>(into)->assign(reinterpret_cast<const char*>(in), in_size);
        static const unsigned char h2[] = {'h', '2'};
        *out = h2;
        *size = 2;
        return SSL_TLSEXT_ERR_OK;
    };
    SSL_CTX_set_alpn_select_cb(with->context.native_handle(), select, &offered);
    scripted_server server(over_tls(with));
    http::session s(trusting());
    co_await error_of<http::tls_error>(s.get(https(server)));
    EXPECT_EQ(offered, "\x08http/1.1");
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

TEST(tls, H_107_files_that_cannot_be_used_are_told_at_once) {
    const auto refuses = [](const http::session_options& opts) {
        try {
            const http::session s(opts);
            ADD_FAILURE() << "accepted";
        } catch (const http::tls_error& e) {
            EXPECT_EQ(e.phase(), http::phase::tls);
        }
    };
    const std::string ca_pem = folder().file("good-ca.pem", ca().pem());
    const std::string key = folder().file("key.pem", ca().key_pem());
    const std::string garbage = folder().file("garbage.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    for (const std::string& file : {std::string("/nonexistent/ca.pem"), folder().file("empty.pem", ""), garbage, key, folder().path().string()}) {
        refuses(http::session_options().ca_file(file));
        refuses(http::session_options().extra_ca_file(file));
    }
    refuses(http::session_options().client_certificate(ca_pem, garbage));
    refuses(http::session_options().client_certificate(garbage, key));
    const std::string other_key = folder().file("other.pem", authority().key_pem());
    refuses(http::session_options().client_certificate(folder().file("c.pem", good().certificate), other_key));
}

BRIO_TEST_REAL_TIME(tls, a_client_certificate_is_sent_when_there_is_one) {
    const auto with = setup(good());
    with->context.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
    with->context.add_certificate_authority(asio::buffer(ca().pem()));
    SSL_CTX_set_session_id_context(with->context.native_handle(), reinterpret_cast<const unsigned char*>("t"), 1);
    scripted_server server(over_tls(with));
    http::session without(trusting().timeout(3s));
    co_await error_of<http::error>(without.get(https(server)));
    http::session s(trusting().client_certificate(folder().file("client.pem", good().certificate), folder().file("client-key.pem", good().key)));
    const http::response r = co_await s.get(https(server));
    EXPECT_EQ(r.body(), "secret");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, H_105_sessions_are_resumed_but_not_across_settings) {
    const auto with = setup(good());
    SSL_CTX_set_session_id_context(with->context.native_handle(), reinterpret_cast<const unsigned char*>("t"), 1);
    scripted_server server(over_tls(with));
    {
        http::session s(trusting().keep_alive(0s));
        for (int i = 0; i < 3; ++i) {
            const http::response r = co_await s.get(https(server));
            EXPECT_EQ(r.body(), "secret");
        }
        EXPECT_EQ(with->handshakes, 3u);
        EXPECT_EQ(with->resumed, 2u);
        http::session other(trusting());
        co_await other.get(https(server));
        EXPECT_EQ(with->resumed, 2u) << "tickets stay with their session";
    }
    co_await server.stop();
    scripted_server untrusted(over_tls(setup(ca().self_signed("IP:127.0.0.1"))));
    http::session blind(trusting().verify(false));
    co_await blind.get(https(untrusted));
    http::session careful(trusting());
    co_await error_of<http::tls_error>(careful.get(https(untrusted)));
    co_await untrusted.stop();
}

BRIO_TEST_REAL_TIME(tls, truncation_matters_only_to_bodies_that_end_with_the_connection) {
    const auto cut = [](std::string bytes) {
        return [bytes](tls_stream& client) -> brio::awaitable<> {
            co_await read_request(client);
            co_await write(client, bytes);  // and no close_notify
        };
    };
    scripted_server sized(over_tls(setup(good()), cut(ok("whole"))));
    scripted_server to_end(over_tls(setup(good()), cut("HTTP/1.1 200 OK\r\n\r\nperhaps cut")));
    scripted_server partly(over_tls(setup(good()), cut("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")));
    http::session s(trusting());
    const http::response r = co_await s.get(https(sized));
    EXPECT_EQ(r.body(), "whole");
    co_await error_of<http::incomplete_body>(s.get(https(to_end)));
    const auto e = co_await error_of<http::incomplete_body>(s.get(https(partly)));
    EXPECT_EQ(e.received(), 3u);
    co_await sized.stop();
    co_await to_end.stop();
    co_await partly.stop();
}

BRIO_TEST_REAL_TIME(tls, H_103_close_notify_ends_a_body_and_what_follows_reaches_nobody) {
    bool more = false;
    scripted_server server(over_tls(setup(good()), [&more](tls_stream& client) -> brio::awaitable<> {
        co_await read_request(client);
        co_await write(client, "HTTP/1.1 200 OK\r\n\r\nto the end");
        const auto goodbye = [&client]() -> brio::awaitable<> {
            boost::system::error_code ec;
            co_await client.async_shutdown(asio::redirect_error(asio::use_awaitable, ec));
        };
        const auto surplus = [&client]() -> brio::awaitable<> {
            boost::system::error_code ec;
            co_await asio::async_write(client.next_layer(), asio::buffer("surplus", 7), asio::redirect_error(asio::use_awaitable, ec));
        };
        brio::task<> first = brio::create_task(goodbye());
        if (more) co_await surplus();
        co_await first.join();
    }));
    http::session s(trusting());
    const http::response r = co_await s.get(https(server));
    EXPECT_EQ(r.body(), "to the end");
    more = true;
    try {
        const http::response again = co_await s.get(https(server));
        EXPECT_EQ(again.body(), "to the end") << "never with the surplus";
    } catch (const http::error& e) {
        EXPECT_EQ(e.phase(), http::phase::body);
    }
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, H_080_a_server_that_closes_without_a_word_after_some_answers_loses_no_post) {
    scripted_server server(over_tls(setup(good()), [](tls_stream& client) -> brio::awaitable<> {
        for (int i = 0; i < 3; ++i) {
            const std::string got = co_await read_request(client);
            if (got.empty()) co_return;
            co_await write(client, ok(got.substr(got.size() - 4)));
        }
    }));
    http::session s(trusting());
    for (int i = 1000; i < 1030; ++i) {
        const http::response r = co_await s.post(https(server), http::options().body(std::to_string(i)));
        EXPECT_EQ(r.body(), std::to_string(i));
    }
    EXPECT_EQ(server.connections(), 10u) << "no request went out twice to be answered once";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, H_104_closing_does_not_wait_for_the_peer) {
    scripted_server server(over_tls(setup(good())));
    http::session s(trusting());
    co_await s.get(https(server));
    const stopwatch watch;
    co_await s.close();
    EXPECT_LT(watch.elapsed(), 1s);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, large_bodies_both_ways) {
    std::string big(2'000'000, 'x');
    for (std::size_t i = 0; i < big.size(); i += 31) big[i] = static_cast<char>(i);
    scripted_server server(over_tls(setup(good()), [&big](tls_stream& client) -> brio::awaitable<> {
        std::string got = co_await read_request(client);
        const std::size_t whole = got.find("\r\n\r\n") + 4 + big.size();
        char piece[65536];
        while (got.size() < whole) {
            const std::size_t n = co_await client.async_read_some(asio::buffer(piece), asio::use_awaitable);
            got.append(piece, n);
        }
        co_await write(client, ok(got.substr(whole - big.size())));
        co_await read_request(client);
    }));
    http::session s(trusting());
    const http::response r = co_await s.put(https(server), http::options().body(big));
    EXPECT_TRUE(r.body() == big);
    EXPECT_EQ(s.stats().idle, 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, H_142_a_cancel_at_every_turn) {
    scripted_server server(over_tls(setup(good())));
    const std::size_t descriptors = open_descriptors();
    bool finished = false;
    int turns = 0;
    for (; !finished; turns += 1 + turns / 20) {
        http::session s(trusting());
        brio::task<http::response> call = brio::create_task(s.get(https(server)));
        for (int i = 0; i < turns && !call.done(); ++i) co_await brio::sleep(0s);
        finished = call.done();
        call.cancel();
        co_await brio::gather(brio::return_exceptions, call);
        EXPECT_EQ(s.stats().open, s.stats().idle);
        const http::response next = co_await s.get(https(server));
        EXPECT_EQ(next.body(), "secret");
        co_await s.close();
        const bool balanced = co_await eventually([&] { return open_descriptors() == descriptors; });
        EXPECT_TRUE(balanced);
    }
    EXPECT_GT(turns, 3);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, H_109_through_a_proxys_tunnel) {
    std::vector<std::string> inside;
    const tls_script record = [&inside](tls_stream& client) -> brio::awaitable<> {
        for (;;) {
            const std::string got = co_await read_request(client);
            if (got.empty()) co_return;
            inside.push_back(got);
            co_await write(client, ok("secret"));
        }
    };
    const script server = over_tls(setup(ca().issue("DNS:nowhere.invalid")), record);
    scripted_server proxy([server](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send("HTTP/1.1 200 OK\r\n\r\n");
        co_await server(client);
    });
    http::session s(trusting().proxy("http://ada:canary@" + proxy.authority()));
    for (int i = 0; i < 2; ++i) {
        const http::response r = co_await s.get("https://nowhere.invalid/x", http::options().header("Proxy-Authorization", "canary"));
        EXPECT_EQ(r.body(), "secret");
    }
    BRIO_ASSERT_EQ(inside.size(), 2u);
    EXPECT_TRUE(inside[0].starts_with("GET /x HTTP/1.1\r\nHost: nowhere.invalid\r\n")) << inside[0];
    EXPECT_FALSE(contains(inside[0], "Proxy-Authorization") || contains(inside[0], "canary"));
    EXPECT_EQ(proxy.connections(), 1u) << "the tunnel is kept alive";
    const auto e = co_await error_of<http::tls_error>(s.get("https://other.invalid/"));
    EXPECT_TRUE(contains(e.reason(), "mismatch")) << "the proxy cannot stand in for the server: " << e.reason();
    co_await proxy.stop();
}

namespace {

template <class From, class To>
brio::awaitable<> copy(From& from, To& to) {
    char piece[4096];
    boost::system::error_code ec;
    while (!ec) {
        const std::size_t n = co_await from.async_read_some(asio::buffer(piece), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        co_await asio::async_write(to, asio::buffer(piece, n), asio::redirect_error(asio::use_awaitable, ec));
    }
}
// A proxy that is spoken to over TLS; what it is asked goes to `heads`.
tls_script proxy_to(std::uint16_t port, std::vector<std::string>* heads) {
    return [port, heads](tls_stream& client) -> brio::awaitable<> {
        heads->push_back(co_await read_request(client));
        if (!heads->back().starts_with("CONNECT")) {
            co_await write(client, ok("from the proxy"));
            co_return;
        }
        tcp::socket server(brio::get_running_loop().context());
        const tcp::endpoint to(asio::ip::make_address("127.0.0.1"), port);
        co_await server.async_connect(to, asio::use_awaitable);
        co_await write(client, "HTTP/1.1 200 OK\r\n\r\n");
        co_await brio::race(copy(client, server), copy(server, client));
    };
}

}  // namespace

BRIO_TEST_REAL_TIME(tls, proxies_may_be_spoken_to_over_it) {
    scripted_server server(over_tls(setup(good())));
    std::vector<std::string> heads;
    scripted_server proxy(over_tls(setup(good()), proxy_to(server.port(), &heads)));
    http::session s(trusting().proxy("https://ada:secret@127.0.0.1:" + std::to_string(proxy.port())));
    EXPECT_EQ((co_await s.get("http://nowhere.invalid/x")).body(), "from the proxy");
    EXPECT_TRUE(heads.at(0).starts_with("GET http://nowhere.invalid/x HTTP/1.1\r\n")) << heads.at(0);
    EXPECT_TRUE(contains(heads.at(0), "\r\nProxy-Authorization: Basic "));
    EXPECT_EQ((co_await s.get(https(server))).body(), "secret") << "TLS inside of TLS";
    EXPECT_TRUE(heads.at(1).starts_with("CONNECT 127.0.0.1:" + std::to_string(server.port()) + " HTTP/1.1\r\n")) << heads.at(1);
    co_await s.close();

    scripted_server impostor(over_tls(setup(authority().issue("IP:127.0.0.1"))));
    http::session careful(trusting().proxy("https://ada:secret@127.0.0.1:" + std::to_string(impostor.port())));
    co_await error_of<http::tls_error>(careful.get(https(server)));
    EXPECT_TRUE(impostor.requests().empty()) << "the credentials stay here";
    co_await server.stop();
    co_await proxy.stop();
    co_await impostor.stop();
}

namespace {

// As curl and OpenSSL write it.
std::string pin_of(const std::string& private_key) {
    BIO* const text = BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size()));
    EVP_PKEY* const key = PEM_read_bio_PrivateKey(text, nullptr, nullptr, nullptr);
    unsigned char* bytes = nullptr;
    const int size = i2d_PUBKEY(key, &bytes);
    unsigned char hash[32];
    EVP_Digest(bytes, static_cast<std::size_t>(size), hash, nullptr, EVP_sha256(), nullptr);
    unsigned char encoded[64];
    EVP_EncodeBlock(encoded, hash, sizeof hash);
    OPENSSL_free(bytes);
    EVP_PKEY_free(key);
    BIO_free(text);
    return reinterpret_cast<const char*>(encoded);
}

}  // namespace

BRIO_TEST_REAL_TIME(tls, keys_that_are_pinned) {
    scripted_server server(over_tls(setup(good())));
    const std::string other = pin_of(authority().key_pem());
    const std::string right = pin_of(good().key);
    http::session pinned(trusting().pin(other).pin("sha256//" + right));
    EXPECT_EQ((co_await pinned.get(https(server))).body(), "secret");
    http::session wrong(trusting().pin(other));
    const auto refused = co_await error_of<http::tls_error>(wrong.get(https(server)));
    EXPECT_TRUE(contains(text_of(refused), "pinned")) << text_of(refused);
    EXPECT_EQ(wrong.stats().open, 0u);
    http::session untrusting(http::session_options().pin(right));
    co_await error_of<http::tls_error>(untrusting.get(https(server)));
    for (const char* bad : {"", "abc", "sha256//", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}) {
        EXPECT_THROW(http::session_options().pin(bad), http::invalid_request) << bad;
    }
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, a_context_of_ones_own) {
    scripted_server server(over_tls(setup(good())));
    brio::tls_context own = brio::tls_context::client();
    own.ca_pem(ca().pem());
    http::session s(http::session_options().tls(own));
    EXPECT_EQ((co_await s.get(https(server))).body(), "secret");
    EXPECT_THROW(http::session(http::session_options().tls(own).verify(false)), http::invalid_request);
    EXPECT_THROW(http::session(trusting().tls(own)), http::invalid_request);
    EXPECT_THROW(http::session(http::session_options().tls(brio::tls_context::server_pem(good().certificate, good().key))), http::invalid_request);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, H_084_another_server_name_is_another_connection) {
    scripted_server server(over_tls(setup(ca().issue("DNS:inner.example,IP:127.0.0.1"))));
    http::session s(trusting());
    EXPECT_EQ((co_await s.get(https(server), http::options().server_name("Inner.Example"))).body(), "secret");
    EXPECT_EQ((co_await s.get(https(server), http::options().server_name("inner.example"))).body(), "secret");
    EXPECT_EQ(s.stats().created, 1u);
    EXPECT_EQ((co_await s.get(https(server))).body(), "secret");
    EXPECT_EQ(s.stats().created, 2u);
    co_await error_of<http::tls_error>(s.get(https(server), http::options().server_name("other.example")));
    EXPECT_THROW(http::options().server_name("a/b@c"), http::invalid_request);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(tls, bodies_that_end_without_goodbye_if_that_is_allowed) {
    const auto cut = [](tls_stream& client) -> brio::awaitable<> {
        co_await read_request(client);
        co_await write(client, "HTTP/1.1 200 OK\r\n\r\nhello");
    };
    scripted_server server(over_tls(setup(good()), cut));
    http::session s(trusting());
    co_await error_of<http::incomplete_body>(s.get(https(server)));
    EXPECT_EQ((co_await s.get(https(server), http::options().allow_truncated())).body(), "hello");
    co_await server.stop();
}

// SPDX-License-Identifier: BSL-1.0
// Who is trusted, who is refused, what is agreed on.
#include "io/acceptor.hpp"
#include "io/certificates.hpp"

#include <brio/testing/test.hpp>

#include <openssl/ssl.h>

#include <fstream>
#include <stdexcept>
#include <vector>

namespace {

using namespace io_test;
using brio::awaitable;
using brio::stream;
using brio::tls_context;

const http_test::scratch_folder& folder() {
    static const http_test::scratch_folder one;
    return one;
}

// Takes one connection and shakes hands with it.
class tls_listener {
public:
    explicit tls_listener(tls_context context) : context_(std::move(context)), on_(brio::get_running_loop().context()) {
        on_.listen("127.0.0.1", 0, 8);
    }
    [[nodiscard]] std::uint16_t port() const { return on_.port(); }
    awaitable<stream> accept() {
        for (;;) {
            boost::system::error_code ec;
            auto peer = on_.take(brio::get_running_loop().context(), ec);
            if (peer) {
                stream made = brio::detail::stream_access::make(std::move(peer));
                co_await made.start_tls(context_);
                co_return made;
            }
            co_await brio::detail::acceptor::wait_operation(on_);
        }
    }

private:
    tls_context context_;
    brio::detail::acceptor on_;
};

awaitable<stream> accept(tls_listener& on) { co_return co_await on.accept(); }

brio::connect_options with(tls_context context, brio::tls_options options = {}) {
    return brio::connect_options().tls(std::move(context), std::move(options));
}

}  // namespace

BRIO_TEST_REAL_TIME(tls_context, STR_45_open_connection_with_tls_gives_the_same_interface) {
    tls_listener server(server_context());
    brio::task<stream> accepting = brio::create_task(accept(server));
    stream client = co_await brio::open_connection("localhost", server.port(), with(client_context()));
    stream peer = co_await accepting.join();
    EXPECT_TRUE(client.tls().has_value());
    co_await client.write("hello\n");
    const std::string line = co_await peer.read_line();
    EXPECT_EQ(line, "hello\n");
    peer.write("bye");
    peer.close();
    const std::string bye = co_await client.read();
    EXPECT_EQ(bye, "bye");
    client.close();
    co_await client.wait_closed();
    co_await peer.wait_closed();
}

BRIO_TEST_REAL_TIME(tls_context, TLS_2_certificates_that_are_not_accepted) {
    const std::vector<std::pair<identity, std::string>> bad{
        {ca().issue("DNS:localhost", -10, -5), "expired"},
        {ca().issue("DNS:localhost", 5, 10), "not yet valid"},
        {ca().issue("DNS:other.example,IP:127.0.0.1"), "mismatch"},
        {ca().issue("DNS:local*"), "mismatch"},
        {ca().self_signed("DNS:localhost"), "self"},
        {authority().issue("DNS:localhost"), "certificate"},
    };
    for (const auto& [who, reason] : bad) {
        ends e = tcp_pair();
        const handshakes done = co_await shake(e, client_context(), server_context(who));
        const auto error = as<brio::tls_error>(done.client);
        BRIO_ASSERT_TRUE(error.has_value());
        EXPECT_NE(error->reason().find(reason), std::string::npos) << error->reason();
        EXPECT_EQ(e.near.native_handle(), -1);
        EXPECT_TRUE(as<brio::tls_error>(done.server)) << text_of(done.server);
        ends blind = tcp_pair();
        const handshakes fine = co_await shake(blind, client_context().verify(false), server_context(who));
        EXPECT_FALSE(fine.client) << text_of(fine.client);
        drop(blind);
    }
}

BRIO_TEST_REAL_TIME(tls_context, TLS_2_the_name_alone_may_be_left_out) {
    ends e = tcp_pair();
    const handshakes done = co_await shake(e, client_context().check_host_name(false), server_context(ca().issue("DNS:other.example")));
    EXPECT_FALSE(done.client) << text_of(done.client);
    ends strange = tcp_pair();
    const handshakes refused =
        co_await shake(strange, client_context().check_host_name(false), server_context(authority().issue("DNS:localhost")));
    EXPECT_TRUE(as<brio::tls_error>(refused.client)) << "the authority is not left out";
    drop(e);
}

BRIO_TEST_REAL_TIME(tls_context, TLS_2_the_system_does_not_know_our_authority_unless_told) {
    ends e = tcp_pair();
    const handshakes refused = co_await shake(e, tls_context::client(), server_context());
    EXPECT_TRUE(as<brio::tls_error>(refused.client));
    const std::string file = folder().file("extra.pem", ca().pem());
    ends again = tcp_pair();
    const handshakes done = co_await shake(again, tls_context::client().extra_ca_file(file), server_context());
    EXPECT_FALSE(done.client) << text_of(done.client);
    drop(again);
}

BRIO_TEST_REAL_TIME(tls_context, TLS_3_the_host_is_the_default_name_and_without_one_it_must_be_given) {
    tls_listener server(server_context());
    brio::task<stream> accepting = brio::create_task(accept(server));
    stream client = co_await brio::open_connection("127.0.0.1", server.port(), with(client_context()));
    stream peer = co_await accepting.join();
    brio::task<stream> again = brio::create_task(accept(server));
    stream other = co_await brio::open_connection("127.0.0.1", server.port(), with(client_context(), named("localhost")));
    stream other_peer = co_await again.join();
    EXPECT_EQ(other_peer.tls()->server_name(), "localhost");
    EXPECT_THROW((void)brio::open_connection("", server.port(), with(client_context())), std::invalid_argument);
    EXPECT_THROW((void)brio::open_unix_connection("/nonexistent", with(client_context())), std::invalid_argument);
    ends e = tcp_pair();
    co_await failure_of<std::invalid_argument>(e.near.start_tls(client_context()));
    EXPECT_FALSE(e.near.is_closing()) << "nothing has begun";
    for (stream* s : {&client, &peer, &other, &other_peer}) s->abort();
}

BRIO_TEST_REAL_TIME(tls_context, TLS_3_the_name_of_open_connection_counts_for_start_tls_as_well) {
    brio::detail::acceptor on(brio::get_running_loop().context());
    on.listen("127.0.0.1", 0, 8);
    stream client = co_await brio::open_connection("localhost", on.port());
    boost::system::error_code ec;
    co_await brio::detail::acceptor::wait_operation(on);
    ends e(std::move(client), brio::detail::stream_access::make(on.take(brio::get_running_loop().context(), ec)));
    const handshakes done = co_await shake(e, client_context(), server_context(), brio::tls_options());
    EXPECT_FALSE(done.client) << text_of(done.client);
    EXPECT_EQ(e.far.tls()->server_name(), "localhost");
    drop(e);
}

TEST(tls_context, TLS_4_times_that_make_no_sense_are_errors) {
    EXPECT_THROW(brio::tls_options().handshake_timeout(0s), std::invalid_argument);
    EXPECT_THROW(brio::tls_options().shutdown_timeout(-1s), std::invalid_argument);
    EXPECT_EQ(brio::tls_options().chosen_shutdown_timeout(), 30s);
    EXPECT_EQ(brio::tls_options().chosen_handshake_timeout(), 60s);
    EXPECT_THROW(brio::connect_options().tls(server_context()), std::invalid_argument);
}

BRIO_TEST_REAL_TIME(tls_context, TLS_7_a_slow_handshake_is_fine) {
    ends e = tcp_pair();
    const auto client = [](stream& s) -> awaitable<> { co_await s.start_tls(client_context(), named()); };
    // A proxy that passes on one byte at a time.
    ends proxied = tcp_pair();
    const auto dribble = [](stream& from, stream& to) -> awaitable<> {
        for (;;) {
            const std::string byte = co_await from.read(1);
            if (byte.empty()) co_return;
            co_await to.write(byte);
            co_await brio::sleep(0s);
        }
    };
    brio::task<> up = brio::create_task(dribble(e.far, proxied.near));
    brio::task<> down = brio::create_task(dribble(proxied.near, e.far));
    brio::task<> connecting = brio::create_task(client(e.near));
    co_await proxied.far.start_tls(server_context());
    co_await connecting.join();
    EXPECT_TRUE(e.near.tls().has_value());
    for (brio::task<>* one : {&up, &down}) one->cancel();
    co_await brio::gather(brio::return_exceptions, up, down);
    drop(e);
    proxied.far.abort();
}

BRIO_TEST_REAL_TIME(tls_context, TLS_8_a_peer_that_goes_during_the_handshake) {
    for (const bool by_reset : {false, true}) {
        ends e = tcp_pair();
        const auto begin = [](stream& s) -> awaitable<> { co_await s.start_tls(client_context(), named()); };
        brio::task<> starting = brio::create_task(begin(e.near));
        const std::string hello = co_await e.far.read_exactly(5);
        EXPECT_EQ(hello.front(), '\x16');
        if (by_reset) {
            reset(e.far);
            const auto error = co_await failure_of<std::system_error>(starting.join());
            EXPECT_EQ(error.code(), std::errc::connection_reset);
        } else {
            const std::string rest = co_await e.far.read(100'000);
            e.far.close();
            const auto error = co_await failure_of<brio::tls_error>(starting.join());
            EXPECT_TRUE(error.truncated()) << error.what();
        }
        EXPECT_EQ(e.near.native_handle(), -1);
    }
}

BRIO_TEST_REAL_TIME(tls_context, TLS_9_closing_during_the_handshake_drops_the_connection_at_once) {
    ends e = tcp_pair();
    const auto begin = [](stream& s) -> awaitable<> { co_await s.start_tls(client_context(), named()); };
    brio::task<> starting = brio::create_task(begin(e.near));
    const std::string hello = co_await e.far.read(100'000);
    EXPECT_FALSE(hello.empty());
    e.near.close();
    EXPECT_EQ(e.near.native_handle(), -1);
    co_await failure_of<std::system_error>(starting.join());
}

BRIO_TEST_REAL_TIME(tls_context, TLS_10_a_broken_answer_is_a_tls_error) {
    for (const std::string& answer : {std::string("HTTP/1.1 400 Bad Request\r\n\r\n"), std::string("\x15\x03\x03\x00\x02\x02\x28", 7)}) {
        ends e = tcp_pair();
        e.far.write(answer);
        const auto error = co_await failure_of<brio::tls_error>(e.near.start_tls(client_context(), named()));
        EXPECT_FALSE(error.truncated()) << error.what();
        EXPECT_NE(std::string(error.what()).find("TLS handshake with 127.0.0.1:"), std::string::npos) << error.what();
        EXPECT_EQ(e.near.native_handle(), -1);
    }
}

BRIO_TEST_REAL_TIME(tls_context, client_certificates) {
    const identity anna = ca().issue("DNS:anna");
    tls_context strict = server_context().ca_pem(ca().pem()).ask_clients(brio::client_certificates::required);
    {
        ends e = tcp_pair();
        const handshakes done = co_await shake(e, client_context(), strict);
        EXPECT_TRUE(as<brio::tls_error>(done.server)) << text_of(done.server);
        co_await failure_of<brio::tls_error>(e.near.read(1));  // with TLS 1.3 the client hears of it only now
    }
    tls_context lenient = server_context().ca_pem(ca().pem()).ask_clients(brio::client_certificates::optional);
    for (const tls_context& server : {strict, lenient}) {
        ends e = tcp_pair();
        const handshakes done = co_await shake(e, client_context().certificate_pem(anna.certificate, anna.key), server);
        EXPECT_FALSE(done.server) << text_of(done.server);
        EXPECT_EQ(e.far.tls()->peer_issuer(), "CN=brio test authority");
        ends stranger = tcp_pair();
        const identity other = authority().issue("DNS:eve");
        const handshakes refused = co_await shake(stranger, client_context().certificate_pem(other.certificate, other.key), server);
        EXPECT_TRUE(as<brio::tls_error>(refused.server)) << text_of(refused.server);
        drop(e);
        drop(stranger);
    }
    ends e = tcp_pair();
    const handshakes without = co_await shake(e, client_context(), lenient);
    EXPECT_FALSE(without.server) << text_of(without.server);
    drop(e);
}

BRIO_TEST_REAL_TIME(tls_context, alpn) {
    const std::vector<std::string> both{"h2", "http/1.1"};
    const std::vector<std::string> one{"http/1.1"};
    const std::vector<std::string> none;
    const std::vector<std::string> strange{"smtp"};
    struct expectation {
        const std::vector<std::string>& client;
        const std::vector<std::string>& server;
        const char* agreed;
    };
    const expectation table[] = {{both, one, "http/1.1"}, {one, both, "http/1.1"}, {both, both, "h2"}, {none, both, ""}, {strange, both, ""}};
    for (const expectation& row : table) {
        ends e = tcp_pair();
        const handshakes done = co_await shake(e, client_context().alpn(row.client), server_context().alpn(row.server));
        EXPECT_FALSE(done.client) << text_of(done.client);
        EXPECT_EQ(e.near.tls()->alpn(), row.agreed);
        EXPECT_EQ(e.far.tls()->alpn(), row.agreed);
        drop(e);
    }
    EXPECT_THROW(client_context().alpn(std::vector<std::string>{""}), std::invalid_argument);
}

BRIO_TEST_REAL_TIME(tls_context, versions) {
    const auto only = [](brio::tls_version v) { return server_context().versions(v, v); };
    ends old = tcp_pair();
    const handshakes first = co_await shake(old, client_context(), only(brio::tls_version::tls_1_2));
    EXPECT_FALSE(first.client) << text_of(first.client);
    EXPECT_EQ(old.near.tls()->version(), "TLSv1.2");
    ends never = tcp_pair();
    const handshakes second =
        co_await shake(never, client_context().versions(brio::tls_version::tls_1_3), only(brio::tls_version::tls_1_2));
    EXPECT_TRUE(as<brio::tls_error>(second.client)) << text_of(second.client);
    EXPECT_THROW(client_context().versions(brio::tls_version::tls_1_3, brio::tls_version::tls_1_2), std::invalid_argument);
    EXPECT_THROW(client_context().ciphers("no such cipher"), brio::tls_error);
    drop(old);
}

BRIO_TEST_REAL_TIME(tls_context, sessions_are_resumed) {
    for (const brio::tls_version version : {brio::tls_version::tls_1_2, brio::tls_version::tls_1_3}) {
        const tls_context server_side = server_context().versions(version, version);
        tls_listener server(server_side);
        const tls_context client_side = client_context();
        for (int round = 0; round < 4; ++round) {
            brio::task<stream> accepting = brio::create_task(accept(server));
            // The last one begins anew: another context knows no sessions.
            brio::connect_options how = with(client_side);
            if (round == 3) how = with(client_context());
            stream client = co_await brio::open_connection("localhost", server.port(), how);
            stream peer = co_await accepting.join();
            EXPECT_EQ(client.tls()->resumed(), round == 1 || round == 2) << round;
            peer.write("x");
            co_await client.read_exactly(1);  // and the tickets of TLS 1.3
            client.close();
            peer.close();
            co_await client.wait_closed();
            co_await peer.wait_closed();
        }
    }
}

// Each connection of TLS 1.3 uses a ticket up: those that are made at the same time need one each.
BRIO_TEST_REAL_TIME(tls_context, connections_made_at_once_are_all_resumed) {
    tls_listener server(server_context());
    const tls_context client_side = client_context();
    for (int round = 0; round < 2; ++round) {
        std::vector<stream> open;
        for (int i = 0; i < 3; ++i) {
            brio::task<stream> accepting = brio::create_task(accept(server));
            open.push_back(co_await brio::open_connection("localhost", server.port(), with(client_side)));
            open.push_back(co_await accepting.join());
            EXPECT_EQ(open[open.size() - 2].tls()->resumed(), round == 1) << i;
        }
        for (std::size_t i = 0; i < open.size(); i += 2) {
            open[i + 1].write("x");
            co_await open[i].read_exactly(1);  // and the tickets
        }
        for (stream& each : open) each.abort();
    }
}

BRIO_TEST_REAL_TIME(tls_context, sessions_need_not_be_resumed) {
    tls_listener server(server_context());
    const tls_context forgetful = client_context().session_resumption(false);
    for (int round = 0; round < 2; ++round) {
        brio::task<stream> accepting = brio::create_task(accept(server));
        stream client = co_await brio::open_connection("localhost", server.port(), with(forgetful));
        stream peer = co_await accepting.join();
        EXPECT_FALSE(client.tls()->resumed());
        peer.write("x");
        co_await client.read_exactly(1);
        client.abort();
        peer.abort();
    }
}

BRIO_TEST_REAL_TIME(tls_context, one_server_of_several_hosts) {
    const identity other = ca().issue("DNS:other.example");
    const tls_context server = server_context().host("Other.example", server_context(other));
    ends first = tcp_pair();
    const handshakes one = co_await shake(first, client_context(), server, named("localhost"));
    EXPECT_FALSE(one.client) << text_of(one.client);
    ends second = tcp_pair();
    const handshakes two = co_await shake(second, client_context(), server, named("other.example"));
    EXPECT_FALSE(two.client) << text_of(two.client);
    EXPECT_THROW(client_context().host("x", server), brio::invalid_state_error);
    drop(first);
    drop(second);
}

BRIO_TEST_REAL_TIME(tls_context, keys_can_be_logged) {
    const std::string file = (folder().path() / "keys.log").string();
    ends e = tcp_pair();
    co_await shake(e, client_context().key_log_file(file), server_context());
    std::ifstream log(file);
    std::string line;
    std::getline(log, line);
    EXPECT_NE(line.find("_TRAFFIC_SECRET"), std::string::npos) << line;
    EXPECT_THROW(client_context().key_log_file("/nonexistent/keys.log"), brio::tls_error);
    drop(e);
}

TEST(tls_context, files_that_cannot_be_used_are_told_at_once) {
    const std::string good_ca = folder().file("ca.pem", ca().pem());
    const std::string key = folder().file("key.pem", localhost().key);
    const std::string certificate = folder().file("certificate.pem", localhost().certificate);
    const std::string garbage = folder().file("garbage.pem", "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
    EXPECT_NO_THROW(static_cast<void>(tls_context::server(certificate, key)));
    EXPECT_NO_THROW(tls_context::client().ca_file(good_ca));
    for (const std::string& file : {std::string("/nonexistent/ca.pem"), folder().file("empty.pem", ""), garbage, key}) {
        try {
            tls_context::client().ca_file(file);
            ADD_FAILURE() << "accepted " << file;
        } catch (const brio::tls_error& e) {
            EXPECT_NE(std::string(e.what()).find(file), std::string::npos) << e.what();
        }
        EXPECT_THROW(tls_context::client().extra_ca_file(file), brio::tls_error);
        EXPECT_THROW((void)tls_context::server(file, key), brio::tls_error);
    }
    EXPECT_THROW((void)tls_context::server(certificate, garbage), brio::tls_error);
    EXPECT_THROW((void)tls_context::server(certificate, folder().file("other.pem", authority().key_pem())), brio::tls_error);
    EXPECT_THROW((void)tls_context::server_pem(localhost().certificate, ""), brio::tls_error);
    EXPECT_THROW((void)tls_context::server_pem("", localhost().key), brio::tls_error);
    EXPECT_THROW(tls_context::client().ca_pem("nothing"), brio::tls_error);
    EXPECT_THROW(tls_context::client().ask_clients(brio::client_certificates::required), brio::invalid_state_error);
    EXPECT_THROW(server_context().verify(false), brio::invalid_state_error);
}

// SPDX-License-Identifier: BSL-1.0
// Bodies that are read while they are sent: forms with files, files, generators; and answers that come early.
#include "http/error_of.hpp"
#include "http/scripted_server.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <filesystem>
#include <fstream>
#include <system_error>

#include <unistd.h>

namespace {

using namespace http_test;
namespace http = brio::http;
namespace fs = std::filesystem;

class temporary_file {
public:
    explicit temporary_file(const std::string& text, const std::string& name = "brio upload.bin")
        : path_((fs::temp_directory_path() / (std::to_string(::getpid()) + name)).string()) {
        std::ofstream(path_, std::ios::binary) << text;
    }
    ~temporary_file() { fs::remove(path_); }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

std::string body_of(const std::string& request) { return request.substr(request.find("\r\n\r\n") + 4); }
std::string header(const std::string& request, const std::string& name) {
    const std::size_t at = request.find("\r\n" + name + ": ");
    if (at == request.npos) return "none";
    const std::size_t begin = at + name.size() + 4;
    return request.substr(begin, request.find("\r\n", begin) - begin);
}

brio::awaitable<> words(brio::yielder<std::string> yield, std::vector<std::string> all) {
    for (const std::string& word : all) co_await yield(word);
}
brio::generator<std::string> pieces(std::vector<std::string> all) { return brio::make_generator<std::string>(words, std::move(all)); }
std::vector<std::string> two() {
    std::vector<std::string> all{"hello ", "world"};
    return all;
}
brio::awaitable<> endless(brio::yielder<std::string> yield, int* yielded) {
    for (;;) {
        ++*yielded;
        co_await yield(std::string(64 * 1024, 'x'));
    }
}
brio::awaitable<> breaks_off(brio::yielder<std::string> yield) {
    co_await yield("some");
    throw std::runtime_error("no more");
}
brio::awaitable<> waits(brio::yielder<std::string> yield) {
    co_await yield("some");
    brio::event never;
    co_await never.wait();
}

// Takes chunked requests and answers each.
script chunk_reader(std::vector<std::string>* seen, std::string bytes) {
    return [seen, bytes = std::move(bytes)](peer& client) -> brio::awaitable<> {
        while (!contains(client.pending(), "\r\n0\r\n\r\n")) {
            const std::size_t before = client.pending().size();
            co_await client.until_received(before + 1);
            if (client.pending().size() == before) co_return;
        }
        seen->push_back(client.pending());
        co_await client.send(bytes);
        co_await client.until_closed();
    };
}

}  // namespace

BRIO_TEST_REAL_TIME(upload, a_form_with_fields_and_files) {
    const std::string content("file\0bytes\r\n", 12);
    const temporary_file file(content);
    scripted_server server(always(ok("")));
    http::session s;
    http::multipart form;
    form.field("title", "Holiday").file("photo", file.path(), "image/jpeg", "beach.jpg").data("d", "mem", "m.txt").field("j", "{}", "application/json");
    co_await s.post(server.url(), http::options().body(form));
    const std::string sent = server.requests().at(0);
    EXPECT_EQ(header(sent, "Content-Type"), "multipart/form-data; boundary=" + form.boundary());
    const std::string cut = "--" + form.boundary() + "\r\n";
    EXPECT_EQ(body_of(sent), cut + "Content-Disposition: form-data; name=\"title\"\r\n\r\nHoliday\r\n" + cut +
                                 "Content-Disposition: form-data; name=\"photo\"; filename=\"beach.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n" +
                                 content + "\r\n" + cut +
                                 "Content-Disposition: form-data; name=\"d\"; filename=\"m.txt\"\r\nContent-Type: application/octet-stream\r\n\r\nmem\r\n" + cut +
                                 "Content-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n{}\r\n--" + form.boundary() + "--\r\n");
    EXPECT_EQ(header(sent, "Content-Length"), std::to_string(body_of(sent).size()));
    co_await s.post(server.url(), http::options().body(form));
    EXPECT_EQ(body_of(server.requests().at(1)), body_of(sent)) << "it can be sent again";
    co_await s.post(server.url(), http::options().body(http::multipart()).header("Content-Type", "own"));
    EXPECT_TRUE(body_of(server.requests().at(2)).starts_with("--brio-"));
    EXPECT_EQ(header(server.requests().at(2), "Content-Type"), "own");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, H_006_names_cannot_break_out_of_a_form) {
    scripted_server server(always(ok("")));
    http::session s;
    http::multipart form;
    const std::string evil = "a\"; filename=\"x\r\nX: y\nz\\ \xC3\xA4%22";
    form.field(evil, "v").data("d", "bytes", evil).file("f", "/dev/null/" + evil, "text/x", "safe");
    const std::string safe = "a%22; filename=%22x%0D%0AX: y%0Az\\ \xC3\xA4%22";
    EXPECT_THROW(form.field("n", "v", "text/x\r\nX: y"), http::invalid_request);
    EXPECT_THROW(form.data("n", "v", "f", std::string("text/x\0y", 8)), http::invalid_request);
    EXPECT_THROW(form.file("n", "v", "text/x\ny"), http::invalid_request);
    const auto e = co_await error_of<std::system_error>(s.post(server.url(), http::options().body(form)));
    EXPECT_EQ(e.code(), std::errc::not_a_directory);
    http::multipart shorter;
    shorter.field(evil, "v").data("d", "bytes", evil);
    co_await s.post(server.url(), http::options().body(shorter));
    EXPECT_TRUE(contains(server.requests().at(0), "name=\"" + safe + "\"\r\n\r\nv"));
    EXPECT_TRUE(contains(server.requests().at(0), "filename=\"" + safe + "\"\r\n"));
    EXPECT_NE(http::multipart().boundary(), http::multipart().boundary());
    EXPECT_EQ(http::multipart().boundary().size(), 5u + 32u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, a_large_file_comes_whole) {
    std::string content;
    for (int i = 0; content.size() < 3'000'000; ++i) content += std::to_string(i) + " ";
    const temporary_file file(content);
    scripted_server server(always(ok("")));
    http::session s;
    co_await s.put(server.url(), http::options().body_file(file.path()));
    EXPECT_EQ(body_of(server.requests().at(0)), content);
    EXPECT_EQ(header(server.requests().at(0), "Content-Type"), "application/octet-stream");
    EXPECT_EQ(header(server.requests().at(0), "Content-Length"), std::to_string(content.size()));
    http::multipart form;
    form.file("a", file.path()).file("b", file.path()).data("c", content, "c");
    co_await s.post(server.url(), http::options().body(form));
    EXPECT_GT(server.requests().at(1).size(), 3 * content.size());
    EXPECT_EQ(server.connections(), 1u);
    EXPECT_EQ(s.stats().idle, 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, files_that_cannot_be_sent) {
    scripted_server server(always(ok("")));
    http::session s;
    const auto missing = co_await error_of<std::system_error>(s.put(server.url(), http::options().body_file("/nonexistent/x")));
    EXPECT_TRUE(contains(text_of(missing), "/nonexistent/x")) << missing.what();
    const auto folder = co_await error_of<http::invalid_request>(s.put(server.url(), http::options().body_file("/tmp")));
    EXPECT_TRUE(contains(text_of(folder), "no regular file")) << folder.what();
    const auto device = co_await error_of<http::invalid_request>(s.put(server.url(), http::options().body_file("/dev/zero")));
    EXPECT_TRUE(contains(text_of(device), "generator")) << device.what();
    EXPECT_EQ(server.requests().size(), 0u);
    const auto grown = co_await error_of<http::invalid_request>(s.put(server.url(), http::options().body_file("/proc/self/status")));
    EXPECT_TRUE(contains(text_of(grown), "changed its size")) << "its size reads as 0";
    co_await s.get(server.url());
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, H_015_a_generator_goes_out_in_chunks) {
    std::vector<std::string> seen;
    scripted_server server(chunk_reader(&seen, ok("")));
    http::session s;
    std::vector<std::string> all{"hello ", "", "world", std::string(100'000, 'x'), ""};
    co_await s.put(server.url(), http::options().body(pieces(all)).header("Content-Type", "text/x"));
    EXPECT_EQ(header(seen.at(0), "Transfer-Encoding"), "chunked");
    EXPECT_EQ(header(seen.at(0), "Content-Length"), "none");
    EXPECT_EQ(body_of(seen.at(0)), "6\r\nhello \r\n5\r\nworld\r\n186a0\r\n" + std::string(100'000, 'x') + "\r\n0\r\n\r\n");
    EXPECT_EQ(s.stats().idle, 1u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, a_generator_of_known_size) {
    scripted_server server(always(ok("")));
    http::session s;
    co_await s.put(server.url(), http::options().body(pieces(two()), 11));
    co_await s.put(server.url(), http::options().body(pieces(two())).header("Content-Length", "11"));
    co_await s.put(server.url(), http::options().body(pieces(std::vector<std::string>()), 0));
    for (const std::size_t i : {0u, 1u}) {
        EXPECT_EQ(header(server.requests().at(i), "Content-Length"), "11");
        EXPECT_EQ(header(server.requests().at(i), "Transfer-Encoding"), "none");
        EXPECT_EQ(body_of(server.requests().at(i)), "hello world");
    }
    EXPECT_EQ(header(server.requests().at(2), "Content-Length"), "0");
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, H_009_more_or_fewer_bytes_than_announced) {
    scripted_server server([](peer& client) -> brio::awaitable<> { co_await client.until_closed(); });
    http::session s;
    const auto more = co_await error_of<http::invalid_request>(s.put(server.url(), http::options().body(pieces(two()), 10)));
    EXPECT_TRUE(contains(text_of(more), "longer")) << more.what();
    const auto fewer = co_await error_of<http::invalid_request>(s.put(server.url(), http::options().body(pieces(two()), 12)));
    EXPECT_TRUE(contains(text_of(fewer), "11 of the announced 12")) << fewer.what();
    EXPECT_EQ(s.stats().open, 0u) << "such a connection is closed";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, what_a_generator_throws_ends_the_request) {
    scripted_server server([](peer& client) -> brio::awaitable<> { co_await client.until_closed(); });
    http::session s;
    const auto e = co_await error_of<std::runtime_error>(s.put(server.url(), http::options().body(brio::make_generator<std::string>(breaks_off))));
    EXPECT_EQ(text_of(e), "no more");
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, H_076_a_generator_can_be_sent_only_once) {
    std::vector<std::string> seen;
    scripted_server server(chunk_reader(&seen, answer("307 Again", "", "Location: /other\r\n")));
    http::session s;
    const auto e = co_await error_of<http::redirect_error>(s.post(server.url(), http::options().body(pieces(two()))));
    EXPECT_TRUE(contains(text_of(e), "only once")) << e.what();
    EXPECT_EQ(seen.size(), 1u) << "nothing empty was sent";
    co_await server.stop();

    scripted_server fine(always(ok("")));
    const http::options once = http::options().body(pieces(two()), 11);
    co_await s.post(fine.url(), once);
    const auto again = co_await error_of<http::invalid_request>(s.post(fine.url(), once));
    EXPECT_TRUE(contains(text_of(again), "sent before")) << again.what();
    co_await fine.stop();

    scripted_server see_other(chunk_reader(&seen, answer("303 See", "", "Connection: close\r\nLocation: " + fine.url() + "\r\n")));
    scripted_server target(always(ok("there")));
    scripted_server to_get(chunk_reader(&seen, answer("303 See", "", "Connection: close\r\nLocation: " + target.url() + "\r\n")));
    const http::response r = co_await s.post(to_get.url(), http::options().body(pieces(two())));
    EXPECT_EQ(r.body(), "there");
    EXPECT_TRUE(target.requests().at(0).starts_with("GET "));
    EXPECT_EQ(header(target.requests().at(0), "Transfer-Encoding"), "none");
    for (auto* one : {&see_other, &target, &to_get}) co_await one->stop();
}

BRIO_TEST_REAL_TIME(upload, H_081_a_generator_is_not_sent_again_over_a_stale_connection) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(ok(""));
        co_await client.until_received(1);
        client.reset();
    });
    http::session s;
    co_await s.get(server.url());
    const auto e = co_await error_of<http::connection_lost>(s.put(server.url(), http::options().body(pieces(two()))));
    EXPECT_EQ(server.connections(), 1u) << e.what();
    const temporary_file file("content");
    scripted_server other([](peer& client) -> brio::awaitable<> {
        co_await client.request();
        co_await client.send(ok("ok"));
        if (client.index > 0) co_return;
        co_await client.until_received(1);
        client.reset();
    });
    co_await s.get(other.url());
    const http::response r = co_await s.put(other.url(), http::options().body_file(file.path()));
    EXPECT_EQ(r.body(), "ok") << "a file can be read again";
    co_await server.stop();
    co_await other.stop();
}

BRIO_TEST_REAL_TIME(upload, H_083_an_early_answer_ends_an_endless_body) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.until_received(100'000);
        co_await client.send("HTTP/1.1 102 Processing\r\n\r\n");
        co_await client.until_received(300'000);
        co_await client.send(answer("413 Too Much", "stop"));
        co_await client.stall();  // reads nothing more, and does not close
    });
    http::session s(http::session_options().timeout(5s));
    int yielded = 0;
    http::options opts;
    opts.body(brio::make_generator<std::string>(endless, &yielded));
    const http::response r = co_await s.put(server.url(), opts);
    EXPECT_EQ(r.status(), 413u);
    EXPECT_EQ(r.body(), "stop");
    EXPECT_GE(yielded, 5) << "an interim answer is none";
    EXPECT_EQ(s.stats().open, 0u) << "half a body is in it";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, H_083_an_early_answer_that_is_complete_ends_an_endless_body) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.until_received(300'000);
        co_await client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nsto");
        co_await client.until_received(400'000);
        co_await client.send("p\r\n0\r\n\r\n");
        co_await client.stall();
    });
    http::session s(http::session_options().timeout(5s));
    int yielded = 0;
    http::options opts;
    opts.body(brio::make_generator<std::string>(endless, &yielded));
    const http::response r = co_await s.put(server.url(), opts);
    EXPECT_EQ(r.body(), "stop");
    EXPECT_EQ(s.stats().open, 0u) << "half a body is in it";
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, H_083_an_answer_may_come_while_the_body_goes) {
    const std::string half(300'000, 'a');
    scripted_server server([&](peer& client) -> brio::awaitable<> {
        co_await client.until_received(half.size());
        co_await client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        co_await client.until_received(2 * half.size());
        co_await client.send("3\r\ntwo\r\n");
        while (!client.pending().ends_with("\r\n0\r\n\r\n")) co_await client.until_received(client.pending().size() + 1);
        co_await client.send("0\r\n\r\n");
        co_await client.until_closed();
    });
    http::session s(http::session_options().timeout(5s));
    std::vector<std::string> all(10, half);
    const http::response r = co_await s.put(server.url(), http::options().body(pieces(all)));
    EXPECT_EQ(r.body(), "onetwo");
    EXPECT_EQ(s.stats().idle, 1u) << "all was sent";
    http::session other(http::session_options().timeout(5s));
    http::streaming_response piecewise = co_await other.stream("PUT", server.url(), http::options().body(pieces(all)));
    const std::string text = co_await piecewise.read();
    EXPECT_EQ(text, "onetwo");
    co_await s.close();
    co_await other.close();
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, H_083_an_early_answer_that_grows_too_large_ends_the_body) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.until_received(100'000);
        co_await client.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + std::string(1'000'000, 'x'));
        co_await client.stall();
    });
    http::session s(http::session_options().timeout(5s).max_body(500'000));
    int yielded = 0;
    const http::streaming_response r =
        co_await s.stream("PUT", server.url(), http::options().body(brio::make_generator<std::string>(endless, &yielded)));
    EXPECT_EQ(r.content_length(), 1'000'000u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, H_083_an_early_answer_interrupts_a_generator_that_waits) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.until_received(20);
        co_await client.send(answer("403 No", ""));
        co_await client.until_closed();
    });
    http::session s(http::session_options().timeout(5s));
    const http::response r = co_await s.put(server.url(), http::options().body(brio::make_generator<std::string>(waits)));
    EXPECT_EQ(r.status(), 403u);
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, a_server_that_takes_nothing_runs_into_the_write_limit) {
    scripted_server server([](peer& client) -> brio::awaitable<> { co_await client.stall(); });
    http::session s(http::session_options().read_timeout(100ms));
    int yielded = 0;
    http::options opts;
    opts.body(brio::make_generator<std::string>(endless, &yielded));
    const auto e = co_await error_of<http::timeout>(s.put(server.url(), opts));
    EXPECT_EQ(e.phase(), http::phase::write);
    const auto whole = co_await error_of<http::timeout>(s.put(server.url(), http::options().body(std::string(20'000'000, 'x')).timeout(150ms).read_timeout(10s)));
    EXPECT_EQ(whole.phase(), http::phase::total);
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, cancelled_it_closes_its_connection) {
    scripted_server server([](peer& client) -> brio::awaitable<> { co_await client.stall(); });
    http::session s;
    auto running = brio::create_task(s.put(server.url(), http::options().body(brio::make_generator<std::string>(waits))));
    EXPECT_TRUE(co_await eventually([&] { return s.stats().open == 1; }));
    running.cancel();
    bool cancelled = false;
    try {
        co_await running.join();
    } catch (const brio::cancelled_error&) {
        cancelled = true;
    }
    EXPECT_TRUE(cancelled);
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

BRIO_TEST_REAL_TIME(upload, the_limit_of_the_call_ends_the_wait_for_a_body) {
    scripted_server server([](peer& client) -> brio::awaitable<> { co_await client.stall(); });
    http::session s;
    http::options opts;
    opts.timeout(100ms).body(brio::make_generator<std::string>(waits));
    const stopwatch watch;
    const auto e = co_await error_of<http::timeout>(s.put(server.url(), std::move(opts)));
    EXPECT_EQ(e.phase(), http::phase::total);
    EXPECT_LT(watch.elapsed(), 5s);
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

// The system tells of a reset once: whoever reads afterwards is told of an orderly end.
BRIO_TEST_REAL_TIME(upload, H_055_a_reset_that_the_upload_met_is_no_end_of_the_answer) {
    scripted_server server([](peer& client) -> brio::awaitable<> {
        co_await client.until_received(20);
        co_await client.send("HTTP/1.1 200 OK\r\n\r\npartial");
        co_await brio::sleep(20ms);
        client.reset();
    });
    http::session s;
    const auto e = co_await error_of<http::connection_lost>(s.put(server.url(), http::options().body(brio::make_generator<std::string>(waits))));
    EXPECT_EQ(e.phase(), http::phase::body);
    EXPECT_EQ(s.stats().open, 0u);
    co_await server.stop();
}

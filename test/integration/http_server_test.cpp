// SPDX-License-Identifier: BSL-1.0
// Our server against clients nobody here wrote: curl, wrk, Node's fetch, Chromium.
#include "certificates.hpp"
#include "real_time.hpp"
#include "temp_folder.hpp"

#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <boost/json/value.hpp>

#include <gtest/gtest.h>

#include <sys/stat.h>

#include <filesystem>
#include <string>

using namespace brio_test;
using namespace std::chrono_literals;

namespace {

namespace http = brio::http;
using brio::awaitable;

// What a line of bash prints; it and its children end with the test.
awaitable<std::string> shell(std::string line, std::chrono::seconds limit = 40s) {
    brio::run_process_options how;
    how.check().timeout(limit);
    brio::command what("/bin/bash", "-o", "pipefail", "-c", line);
    const brio::process_result done = co_await brio::run_process(std::move(what), std::move(how));
    co_return done.out();
}

awaitable<http::reply> echo(http::server_request request) {
    http::reply made = http::reply::text(request.method() + " " + request.target() + " " + request.body());
    co_return made;
}

awaitable<http::reply> size_of(http::server_request request) {
    std::uint64_t size = 0;
    while (const auto piece = co_await request.next_chunk()) size += piece->size();
    co_return http::reply::text(std::to_string(size));
}

awaitable<http::reply> chunks(http::server_request) {
    const auto write = [](http::reply_writer& out) -> awaitable<> {
        for (int i = 0; i < 1000; ++i) co_await out.write(std::string(1000, static_cast<char>('a' + i % 26)));
    };
    co_return http::reply::stream(write).content_type("text/plain");
}

void add_routes(http::server& server, const std::filesystem::path& folder) {
    server.get("/echo", echo).post("/echo", echo).put("/upload", size_of, http::route_options().stream_body());
    server.post("/upload", size_of, http::route_options().stream_body()).get("/chunks", chunks).files("/files", folder.string());
}

class site {
public:
    site() {
        write_file(folder / "hello.txt", "hello");
        std::string text;
        for (int i = 0; i < 400'000; ++i) text += std::to_string(i) + "\n";
        write_file(folder / "large.txt", text);
    }
    [[nodiscard]] std::string large() const { return (folder / "large.txt").string(); }
    temp_folder folder;
};

TEST(http_server_curl, methods_keep_alive_and_head) {
    in_real_time([]() -> awaitable<> {
        const site disk;
        http::server server;
        add_routes(server, disk.folder.path());
        server.listen();
        const std::string base = server.url();
        EXPECT_EQ(co_await shell("curl -sS '" + base + "/echo?a=b'"), "GET /echo?a=b ");
        EXPECT_EQ(co_await shell("curl -sS -d data " + base + "/echo"), "POST /echo data");
        EXPECT_EQ(co_await shell("curl -sS -w '%{num_connects} ' " + base + "/echo " + base + "/echo " + base + "/echo"),
                  "GET /echo 1 GET /echo 0 GET /echo 0 ");
        EXPECT_EQ(co_await shell("curl -sS -I " + base + "/files/hello.txt | grep -ci '^content-length: 5'"), "1\n");
        EXPECT_EQ(co_await shell("curl -sS -o /dev/null -w '%{http_code}' -X DELETE " + base + "/echo"), "405");
        EXPECT_EQ(co_await shell("curl -sS -0 " + base + "/chunks | wc -c"), "1000000\n") << "HTTP/1.0: until the connection ends";
        EXPECT_EQ(co_await shell("curl -sS " + base + "/chunks | md5sum"), co_await shell("curl -sS -0 " + base + "/chunks | md5sum"));
        co_await server.close();
    });
}

TEST(http_server_curl, uploads) {
    in_real_time([]() -> awaitable<> {
        const site disk;
        http::server server;
        add_routes(server, disk.folder.path());
        server.listen();
        const std::string base = server.url();
        const std::string size = std::to_string(std::filesystem::file_size(disk.large()));
        EXPECT_EQ(co_await shell("curl -sS -T " + disk.large() + " " + base + "/upload"), size) << "with Expect: 100-continue";
        EXPECT_EQ(co_await shell("curl -sS -H 'Expect:' -T " + disk.large() + " " + base + "/upload"), size);
        EXPECT_EQ(co_await shell("cat " + disk.large() + " | curl -sS -T - " + base + "/upload"), size) << "in chunks";
        EXPECT_EQ(co_await shell("curl -sS -o /dev/null -w '%{http_code} %{size_upload}' -H 'Expect: 100-continue' -T " + disk.large() + " " + base +
                                 "/nothing"),
                  "404 0")
            << "nobody has asked for the body";
        EXPECT_EQ(co_await shell("curl -sS -o /dev/null -w '%{http_code}' --data-binary @" + disk.large() + " " + base + "/echo"), "413");
        co_await server.close();
    });
}

TEST(http_server_curl, files_and_ranges) {
    in_real_time([]() -> awaitable<> {
        const site disk;
        http::server server;
        add_routes(server, disk.folder.path());
        server.listen();
        const std::string file = server.url() + "/files/large.txt";
        co_await shell("curl -sS " + file + " | cmp - " + disk.large());
        co_await shell("curl -sS -r 1000-1999 " + file + " | cmp - <(tail -c +1001 " + disk.large() + " | head -c 1000)");
        co_await shell("curl -sS -r -100 " + file + " | cmp - <(tail -c 100 " + disk.large() + ")");
        EXPECT_EQ(co_await shell("curl -sS -r 0-0,10-11 " + file + " | grep -c Content-Range"), "2\n");
        const std::string copy = (disk.folder / "copy").string();
        co_await shell("head -c 12345 " + disk.large() + " > " + copy + ";" +
                       " curl -sS -C - -o " + copy + " " + file + "; cmp " + copy + " " + disk.large());
        EXPECT_EQ(co_await shell("curl -sS -o /dev/null -w '%{http_code}' -z " + disk.large() + " " + file), "304");
        EXPECT_EQ(co_await shell("curl -sS --etag-save " + copy + " -o /dev/null " + file + "; curl -sS --etag-compare " + copy +
                                 " -o /dev/null -w '%{http_code}' " + file),
                  "304");
        EXPECT_EQ(co_await shell("curl -sS --path-as-is -o /dev/null -w '%{http_code}' " + server.url() + "/files/../../etc/passwd"), "404");
        co_await server.close();
    });
}

TEST(http_server_curl, tls_compression_and_unix_sockets) {
    in_real_time([]() -> awaitable<> {
        const site disk;
        const certificates made;
        http::server server(http::server_options().tls(brio::tls_context::server(made.good(), made.key())).compress());
        add_routes(server, disk.folder.path());
        server.listen();
        const std::string curl = "curl -sS --cacert " + made.authority().string() + " ";
        const std::string base = server.url();
        EXPECT_EQ(co_await shell(curl + "-w '%{num_connects}' " + base + "/echo " + base + "/echo"), "GET /echo 1GET /echo 0");
        co_await shell(curl + base + "/files/large.txt | cmp - " + disk.large());
        EXPECT_EQ(co_await shell(curl + "-T " + disk.large() + " " + base + "/upload"), std::to_string(std::filesystem::file_size(disk.large())));
        const std::string packed = co_await shell(curl + "--compressed -w '%{size_download}' -o /dev/null " + base + "/chunks");
        EXPECT_LT(std::stoi(packed), 100'000);
        EXPECT_EQ(co_await shell(curl + "--compressed " + base + "/chunks | wc -c"), "1000000\n");
        co_await server.close();
        http::server local;
        add_routes(local, disk.folder.path());
        const std::string path = (disk.folder / "socket").string();
        local.listen_unix(path);
        EXPECT_EQ(co_await shell("curl -sS --unix-socket " + path + " http://x/echo"), "GET /echo ");
        co_await shell("curl -sS --unix-socket " + path + " http://x/files/large.txt | cmp - " + disk.large());
        co_await local.close();
    });
}

TEST(http_server_wrk, many_connections_without_an_error) {
    in_real_time([]() -> awaitable<> {
        const site disk;
        http::server server;
        add_routes(server, disk.folder.path());
        server.listen();
        for (const char* path : {"/echo", "/files/hello.txt", "/chunks"}) {
            const std::string said = co_await shell("wrk --timeout 60s -t 1 -c 50 -d 2s " + server.url() + path);
            EXPECT_NE(said.find("requests in"), said.npos) << said;
            EXPECT_EQ(said.find("Non-2xx"), said.npos) << said;
            EXPECT_EQ(said.find("Socket errors"), said.npos) << said;
        }
        co_await server.close(5s);
    });
}

TEST(http_server_node, fetch) {
    in_real_time([]() -> awaitable<> {
        const site disk;
        http::server server(http::server_options().compress());
        add_routes(server, disk.folder.path());
        server.listen();
        const temp_folder folder;
        write_file(folder / "client.mjs", R"(
            const base = process.argv[2];
            const all = await Promise.all(Array.from({length: 50}, (_, i) => fetch(`${base}/echo?${i}`).then(r => r.text())));
            if (all.some((text, i) => text !== `GET /echo?${i} `)) throw new Error('mixed up: ' + all);
            const chunks = await (await fetch(base + '/chunks')).text();
            if (chunks.length !== 1000000) throw new Error('chunks: ' + chunks.length);
            async function* pieces() { for (let i = 0; i < 100; ++i) yield Buffer.alloc(10000, 'x'); }
            const sent = await fetch(base + '/upload', {method: 'POST', body: ReadableStream.from(pieces()), duplex: 'half'});
            if (await sent.text() !== '1000000') throw new Error('upload');
            const part = await fetch(base + '/files/large.txt', {headers: {Range: 'bytes=0-9'}});
            if (part.status !== 206 || (await part.text()).length !== 10) throw new Error('range');
            const none = await fetch(base + '/none');
            if (none.status !== 404) throw new Error('none');
            console.log('done');
        )");
        EXPECT_EQ(co_await shell("node " + (folder / "client.mjs").string() + " " + server.url()), "done\n");
        co_await server.close();
    });
}

#ifdef BRIO_CHROMIUM
// A page whose script fetches from the server, reads a stream, loads a file, talks over a WebSocket, and reports what it has seen.
constexpr const char* page = R"(<!doctype html><title>test</title><p>hello, browser</p><script type=module>
    let text;
    try {
        const json = await (await fetch('/api', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: '{"a": 41}'})).json();
        const reader = (await fetch('/chunks')).body.getReader();
        let size = 0;
        for (let r = await reader.read(); !r.done; r = await reader.read()) size += r.value.length;
        const file = await (await fetch('/files/large.txt')).blob();
        const socket = new WebSocket(location.href.replace('http', 'ws') + 'socket');
        const said = await new Promise((done, failed) => {
            socket.onopen = () => socket.send('gr\u00fc\u00df dich');
            socket.onmessage = event => done(event.data);
            socket.onclose = event => failed(`closed with ${event.code}`);
        });
        socket.close();
        text = `answer ${json.b}, stream ${size}, file ${file.size}, socket ${said}`;
    } catch (e) { text = 'failed: ' + e; }
    await fetch('/report', {method: 'POST', body: text});
</script>)";

TEST(http_server_chromium, a_page_a_fetch_a_download_and_a_websocket) {
    in_real_time([]() -> awaitable<> {
        const site disk;
        http::server server(http::server_options().compress());
        std::string report;
        brio::event reported;
        add_routes(server, disk.folder.path());
        server.get("/", [](http::server_request) -> awaitable<http::reply> { co_return http::reply::html(page); });
        server.post("/api", [](http::server_request request) -> awaitable<http::reply> {
            const boost::json::value made = {{"b", request.json().at("a").as_int64() + 1}};
            co_return http::reply::json(made);
        });
        server.websocket("/socket", [](http::websocket peer) -> awaitable<> {
            while (auto message = co_await peer.next()) co_await peer.send(std::move(*message));
        });
        server.post("/report", [&](http::server_request request) -> awaitable<http::reply> {
            report = request.body();
            reported.set();
            co_return http::reply(204);
        });
        server.listen();
        const temp_folder profile;
        const std::string chromium = BRIO_CHROMIUM " --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run --user-data-dir=" +
                                     profile.path().string() + " ";
        const std::string dom = co_await shell(chromium + "--dump-dom " + server.url() + "/ 2>/dev/null");
        EXPECT_NE(dom.find("<p>hello, browser</p>"), dom.npos) << dom;
        report.clear();
        reported.clear();
        brio::task<std::string> browser = brio::create_task(shell(chromium + server.url() + "/ >/dev/null 2>&1"));
        co_await brio::wait_for(reported.wait(), 40s);
        browser.cancel();
        co_await brio::gather(brio::return_exceptions, browser);
        EXPECT_EQ(report, "answer 42, stream 1000000, file " + std::to_string(std::filesystem::file_size(disk.large())) +
                              ", socket gr\u00fc\u00df dich");
        co_await server.close(5s);
    });
}
#else
TEST(http_server_chromium, a_page_a_fetch_a_download_and_a_websocket) {
    GTEST_SKIP() << "there is no chromium: cmake/install-deps --browser brings it";
}
#endif

}  // namespace

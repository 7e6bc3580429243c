// SPDX-License-Identifier: BSL-1.0
// Files served by the server.
#include "http/certificates.hpp"
#include "http/error_of.hpp"
#include "http/raw_client.hpp"

#include <brio/http.hpp>
#include <brio/testing/test.hpp>

#include <filesystem>
#include <fstream>

namespace {

using namespace http_test;
namespace http = brio::http;
namespace fs = std::filesystem;

class site {
public:
    site() {
        std::string name = (fs::temp_directory_path() / "brio-site-XXXXXX").string();
        top = ::mkdtemp(name.data());
        folder = top / "site";
        fs::create_directories(folder / "docs");
        write("index.html", "<h1>home</h1>");
        write("docs/index.html", "<h1>docs</h1>");
        write("docs/a b.txt", "spaces");
        write(".hidden", "no");
        write("../secret", "secret");
        write("app.js", "plain");
        write("app.js.gz", "packed");
        for (int i = 0; i < 300'000; ++i) large += static_cast<char>('a' + i % 23);
        write("large.bin", large);
        fs::create_symlink("../secret", folder / "link");
    }
    site(const site&) = delete;
    site& operator=(const site&) = delete;
    ~site() {
        std::error_code ignored;
        fs::remove_all(top, ignored);
    }
    void write(const std::string& name, const std::string& text) const { std::ofstream(folder / name) << text; }

    fs::path top;
    fs::path folder;
    std::string large;
};

}  // namespace

BRIO_TEST_REAL_TIME(server_files, files_folders_and_their_indexes) {
    const site disk;
    http::server server;
    server.files("/static/", disk.folder.string());
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer home = co_await client.get("/static/");
    EXPECT_EQ(home.body, "<h1>home</h1>");
    EXPECT_EQ(home.field("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ((co_await client.get("/static/docs/a%20b.txt")).body, "spaces");
    EXPECT_EQ((co_await client.get("/st%61tic/docs/")).body, "<h1>docs</h1>") << "an encoded prefix";
    const raw_answer slash = co_await client.get("/static/docs?x=1");
    EXPECT_EQ(slash.status, 301u);
    EXPECT_EQ(slash.field("Location"), "/static/docs/?x=1");
    EXPECT_EQ((co_await client.get("/static")).field("Location"), "/static/");
    const raw_answer large = co_await client.get("/static/large.bin");
    EXPECT_EQ(large.body, disk.large);
    EXPECT_EQ(large.field("Content-Type"), "application/octet-stream");
    const raw_answer head = co_await client.get("/static/large.bin", "", "HEAD");
    EXPECT_EQ(head.status, 200u);
    EXPECT_EQ(head.field("Content-Length"), "300000");
    EXPECT_EQ(head.field("ETag"), large.field("ETag"));
    const raw_answer post = co_await client.get("/static/large.bin", "Content-Length: 0\r\n", "POST");
    EXPECT_EQ(post.status, 405u);
    EXPECT_EQ(post.field("Allow"), "GET, HEAD, OPTIONS");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_files, H_141_nothing_outside_is_served) {
    const site disk;
    http::server server;
    server.files("/", disk.folder.string());
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    for (const char* bad : {"/../secret", "/%2e%2e/secret", "/docs/../../secret", "/docs/%2e%2e/%2e%2e/secret",
                            "/..%2fsecret", "/..%5csecret", "/%2fetc/passwd", "//etc/passwd", "/docs%00", "/index.html%00.txt",
                            "/link", "/.hidden", "/docs/./a%20b.txt",
                            "/nothing", "/index.html/", "/index.html/x"}) {
        const raw_answer got = co_await client.get(bad);
        EXPECT_EQ(got.status, 404u) << bad;
        EXPECT_FALSE(contains(got.body, "secret")) << bad;
    }
    EXPECT_EQ((co_await client.get("/index%2Ehtml")).status, 200u);
    std::string ranges = "Range: bytes=0-0";
    for (int i = 1; i < 1000; ++i) ranges += "," + std::to_string(i * 2) + "-" + std::to_string(i * 2);
    const raw_answer many = co_await client.get("/large.bin", ranges + "\r\n");
    EXPECT_EQ(many.status, 200u) << "a thousand ranges are the whole file";
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_files, ranges_and_conditions) {
    const site disk;
    http::server server;
    server.files("/", disk.folder.string());
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer part = co_await client.get("/large.bin", "Range: bytes=100000-199999\r\n");
    EXPECT_EQ(part.status, 206u);
    EXPECT_EQ(part.field("Content-Range"), "bytes 100000-199999/300000");
    EXPECT_EQ(part.body, disk.large.substr(100000, 100000));
    EXPECT_EQ((co_await client.get("/index.html", "Range: bytes=-5\r\n")).body, "</h1>");
    const raw_answer several = co_await client.get("/large.bin", "Range: bytes=0-1,299998-\r\n");
    EXPECT_TRUE(contains(several.body, "\r\n\r\n" + disk.large.substr(0, 2) + "\r\n--")) << several.body;
    EXPECT_TRUE(contains(several.body, "\r\n\r\n" + disk.large.substr(299998) + "\r\n--"));
    EXPECT_EQ(several.field("Content-Length"), std::to_string(several.body.size()));
    EXPECT_EQ((co_await client.get("/large.bin", "Range: bytes=300000-\r\n")).status, 416u);
    const std::string tag = *part.field("ETag");
    const raw_answer same = co_await client.get("/large.bin", "If-None-Match: " + tag + "\r\n");
    EXPECT_EQ(same.status, 304u);
    EXPECT_EQ(same.field("ETag"), tag);
    EXPECT_EQ((co_await client.get("/large.bin", "If-Modified-Since: " + *part.field("Last-Modified") + "\r\n")).status, 304u);
    EXPECT_EQ((co_await client.get("/large.bin", "If-Range: " + tag + "\r\nRange: bytes=0-0\r\n")).status, 206u);
    disk.write("large.bin", "now short");
    const raw_answer newer = co_await client.get("/large.bin", "If-Range: " + tag + "\r\nRange: bytes=0-0\r\n");
    EXPECT_EQ(newer.status, 200u);
    EXPECT_EQ(newer.body, "now short");
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_files, packed_siblings_and_single_files) {
    const site disk;
    http::server server;
    server.files("/", disk.folder.string(), http::file_options().precompressed().max_age(1h));
    const std::string path = (disk.folder / "large.bin").string();
    server.get("/download/{name}", [path](http::server_request request) -> brio::awaitable<http::reply> {
        if (request.param("name") == "none") co_return http::reply::file(path + ".none");
        co_return http::reply::file(path, http::file_options().download_as(request.param("name"))).header("X-More", "1");
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer packed = co_await client.get("/app.js", "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(packed.body, "packed");
    EXPECT_EQ(packed.field("Content-Encoding"), "gzip");
    EXPECT_EQ(packed.field("Content-Type"), "text/javascript; charset=utf-8");
    EXPECT_EQ(packed.field("Vary"), "Accept-Encoding");
    const raw_answer plain = co_await client.get("/app.js");
    EXPECT_EQ(plain.body, "plain");
    EXPECT_EQ(plain.field("Cache-Control"), "max-age=3600");
    EXPECT_NE(plain.field("ETag"), packed.field("ETag"));
    const raw_answer one = co_await client.get("/download/big.bin", "Range: bytes=5-9\r\n");
    EXPECT_EQ(one.status, 206u);
    EXPECT_EQ(one.body, disk.large.substr(5, 5));
    EXPECT_EQ(one.field("Content-Disposition"), "attachment; filename=\"big.bin\"");
    EXPECT_EQ(one.field("X-More"), "1");
    EXPECT_EQ((co_await client.get("/download/none")).status, 404u);
    EXPECT_EQ((co_await client.get("/app.js")).status, 200u) << "the connection goes on";
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_files, small_text_files_are_compressed_like_other_answers) {
    const site disk;
    const std::string text(10'000, 'x');
    disk.write("page.txt", text);
    disk.write("large.txt", disk.large);
    http::server server(http::server_options().compress(1000));
    server.files("/", disk.folder.string());
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const std::string takes = "Accept-Encoding: gzip\r\n";
    const raw_answer packed = co_await client.get("/page.txt", takes);
    EXPECT_EQ(packed.field("Content-Encoding"), "gzip");
    EXPECT_EQ(packed.field("Vary"), "Accept-Encoding");
    EXPECT_LT(packed.body.size(), 1000u);
    const raw_answer plain = co_await client.get("/page.txt");
    EXPECT_EQ(plain.body, text);
    const std::string tag = plain.field("ETag").value_or("");
    EXPECT_EQ(packed.field("ETag"), "W/" + tag) << "other bytes";
    const raw_answer known = co_await client.get("/page.txt", takes + "If-None-Match: W/" + tag + "\r\n");
    EXPECT_EQ(known.status, 304u);
    const raw_answer part = co_await client.get("/page.txt", takes + "Range: bytes=0-9\r\n");
    EXPECT_EQ(part.status, 206u);
    EXPECT_EQ(part.body, "xxxxxxxxxx") << "a part is one of the file";
    const raw_answer mixed = co_await client.get("/page.txt", takes + "Range: bytes=0-9\r\nIf-Range: W/" + tag + "\r\n");
    EXPECT_EQ(mixed.status, 200u) << "parts of what was compressed do not fit";
    const raw_answer large = co_await client.get("/large.txt", takes);
    EXPECT_EQ(large.field("Content-Encoding"), std::nullopt);
    EXPECT_EQ(large.body, disk.large);
    http::session session(http::session_options().base_url(server.url() + "/"));
    EXPECT_EQ((co_await session.get("page.txt")).body(), text);
    co_await session.close();
    co_await server.close();
}

namespace {

using texts = std::vector<std::string>;

// Notes what it sees of each answer.
http::server::middleware watch(texts& seen) {
    return [&seen](http::server_request request, http::server::handler next) -> brio::awaitable<http::reply> {
        http::reply made = co_await next(std::move(request));
        seen.push_back(std::to_string(made.status()) + " " + std::string(made.headers().get("Content-Range").value_or("-")));
        made.header("X-Seen", "1");
        co_return made;
    };
}

}  // namespace

BRIO_TEST_REAL_TIME(server_files, middlewares_and_the_access_log_see_what_becomes_of_a_single_file) {
    const site disk;
    texts inside;
    texts outside;
    texts logged;
    const auto note = [&logged](const http::access_record& r) { logged.push_back(std::to_string(r.status)); };
    http::server server(http::server_options().access_log(note));
    server.use(watch(outside)).use(watch(inside));
    const std::string path = (disk.folder / "large.bin").string();
    server.get("/one", [path](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::file(path).header("X-More", "1"); });
    server.get("/none", [path](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::file(path + ".none"); });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer whole = co_await client.get("/one");
    EXPECT_EQ(whole.body, disk.large);
    EXPECT_EQ(whole.field("X-More"), "1");
    const std::string tag = *whole.field("ETag");
    const raw_answer part = co_await client.get("/one", "Range: bytes=5-9\r\n");
    EXPECT_EQ(part.status, 206u);
    EXPECT_EQ(part.body, disk.large.substr(5, 5));
    EXPECT_EQ((co_await client.get("/one", "If-None-Match: " + tag + "\r\n")).status, 304u);
    EXPECT_EQ((co_await client.get("/one", "If-Match: \"other\"\r\n")).status, 412u);
    EXPECT_EQ((co_await client.get("/one", "Range: bytes=300000-\r\n")).status, 416u);
    const raw_answer none = co_await client.get("/none");
    EXPECT_EQ(none.status, 404u);
    EXPECT_EQ(none.field("X-Seen"), "1");
    EXPECT_EQ((co_await client.get("/one", "", "HEAD")).field("Content-Length"), "300000");
    const texts expected{"200 -", "206 bytes 5-9/300000", "304 -", "412 -", "416 bytes */300000", "404 -", "200 -"};
    EXPECT_EQ(inside, expected);
    EXPECT_EQ(outside, expected);
    EXPECT_EQ(logged, (texts{"200", "206", "304", "412", "416", "404", "200"}));
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_files, a_file_that_a_middleware_answers_with_is_seen_by_those_outside_of_it) {
    const site disk;
    const std::string path = (disk.folder / "large.bin").string();
    texts seen;
    http::server server;
    server.use(watch(seen));
    server.use([path](http::server_request request, http::server::handler next) -> brio::awaitable<http::reply> {
        if (request.path() == "/closed") co_return http::reply::file(path).close();
        co_return co_await next(std::move(request));
    });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    const raw_answer part = co_await client.get("/closed", "Range: bytes=-5\r\n");
    EXPECT_EQ(part.body, disk.large.substr(disk.large.size() - 5));
    EXPECT_EQ(part.field("Connection"), "close");
    EXPECT_EQ(seen, texts{"206 bytes 299995-299999/300000"});
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_files, an_error_page_that_is_a_file_keeps_its_status) {
    const site disk;
    const std::string path = (disk.folder / "index.html").string();
    const std::string large = (disk.folder / "large.bin").string();
    std::vector<std::string> said;
    const brio::log_sink before = brio::set_log_sink([&said](brio::log_level, std::string_view text) { said.emplace_back(text); });
    texts seen;
    http::server server;
    server.use(watch(seen));
    server.error_page([&](unsigned status, std::string_view) {
        if (status == 405) return http::reply::file(path + ".none");
        return http::reply::file(status == 404 ? large : path);
    });
    server.get("/gone", [path](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::file(path + ".none"); });
    server.get("/wrong", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply(200).header("Content-Length", "7"); });
    server.listen();
    raw_client client = co_await raw_client::connect(server.port());
    for (const char* missing : {"/", "/gone"}) {
        const raw_answer got = co_await client.get(missing, "Range: bytes=0-0\r\nIf-None-Match: *\r\n");
        EXPECT_EQ(got.status, 404u) << missing;
        EXPECT_EQ(got.body, disk.large) << missing;
    }
    EXPECT_EQ(said, texts());
    const raw_answer none = co_await client.get("/gone", "", "DELETE");
    EXPECT_EQ(none.status, 405u) << "there is no such page";
    EXPECT_EQ(none.body, "405 Method Not Allowed\n");
    EXPECT_EQ(said.size(), 1U);
    const raw_answer wrong = co_await client.get("/wrong");
    EXPECT_EQ(wrong.status, 500u);
    EXPECT_EQ(wrong.body, "<h1>home</h1>");
    EXPECT_EQ(seen, (texts{"404 -", "404 -", "405 -", "200 -"}));
    co_await client.send("what is this\r\n\r\n");
    const raw_answer bad = co_await client.answer();
    EXPECT_EQ(bad.status, 400u) << "no request, but a page";
    EXPECT_EQ(bad.body, "<h1>home</h1>");
    brio::set_log_sink(before);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_files, over_tls_they_are_copied) {
    const site disk;
    const authority trusted;
    const identity mine = trusted.issue("IP:127.0.0.1,DNS:localhost");
    http::server server(http::server_options().tls(brio::tls_context::server_pem(mine.certificate, mine.key)));
    server.files("/", disk.folder.string());
    server.listen();
    brio::connect_options how;
    how.tls(brio::tls_context::client().ca_pem(trusted.pem()));
    brio::stream over = co_await brio::open_connection("127.0.0.1", server.port(), how);
    raw_client client(std::move(over));
    EXPECT_EQ((co_await client.get("/large.bin")).body, disk.large);
    EXPECT_EQ((co_await client.get("/large.bin", "Range: bytes=250000-\r\n")).body, disk.large.substr(250000));
    client.io.abort();
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_files, a_client_that_goes_in_the_middle_leaves_nothing_behind) {
    const site disk;
    disk.write("huge", std::string(20'000'000, 'x'));
    http::server server;
    server.files("/", disk.folder.string());
    server.listen();
    const std::size_t before = open_descriptors();
    for (int i = 0; i < 5; ++i) {
        raw_client client = co_await raw_client::connect(server.port());
        co_await client.send("GET /huge HTTP/1.1\r\nHost: x\r\n\r\n");
        co_await client.io.read_until("\r\n\r\n");
        client.io.abort();
    }
    const bool gone = co_await eventually([&] { return server.connections() == 0; });
    EXPECT_TRUE(gone);
    EXPECT_LE(open_descriptors(), before);
    co_await server.close();
}

BRIO_TEST_REAL_TIME(server_files, a_folder_that_is_not_there_is_an_error_at_once) {
    http::server server;
    EXPECT_THROW(server.files("/", "/no/such/folder"), std::system_error);
    EXPECT_THROW(server.files("static", "/tmp"), std::invalid_argument);
    co_return;
}

// SPDX-License-Identifier: BSL-1.0
// A small JSON API: routes with parameters, a middleware, bodies that are streamed; and a client of it in the same program.
#include <brio/brio.hpp>
#include <brio/http.hpp>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>

#include <iostream>
#include <map>
#include <string>

namespace http = brio::http;
namespace json = boost::json;

// [api]
// Notes by their names. All handlers run in one loop, one at a time between two awaits: no lock.
class notes {
public:
    brio::awaitable<http::reply> list(http::server_request request) const {
        const std::string part = request.query("contains").value_or("");
        json::array names;
        for (const auto& [name, text] : texts_) {
            if (text.find(part) != text.npos) names.emplace_back(name);
        }
        co_return http::reply::json(names);
    }

    brio::awaitable<http::reply> show(http::server_request request) const {
        const auto found = texts_.find(request.param("name"));
        if (found == texts_.end()) throw http::refusal(404, "there is no note of that name");
        const json::value made = {{"name", found->first}, {"text", found->second}};
        co_return http::reply::json(made);
    }

    brio::awaitable<http::reply> save(http::server_request request) {
        const json::value body = request.json();  // what is no JSON is answered with 400
        const json::value* text = body.is_object() ? body.as_object().if_contains("text") : nullptr;
        if (!text || !text->is_string()) throw http::refusal(422, "give {\"text\": \"...\"}");
        const bool is_new = texts_.insert_or_assign(request.param("name"), json::value_to<std::string>(*text)).second;
        co_return http::reply(is_new ? 201 : 204);
    }

private:
    std::map<std::string, std::string> texts_;
};

void add_routes(http::server& server, notes& all) {
    server.get("/notes", [&all](http::server_request r) { return all.list(std::move(r)); });
    server.get("/notes/{name}", [&all](http::server_request r) { return all.show(std::move(r)); });
    server.put("/notes/{name}", [&all](http::server_request r) { return all.save(std::move(r)); });
}
// [/api]

// [middleware]
brio::awaitable<http::reply> ask_for_a_key(http::server_request request, http::server::handler next) {
    if (request.header("X-Api-Key") != "sesame") co_return http::reply::text("a key is needed\n", 401);
    http::reply made = co_await next(std::move(request));
    co_return made.header("X-Served-By", "notes");
}
// [/middleware]

// [streaming]
// Counts the bytes of a body of any size as it comes.
brio::awaitable<http::reply> measure(http::server_request request) {
    std::size_t size = 0;
    while (const auto piece = co_await request.next_chunk()) size += piece->size();
    co_return http::reply::text(std::to_string(size) + " bytes\n");
}

// The generator runs as fast as the client reads.
brio::awaitable<> lines(brio::yielder<std::string> yield, int count) {
    for (int i = 1; i <= count; ++i) co_await yield("line " + std::to_string(i) + "\n");
}

brio::awaitable<http::reply> count_up(http::server_request request) {
    const int count = std::stoi(request.query("to").value_or("3"));
    co_return http::reply::stream(brio::make_generator<std::string>(lines, count)).content_type("text/plain");
}

void add_streams(http::server& server) {
    server.post("/measure", measure, http::route_options().stream_body()).get("/count", count_up);
}
// [/streaming]

brio::awaitable<> use(std::string url) {
    http::session web(http::session_options().base_url(url + "/").header("X-Api-Key", "sesame"));
    const http::response saved = co_await web.put("notes/shopping", http::options().json(json::parse(R"({"text": "milk, bread"})")));
    std::cout << saved.status() << "\n";
    const http::response note = co_await web.get("notes/shopping");
    std::cout << note.status() << " " << note.body() << "\n";
    const http::response found = co_await web.get("notes", http::options().query("contains", "milk"));
    std::cout << found.body() << "\n";
    const http::response none = co_await web.get("notes/other");
    std::cout << none.body();
    const http::response wrong = co_await web.put("notes/x", http::options().body("no json"));
    std::cout << wrong.status() << "\n";
    const http::response size = co_await web.post("measure", http::options().body(std::string(5'000'000, 'x')));
    std::cout << size.body();
    const http::response counted = co_await web.get("count", http::options().query("to", "2"));
    std::cout << counted.body();
    co_await web.close();
    http::session stranger;
    const http::response refused = co_await stranger.get(url + "/notes");
    std::cout << refused.status() << " " << refused.body();
    co_await stranger.close();
}

brio::awaitable<> show() {
    notes all;
    http::server server;
    server.use(ask_for_a_key);
    add_routes(server, all);
    add_streams(server);
    server.listen();
    co_await use(server.url());
    co_await server.close();
}

int main() { brio::run(show()); }

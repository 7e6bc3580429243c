// SPDX-License-Identifier: BSL-1.0
// A chat room for browsers. usage: web_chat [PORT [HOST]], then open http://localhost:7002
#include "serve.hpp"

#include <brio/http.hpp>

#include <set>

namespace {

namespace http = brio::http;

const char page[] = R"(<!doctype html><meta charset="utf-8"><title>chat</title>
<pre id="log"></pre><form id="form"><input id="text" autofocus autocomplete="off"></form>
<script>
const log = document.getElementById('log'), text = document.getElementById('text');
const show = (line) => log.append(line + '\n');
const socket = new WebSocket(location.href.replace(/^http/, 'ws') + 'chat');
socket.onmessage = (event) => show(event.data);
socket.onclose = (event) => show('* closed ' + event.code + ' ' + event.reason);
document.getElementById('form').onsubmit = (event) => {
    event.preventDefault();
    socket.send(text.value);
    text.value = '';
};
</script>
)";

// [room]
class room {
public:
    brio::awaitable<> serve(http::websocket client) {
        member here(*this);
        // Whichever ends first ends the other one.
        co_await brio::race(hear(client), pass_on(client, here));
    }

private:
    static constexpr std::size_t patience = 100;

    // In the room for the life of this object, however the connection ends.
    struct member {
        explicit member(room& in) : of(in) { of.members_.insert(this); }
        member(const member&) = delete;
        member& operator=(const member&) = delete;
        ~member() { of.members_.erase(this); }

        room& of;
        brio::queue<std::string> outbox{patience};
        bool is_slow = false;
    };

    brio::awaitable<> hear(http::websocket& from) {
        while (auto message = co_await from.next()) say(std::move(message->data));
    }

    static brio::awaitable<> pass_on(http::websocket& to, member& of) {
        while (!of.is_slow) {
            std::string line = co_await of.outbox.get();
            co_await to.send(std::move(line));
        }
        co_await to.close(1008, "too slow");
    }

    // Waits for nobody: whoever reads too slowly, for a hundred messages, is thrown out.
    void say(const std::string& text) {
        for (member* const each : members_) each->is_slow |= !each->outbox.try_put(text);
    }

    std::set<member*> members_;
};
// [/room]

brio::awaitable<> serve(std::string host, std::uint16_t port) {
    room lobby;
    http::server server;
    server.get("/", [](http::server_request) -> brio::awaitable<http::reply> { co_return http::reply::html(page); });
    server.websocket("/chat", [&lobby](http::websocket client) { return lobby.serve(std::move(client)); });
    server.listen(host, port);
    std::cout << "listening on " << host << ":" << server.port() << std::endl;
    co_await server.serve_forever();
}

} // namespace

int main(int count, char** words) {
    return run_program([&] { return serve(word(count, words, 2, "127.0.0.1"), port_of(word(count, words, 1, "7002"))); });
}

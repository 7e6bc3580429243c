// SPDX-License-Identifier: BSL-1.0
// A chat room: what one says, all others hear. usage: chat_server [PORT [HOST]], then `nc localhost 7001`
#include "serve.hpp"

#include <map>

namespace {

// [room]
class room {
public:
    brio::awaitable<> serve(brio::stream client) {
        client.write("What is your name?\n");
        const auto name = co_await client.next_line();
        if (!name || name->empty()) co_return;
        const member here(*this, client, *name);
        while (auto line = co_await client.next_line()) say(client, *name + ": " + *line);
    }

private:
    static constexpr std::size_t patience = 1 << 20;

    // In the room for the life of this object, however the connection ends.
    class member {
    public:
        member(room& in, brio::stream& client, std::string name) : room_(in), client_(client), name_(std::move(name)) {
            room_.say(client_, "* " + name_ + " is here");
            room_.clients_.emplace(&client_, name_);
            client_.write("Welcome, " + name_ + "!\n");
        }
        member(const member&) = delete;
        member& operator=(const member&) = delete;
        ~member() {
            room_.clients_.erase(&client_);
            room_.say(client_, "* " + name_ + " is gone");
        }

    private:
        room& room_;
        brio::stream& client_;
        std::string name_;
    };

    // Waits for nobody: whoever reads too slowly, for a megabyte, is thrown out.
    void say(const brio::stream& from, const std::string& text) {
        for (const auto& [client, name] : clients_) {
            if (client == &from) continue;
            client->write(text + "\n");
            if (client->pending_write_bytes() > patience) client->abort();
        }
    }

    std::map<brio::stream*, std::string> clients_;
};
// [/room]

brio::awaitable<> serve(std::string host, std::uint16_t port) {
    room lobby;
    const auto handler = [&lobby](brio::stream client) { return lobby.serve(std::move(client)); };
    brio::server server = co_await brio::start_server(handler, std::move(host), port);
    std::cout << "listening on " << server.addresses().front() << std::endl;
    co_await server.serve_forever();
}

} // namespace

int main(int count, char** words) {
    return run_program([&] { return serve(word(count, words, 2, "127.0.0.1"), port_of(word(count, words, 1, "7001"))); });
}

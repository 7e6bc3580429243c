// SPDX-License-Identifier: BSL-1.0
// libFuzzer target: a WebSocket machine gives the same events however its input is cut, within its limits, and what it
// sends is understood by the other side.
#include "http/ws_machine.hpp"

#include <brio/http/charset.hpp>
#include <brio/http/websocket_error.hpp>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

using namespace brio::http::detail;

constexpr std::size_t most = 5000;

void require(bool holds) {
    if (!holds) std::abort();
}

ws_settings settings_of(unsigned char choice) {
    ws_settings s;
    s.role = (choice & 1) != 0 ? ws_role::server : ws_role::client;
    s.max_message = most;
    if ((choice & 2) != 0) {
        ws_deflate d;
        d.client_forgets = d.server_forgets = (choice & 4) != 0;
        s.deflate = d;
    }
    return s;
}

std::string play(const ws_settings& settings, std::string_view bytes, std::size_t piece) {
    ws_machine m(settings);
    std::string log;
    try {
        for (; !bytes.empty(); bytes.remove_prefix(std::min(piece, bytes.size()))) {
            std::string_view in = bytes.substr(0, piece);
            for (;;) {
                const ws_event e = m.next(in);
                if (e.kind == ws_event_kind::need_more) break;
                require(e.data.size() <= most);
                require(e.kind != ws_event_kind::text || brio::http::is_utf8(e.data));
                log += std::to_string(static_cast<int>(e.kind)) + ":" + std::to_string(e.code) + ":";
                log.append(e.data).append("\n");
            }
            require(in.empty());
        }
    } catch (const brio::http::websocket_error& e) {
        require(m.is_closing() && e.close_code() >= 1002 && e.close_code() <= 1009);
        log += "failed " + std::to_string(e.close_code());
    }
    // Control frames are always well-formed.
    std::string out;
    m.take_control(out);
    ws_settings other = settings;
    other.role = settings.role == ws_role::client ? ws_role::server : ws_role::client;
    ws_machine peer(other);
    std::string_view in = out;
    while (peer.next(in).kind != ws_event_kind::need_more) {}
    require(in.empty() && peer.close_received() == m.close_sent());
    return log;
}

void round_trip(const ws_settings& settings, std::string_view data) {
    ws_settings other = settings;
    other.role = settings.role == ws_role::client ? ws_role::server : ws_role::client;
    ws_machine from(other);
    ws_machine to(settings);
    std::string wire;
    from.message(wire, ws_opcode::binary, data.substr(0, most));
    std::string_view in = wire;
    const ws_event e = to.next(in);
    require(e.kind == ws_event_kind::binary && e.data == data.substr(0, most));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ws_settings settings = settings_of(data[0]);
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    const std::string whole = play(settings, bytes, bytes.size() + 1);
    require(play(settings, bytes, 1) == whole);
    require(play(settings, bytes, 1 + data[0] / 8) == whole);
    round_trip(settings, bytes);
    return 0;
}

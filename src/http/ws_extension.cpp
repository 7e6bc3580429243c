// SPDX-License-Identifier: BSL-1.0
// The parameters of permessage-deflate.
#include "ws_extension.hpp"

#include "chars.hpp"

#include <brio/http/websocket_error.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::string_view deflate_name = "permessage-deflate";

struct extension {
    std::string_view name;
    std::vector<std::pair<std::string_view, std::optional<std::string_view>>> parameters;
};

// nullopt when malformed.
std::optional<extension> read_extension(std::string_view text) {
    extension out;
    for (bool first = true;; first = false) {
        const std::size_t end = text.find(';');
        std::string_view part = trim(text.substr(0, end));
        const std::size_t equals = part.find('=');
        const std::string_view name = trim(part.substr(0, equals));
        std::optional<std::string_view> value;
        if (equals != part.npos) {
            value = trim(part.substr(equals + 1));
            if (value->size() >= 2 && value->front() == '"' && value->back() == '"') value = value->substr(1, value->size() - 2);
            if (!is_token(*value)) return std::nullopt;
        }
        if (!is_token(name) || (first && value)) return std::nullopt;
        if (first) {
            out.name = name;
        } else {
            out.parameters.emplace_back(name, value);
        }
        if (end == text.npos) return out;
        text.remove_prefix(end + 1);
    }
}

// 8 to 15, without leading zeros.
std::optional<int> read_bits(std::string_view text) noexcept {
    const auto bits = parse_decimal(text);
    if (!bits || *bits < 8 || *bits > 15 || text.front() == '0') return std::nullopt;
    return static_cast<int>(*bits);
}

struct deflate_text {
    ws_deflate agreed;
    bool names_client_window = false;
    bool client_window_is_open = false; // named without a value
};

// The parameters of one permessage-deflate; nullopt for any that is unknown, twice there or out of range.
std::optional<deflate_text> read_deflate(const extension& from, bool is_offer) {
    deflate_text out;
    std::vector<std::string_view> seen;
    for (const auto& [name, value] : from.parameters) {
        if (std::find(seen.begin(), seen.end(), name) != seen.end()) return std::nullopt;
        seen.push_back(name);
        const auto bits = value ? read_bits(*value) : std::nullopt;
        if (name == "server_no_context_takeover" && !value) {
            out.agreed.server_forgets = true;
        } else if (name == "client_no_context_takeover" && !value) {
            out.agreed.client_forgets = true;
        } else if (name == "server_max_window_bits" && bits) {
            out.agreed.server_window = *bits;
        } else if (name == "client_max_window_bits" && (bits || (is_offer && !value))) {
            out.names_client_window = true;
            out.client_window_is_open = !value;
            out.agreed.client_window = bits.value_or(15);
        } else {
            return std::nullopt;
        }
    }
    return out;
}

std::string deflate_value(const ws_deflate& agreed, bool with_client_window) {
    std::string text(deflate_name);
    if (agreed.server_forgets) text += "; server_no_context_takeover";
    if (agreed.client_forgets) text += "; client_no_context_takeover";
    if (agreed.server_window < 15) text += "; server_max_window_bits=" + std::to_string(agreed.server_window);
    if (with_client_window) text += "; client_max_window_bits=" + std::to_string(agreed.client_window);
    return text;
}

[[noreturn]] void refuse(std::string_view answer, const char* why) {
    throw websocket_handshake_error(101, "the server answered the WebSocket extensions '" + printable(answer) + "': " + why);
}

} // namespace

std::string offer_deflate(const ws_deflate& wish) {
    std::string text = deflate_value(wish, false);
    return text += wish.client_window < 15 ? "; client_max_window_bits=" + std::to_string(wish.client_window) : "; client_max_window_bits";
}

std::optional<ws_deflate> read_deflate_answer(std::string_view answer, const ws_deflate* wish) {
    std::vector<std::string_view> elements;
    for_each_list_element(answer, [&](std::string_view one) { elements.push_back(one); });
    if (elements.empty()) return std::nullopt;
    if (!wish) refuse(answer, "none was offered");
    if (elements.size() > 1) refuse(answer, "more than were offered");
    const auto named = read_extension(elements.front());
    if (!named || named->name != deflate_name) refuse(answer, "it was not offered");
    const auto read = read_deflate(*named, false);
    if (!read) refuse(answer, "a parameter is unknown, twice there or out of range");
    ws_deflate agreed = read->agreed;
    // A wider window than we allow the server would need more memory than we give; what we asked for must be granted.
    if (agreed.server_window > wish->server_window || (wish->server_forgets && !agreed.server_forgets)) refuse(answer, "that is more than was offered");
    agreed.client_forgets = agreed.client_forgets || wish->client_forgets;
    agreed.client_window = std::min(agreed.client_window, wish->client_window);
    return agreed;
}

std::optional<ws_deflate> choose_deflate(std::string_view offers, const ws_deflate& wish, std::string& answer) {
    std::optional<ws_deflate> chosen;
    for_each_list_element(offers, [&](std::string_view one) {
        if (chosen) return;
        const auto named = read_extension(one);
        if (!named || named->name != deflate_name) return;
        const auto offer = read_deflate(*named, true);
        if (!offer) return;
        ws_deflate agreed = offer->agreed;
        agreed.server_forgets = agreed.server_forgets || wish.server_forgets;
        agreed.client_forgets = agreed.client_forgets || wish.client_forgets;
        agreed.server_window = std::min(agreed.server_window, wish.server_window);
        // The client's window can be narrowed only when the client says that it can do that.
        if (offer->names_client_window) agreed.client_window = std::min(agreed.client_window, wish.client_window);
        answer = deflate_value(agreed, offer->names_client_window && agreed.client_window < 15);
        chosen = agreed;
    });
    return chosen;
}

} // namespace brio::inline v0::http::detail

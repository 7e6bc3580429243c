// SPDX-License-Identifier: BSL-1.0
// Challenge in, Authorization out.
#include "digest_machine.hpp"

#include "challenge.hpp"
#include "chars.hpp"

#include <brio/http/percent.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

struct algorithm {
    hash_kind hash;
    bool session;
    int strength;
};

std::optional<algorithm> algorithm_of(const challenge& c) {
    const std::string name = lowered(c.get("algorithm").value_or("MD5"));
    const bool session = name.ends_with("-sess");
    const std::string_view base = std::string_view(name).substr(0, name.size() - (session ? 5 : 0));
    for (const auto& [known, hash, strength] : {std::tuple("md5", hash_kind::md5, 1), std::tuple("sha-256", hash_kind::sha256, 2),
                                                std::tuple("sha-512-256", hash_kind::sha512_256, 3)}) {
        if (base == known && hex_hash(hash, {})) return algorithm{hash, session, strength};
    }
    return std::nullopt;
}

// "auth" is offered, or nothing is.
bool offers_auth(const challenge& c) {
    const auto offered = c.get("qop");
    bool found = !offered || trim(*offered).empty();
    for_each_list_element(offered.value_or(""), [&](std::string_view one) { found = found || iequals(one, "auth"); });
    return found;
}

bool is_true(const challenge& c, std::string_view name) { return iequals(c.get(name).value_or(""), "true"); }

} // namespace

digest_machine::digest_machine(std::string user, std::string password, nonce_source client_nonce)
    : user_(std::move(user)), password_(std::move(password)), make_client_nonce_(std::move(client_nonce)) {}

bool digest_machine::challenged(std::string_view origin, std::string_view challenges, unsigned answered) {
    const auto all = parse_challenges(challenges);
    const challenge* best = nullptr;
    std::optional<algorithm> chosen;
    for (const challenge& c : all) {
        if (c.scheme != "digest" || !c.get("nonce") || !c.get("realm") || !offers_auth(c)) continue;
        const auto offered = algorithm_of(c);
        if (!offered || (chosen && chosen->strength >= offered->strength)) continue;
        best = &c;
        chosen = offered;
    }
    if (!best || answered > 1 || (answered == 1 && !is_true(*best, "stale"))) return false;
    state_ = state();
    state_.origin = origin;
    state_.realm = *best->get("realm");
    state_.has_opaque = best->get("opaque").has_value();
    state_.opaque = best->get("opaque").value_or("");
    state_.algorithm = best->get("algorithm").value_or("");
    state_.hash = chosen->hash;
    state_.session = chosen->session;
    state_.with_quality = !trim(best->get("qop").value_or("")).empty();
    state_.hash_user = is_true(*best, "userhash");
    state_.utf8 = iequals(best->get("charset").value_or(""), "UTF-8");
    start_nonce(std::string(*best->get("nonce")));
    return true;
}

void digest_machine::start_nonce(std::string nonce) {
    state_.nonce = std::move(nonce);
    state_.count = 0;
    state_.client_nonce = make_client_nonce_();
    state_.secret = hash(user_ + ":" + state_.realm + ":" + password_);
    if (state_.session) state_.secret = hash(state_.secret + ":" + state_.nonce + ":" + state_.client_nonce);
}

std::string digest_machine::user_field() const {
    if (state_.hash_user) return "username=" + quoted(hash(user_ + ":" + state_.realm));
    const bool ascii = std::all_of(user_.begin(), user_.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!ascii && state_.utf8) return "username*=UTF-8''" + percent_encode(user_);
    return "username=" + quoted(user_);
}

std::string digest_machine::authorize(std::string_view origin, std::string_view method, std::string_view target) {
    if (state_.nonce.empty() || state_.origin != origin) return {};
    const std::string request = hash(std::string(method) + ":" + std::string(target));
    std::string text = "Digest " + user_field() + ", realm=" + quoted(state_.realm) + ", nonce=" + quoted(state_.nonce) + ", uri=" + quoted(target);
    if (state_.with_quality) {
        char count[9];
        std::snprintf(count, sizeof count, "%08x", ++state_.count);
        text += ", response=" + quoted(hash(state_.secret + ":" + state_.nonce + ":" + count + ":" + state_.client_nonce + ":auth:" + request));
        text += ", qop=auth, nc=" + std::string(count);
    } else {
        text += ", response=" + quoted(hash(state_.secret + ":" + state_.nonce + ":" + request));
    }
    if (state_.with_quality || state_.session) text += ", cnonce=" + quoted(state_.client_nonce);
    if (!state_.algorithm.empty()) text += ", algorithm=" + state_.algorithm;
    if (state_.has_opaque) text += ", opaque=" + quoted(state_.opaque);
    if (state_.hash_user) text += ", userhash=true";
    return text;
}

void digest_machine::informed(std::string_view origin, std::string_view info) {
    if (state_.nonce.empty() || state_.origin != origin) return;
    for (auto& [name, value] : parse_auth_parameters(info)) {
        if (name == "nextnonce" && !value.empty()) start_nonce(std::move(value));
    }
}

} // namespace brio::inline v0::http::detail

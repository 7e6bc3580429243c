// SPDX-License-Identifier: BSL-1.0
// The rules of RFC 6455 sections 5 to 8 and RFC 7692.
#include "ws_machine.hpp"

#include <brio/http/charset.hpp>
#include <brio/http/error.hpp>
#include <brio/http/websocket_error.hpp>

#include <algorithm>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::size_t most_pongs = 16;
constexpr std::size_t kept_capacity = 256 * 1024;

} // namespace

bool is_close_code(unsigned code) noexcept {
    if (code >= 3000 && code <= 4999) return true;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

ws_machine::ws_machine(const ws_settings& settings) : settings_(settings) {
    if (!settings_.deflate) return;
    const bool client = settings_.role == ws_role::client;
    const ws_deflate& agreed = *settings_.deflate;
    inflater_.emplace(client ? agreed.server_forgets : agreed.client_forgets);
    const int window = client ? agreed.client_window : agreed.server_window;
    // Where zlib cannot keep to the window, messages go out as they are, which is always allowed.
    deflates_ = window >= ws_deflater::least_window;
}

// Made when it is first needed: it takes a quarter of a megabyte, and many connections only listen.
ws_deflater& ws_machine::deflater() {
    if (!deflater_) {
        const bool client = settings_.role == ws_role::client;
        const ws_deflate& agreed = *settings_.deflate;
        deflater_.emplace(client ? agreed.client_forgets : agreed.server_forgets, client ? agreed.client_window : agreed.server_window);
    }
    return *deflater_;
}

// ---- in

void ws_machine::fail(unsigned code, const std::string& what) { throw websocket_error(code, "the WebSocket peer broke the rules: " + what); }

ws_event ws_machine::next(std::string_view& in) {
    if (std::exchange(delivered_, false)) {
        message_.clear();
        if (message_.capacity() > kept_capacity) message_ = std::string();
    }
    if (failed_ || close_received_) in = {};
    try {
        while (in_frame_ || !in.empty()) {
            if (!in_frame_) {
                if (!header_.feed(in)) break;
                begin_frame();
                if (const auto whole = whole_frame(in)) return *whole;
            }
            const std::string_view part = in.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, in.size())));
            take_payload(part);
            in.remove_prefix(part.size());
            if (left_ > 0) break;
            in_frame_ = false;
            if (const auto done = end_frame()) return *done;
        }
    } catch (const websocket_error& e) {
        failed_ = true;
        in = {};
        if (!closing_) close(e.close_code());
        throw;
    }
    return {};
}

void ws_machine::begin_frame() {
    const ws_header& h = header_.header();
    if (settings_.role == ws_role::server && !h.mask) fail(ws_code::violation, "a client's frame is not masked");
    if (settings_.role == ws_role::client && h.mask) fail(ws_code::violation, "a server's frame is masked");
    if (is_control(h.opcode)) {
        if (h.compressed) fail(ws_code::violation, "a control frame is marked as compressed");
        control_.clear();
    } else {
        check_data_frame(h);
    }
    left_ = h.size;
    in_frame_ = true;
}

void ws_machine::check_data_frame(const ws_header& h) {
    const bool continues = h.opcode == ws_opcode::continuation;
    if (continues && !in_message_) fail(ws_code::violation, "a continuation of nothing");
    if (!continues && in_message_) fail(ws_code::violation, "a new message inside another one");
    if (h.compressed && (continues || !inflater_)) fail(ws_code::violation, "a reserved bit is set (compression was not agreed on, or inside a message)");
    if (!continues) {
        is_text_ = h.opcode == ws_opcode::text;
        is_compressed_ = h.compressed;
        in_message_ = true;
        text_.reset();
    }
    // What is compressed is counted when it is inflated; a frame that cannot fit even so is refused at once.
    const std::size_t most = settings_.max_message;
    const std::size_t room = h.compressed || (continues && is_compressed_) ? most + most / 16 + 1024 : most - std::min(message_.size(), most);
    if (h.size > room) {
        fail(ws_code::too_large, "a message of over " + std::to_string(settings_.max_message) + " bytes; raise its limit");
    }
}

// A message in one frame that is there as a whole needs no copy.
std::optional<ws_event> ws_machine::whole_frame(std::string_view& in) {
    const ws_header& h = header_.header();
    if (h.mask || !h.last || h.compressed || is_control(h.opcode) || h.opcode == ws_opcode::continuation || in.size() < left_) return std::nullopt;
    const std::string_view data = in.substr(0, static_cast<std::size_t>(left_));
    in.remove_prefix(data.size());
    if (is_text_) {
        check_text(data);
        if (!text_.is_complete()) fail(ws_code::bad_data, "text that ends inside a character");
    }
    left_ = 0;
    in_frame_ = false;
    in_message_ = false;
    ws_event out;
    out.kind = is_text_ ? ws_event_kind::text : ws_event_kind::binary;
    out.data = data;
    return out;
}

void ws_machine::take_payload(std::string_view part) {
    const ws_header& h = header_.header();
    if (!part.empty()) {
        if (h.mask) {
            unmasked_.resize(part.size());
            apply_mask(unmasked_.data(), part, *h.mask, h.size - left_);
        }
        const std::string_view plain = h.mask ? std::string_view(unmasked_) : part;
        if (is_control(h.opcode)) {
            control_ += plain;
        } else {
            add_to_message(plain);
        }
        if (unmasked_.capacity() > kept_capacity) unmasked_ = std::string();
    }
    left_ -= part.size();
}

void ws_machine::add_to_message(std::string_view part) {
    const std::size_t old = message_.size();
    if (is_compressed_) {
        inflater_->feed(part, message_, settings_.max_message);
    } else {
        message_ += part;
    }
    if (is_text_) check_text(std::string_view(message_).substr(old));
}

void ws_machine::check_text(std::string_view part) {
    if (!text_.feed(part)) fail(ws_code::bad_data, "text that is not UTF-8");
}

std::optional<ws_event> ws_machine::end_frame() {
    const ws_header& h = header_.header();
    if (is_control(h.opcode)) return end_control();
    if (!h.last) return std::nullopt;
    in_message_ = false;
    if (is_compressed_) {
        const std::size_t old = message_.size();
        inflater_->finish(message_, settings_.max_message);
        if (is_text_) check_text(std::string_view(message_).substr(old));
    }
    if (is_text_ && !text_.is_complete()) fail(ws_code::bad_data, "text that ends inside a character");
    delivered_ = true;
    ws_event out;
    out.kind = is_text_ ? ws_event_kind::text : ws_event_kind::binary;
    out.data = message_;
    return out;
}

ws_event ws_machine::end_control() {
    const ws_opcode opcode = header_.header().opcode;
    if (opcode == ws_opcode::close) return end_close();
    ws_event out;
    out.kind = opcode == ws_opcode::ping ? ws_event_kind::ping : ws_event_kind::pong;
    out.data = control_;
    if (opcode == ws_opcode::ping && !closing_) {
        if (pongs_.size() == most_pongs) pongs_.erase(pongs_.begin());
        pongs_.push_back(control_);
    }
    return out;
}

ws_event ws_machine::end_close() {
    ws_event out;
    out.kind = ws_event_kind::close;
    out.code = ws_code::none;
    if (control_.size() == 1) fail(ws_code::violation, "a close frame of one byte");
    if (control_.size() > 1) {
        out.code = static_cast<unsigned>(static_cast<unsigned char>(control_[0])) << 8 | static_cast<unsigned char>(control_[1]);
        out.data = std::string_view(control_).substr(2);
        if (!is_close_code(out.code)) fail(ws_code::violation, "the close code " + std::to_string(out.code));
        if (!is_utf8(out.data)) fail(ws_code::bad_data, "a close reason that is not UTF-8");
    }
    close_received_ = true;
    if (!closing_) close(control_.empty() ? std::nullopt : std::optional(out.code));
    return out;
}

// ---- out

void ws_machine::require_open() const {
    if (closing_) throw invalid_request("the WebSocket is closing: nothing more can be sent");
}

void ws_machine::append_frame(std::string& out, ws_opcode kind, std::string_view payload, bool last, bool compressed) {
    ws_header h;
    h.opcode = kind;
    h.last = last;
    h.compressed = compressed;
    h.size = payload.size();
    if (settings_.role == ws_role::client) h.mask = masks_.next();
    append_ws_header(out, h);
    const std::size_t begin = out.size();
    out += payload;
    if (h.mask) apply_mask(out.data() + begin, {out.data() + begin, payload.size()}, *h.mask, 0);
}

void ws_machine::message(std::string& out, ws_opcode kind, std::string_view data) {
    if (in_message_out_) throw invalid_request("a WebSocket message begins inside another one");
    if (kind == ws_opcode::text && !is_utf8(data)) throw invalid_request("a WebSocket text must be UTF-8; send other bytes as binary");
    require_open();
    if (!deflates_ || data.empty() || data.size() < settings_.compress_from) return append_frame(out, kind, data, true, false);
    deflated_.clear();
    deflater().feed(data, deflated_, true);
    append_frame(out, kind, deflated_, true, true);
    if (deflated_.capacity() > kept_capacity) deflated_ = std::string();
}

void ws_machine::fragment(std::string& out, ws_opcode kind, std::string_view data, bool last) {
    require_open();
    if (!in_message_out_) {
        first_out_ = true;
        kind_out_ = kind;
        compressed_out_ = deflates_;
        text_out_.reset();
    }
    if (kind_out_ == ws_opcode::text && (!text_out_.feed(data) || (last && !text_out_.is_complete()))) {
        throw invalid_request("a WebSocket text must be UTF-8; send other bytes as binary");
    }
    in_message_out_ = !last;
    if (compressed_out_) {
        deflated_.clear();
        deflater().feed(data, deflated_, last);
        if (deflated_.empty()) return; // zlib collects
        data = deflated_;
    }
    const bool first = std::exchange(first_out_, false);
    append_frame(out, first ? kind_out_ : ws_opcode::continuation, data, last, first && compressed_out_);
}

void ws_machine::ping(std::string& out, std::string_view payload) {
    if (payload.size() > longest_control) throw invalid_request("the payload of a WebSocket ping is at most 125 bytes, not " + std::to_string(payload.size()));
    require_open();
    append_frame(out, ws_opcode::ping, payload, true, false);
}

void ws_machine::close(std::optional<unsigned> code, std::string_view reason) {
    if (code && !is_close_code(*code)) throw invalid_request("the WebSocket close code " + std::to_string(*code) + " may not be sent: 1000 to 1014 but 1004 to 1006, or 3000 to 4999");
    if (!code && !reason.empty()) throw invalid_request("a WebSocket close reason needs a code");
    if (reason.size() > longest_reason) throw invalid_request("a WebSocket close reason is at most 123 bytes, not " + std::to_string(reason.size()));
    if (!is_utf8(reason)) throw invalid_request("a WebSocket close reason must be UTF-8");
    if (std::exchange(closing_, true)) return;
    std::string payload;
    if (code) payload.append(1, static_cast<char>(*code >> 8)).append(1, static_cast<char>(*code & 0xFF)).append(reason);
    close_ = std::move(payload);
}

void ws_machine::take_control(std::string& out) {
    for (const std::string& payload : pongs_) append_frame(out, ws_opcode::pong, payload, true, false);
    pongs_.clear();
    if (!close_) return;
    append_frame(out, ws_opcode::close, *close_, true, false);
    close_.reset();
    close_sent_ = true;
}

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// A task_tree as JSON.
#include "debug/tree_text.hpp"

#include <chrono>
#include <cstddef>
#include <cstdio>
#include <string_view>
#include <vector>

namespace brio::inline v0::detail {

namespace {

// The length of the UTF-8 sequence at the start of `text`, 0 when it is none.
std::size_t sequence_length(std::string_view text) noexcept {
    const auto byte = [text](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
    const auto tail = [byte](std::size_t i) { return (byte(i) & 0xC0U) == 0x80U; };
    const unsigned char first = byte(0);
    const unsigned char second = byte(1);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first <= 0xDF) return tail(1) ? 2 : 0;
    if (first >= 0xE0 && first <= 0xEF) {
        if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)) return 0;  // overlong, surrogates
        return tail(1) && tail(2) ? 3 : 0;
    }
    if (first >= 0xF0 && first <= 0xF4) {
        if ((first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F)) return 0;
        return tail(1) && tail(2) && tail(3) ? 4 : 0;
    }
    return 0;
}

void add_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const std::size_t length = sequence_length(text);
        const auto first = static_cast<unsigned char>(text.front());
        if (length == 0) {
            out += "\\ufffd";
        } else if (first == '"' || first == '\\') {
            out += '\\';
            out += text.front();
        } else if (first < 0x20) {
            char escaped[8];
            std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(first));
            out += escaped;
        } else {
            out += text.substr(0, length);
        }
        text.remove_prefix(length == 0 ? 1 : length);
    }
    out += '"';
}

void add_place(std::string& out, const source_location& where) {
    if (where.line() == 0) {
        out += "null";
        return;
    }
    out += "{\"file\":";
    add_string(out, where.file_name());
    out += ",\"line\":" + std::to_string(where.line()) + "}";
}

void add_places(std::string& out, const char* key, const std::vector<source_location>& places) {
    out += key;
    for (std::size_t i = 0; i < places.size(); ++i) {
        out += i > 0 ? ',' : '[';
        add_place(out, places[i]);
    }
    out += ']';
}

void add_ids(std::string& out, const std::vector<std::uint64_t>& ids) {
    out += '[';
    for (std::size_t i = 0; i < ids.size(); ++i) out += (i > 0 ? "," : "") + std::to_string(ids[i]);
    out += ']';
}

std::string microseconds(task_info::duration time) {
    return std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

void add_task(std::string& out, const task_info& task) {
    out += "{\"id\":" + std::to_string(task.id) + ",\"name\":";
    add_string(out, task.name);
    out += ",\"state\":";
    add_string(out, task.state);
    out += ",\"cancelling\":" + std::to_string(task.cancelling) + ",\"age_us\":" + microseconds(task.age);
    out += ",\"created_at\":";
    add_place(out, task.created_at);
    out += ",\"waits_for\":";
    if (task.waits_for.empty()) {
        out += "null";
    } else {
        add_string(out, task.waits_for);
    }
    out += ",\"waits_at\":";
    add_place(out, task.waits_at);
    if (!task.generators.empty()) add_places(out, ",\"generators\":", task.generators);
    out += ",\"waiting_us\":" + microseconds(task.waiting) + ",\"awaits\":";
    add_ids(out, task.awaits);
    out += ",\"waiters\":";
    add_ids(out, task.waiters);
    out += '}';
}

}  // namespace

std::string write_json(const task_tree& tree) {
    std::string out = "{\"tasks\":[";
    bool first = true;
    for (const task_info& task : tree.tasks()) {
        if (!first) out += ',';
        first = false;
        add_task(out, task);
    }
    out += "],\"circles\":[";
    first = true;
    for (const auto& circle : tree.circles()) {
        if (!first) out += ',';
        first = false;
        add_ids(out, circle);
    }
    return out + "]}";
}

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// The chain of decompressors and its limits.
#include "content_decoder.hpp"

#include "chars.hpp"
#include "decoder_stage.hpp"

#include <brio/http/error.hpp>

#include <algorithm>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::size_t coding_count = 4;
constexpr std::size_t quiet_rounds = 16; // slices decoded inside without output before next() reports busy

std::optional<coding> find_coding(std::string_view name) noexcept {
    if (iequals(name, "gzip") || iequals(name, "x-gzip")) return coding::gzip;
    if (iequals(name, "deflate")) return coding::deflate;
#if defined(BRIO_WITH_BROTLI)
    if (iequals(name, "br")) return coding::br;
#endif
#if defined(BRIO_WITH_ZSTD)
    if (iequals(name, "zstd")) return coding::zstd;
#endif
    return std::nullopt;
}

std::unique_ptr<decoder_stage> make_stage(coding c) {
    switch (c) {
    case coding::gzip:
        return make_inflate_stage(true);
    case coding::deflate:
        return make_inflate_stage(false);
    case coding::br:
        return make_brotli_stage();
    default:
        return make_zstd_stage();
    }
}

// Room for the first or the next part of a decoded body, never much above the limit.
std::size_t next_size(std::size_t used, std::size_t raw, std::uint64_t limit) noexcept {
    const auto wished =
        used == 0 ? std::max(std::min<std::size_t>(raw, 4u << 20) * 4, std::size_t{1024}) : used * 2;
    const auto most = limit < SIZE_MAX / 2 ? static_cast<std::size_t>(limit) + 1 : SIZE_MAX / 2;
    return std::max(std::min(wished, most), used + 1);
}

// gzip ends with the decoded size (modulo 2^32). A hint only: believed within reason, and one more byte lets the
// decoder see the end without asking for room again.
std::size_t gzip_size(const coding_list& codings, std::string_view raw, std::uint64_t limit) noexcept {
    constexpr std::size_t smallest = 18;
    constexpr std::size_t believed = std::size_t{1} << 20;
    if (codings.items[0] != coding::gzip || raw.size() < smallest) return 0;
    std::size_t size = 0;
    for (std::size_t i = 4; i > 0; --i) size = size << 8 | static_cast<unsigned char>(raw[raw.size() - 5 + i]);
    return size <= believed && size <= limit ? size + 1 : 0;
}

} // namespace

struct content_decoder::slot_stages {
    std::array<std::unique_ptr<decoder_stage>, coding_count> made;
};

std::optional<coding_list> parse_content_encoding(std::string_view value) {
    coding_list list;
    bool known = true;
    std::size_t count = 0;
    for_each_list_element(value, [&](std::string_view name) {
        if (iequals(name, "identity")) return;
        const auto found = find_coding(name);
        if (!found) known = false;
        if (found && count < list.items.size()) list.items[count] = *found;
        ++count;
    });
    if (count > list.items.size())
        throw decode_error("Content-Encoding \"" + printable(value) + "\" names more than two codings");
    if (!known) return std::nullopt;
    list.size = count;
    return list;
}

content_decoder::content_decoder() = default;
content_decoder::~content_decoder() = default;
content_decoder::content_decoder(content_decoder&&) noexcept = default;
content_decoder& content_decoder::operator=(content_decoder&&) noexcept = default;

decoder_stage& content_decoder::stage_for(std::size_t slot, coding c) {
    if (!slots_[slot]) slots_[slot] = std::make_unique<slot_stages>();
    auto& stage = slots_[slot]->made[static_cast<std::size_t>(c)];
    if (!stage) stage = make_stage(c);
    if (!stage) throw decode_error("this build cannot undo that Content-Encoding");
    return *stage;
}

void content_decoder::start(const coding_list& codings, std::uint64_t limit, std::string_view knob) {
    depth_ = codings.size;
    for (std::size_t i = 0; i < depth_; ++i) {
        chain_[i] = &stage_for(i, codings.items[depth_ - 1 - i]); // the coding applied last is undone first
        chain_[i]->reset();
    }
    raw_ = middle_view_ = {};
    raw_total_ = total_ = 0;
    limit_ = limit;
    knob_ = knob;
}

void content_decoder::feed(std::string_view raw) {
    raw_ = raw;
    raw_total_ += raw.size();
}

void content_decoder::count(std::size_t n) {
    total_ += n;
    if (total_ > limit_) {
        raw_ = middle_view_ = {};
        throw body_too_large(limit_, total_, knob_);
    }
}

// Refills the buffer between the two stages; false when the first one needs input.
bool content_decoder::pump_middle() {
    if (!middle_) middle_ = std::make_unique_for_overwrite<char[]>(slice_size);
    if (raw_.empty() && !chain_[0]->pending()) return false;
    const auto n = chain_[0]->run(raw_, middle_.get(), slice_size);
    middle_view_ = {middle_.get(), n};
    return n > 0;
}

content_decoder::output content_decoder::next() {
    if (depth_ == 0) {
        const auto part = raw_.substr(0, slice_size);
        if (part.empty()) return {event::need_input};
        raw_.remove_prefix(part.size());
        count(part.size());
        return {event::data, part};
    }
    if (!out_) out_ = std::make_unique_for_overwrite<char[]>(slice_size);
    auto& last = *chain_[depth_ - 1];
    auto& input = depth_ == 1 ? raw_ : middle_view_;
    for (std::size_t round = 0; round < quiet_rounds; ++round) {
        if (input.empty() && !last.pending() && (depth_ == 1 || !pump_middle())) return {event::need_input};
        const auto n = last.run(input, out_.get(), slice_size);
        if (n > 0) {
            count(n);
            return {event::data, {out_.get(), n}};
        }
    }
    return {event::busy};
}

void content_decoder::finish() const {
    for (std::size_t i = 0; i < depth_; ++i) {
        if (chain_[i]->at_end()) continue;
        throw decode_error("the compressed body is cut short after " + std::to_string(raw_total_) + " bytes");
    }
}

std::string content_decoder::decode_all(const coding_list& codings, std::string_view raw, std::uint64_t limit,
                                        std::string_view knob) {
    start(codings, limit, knob);
    std::string out;
    if (depth_ == 1) {
        auto& stage = *chain_[0];
        std::size_t used = 0;
        raw_total_ = raw.size();
        out.resize(gzip_size(codings, raw, limit));
        while (!raw.empty() || stage.pending()) {
            if (used == out.size()) out.resize(next_size(used, raw.size(), limit));
            const auto n = stage.run(raw, out.data() + used, out.size() - used);
            used += n;
            count(n);
        }
        out.resize(used);
    } else {
        feed(raw);
        for (auto piece = next(); piece.what != event::need_input; piece = next()) out.append(piece.data);
    }
    finish();
    return out;
}

} // namespace brio::inline v0::http::detail

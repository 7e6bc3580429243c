// SPDX-License-Identifier: BSL-1.0
// Undoing Content-Encoding in bounded slices: gzip, deflate, br, zstd.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace brio::inline v0::http::detail {

enum class coding : unsigned char { gzip, deflate, br, zstd };

/// The codings of a body in the order in which they were applied; at most two.
struct coding_list {
    std::array<coding, 2> items{};
    std::size_t size = 0;
};

/// Reads the (joined) Content-Encoding value. Empty list: nothing to undo. nullopt: a coding that this build
/// does not know; the body is to be handed on as it is. Throws decode_error for more than two codings.
std::optional<coding_list> parse_content_encoding(std::string_view value);

class decoder_stage;

/// Decodes one body after another and keeps its memory in between. A decoder that threw is usable again after
/// start().
///
/// Streaming: `start()`; for each piece of raw body `feed(piece)`, then `next()` until need_input; at the end
/// of the raw body `finish()`. At once: `decode_all()`.
class content_decoder {
public:
    static constexpr std::size_t slice_size = 64 * 1024;
    static constexpr std::uint64_t unlimited = UINT64_MAX;

    enum class event : unsigned char {
        data,       ///< `data` holds decoded bytes, valid until the next call
        need_input, ///< everything fed was used
        busy,       ///< much was decoded inside without output yet: call again, perhaps after a yield
    };
    struct output {
        event what;
        std::string_view data = {};
    };

    content_decoder();
    ~content_decoder();
    content_decoder(content_decoder&&) noexcept;
    content_decoder& operator=(content_decoder&&) noexcept;

    /// Begins a body. More than `limit` decoded bytes throw body_too_large, whose text names `knob`.
    void start(const coding_list& codings, std::uint64_t limit = unlimited,
               std::string_view knob = "max_body");
    /// Gives the next raw bytes; the view must stay valid until next() says need_input.
    void feed(std::string_view raw);
    /// At most slice_size decoded bytes. Throws decode_error, body_too_large.
    output next();
    /// The raw body has ended: throws decode_error when the compressed data is cut short. An empty body is
    /// fine.
    void finish() const;

    /// start(), feed(), next(), finish() in one go, straight into a string.
    std::string decode_all(const coding_list& codings, std::string_view raw, std::uint64_t limit = unlimited,
                           std::string_view knob = "max_body");

private:
    decoder_stage& stage_for(std::size_t slot, coding c);
    void count(std::size_t n);
    bool pump_middle();

    struct slot_stages;
    std::array<std::unique_ptr<slot_stages>, 2> slots_;
    std::array<decoder_stage*, 2> chain_{};
    std::size_t depth_ = 0;
    std::unique_ptr<char[]> out_;
    std::unique_ptr<char[]> middle_;
    std::string_view raw_;
    std::string_view middle_view_;
    std::uint64_t raw_total_ = 0;
    std::uint64_t total_ = 0;
    std::uint64_t limit_ = unlimited;
    std::string knob_;
};

} // namespace brio::inline v0::http::detail

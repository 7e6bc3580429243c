// SPDX-License-Identifier: BSL-1.0
// Bodies that are not one string: where the bytes of a request come from, piece by piece.
#pragma once

#include <brio/compose/generator.hpp>
#include <brio/core/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace brio::inline v0::http::detail {

/// The body of one call. In each hop: rewind(), size(), then next() until it gives nothing.
class body_source {
public:
    body_source() noexcept = default;
    body_source(const body_source&) = delete;
    body_source& operator=(const body_source&) = delete;
    virtual ~body_source();

    /// To the beginning.
    virtual awaitable<> rewind() = 0;
    /// nullopt: not known, the body goes out in chunks.
    [[nodiscard]] virtual std::optional<std::uint64_t> size() const noexcept = 0;
    /// rewind() may be called again.
    [[nodiscard]] virtual bool is_replayable() const noexcept = 0;
    /// The next bytes, valid until the next call; empty at the end.
    virtual awaitable<std::string_view> next() = 0;
};

/// What options hold: makes the source of a call. Shared by copies of the options.
class body_factory {
public:
    body_factory() noexcept = default;
    body_factory(const body_factory&) = delete;
    body_factory& operator=(const body_factory&) = delete;
    virtual ~body_factory();

    virtual std::unique_ptr<body_source> make() = 0;
    /// Empty: it is for the caller to say.
    [[nodiscard]] virtual std::string content_type() const { return {}; }
};

/// Bytes that outlive it.
class bytes_source final : public body_source {
public:
    explicit bytes_source(std::string_view bytes) noexcept : bytes_(bytes) {}
    awaitable<> rewind() override;
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept override { return bytes_.size(); }
    [[nodiscard]] bool is_replayable() const noexcept override { return true; }
    awaitable<std::string_view> next() override;

private:
    std::string_view bytes_;
    std::size_t at_ = 0;
};

/// Text, or a file whose name `text` is.
struct body_segment {
    std::string text;
    bool is_file = false;
};

/// Text and files behind each other.
std::shared_ptr<body_factory> segments_body(std::vector<body_segment> segments, std::string content_type);

/// What a generator yields. Its `make` works once.
std::shared_ptr<body_factory> generator_body(generator<std::string> pieces, std::optional<std::uint64_t> size);

} // namespace brio::inline v0::http::detail

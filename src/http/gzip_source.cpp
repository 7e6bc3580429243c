// SPDX-License-Identifier: BSL-1.0
// A source in front of a source.
#include "http/gzip_source.hpp"

#include "http/gzip_encoder.hpp"

#include <utility>

namespace brio::inline v0::http::detail {

namespace {

class packed_source final : public body_source {
public:
    explicit packed_source(std::unique_ptr<body_source> plain) noexcept : plain_(std::move(plain)) {}

    awaitable<> rewind() override {
        packer_.emplace();
        return plain_->rewind();
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept override { return std::nullopt; }
    [[nodiscard]] bool is_replayable() const noexcept override { return plain_->is_replayable(); }
    awaitable<std::string_view> next() override {
        packed_.clear();
        while (packed_.empty() && packer_) {
            const std::string_view piece = co_await plain_->next();
            if (piece.empty()) {
                packed_ = packer_->finish();
                packer_.reset();
            } else {
                packed_ = packer_->add(piece);
            }
        }
        co_return std::string_view(packed_);
    }

private:
    std::unique_ptr<body_source> plain_;
    std::optional<gzip_encoder> packer_; // none at the end
    std::string packed_;
};

} // namespace

std::unique_ptr<body_source> gzip_source(std::unique_ptr<body_source> plain) { return std::make_unique<packed_source>(std::move(plain)); }

} // namespace brio::inline v0::http::detail

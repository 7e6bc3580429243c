// SPDX-License-Identifier: BSL-1.0
// Bytes, segments and generators as bodies.
#include "http/body_source.hpp"

#include "http/file_blocks.hpp"

#include <brio/http/error.hpp>
#include <brio/thread/to_thread.hpp>

#include <algorithm>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::size_t slice = 64 * 1024;

class segments_source final : public body_source {
public:
    explicit segments_source(std::shared_ptr<const std::vector<body_segment>> segments) : segments_(std::move(segments)) {}

    awaitable<> rewind() override {
        at_ = 0;
        offset_ = 0;
        file_.reset();
        total_ = 0;
        std::vector<std::string> paths;
        for (const body_segment& one : *segments_) {
            if (one.is_file) paths.push_back(one.text);
        }
        sizes_.clear();
        if (!paths.empty()) sizes_ = co_await to_thread(sizes_of_files, std::move(paths));
        for (const std::uint64_t size : sizes_) total_ += size;
        for (const body_segment& one : *segments_) total_ += one.is_file ? 0 : one.text.size();
        next_size_ = sizes_.begin();
    }
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept override { return total_; }
    [[nodiscard]] bool is_replayable() const noexcept override { return true; }

    // Short texts go out together with what follows them.
    awaitable<std::string_view> next() override {
        buffer_.clear();
        while (buffer_.size() < slice && at_ < segments_->size()) {
            const body_segment& now = (*segments_)[at_];
            if (now.is_file) {
                co_await append_block(now.text);
                continue;
            }
            const std::size_t taken = std::min(slice, now.text.size() - static_cast<std::size_t>(offset_));
            buffer_.append(now.text, static_cast<std::size_t>(offset_), taken);
            offset_ += taken;
            if (offset_ == now.text.size()) next_segment();
        }
        co_return std::string_view(buffer_);
    }

private:
    void next_segment() noexcept {
        ++at_;
        offset_ = 0;
    }

    awaitable<> append_block(const std::string& path) {
        if (!file_) file_ = co_await to_thread(open_file, path);
        const std::string block = co_await to_thread(read_block, file_);
        offset_ += block.size();
        if (offset_ > *next_size_ || (block.empty() && offset_ < *next_size_)) {
            throw invalid_request("the file '" + path + "' changed its size of " + std::to_string(*next_size_) + " bytes while it was sent");
        }
        buffer_ += block;
        if (!block.empty()) co_return;
        file_.reset();
        ++next_size_;
        next_segment();
    }

    std::shared_ptr<const std::vector<body_segment>> segments_;
    std::vector<std::uint64_t> sizes_; // of the files
    std::vector<std::uint64_t>::const_iterator next_size_;
    std::uint64_t total_ = 0;
    std::size_t at_ = 0;
    std::uint64_t offset_ = 0; // in the segment
    std::shared_ptr<open_file_state> file_;
    std::string buffer_;
};

class segments_factory final : public body_factory {
public:
    segments_factory(std::vector<body_segment> segments, std::string content_type)
        : segments_(std::make_shared<const std::vector<body_segment>>(std::move(segments))), content_type_(std::move(content_type)) {}
    std::unique_ptr<body_source> make() override { return std::make_unique<segments_source>(segments_); }
    [[nodiscard]] std::string content_type() const override { return content_type_; }

private:
    std::shared_ptr<const std::vector<body_segment>> segments_;
    std::string content_type_;
};

class generator_source final : public body_source {
public:
    generator_source(generator<std::string> pieces, std::optional<std::uint64_t> size) : pieces_(std::move(pieces)), size_(size) {}

    awaitable<> rewind() override { co_return; }
    [[nodiscard]] std::optional<std::uint64_t> size() const noexcept override { return size_; }
    [[nodiscard]] bool is_replayable() const noexcept override { return false; }
    awaitable<std::string_view> next() override {
        // A piece without bytes would look like the end.
        do {
            auto piece = co_await pieces_.next();
            if (!piece) co_return std::string_view();
            current_ = std::move(*piece);
        } while (current_.empty());
        co_return std::string_view(current_);
    }

private:
    generator<std::string> pieces_;
    std::optional<std::uint64_t> size_;
    std::string current_;
};

class generator_factory final : public body_factory {
public:
    generator_factory(generator<std::string> pieces, std::optional<std::uint64_t> size) : pieces_(std::move(pieces)), size_(size) {}
    std::unique_ptr<body_source> make() override {
        if (std::exchange(used_, true)) {
            throw invalid_request("this body was sent before: a generator can be read only once, make a new one for each request");
        }
        return std::make_unique<generator_source>(std::move(pieces_), size_);
    }

private:
    generator<std::string> pieces_;
    std::optional<std::uint64_t> size_;
    bool used_ = false;
};

} // namespace

body_source::~body_source() = default;
body_factory::~body_factory() = default;

awaitable<> bytes_source::rewind() {
    at_ = 0;
    co_return;
}

awaitable<std::string_view> bytes_source::next() {
    const std::string_view piece = bytes_.substr(at_, slice);
    at_ += piece.size();
    co_return piece;
}

std::shared_ptr<body_factory> segments_body(std::vector<body_segment> segments, std::string content_type) {
    return std::make_shared<segments_factory>(std::move(segments), std::move(content_type));
}

std::shared_ptr<body_factory> generator_body(generator<std::string> pieces, std::optional<std::uint64_t> size) {
    return std::make_shared<generator_factory>(std::move(pieces), size);
}

} // namespace brio::inline v0::http::detail

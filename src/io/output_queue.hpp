// SPDX-License-Identifier: BSL-1.0
// output_queue: bytes that were written and wait to be sent, in two blocks: what is being sent stays where it is while
// the next ones are added.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace brio::inline v0::detail {

class output_queue {
public:
    [[nodiscard]] std::size_t size() const noexcept { return sending_.size() - sent_ + next_.size(); }
    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

    void append(std::string_view bytes) { next_.append(bytes); }
    /// What is to be sent next; stays valid until `sent` has told of all of it.
    [[nodiscard]] std::string_view front() noexcept {
        if (sent_ == sending_.size()) {
            reuse(sending_);
            sent_ = 0;
            sending_.swap(next_);
        }
        return std::string_view(sending_).substr(sent_);
    }
    void sent(std::size_t n) noexcept { sent_ += n; }
    /// For when nothing is being sent from here.
    void clear() noexcept {
        sending_ = std::string();
        next_ = std::string();
        sent_ = 0;
    }
    /// The same while the front is being sent.
    void clear_next() noexcept { next_ = std::string(); }

private:
    static constexpr std::size_t largest_kept = 128 * 1024;
    static void reuse(std::string& block) noexcept {
        if (block.capacity() > largest_kept) {
            block = std::string();
        } else {
            block.clear();
        }
    }

    std::string sending_;
    std::string next_;
    std::size_t sent_ = 0;
};

}  // namespace brio::inline v0::detail

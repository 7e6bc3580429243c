// SPDX-License-Identifier: BSL-1.0
// Looking for the end of a chunk.
#include <brio/detail/read_request.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace brio::inline v0::detail {

separator_set::separator_set(std::string text) : first_(std::move(text)) { measure(); }

separator_set::separator_set(std::vector<std::string> texts) : more_(std::move(texts)) {
    if (more_.empty()) throw std::invalid_argument("a read up to a separator needs at least one separator, there is none");
    first_ = std::move(more_.back());
    more_.pop_back();
    measure();
}

void separator_set::measure() {
    shortest_ = longest_ = first_.size();
    for (const std::string& text : more_) {
        shortest_ = std::min(shortest_, text.size());
        longest_ = std::max(longest_, text.size());
    }
    if (shortest_ == 0) throw std::invalid_argument("a read up to a separator needs separators of at least one byte, one is empty");
}

separator_set::match separator_set::find(std::string_view text, std::size_t from) const noexcept {
    match best;
    const auto look_for = [&](const std::string& separator) {
        const std::size_t begin = separator.size() == 1 ? text.find(separator.front(), from) : text.find(separator, from);
        if (begin == text.npos) return;
        const std::size_t end = begin + separator.size();
        // Of two that are complete at the same place the shorter one counts: the chunk before it is what it ends.
        if (best.end == text.npos || end < best.end || (end == best.end && begin > best.begin)) best = match{begin, end};
    };
    look_for(first_);
    for (const std::string& separator : more_) look_for(separator);
    return best;
}

read_request::verdict read_request::look(std::string_view pending, bool at_end, std::size_t limit,
                                         const separator_set* separators) noexcept {
    switch (kind_) {
        case kind::some:
            size_ = std::min(count_, pending.size());
            return size_ > 0 || at_end || count_ == 0 ? verdict::take : verdict::wait;
        case kind::all:
            size_ = pending.size();
            return at_end ? verdict::take : verdict::wait;
        case kind::exactly:
            size_ = std::min(count_, pending.size());
            if (size_ == count_) return verdict::take;
            return at_end ? verdict::incomplete : verdict::wait;
        case kind::until: break;
    }
    return search(pending, at_end, limit, *separators);
}

read_request::verdict read_request::search(std::string_view pending, bool at_end, std::size_t limit,
                                           const separator_set& separators) noexcept {
    if (pending.size() >= searched_ + separators.shortest()) {
        const separator_set::match found = separators.find(pending, searched_);
        if (found.end != pending.npos) {
            size_ = found.begin > limit ? found.begin : found.end;
            return found.begin > limit ? verdict::found_late : verdict::take;
        }
        // The last bytes may be the beginning of a separator.
        const std::size_t tail = separators.longest() - 1;
        searched_ = std::max(searched_, pending.size() > tail ? pending.size() - tail : 0);
        if (searched_ > limit) {
            size_ = searched_;
            return verdict::too_long;
        }
    }
    size_ = pending.size();
    return at_end ? verdict::incomplete : verdict::wait;
}

}  // namespace brio::inline v0::detail

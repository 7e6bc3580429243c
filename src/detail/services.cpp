// SPDX-License-Identifier: BSL-1.0
// Registry of a loop's services.
#include <brio/detail/services.hpp>

namespace brio::inline v0::detail {

loop_service::~loop_service() = default;

loop_services::~loop_services() {
    while (!entries_.empty()) entries_.pop_back();
}

loop_service* loop_services::find(const void* key) const noexcept {
    for (const entry& item : entries_) {
        if (item.key == key) return item.service.get();
    }
    return nullptr;
}

loop_service& loop_services::add(const void* key, std::unique_ptr<loop_service> made) {
    entries_.push_back(entry{key, std::move(made)});
    return *entries_.back().service;
}

void loop_services::shutdown() noexcept {
    for (auto item = entries_.rbegin(); item != entries_.rend(); ++item) item->service->shutdown();
}

}  // namespace brio::inline v0::detail

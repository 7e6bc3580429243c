// SPDX-License-Identifier: BSL-1.0
// Things that belong to one loop and are made when first asked for: thread pool, resolver, ...
#pragma once

#include <brio/core/config.hpp>

#include <memory>
#include <vector>

namespace brio::inline v0 {
class loop;
}

namespace brio::inline v0::detail {

class BRIO_API loop_service {
public:
    virtual ~loop_service();
    /// The loop closes: finish or abandon what is under way, within a bounded time. Called in reverse order of creation.
    virtual void shutdown() noexcept = 0;
};

/// The services of a loop, found by the address of their key.
struct BRIO_API loop_services {
    ~loop_services();

    [[nodiscard]] loop_service* find(const void* key) const noexcept;
    loop_service& add(const void* key, std::unique_ptr<loop_service> made);
    void shutdown() noexcept;

private:
    struct entry {
        const void* key;
        std::unique_ptr<loop_service> service;
    };
    std::vector<entry> entries_;
};

/// The loop's service of type `S`, made by `S(loop&)` when there is none. `S` has `static const char key`.
template <class S>
S& service_of(loop& owner, loop_services& services) {
    if (loop_service* found = services.find(&S::key)) return static_cast<S&>(*found);
    return static_cast<S&>(services.add(&S::key, std::make_unique<S>(owner)));
}

}  // namespace brio::inline v0::detail

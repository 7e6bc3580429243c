// SPDX-License-Identifier: BSL-1.0
// Public suffixes by libpsl.
#include "public_suffix.hpp"

#if defined(BRIO_WITH_PSL)
#include <libpsl.h>
#endif

namespace brio::inline v0::http::detail {

bool is_public_suffix(const std::string& domain) {
    if (domain.find('.') == domain.npos) return true;
#if defined(BRIO_WITH_PSL)
    static const psl_ctx_t* const list = psl_latest(nullptr);
    return list != nullptr && psl_is_public_suffix(list, domain.c_str()) != 0;
#else
    return false;
#endif
}

} // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// Proves that brio::http links with everything it needs.
#include <brio/http/error.hpp>
#include <brio/http/url.hpp>

int main() {
    try {
        const brio::http::url wrong("http://[not-an-address/");
    } catch (const brio::http::invalid_url&) {
        return 0;
    }
    return 1;
}

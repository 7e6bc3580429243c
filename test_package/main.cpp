// SPDX-License-Identifier: BSL-1.0
// Proves that the package works: a coroutine runs, and the library says how it was built.
#include <brio/brio.hpp>
#include <brio/core/build_info.hpp>

#include <iostream>

namespace {

brio::awaitable<int> answer() {
    co_await brio::sleep(std::chrono::milliseconds(1));
    co_return 42;
}

} // namespace

int main() {
    std::cout << brio::build_info() << '\n';
    return brio::run(answer()) == 42 ? 0 : 1;
}

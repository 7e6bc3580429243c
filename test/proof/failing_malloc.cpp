// SPDX-License-Identifier: BSL-1.0
// malloc that fails on demand.
#include "proof/failing_malloc.hpp"

#include <cstddef>
#include <cstdlib>
#include <new>

// Sanitizers bring a malloc of their own; there only operator new fails.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if !defined(__has_feature)
#define BRIO_FAIL_MALLOC 1
#elif !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define BRIO_FAIL_MALLOC 1
#endif
#endif

namespace brio_test {

constinit thread_local int countdown = 0;
constinit thread_local bool failed = false;
constinit thread_local bool failing_lasts = false;
constinit thread_local allocation_filter failing_counts = nullptr;

namespace {

bool must_fail() noexcept {
    if (countdown == 0 || (failing_counts && !failing_counts())) return false;
    if (countdown > 1) {
        --countdown;
        return false;
    }
    if (!failing_lasts) countdown = 0;
    return failed = true;
}

}  // namespace

}  // namespace brio_test

using brio_test::must_fail;

#ifdef BRIO_FAIL_MALLOC
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
void* malloc(std::size_t size) noexcept { return must_fail() ? nullptr : __libc_malloc(size); }
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
    return must_fail() ? nullptr : __libc_memalign(alignment, size);
}
}
#else
void* operator new(std::size_t size) {
    if (must_fail()) throw std::bad_alloc();
    if (void* const block = std::malloc(size)) return block;
    throw std::bad_alloc();
}
void operator delete(void* block) noexcept { std::free(block); }
void operator delete(void* block, std::size_t) noexcept { std::free(block); }
#endif

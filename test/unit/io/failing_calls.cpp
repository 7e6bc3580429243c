// SPDX-License-Identifier: BSL-1.0
// accept4 and setsockopt, in front of the system's.
#include "unit/io/failing_calls.hpp"

#include <dlfcn.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

namespace brio_test {

namespace {

std::deque<int>& accept_errors() {
    static std::deque<int> errors;
    return errors;
}
bool reuse_port_is_missing = false;

template <class Function>
Function system_call(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

void fail_accepts(std::deque<int> errors) { accept_errors() = std::move(errors); }
bool all_accepts_failed() { return accept_errors().empty(); }
void lack_reuse_port(bool on) { reuse_port_is_missing = on; }

}  // namespace brio_test

extern "C" {

__attribute__((visibility("default"))) int accept4(int socket, sockaddr* address, socklen_t* size, int flags) {
    if (!brio_test::accept_errors().empty()) {
        errno = brio_test::accept_errors().front();
        brio_test::accept_errors().pop_front();
        return -1;
    }
    static const auto real = brio_test::system_call<int (*)(int, sockaddr*, socklen_t*, int)>("accept4");
    return real(socket, address, size, flags);
}

__attribute__((visibility("default"))) int setsockopt(int socket, int level, int name, const void* value, socklen_t size) noexcept {
    if (brio_test::reuse_port_is_missing && level == SOL_SOCKET && name == SO_REUSEPORT) {
        errno = ENOPROTOOPT;
        return -1;
    }
    static const auto real = brio_test::system_call<int (*)(int, int, int, const void*, socklen_t)>("setsockopt");
    return real(socket, level, name, value, size);
}
}

// SPDX-License-Identifier: BSL-1.0
// Looking for descriptors and children left behind.
#include "testing/leak_check.hpp"

#include <dirent.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace brio::inline v0::testing {

std::set<int> open_descriptors() {
    std::set<int> found;
    DIR* const folder = ::opendir("/proc/self/fd");
    if (!folder) return found;
    while (const dirent* item = ::readdir(folder)) {
        if (item->d_name[0] != '.') found.insert(std::atoi(item->d_name));
    }
    found.erase(::dirfd(folder));
    ::closedir(folder);
    return found;
}

std::string describe_new_descriptors(const std::set<int>& before) {
    std::string text;
    for (const int fd : open_descriptors()) {
        if (before.contains(fd)) continue;
        char target[256];
        const std::string link = "/proc/self/fd/" + std::to_string(fd);
        const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
        text += " " + std::to_string(fd) + " -> " + std::string(target, length > 0 ? static_cast<std::size_t>(length) : 0);
    }
    return text;
}

bool has_children() noexcept {
    siginfo_t info{};
    return ::waitid(P_ALL, 0, &info, WEXITED | WSTOPPED | WNOHANG | WNOWAIT) == 0;
}

}  // namespace brio::inline v0::testing

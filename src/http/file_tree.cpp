// SPDX-License-Identifier: BSL-1.0
// Opening files below a folder.
#include "http/file_tree.hpp"

#include "http/chars.hpp"
#include "http/route_table.hpp"

#include <brio/http/percent.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#if __has_include(<linux/openat2.h>)
    #include <linux/openat2.h>
#endif

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>
#include <utility>

namespace brio::inline v0::http::detail {

namespace {

constexpr std::uint64_t small_file = 16 * 1024;
constexpr int reading = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;  // a FIFO or a terminal must not hold us up

bool is_servable_name(std::string_view name, bool dotfiles) {
    if (name.empty() || name == "." || name == "..") return false;
    if (name.front() == '.' && !dotfiles) return false;
    return std::none_of(name.begin(), name.end(), [](char c) { return c == '/' || c == '\\' || static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

[[noreturn]] void fail(const std::string& what) { throw std::system_error(errno, std::system_category(), what); }

// Nothing that can be served is there, or the client's path leads out of the folder.
bool is_absence(int error) noexcept {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
        case ELOOP:
        case EXDEV:
        case EACCES:
        case EPERM:
        case ENAMETOOLONG:
        case ENXIO:
        case ENODEV:
        case EOVERFLOW:
        case EINVAL: return true;
        default: return false;
    }
}

// Where the kernel cannot keep a look-up inside of a folder: step by step, following no links at all.
unique_descriptor open_step_by_step(int root, std::string_view path) {
    unique_descriptor at(::fcntl(root, F_DUPFD_CLOEXEC, 3));
    while (at) {
        const std::size_t slash = path.find('/');
        const std::string name(path.substr(0, slash));
        const bool last = slash == path.npos;
        at.reset(::openat(at.get(), name.c_str(), (last ? reading : O_PATH | O_DIRECTORY | O_CLOEXEC) | O_NOFOLLOW));
        if (last) break;
        path.remove_prefix(slash + 1);
    }
    return at;
}

unique_descriptor open_beneath(int root, const std::string& path, bool links) {
    if (!links) return open_step_by_step(root, path);
#if defined(SYS_openat2) && defined(RESOLVE_BENEATH)
    open_how how{};
    how.flags = reading;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
    for (int tries = 0; tries < 8; ++tries) {  // EAGAIN: something was renamed meanwhile
        unique_descriptor made(static_cast<int>(::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how)));
        if (made || errno == EXDEV || (errno != EAGAIN && errno != ENOSYS && errno != EPERM)) return made;
        if (errno != EAGAIN) break;
    }
#endif
    return open_step_by_step(root, path);
}

std::string etag_of(const struct stat& facts) {
    char text[64] = "\"";
    char* at = text + 1;
    char* const end = text + sizeof text - 1;
    const auto time = static_cast<std::uint64_t>(facts.st_mtim.tv_sec) * 1'000'000'000U + static_cast<std::uint64_t>(facts.st_mtim.tv_nsec);
    at = std::to_chars(at, end, time, 16).ptr;
    *at++ = '-';
    at = std::to_chars(at, end, static_cast<std::uint64_t>(facts.st_size), 16).ptr;
    *at++ = '"';
    return {text, at};
}

std::optional<std::string> read_small(int file, std::uint64_t size) {
    if (size > small_file) return std::nullopt;
    std::string content(static_cast<std::size_t>(size), '\0');
    std::size_t have = 0;
    while (have < content.size()) {
        const ssize_t n = ::pread(file, content.data() + have, content.size() - have, static_cast<off_t>(have));
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return std::nullopt;  // it is changing: sending it will tell
        have += static_cast<std::size_t>(n);
    }
    return content;
}

// What an open descriptor is worth; empty-handed when it is no regular file and no folder.
std::optional<struct stat> look(const unique_descriptor& opened, const std::string& name) {
    if (!opened) {
        if (is_absence(errno)) return std::nullopt;
        fail("cannot open \"" + printable(name) + "\"");
    }
    struct stat facts{};
    if (::fstat(opened.get(), &facts) != 0) fail("cannot look at \"" + printable(name) + "\"");
    if (!S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)) return std::nullopt;
    return facts;
}

found_file describe(unique_descriptor opened, const struct stat& facts, std::string name, bool content) {
    found_file found;
    found.size = static_cast<std::uint64_t>(facts.st_size);
    found.modified = date_point(std::chrono::seconds(facts.st_mtim.tv_sec));
    found.etag = etag_of(facts);
    if (content) found.content = read_small(opened.get(), found.size);
    found.name = std::move(name);
    found.file = std::make_shared<const unique_descriptor>(std::move(opened));
    return found;
}

// The regular file that `open` finds by a name, or its packed sibling.
template <class Open>
found_file find_regular(Open open, const std::string& name, bool packed, bool content) {
    if (packed) {
        unique_descriptor sibling = open(name + ".gz");
        const auto facts = look(sibling, name);
        if (facts && S_ISREG(facts->st_mode)) {
            found_file found = describe(std::move(sibling), *facts, name, content);
            found.is_packed = true;
            return found;
        }
    }
    unique_descriptor opened = open(name);
    const auto facts = look(opened, name);
    if (!facts) return {};
    if (S_ISREG(facts->st_mode)) return describe(std::move(opened), *facts, name, content);
    found_file folder;
    folder.is_folder = true;
    return folder;
}

}  // namespace

std::optional<file_path> read_file_path(std::string_view encoded, bool dotfiles) {
    file_path path;
    if (!is_well_encoded(encoded)) return std::nullopt;
    path.must_be_folder = encoded.empty() || encoded.ends_with('/');
    while (!encoded.empty()) {
        const std::size_t end = std::min(encoded.find('/'), encoded.size());
        const std::string name = percent_decode(encoded.substr(0, end));
        if (!is_servable_name(name, dotfiles)) return std::nullopt;
        path.name.append(path.name.empty() ? "" : "/").append(name);
        encoded.remove_prefix(std::min(end + 1, encoded.size()));
    }
    return path;
}

file_tree::file_tree(const std::string& folder) : folder_(std::filesystem::absolute(folder).string()) {
    const unique_descriptor root(::open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) fail("cannot serve the folder \"" + folder_ + "\"");
}

found_file file_tree::find(const file_search& what) const {
    const unique_descriptor root(::open(folder_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!root) fail("cannot serve the folder \"" + folder_ + "\"");
    const auto open = [&](const std::string& name) { return open_beneath(root.get(), name, what.links); };
    const std::string& name = what.path.name;
    if (!what.path.must_be_folder) return find_regular(open, name, what.packed, what.content);
    if (what.index.empty()) return {};
    found_file found = find_regular(open, (name.empty() ? "" : name + "/") + what.index, what.packed, what.content);
    found.is_folder = false;
    return found;
}

found_file file_tree::open_file(const std::string& path, bool packed, bool content) {
    const auto open = [](const std::string& name) { return unique_descriptor(::open(name.c_str(), reading)); };
    found_file found = find_regular(open, path, packed, content);
    found.is_folder = false;
    return found;
}

}  // namespace brio::inline v0::http::detail

// SPDX-License-Identifier: BSL-1.0
// Calls on sockets that take several steps.
#include <brio/io/sockets.hpp>

#include "io/sigpipe_guard.hpp"

#include <brio/core/sleep.hpp>
#include <brio/io/resolver.hpp>
#include <brio/thread/to_thread.hpp>

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>
#include <vector>

namespace brio::inline v0 {

sendfile_not_available_error::~sendfile_not_available_error() = default;

namespace {

constexpr std::uint64_t native_part = 1 << 20;
constexpr std::uint64_t copied_part = 256 << 10;

// One call of sendfile; 0 at the end of the file.
class [[nodiscard]] sendfile_step final : public detail::poll_operation {
public:
    using value_type = std::size_t;
    sendfile_step(int socket, int file, std::uint64_t offset, std::uint64_t count) noexcept
        : poll_operation(socket, detail::readiness::write, source_location()),
          file_(file),
          offset_(static_cast<off_t>(offset)),
          count_(count) {}

    bool ready() {
        require_non_blocking(true);
        return begin();
    }
    /// Whether the system cannot do this at all is for the caller to see.
    std::size_t resume() const {
        if (!is_unavailable()) check();
        return bytes();
    }
    [[nodiscard]] bool is_unavailable() const noexcept {
        return error() == EINVAL || error() == ENOSYS || error() == EOPNOTSUPP || error() == EOVERFLOW || error() == ESPIPE;
    }
    [[nodiscard]] const char* describe() const noexcept override { return "sock_sendfile"; }

private:
    bool attempt() noexcept override {
        off_t at = offset_;
        const detail::sigpipe_guard quiet;
        return finish(::sendfile(native(), file_, &at, static_cast<std::size_t>(count_)));
    }

    int file_;
    off_t offset_;
    std::uint64_t count_;
};

// Counts what was sent, and leaves the file's position behind it.
class progress {
public:
    progress(int file, const sendfile_options& options) noexcept
        : file_(file), begin_(options.chosen_offset()), left_(options.chosen_count()) {}
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;
    ~progress() {
        if (sent_ > 0 && ::lseek(file_, static_cast<off_t>(begin_ + sent_), SEEK_SET) < 0) {}  // a pipe has no position
    }

    void add(std::uint64_t bytes) noexcept {
        sent_ += bytes;
        left_ -= bytes;
    }
    [[nodiscard]] std::uint64_t offset() const noexcept { return begin_ + sent_; }
    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
    [[nodiscard]] std::uint64_t part(std::uint64_t most) const noexcept { return std::min(left_, most); }

private:
    int file_;
    std::uint64_t begin_;
    std::uint64_t left_;
    std::uint64_t sent_ = 0;
};

// The thread may go on when the task was cancelled, and the caller closes the file: it has a descriptor of its own.
using shared_file = std::shared_ptr<const unique_descriptor>;

shared_file share(int file) {
    auto made = std::make_shared<const unique_descriptor>(::fcntl(file, F_DUPFD_CLOEXEC, 0));
    if (*made) return made;
    throw std::system_error(errno, std::system_category(), "sock_sendfile: descriptor " + std::to_string(file));
}

// The next bytes of the file; its position where it cannot be chosen (a pipe).
std::string read_part(const shared_file& file, std::uint64_t offset, std::uint64_t count) {
    std::string data(static_cast<std::size_t>(count), '\0');
    ssize_t n = ::pread(file->get(), data.data(), data.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == ESPIPE) n = ::read(file->get(), data.data(), data.size());
    if (n < 0) throw std::system_error(errno, std::system_category(), "sock_sendfile: cannot read the file");
    data.resize(static_cast<std::size_t>(n));
    return data;
}

awaitable<> send_copied(int socket, int file, progress& done) {
    const shared_file own = share(file);
    while (done.part(copied_part) > 0) {
        const std::string data = co_await to_thread(&read_part, own, done.offset(), done.part(copied_part));
        if (data.empty()) co_return;
        co_await sock_sendall(socket, data.data(), data.size());
        done.add(data.size());
    }
}

int family_of(int socket) {
    int family = 0;
    socklen_t size = sizeof family;
    if (::getsockopt(socket, SOL_SOCKET, SO_DOMAIN, &family, &size) == 0) return family;
    throw std::system_error(errno, std::system_category(), "sock_connect: descriptor " + std::to_string(socket));
}

}  // namespace

awaitable<std::uint64_t> sock_sendfile(int socket, int file, sendfile_options options) {
    progress done(file, options);
    while (done.part(native_part) > 0) {
        sendfile_step step(socket, file, done.offset(), done.part(native_part));
        const std::size_t bytes = co_await step;
        if (step.is_unavailable()) {
            if (!options.chosen_fallback()) {
                throw sendfile_not_available_error("the system cannot send descriptor " + std::to_string(file) + " to socket " +
                                                   std::to_string(socket) + " by itself, and copying was forbidden");
            }
            co_await send_copied(socket, file, done);
            break;
        }
        if (bytes == 0) break;
        done.add(bytes);
        if (bytes == native_part) co_await sleep(std::chrono::seconds(0));  // the others' turn
    }
    co_return done.sent();
}

awaitable<> sock_connect(int socket, std::string host, std::uint16_t port) {
    const address_family family = family_of(socket) == AF_INET6 ? address_family::ipv6 : address_family::ipv4;
    const std::vector<address> found = co_await getaddrinfo(std::move(host), port, resolve_options().family(family));
    std::optional<std::system_error> last;
    for (const address& to : found) {
        try {
            co_await sock_connect(socket, to);
            co_return;
        } catch (const std::system_error& e) {
            last = e;
        }
    }
    throw std::system_error(*last);
}

}  // namespace brio::inline v0

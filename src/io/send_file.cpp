// SPDX-License-Identifier: BSL-1.0
// Files into streams: by sendfile(2), or by copying.
#include "io/exclusive.hpp"
#include "io/io_error.hpp"
#include "io/sigpipe_guard.hpp"
#include "io/stream_state.hpp"

#include <brio/core/sleep.hpp>
#include <brio/io/stream.hpp>
#include <brio/thread/to_thread.hpp>

#include <boost/asio/error.hpp>

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <memory>
#include <string>
#include <utility>

namespace brio::inline v0 {

namespace detail {

namespace {

constexpr const char* verb = "stream.send_file()";
constexpr std::uint64_t most_per_call = 1024 * 1024;  // then others run
constexpr std::size_t piece = 256 * 1024;             // of a copy

std::system_error last_error(const std::string& what) { return std::system_error(errno, std::system_category(), what); }

/// A descriptor of the file that is ours, and how far it was sent. A thread that reads it may outlive the task.
class source {
public:
    source(int file, std::uint64_t offset, std::uint64_t count)
        : fd_(::fcntl(file, F_DUPFD_CLOEXEC, 3)), offset_(offset), left_(count) {
        if (fd_ < 0) throw last_error(std::string(verb) + ": descriptor " + std::to_string(file));
    }
    source(const source&) = delete;
    source& operator=(const source&) = delete;
    ~source() { ::close(fd_); }

    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] std::uint64_t left() const noexcept { return left_; }
    [[nodiscard]] std::uint64_t sent() const noexcept { return sent_; }
    [[nodiscard]] off_t position() const noexcept { return static_cast<off_t>(offset_ + sent_); }
    void advance(std::uint64_t n) noexcept {
        sent_ += n;
        left_ -= n;
    }

private:
    int fd_;
    std::uint64_t offset_;
    std::uint64_t left_;
    std::uint64_t sent_ = 0;
};

/// Duplicates share the position: it tells the owner how far it went, however that ended.
class position_keeper {
public:
    explicit position_keeper(std::shared_ptr<source> of) noexcept : of_(std::move(of)) {}
    position_keeper(const position_keeper&) = delete;
    position_keeper& operator=(const position_keeper&) = delete;
    ~position_keeper() {
        if (::lseek(of_->fd(), of_->position(), SEEK_SET) < 0) return;  // a pipe has none
    }

private:
    std::shared_ptr<source> of_;
};

class writable_operation final : public io_operation {
public:
    explicit writable_operation(stream_state& of) noexcept : io_operation(no_deadline), stream_(&of) {}
    static bool ready() noexcept { return false; }
    [[nodiscard]] const char* describe() const noexcept override { return verb; }

private:
    void start() override { stream_->over()->start_wait_writable(handler()); }
    void abort() noexcept override {
        if (transport* const over = stream_->over()) over->cancel();  // a reader goes on by itself
    }
    ref<stream_state> stream_;
};

enum class progress { some, end, full, unable };

// One call of the system. A signal or a full socket is no error.
progress send_some(stream_state& to, source& from) {
    off_t position = from.position();
    const std::size_t most = static_cast<std::size_t>(std::min(from.left(), most_per_call));
    const sigpipe_guard quiet;  // there is no MSG_NOSIGNAL for this call
    const ssize_t n = ::sendfile(to.native_handle(), from.fd(), &position, most);
    if (n > 0) {
        from.advance(static_cast<std::uint64_t>(n));
        return progress::some;
    }
    if (n == 0) return progress::end;
    if (errno == EINTR) return progress::some;
    if (errno == EAGAIN) return progress::full;
    if ((errno == EINVAL || errno == ENOSYS || errno == ESPIPE || errno == EOVERFLOW) && from.sent() == 0) return progress::unable;
    const boost::system::error_code ec(errno, boost::system::system_category());
    to.sending_failed(ec);
    throw make_system_error(ec, std::string(verb) + " to " + to.peer_text());
}

// False: the system cannot do it with these two.
awaitable<bool> send_directly(ref<stream_state> to, std::shared_ptr<source> from) {
    while (from->left() > 0) {
        to->require_sending(verb);
        switch (send_some(*to, *from)) {
            case progress::end: co_return true;
            case progress::unable: co_return false;
            case progress::some: co_await sleep(std::chrono::seconds(0)); break;
            case progress::full: {
                const io_result done = co_await writable_operation(*to);
                if (done.ec && done.ec != boost::asio::error::operation_aborted) {
                    throw make_system_error(done.ec, std::string(verb) + " to " + to->peer_text());
                }
                break;
            }
        }
    }
    co_return true;
}

// In a thread: at most one piece. A pipe has no position to read from.
std::string read_piece(const std::shared_ptr<source>& from, off_t position, std::size_t most) {
    std::string bytes(most, '\0');
    ssize_t n = 0;
    do {
        n = ::pread(from->fd(), bytes.data(), most, position);
        if (n < 0 && errno == ESPIPE) n = ::read(from->fd(), bytes.data(), most);
    } while (n < 0 && errno == EINTR);
    if (n < 0) throw last_error(std::string(verb) + ": read from the file");
    bytes.resize(static_cast<std::size_t>(n));
    return bytes;
}

// Counts what has been given to the system of a piece, however its sending ends: that is where the file's position is.
class given_count {
public:
    given_count(const stream_state& to, source& from) noexcept : to_(to), from_(from), before_(to.given()) {}
    given_count(const given_count&) = delete;
    given_count& operator=(const given_count&) = delete;
    ~given_count() { from_.advance(to_.given() - before_); }

private:
    const stream_state& to_;
    source& from_;
    std::uint64_t before_;
};

awaitable<> send_copies(ref<stream_state> to, std::shared_ptr<source> from) {
    while (from->left() > 0) {
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(from->left(), piece));
        const std::string bytes = co_await to_thread(&read_piece, from, from->position(), most);
        if (bytes.empty()) co_return;
        to->require_sending(verb);
        const given_count counted(*to, *from);
        to->put(bytes);
        co_await settle_operation(*to, verb);
        to->require_sending(verb);
    }
}

awaitable<std::uint64_t> send_it(ref<stream_core> core, std::shared_ptr<source> from, bool may_copy) {
    const ref<stream_state> to(static_cast<stream_state*>(core.get()));
    const exclusive mine(*to, verb, true);
    const position_keeper keeper(from);
    co_await settle_operation(*to, verb);  // what was written before comes first
    to->require_sending(verb);
    bool done = false;
    if (to->over()->is_direct()) done = co_await send_directly(to, from);
    if (!done && !may_copy) {
        throw make_system_error(boost::asio::error::operation_not_supported,
                                std::string(verb) + " to " + to->peer_text() + " without copying");
    }
    if (!done) co_await send_copies(to, from);
    co_return from->sent();
}

constexpr std::uint64_t all_of_it = std::numeric_limits<std::uint64_t>::max() / 2;

}  // namespace

}  // namespace detail

awaitable<std::uint64_t> stream::send_file(int file, std::uint64_t offset, std::optional<std::uint64_t> count, bool may_copy) {
    auto from = std::make_shared<detail::source>(file, offset, count.value_or(detail::all_of_it));
    return detail::send_it(detail::ref<detail::stream_core>(&require()), std::move(from), may_copy);
}

awaitable<std::uint64_t> stream::send_file(std::string path, std::uint64_t offset, std::optional<std::uint64_t> count,
                                           bool may_copy) {
    const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) throw detail::last_error("cannot open '" + path + "'");
    struct closer {
        ~closer() { ::close(fd); }
        int fd;
    } const close_it{file};
    return send_file(file, offset, count, may_copy);
}

}  // namespace brio::inline v0

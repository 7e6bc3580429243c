// SPDX-License-Identifier: BSL-1.0
// Files, pipes, descriptors and streams for a child.
#include "process/child_stdio.hpp"

#include "io/stream_state.hpp"

#include <brio/core/error.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace brio::inline v0::detail {

namespace {

constexpr const char* stream_names[] = {"standard input", "standard output", "standard error"};

[[noreturn]] void fail_stream(std::size_t which, const std::string& what, int error) {
    throw std::system_error(error, std::system_category(), std::string("a child's ") + stream_names[which] + ": " + what);
}

// Out of the way of 0, 1 and 2, which this program may have closed.
unique_descriptor above_two(unique_descriptor made, std::size_t which) {
    if (!made || made.get() > 2) return made;
    unique_descriptor moved(::fcntl(made.get(), F_DUPFD_CLOEXEC, 3));
    if (!moved) fail_stream(which, "cannot duplicate its descriptor", errno);
    return moved;
}

unique_descriptor open_file(std::size_t which, const std::string& path, int flags) {
    // Not blocking: a FIFO without a peer must not stop the loop. The child gets it as usual.
    unique_descriptor made(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666));
    if (!made) fail_stream(which, "cannot open '" + path + "'", errno);
    if (::fcntl(made.get(), F_SETFL, flags & O_APPEND) != 0) fail_stream(which, "cannot prepare '" + path + "'", errno);
    return above_two(std::move(made), which);
}

}  // namespace

child_stdio::child_stdio(const command_data& what) : what_(what) {
    for (std::size_t i = 0; i < 3; ++i) prepare(i, what.targets[i]);
    if (what.targets[2].choice == stdio::merged) merge();
}

child_stdio::~child_stdio() {
    if (handed_over_) set_blocking(false);
}

void child_stdio::prepare(std::size_t which, const stdio_target& target) {
    using kind = stdio_target::kind;
    switch (target.what) {
        case kind::unset: return;
        case kind::choice: return choose(which, target.choice);
        case kind::descriptor: return borrow(which, target.descriptor);
        case kind::read_file: return own(which, open_file(which, target.path, O_RDONLY));
        case kind::write_file: return own(which, open_file(which, target.path, O_WRONLY | O_CREAT | O_TRUNC));
        case kind::append_file: return own(which, open_file(which, target.path, O_WRONLY | O_CREAT | O_APPEND));
        case kind::stream: return take_over(which, *target.given);
    }
}

void child_stdio::choose(std::size_t which, stdio choice) {
    switch (choice) {
        case stdio::inherit:
        case stdio::merged: return;
        case stdio::null: return own(which, open_file(which, "/dev/null", O_RDWR));
        case stdio::pipe: return make_pipe(which);
    }
}

void child_stdio::own(std::size_t which, unique_descriptor made) noexcept {
    sources_[which] = made.get();
    theirs_[which] = std::move(made);
}

// The caller's descriptor; one of 0 to 2 may be overwritten by another stream's before its turn.
void child_stdio::borrow(std::size_t which, int descriptor) {
    if (descriptor > 2) {
        sources_[which] = descriptor;
        if (::fcntl(descriptor, F_GETFD) < 0) fail_stream(which, "descriptor " + std::to_string(descriptor), errno);
        return;
    }
    unique_descriptor copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
    if (!copy) fail_stream(which, "descriptor " + std::to_string(descriptor), errno);
    own(which, std::move(copy));
}

void child_stdio::take_over(std::size_t which, const stream& given) {
    stream_state& inside = *stream_access::state(given);
    const std::string name = std::string("the stream for a child's ") + stream_names[which];
    if (inside.native_handle() < 0) throw invalid_state_error(name + " is closed, or was given to another child already");
    if (!inside.input().empty()) {
        throw invalid_state_error(name + " holds " + std::to_string(inside.input().size()) +
                                  " bytes that were read ahead and that the child would miss");
    }
    if (inside.unsent() > 0) {
        throw invalid_state_error(name + " has " + std::to_string(inside.unsent()) + " bytes that are not sent yet: drain it first");
    }
    borrow(which, inside.native_handle());
}

void child_stdio::make_pipe(std::size_t which) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail_stream(which, "cannot make a pipe", errno);
    unique_descriptor reading(ends[0]);
    unique_descriptor writing(ends[1]);
    reading = above_two(std::move(reading), which);
    writing = above_two(std::move(writing), which);
    ours_[which] = std::move(which == 0 ? writing : reading);
    own(which, std::move(which == 0 ? reading : writing));
}

void child_stdio::merge() {
    if (sources_[1] >= 0) {
        sources_[2] = sources_[1];
    } else {
        borrow(2, 1);
    }
}

void child_stdio::set_blocking(bool on) noexcept {
    for (const stdio_target& target : what_.targets) {
        if (!target.given) continue;
        const int fd = target.given->native_handle();
        const int flags = ::fcntl(fd, F_GETFL);
        ::fcntl(fd, F_SETFL, on ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
    }
}

void child_stdio::hand_over() {
    handed_over_ = true;
    set_blocking(true);
}

void child_stdio::started() noexcept {
    handed_over_ = false;
    for (const stdio_target& target : what_.targets) {
        if (target.given) target.given->abort();
    }
}

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// A child's standard streams, and its start.
#include "process/launch.hpp"

#include "process/launch_plan.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

namespace brio::inline v0::detail {

namespace {

constexpr const char* stream_names[] = {"standard input", "standard output", "standard error"};

[[noreturn]] void fail_stream(std::size_t which, const std::string& what, int error) {
    throw std::system_error(error, std::system_category(), std::string("a child's ") + stream_names[which] + ": " + what);
}

// Out of the way of 0, 1 and 2, which this program may have closed.
unique_fd above_two(unique_fd made, std::size_t which) {
    if (!made || made.get() > 2) return made;
    unique_fd moved(::fcntl(made.get(), F_DUPFD_CLOEXEC, 3));
    if (!moved) fail_stream(which, "cannot duplicate its descriptor", errno);
    return moved;
}

unique_fd open_file(std::size_t which, const std::string& path, int flags) {
    // Not blocking: a FIFO without a peer must not stop the loop. The child gets it as usual.
    unique_fd made(::open(path.c_str(), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0666));
    if (!made) fail_stream(which, "cannot open '" + path + "'", errno);
    if (::fcntl(made.get(), F_SETFL, flags & O_APPEND) != 0) fail_stream(which, "cannot prepare '" + path + "'", errno);
    return above_two(std::move(made), which);
}

class streams {
public:
    explicit streams(const command_data& what) {
        for (std::size_t i = 0; i < 3; ++i) prepare(i, what.targets[i]);
        if (what.targets[2].choice == stdio::merged) merge();
    }

    [[nodiscard]] const stdio_sources& sources() const noexcept { return sources_; }
    [[nodiscard]] std::array<unique_fd, 3> take_pipes() noexcept { return std::move(ours_); }

private:
    void prepare(std::size_t which, const stdio_target& target) {
        using kind = stdio_target::kind;
        switch (target.what) {
            case kind::choice: return choose(which, target.choice);
            case kind::descriptor: return borrow(which, target.descriptor);
            case kind::read_file: return own(which, open_file(which, target.path, O_RDONLY));
            case kind::write_file: return own(which, open_file(which, target.path, O_WRONLY | O_CREAT | O_TRUNC));
            case kind::append_file: return own(which, open_file(which, target.path, O_WRONLY | O_CREAT | O_APPEND));
        }
    }

    void choose(std::size_t which, stdio choice) {
        switch (choice) {
            case stdio::inherit:
            case stdio::merged: return;
            case stdio::null: return own(which, open_file(which, "/dev/null", O_RDWR));
            case stdio::pipe: return make_pipe(which);
        }
    }

    void own(std::size_t which, unique_fd made) noexcept {
        sources_[which] = made.get();
        theirs_[which] = std::move(made);
    }

    // The caller's descriptor; one of 0 to 2 may be overwritten by another stream's before its turn.
    void borrow(std::size_t which, int descriptor) {
        if (descriptor > 2) {
            sources_[which] = descriptor;
            if (::fcntl(descriptor, F_GETFD) < 0) fail_stream(which, "descriptor " + std::to_string(descriptor), errno);
            return;
        }
        unique_fd copy(::fcntl(descriptor, F_DUPFD_CLOEXEC, 3));
        if (!copy) fail_stream(which, "descriptor " + std::to_string(descriptor), errno);
        own(which, std::move(copy));
    }

    void make_pipe(std::size_t which) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) fail_stream(which, "cannot make a pipe", errno);
        unique_fd reading(ends[0]);
        unique_fd writing(ends[1]);
        reading = above_two(std::move(reading), which);
        writing = above_two(std::move(writing), which);
        unique_fd& ours = which == 0 ? writing : reading;
        if (::fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0) fail_stream(which, "cannot prepare a pipe", errno);
        ours_[which] = std::move(ours);
        own(which, std::move(which == 0 ? reading : writing));
    }

    void merge() {
        if (sources_[1] >= 0) {
            sources_[2] = sources_[1];
        } else {
            borrow(2, 1);
        }
    }

    stdio_sources sources_{-1, -1, -1};
    std::array<unique_fd, 3> theirs_;
    std::array<unique_fd, 3> ours_;
};

}  // namespace

launched launch(const command_data& what) {
    const launch_plan plan(what);
    streams prepared(what);
    launched child;
    const int error = what.limits.empty() ? spawn_child(plan, prepared.sources(), child.pid)
                                          : fork_child(plan, prepared.sources(), child.pid);
    if (error != 0) plan.fail(error);
    child.pipes = prepared.take_pipes();
    return child;
}

}  // namespace brio::inline v0::detail

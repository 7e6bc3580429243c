// SPDX-License-Identifier: BSL-1.0
// child_stdio: the standard streams of a child to be, both ends of them.
#pragma once

#include <brio/core/config.hpp>
#include <brio/io/unique_descriptor.hpp>
#include <brio/process/command.hpp>

#include <array>
#include <cstddef>
#include <string>

namespace brio::inline v0::detail {

/// The descriptors that become 0, 1 and 2 of a child, each above 2; -1 for one that is inherited.
using stdio_sources = std::array<int, 3>;

/// Opens files and makes pipes. Everything is close-on-exec, and closed when this goes.
class BRIO_API child_stdio {
public:
    /// Throws std::system_error, or invalid_state_error for a stream that cannot be given away.
    explicit child_stdio(const command_data& what);
    child_stdio(const child_stdio&) = delete;
    child_stdio& operator=(const child_stdio&) = delete;
    ~child_stdio();

    [[nodiscard]] const stdio_sources& sources() const noexcept { return sources_; }
    /// Our end of a pipe, empty when that stream is none.
    [[nodiscard]] unique_descriptor take_ours(std::size_t which) noexcept { return std::move(ours_[which]); }
    /// Streams that are given away block again, as a program expects it of its own; until this goes, unless
    void hand_over();
    /// the child runs: then they are closed here.
    void started() noexcept;

private:
    void prepare(std::size_t which, const stdio_target& target);
    void choose(std::size_t which, stdio choice);
    void own(std::size_t which, unique_descriptor made) noexcept;
    void borrow(std::size_t which, int descriptor);
    void take_over(std::size_t which, const stream& given);
    void make_pipe(std::size_t which);
    void merge();
    void set_blocking(bool on) noexcept;

    const command_data& what_;
    stdio_sources sources_{-1, -1, -1};
    std::array<unique_descriptor, 3> theirs_;
    std::array<unique_descriptor, 3> ours_;
    bool handed_over_ = false;
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// Watching descriptors: callbacks and waits for readiness.
#pragma once

#include <brio/core/config.hpp>
#include <brio/detail/callback.hpp>
#include <brio/detail/context_state.hpp>
#include <brio/detail/ready_queue.hpp>
#include <brio/detail/ref.hpp>
#include <brio/io/poll_operation.hpp>

#include <cstdint>
#include <functional>
#include <tuple>
#include <type_traits>
#include <utility>

namespace brio::inline v0 {

namespace detail {

/// A function that is queued whenever a descriptor is ready. Counted: by the watch, and by the ready queue.
class BRIO_API watch_callback : public ready_node {
public:
    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }
    void schedule(scheduler& sched) noexcept;
    /// It is not called any more, though it may be queued.
    void cancel() noexcept { cancelled_ = true; }

    void run() noexcept final;
    void drop() noexcept final { release(); }

protected:
    watch_callback() : context_(inherited_context()) {}
    ~watch_callback() override;

private:
    virtual void invoke() = 0;

    std::uint32_t refs_ = 1;
    bool cancelled_ = false;
    ref<context_state> context_;
};

template <class F, class... Args>
class watch_callback_of final : public watch_callback {
public:
    template <class G, class... As>
    explicit watch_callback_of(std::in_place_t, G&& function, As&&... args)
        : function_(std::forward<G>(function)), args_(std::forward<As>(args)...) {}

private:
    void invoke() override { std::apply(function_, args_); }

    F function_;
    std::tuple<Args...> args_;
};

BRIO_API void set_watch(int descriptor, readiness to, ref<watch_callback> callback);
BRIO_API bool drop_watch(int descriptor, readiness to) noexcept;

template <class F, class... Args>
ref<watch_callback> make_watch_callback(F&& function, Args&&... args) {
    static_assert(std::is_invocable_v<std::decay_t<F>&, std::decay_t<Args>&...>,
                  "the callback cannot be called with these arguments");
    using type = watch_callback_of<std::decay_t<F>, std::decay_t<Args>...>;
    return ref<watch_callback>(new type(std::in_place, std::forward<F>(function), std::forward<Args>(args)...), adopt);
}

class BRIO_API [[nodiscard("the wait does nothing unless it is awaited: co_await wait_readable(fd)")]] readiness_operation final
    : public poll_operation {
public:
    using value_type = void;
    readiness_operation(int descriptor, readiness to, const source_location& where) noexcept
        : poll_operation(descriptor, to, where) {}
    readiness_operation(readiness_operation&&) noexcept = default;

    bool ready();
    void resume() const { check(); }
    [[nodiscard]] const char* describe() const noexcept override {
        return waits_to() == readiness::read ? "wait_readable" : "wait_writable";
    }

private:
    bool attempt() noexcept override;
};

}  // namespace detail

/// Calls `function(args...)` through the ready queue, again and again, as long as `descriptor` is readable, at its end or in
/// error, until `remove_reader`. What was added before for the same descriptor is replaced. What the function throws goes
/// to the loop's exception handler.
///
/// Remove it before you close the descriptor. Throws std::system_error for a number that is no open descriptor (EBADF) or
/// a file that cannot be watched (EPERM: regular files are always ready), loop_error when it belongs to a stream or an
/// Asio object of this loop, and when no loop runs or it is closed. asyncio's `loop.add_reader`.
template <class F, class... Args>
void add_reader(int descriptor, F&& function, Args&&... args) {
    detail::set_watch(descriptor, detail::readiness::read,
                      detail::make_watch_callback(std::forward<F>(function), std::forward<Args>(args)...));
}
/// The same while it can be written to. asyncio's `loop.add_writer`.
template <class F, class... Args>
void add_writer(int descriptor, F&& function, Args&&... args) {
    detail::set_watch(descriptor, detail::readiness::write,
                      detail::make_watch_callback(std::forward<F>(function), std::forward<Args>(args)...));
}

/// Takes the callback away; one that is queued is not called any more. False when there was none, no loop runs, or it is
/// closed. asyncio's `loop.remove_reader` and `loop.remove_writer`.
inline bool remove_reader(int descriptor) noexcept { return detail::drop_watch(descriptor, detail::readiness::read); }
inline bool remove_writer(int descriptor) noexcept { return detail::drop_watch(descriptor, detail::readiness::write); }

/// Completes when `descriptor` is readable, at its end or in error; at once when it is so already (a regular file always
/// is). Consumes nothing. Any number of tasks may wait for one descriptor. Errors as for `add_reader`. Closing the
/// descriptor meanwhile does not end the wait. **Cancellation** ends it and leaves the descriptor as it is.
inline detail::readiness_operation wait_readable(int descriptor,
                                                 const source_location& where = source_location::current()) noexcept {
    return {descriptor, detail::readiness::read, where};
}
/// The same until it can be written to: for a socket that connects, until it is connected or that has failed.
inline detail::readiness_operation wait_writable(int descriptor,
                                                 const source_location& where = source_location::current()) noexcept {
    return {descriptor, detail::readiness::write, where};
}

}  // namespace brio::inline v0

// SPDX-License-Identifier: BSL-1.0
// The untyped part of a generator: its body, where that is, and how control goes there and back.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/source_location.hpp>
#include <brio/detail/asio_bridge.hpp>
#include <brio/detail/block_cache.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/scheduler.hpp>
#include <brio/detail/task_state.hpp>

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

namespace brio::inline v0::detail {

class generator_wait;

/// Counted, by one thread. From the first step of the body to its end the loop holds a reference, so that a generator
/// left half-way can be closed by a task of the loop's.
///
/// The body runs on the stack of the task that awaits it, as if its consumer had called it: `yield` lifts its
/// coroutines off that stack, the next `next()` puts them on top of whoever awaits that one.
class BRIO_API generator_core : public list_hook, public block_allocated {
public:
    enum class phase : std::uint8_t { created, suspended, running, ended };

    generator_core() noexcept = default;
    generator_core(const generator_core&) = delete;
    generator_core& operator=(const generator_core&) = delete;

    void add_ref() noexcept { ++refs_; }
    void release() noexcept {
        if (--refs_ == 0) delete this;
    }

    void set_body(awaitable<> body) { body_.emplace(std::move(body)); }
    [[nodiscard]] phase current_phase() const noexcept { return phase_; }
    [[nodiscard]] bool is_closing() const noexcept { return closing_; }

    // The consumer's side.

    /// Whether there is nothing to run any more. Throws invalid_state_error when somebody waits for it already.
    [[nodiscard]] bool is_at_end(const char* verb) const {
        if (phase_ == phase::running) throw_running(verb);
        return phase_ == phase::ended;
    }
    template <class T>
    void enter(generator_wait& by, std::coroutine_handle<boost::asio::detail::awaitable_frame<T, bridge::executor>> consumer) {
        const bool begins = phase_ == phase::created;
        prepare(by, consumer.promise());
        if (begins) {
            coroutines_.begin(*body_, consumer);
        } else {
            coroutines_.set_down(consumer.promise());
        }
    }
    /// What was yielded last, null when the body has ended; it lives in the body's frame until the body goes on.
    [[nodiscard]] void* take_item() noexcept { return std::exchange(item_, nullptr); }
    /// The body has ended: destroys it, and throws what it threw.
    void settle();
    /// `close()` of a generator that has not begun ends it here; of another, makes `yield` throw.
    [[nodiscard]] bool prepare_close();
    void begin_closing() noexcept { closing_ = true; }
    /// Destroys the body where it stands: its destructors run, nothing else.
    void discard() noexcept;
    /// Nobody will ask for another item: a task closes what is half-way.
    void dropped() noexcept;

    // The body's side.

    /// Throws invalid_state_error unless `top` is a coroutine of the body, and it runs.
    void leave(bridge::frame& top, void* item);
    void ended(std::exception_ptr error) noexcept;

    // The loop's side.

    /// A task that closes it, the one that does so already if there is one.
    [[nodiscard]] ref<task_result<void>> close_in_task();
    /// The task that closes a dropped generator; null when there is none.
    [[nodiscard]] const ref<task_result<void>>& closer() const noexcept { return closer_; }
    void loop_ended() noexcept;

    /// Who waits for the running body, and the generator whose body that is, if any.
    [[nodiscard]] const generator_wait* awaited_by() const noexcept { return awaited_by_; }
    [[nodiscard]] generator_core* outer() const noexcept { return outer_; }

private:
    ~generator_core() = default;

    [[noreturn]] static void throw_running(const char* verb);
    void prepare(generator_wait& by, bridge::frame& consumer);
    void leave_task() noexcept;
    void leave_loop() noexcept;

    std::uint32_t refs_ = 1;
    phase phase_ = phase::created;
    bool closing_ = false;
    bool dropped_ = false;
    std::optional<awaitable<>> body_;
    bridge::segment coroutines_;
    void* item_ = nullptr;
    std::exception_ptr error_;
    scheduler* sched_ = nullptr;  // from the first step of the body to its end
    source_location first_wait_;
    // While the body runs.
    task_state* task_ = nullptr;
    generator_wait* awaited_by_ = nullptr;
    generator_core* outer_ = nullptr;
    // While it does not: of the generators whose bodies stand on this one's stack. Itself, but when a body yields from
    // inside another generator's body.
    generator_core* innermost_ = this;
    ref<task_result<void>> closer_;
};

/// A wait for a step of a generator's body.
class BRIO_API generator_wait : public transfer_base {
public:
    template <class T>
    void transfer(std::coroutine_handle<boost::asio::detail::awaitable_frame<T, bridge::executor>> consumer) {
        core_->enter(*this, consumer);
    }

protected:
    generator_wait(ref<generator_core> core, const source_location& where) noexcept
        : transfer_base(where), core_(std::move(core)) {}
    generator_wait(generator_wait&&) noexcept = default;
    /// When a consumer's coroutine is destroyed while it waits, the body goes first: it may refer to the consumer.
    ~generator_wait() {
        if (core_ && core_->awaited_by() == this) core_->discard();
    }

    ref<generator_core> core_;
};

/// `generator.close()`
class BRIO_API [[nodiscard("close does nothing unless it is awaited: co_await it")]] close_generator final
    : public generator_wait {
public:
    using value_type = void;
    close_generator(ref<generator_core> core, const source_location& where) noexcept
        : generator_wait(std::move(core), where) {}
    close_generator(close_generator&&) noexcept = default;

    bool ready() { return core_->prepare_close(); }
    template <class T>
    void transfer(std::coroutine_handle<boost::asio::detail::awaitable_frame<T, bridge::executor>> consumer) {
        generator_wait::transfer(consumer);
        core_->begin_closing();
    }
    void resume();
    [[nodiscard]] const char* describe() const noexcept override { return "generator.close()"; }
};

}  // namespace brio::inline v0::detail

// SPDX-License-Identifier: BSL-1.0
// task_group: tasks that a body starts and that end, all of them, before the body's caller goes on.
#pragma once

#include <brio/core/awaitable.hpp>
#include <brio/core/config.hpp>
#include <brio/core/exception_group.hpp>
#include <brio/core/source_location.hpp>
#include <brio/core/task.hpp>
#include <brio/detail/awaitable_traits.hpp>
#include <brio/detail/block_cache.hpp>
#include <brio/detail/callable.hpp>
#include <brio/detail/intrusive_list.hpp>
#include <brio/detail/ref.hpp>
#include <brio/detail/task_state.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace brio::inline v0 {

class task_group;

namespace detail {

class group_wait_base;

struct group_link : list_hook {};

// A child: in the list of its group while it is not done, told when it is, and in another list when it has failed.
class BRIO_API group_child final : public completion, public group_link, public block_allocated {
public:
    void completed(task_state& ended) noexcept override;

    task_group* group = nullptr;
    ref<task_state> task;
};

}  // namespace detail

/// The tasks of one `with_task_group`; asyncio's `TaskGroup`. Made by that, or by the caller and used once; neither
/// copied nor moved. It belongs to the loop's thread and must live until its `with_task_group` has ended.
class BRIO_API task_group {
public:
    task_group() noexcept = default;
    task_group(const task_group&) = delete;
    task_group& operator=(const task_group&) = delete;
    ~task_group();

    /// Starts a child; takes what `brio::create_task` takes. From the body, from children, from any task of the loop,
    /// as long as the group runs: when the body has ended, as long as a child runs. The group forgets a child as soon as
    /// it has ended; its value is read from the handle.
    ///
    /// Throws invalid_state_error, and disposes of the coroutine, when the group was not entered yet, when it has ended,
    /// and when it is shutting down after a failure or a cancel. A task of the group that has been asked to stop, but
    /// has not heard of it, gets its `cancelled_error` here in place of the last one: nobody's mistake is no error.
    /// After `cancel()` it gives a task that is cancelled and never begins.
    template <class T>
    task<T> create_task(awaitable<T> body, std::string name = {}, source_location where = source_location::current()) {
        if (cancelled_) return create_task(std::move(body), task_options().name(std::move(name)), where);
        std::unique_ptr<detail::group_child> child = make_child();
        task<T> made = brio::create_task(std::move(body), std::move(name), where);
        add(std::move(child), made.untyped_state());
        return made;
    }
    template <class T>
    task<T> create_task(awaitable<T> body, task_options options, source_location where = source_location::current()) {
        std::unique_ptr<detail::group_child> child = make_child();
        if (cancelled_) options.eager(false);  // it never begins
        task<T> made = brio::create_task(std::move(body), std::move(options), where);
        add(std::move(child), made.untyped_state());
        return made;
    }
    template <detail::operation Op>
    task<typename Op::value_type> create_task(Op op, std::string name = {}, source_location where = source_location::current()) {
        return create_task(detail::await_operation(std::move(op)), std::move(name), where);
    }
    template <detail::operation Op>
    task<typename Op::value_type> create_task(Op op, task_options options, source_location where = source_location::current()) {
        return create_task(detail::await_operation(std::move(op)), std::move(options), where);
    }
    template <class F>
        requires detail::coroutine_function<F>
    task<detail::coroutine_result_t<F>> create_task(F&& function, std::string name = {},
                                                    source_location where = source_location::current()) {
        detail::check_callable<F>();
        return create_task(detail::call_stored<std::decay_t<F>>(std::forward<F>(function)), std::move(name), where);
    }
    template <class F>
        requires detail::coroutine_function<F>
    task<detail::coroutine_result_t<F>> create_task(F&& function, task_options options,
                                                    source_location where = source_location::current()) {
        detail::check_callable<F>();
        return create_task(detail::call_stored<std::decay_t<F>>(std::forward<F>(function)), std::move(options), where);
    }
    template <class F, class Arg, class... Args>
        requires detail::coroutine_function<F, Arg, Args...>
    task<detail::coroutine_result_t<F, Arg, Args...>> create_task(F&& function, Arg&& arg, Args&&... args) {
        return create_at(source_location(), std::forward<F>(function), std::forward<Arg>(arg), std::forward<Args>(args)...);
    }
    // The same for one, two and three arguments, with the caller's place as the task's `where()`.
    template <class F, class A>
        requires detail::coroutine_function<F, A>
    auto create_task(F&& function, A&& a, source_location where = source_location::current()) {
        return create_at(where, std::forward<F>(function), std::forward<A>(a));
    }
    template <class F, class A, class B>
        requires detail::coroutine_function<F, A, B>
    auto create_task(F&& function, A&& a, B&& b, source_location where = source_location::current()) {
        return create_at(where, std::forward<F>(function), std::forward<A>(a), std::forward<B>(b));
    }
    template <class F, class A, class B, class C>
        requires detail::coroutine_function<F, A, B, C>
    auto create_task(F&& function, A&& a, B&& b, C&& c, source_location where = source_location::current()) {
        return create_at(where, std::forward<F>(function), std::forward<A>(a), std::forward<B>(b), std::forward<C>(c));
    }

    /// Ends the group early and without an error: cancels the children and the body. Whoever calls it runs on to its
    /// next suspension, and keeps its value if it returns before. Before the group is entered: the body is stopped at
    /// its first suspension. Idempotent; no effect when the group has ended. asyncio's `TaskGroup.cancel` (3.15).
    void cancel() noexcept;

    /// The number of children that are not done.
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    friend class detail::group_child;
    friend class detail::group_wait_base;
    enum class phase : std::uint8_t { fresh, active, finished };

    template <class F, class... Args>
    task<detail::coroutine_result_t<F, Args...>> create_at(source_location where, F&& function, Args&&... args) {
        detail::check_callable<F>();
        return create_task(detail::call_stored<std::decay_t<F>, std::decay_t<Args>...>(std::forward<F>(function),
                                                                                       std::forward<Args>(args)...),
                           std::string(), where);
    }
    [[nodiscard]] std::unique_ptr<detail::group_child> make_child() const;
    void add(std::unique_ptr<detail::group_child> child, const detail::ref<detail::task_state>& task) noexcept;
    void child_ended(detail::group_child& child) noexcept;
    void end_of_child(std::unique_ptr<detail::group_child> child) noexcept;

    detail::group_wait_base* wait_ = nullptr;
    detail::intrusive_list<detail::group_link> children_;
    detail::intrusive_list<detail::group_link> failed_;  // in the order of their ends; to note an error takes no memory
    std::size_t size_ = 0;
    std::size_t failures_ = 0;
    phase phase_ = phase::fresh;
    bool cancelled_ = false;  // cancel() was called
    bool aborting_ = false;   // the children were cancelled, for whatever reason
};

}  // namespace brio::inline v0

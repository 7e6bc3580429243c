# SPDX-License-Identifier: BSL-1.0
"""Tasks: start, end, joiners, done callbacks, who is there."""
import asyncio

from harness import Boom, attempt, boom_after, cleaner, describe, outcome, scenario, sleep, stepper, turns, value_after, worker


@scenario
async def TASK_1_bodies_begin_in_the_order_of_creation(out):
    tasks = [asyncio.create_task(worker(out, name, ms)) for name, ms in (("a", 20), ("b", 10), ("c", 0))]
    out("created")
    await turns(1)
    out("main")
    for task in tasks:
        await task
    out("end")


@scenario
async def a_task_that_creates_tasks(out):
    async def parent(name):
        out(name, "begins")
        child = asyncio.create_task(stepper(out, name + " child", 2))
        await turns(1)
        out(name, "goes on")
        await child
        out(name, "ends")

    a = asyncio.create_task(parent("a"))
    b = asyncio.create_task(parent("b"))
    await a
    await b


@scenario
async def FUT_9_callbacks_and_joiners_in_the_order_of_registration(out):
    task = asyncio.create_task(value_after(10, 7))
    task.add_done_callback(lambda done: out("callback 1", outcome(done)))

    async def joiner(name):
        out(name, await task)

    joiners = [asyncio.create_task(joiner("joiner a")), asyncio.create_task(joiner("joiner b"))]
    await turns(1)
    task.add_done_callback(lambda done: out("callback 2", done.done()))
    out("main", await task)
    for one in joiners:
        await one
    out("end")


@scenario
async def FUT_13_a_callback_of_a_task_that_is_done_comes_soon(out):
    task = asyncio.create_task(value_after(0, 1))
    await task
    task.add_done_callback(lambda done: out("callback", outcome(done)))
    asyncio.get_running_loop().call_soon(out, "soon")
    out("added")
    await turns(1)
    out("end")


@scenario
async def FUT_7_joining_what_is_done_does_not_yield(out):
    task = asyncio.create_task(value_after(0, 1))
    await task
    other = asyncio.create_task(stepper(out, "other", 2))
    out("again", await task)
    out("and again", await task)
    await other
    out("end")


@scenario
async def FUT_2_results_before_the_end_are_refused(out):
    task = asyncio.create_task(value_after(10, 5))
    for ask in (task.result, task.exception):
        try:
            ask()
        except BaseException as error:
            out(error)
    await task
    out(task.result(), task.exception(), task.done(), task.cancelled())


@scenario
async def a_failure_reaches_every_joiner(out):
    task = asyncio.create_task(boom_after(10, "x"))
    joiners = [asyncio.create_task(attempt(out, name, task)) for name in ("a", "b", "c")]
    for one in joiners:
        await one
    out("late", describe(task.exception()), task.cancelled())


@scenario
async def a_chain_of_joins_ends_from_the_inside(out):
    async def link(name, inner):
        out(name, "waits")
        await inner
        out(name, "goes on")

    a = asyncio.create_task(link("a", asyncio.create_task(sleep(10))))
    b = asyncio.create_task(link("b", a))
    c = asyncio.create_task(link("c", b))
    ticker = asyncio.create_task(value_after(10, 0))
    ticker.add_done_callback(lambda _: out("the ticker's callback"))
    await c
    out("end at", out.at())


@scenario
async def EAG_11_awaiting_a_coroutine_is_a_call(out):
    async def deep(depth):
        if depth:
            return await deep(depth - 1) + 1
        out("at the bottom, tasks:", len(asyncio.all_tasks()))
        return 0

    other = asyncio.create_task(stepper(out, "other", 1))
    out("depth", await deep(50))
    await other


@scenario
async def TASK_11_a_task_cannot_await_itself(out):
    tasks = []

    async def vain():
        try:
            await tasks[0]
        except BaseException as error:
            out("vain", error)

    tasks.append(asyncio.create_task(vain()))
    await tasks[0]
    out("end")


@scenario
async def TASK_22_who_is_there(out):
    def names():
        return sorted(task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task())

    a = asyncio.create_task(sleep(10), name="a")
    b = asyncio.create_task(sleep(20), name="b")
    out("not begun", names())
    await a
    out("a is done", names())
    b.cancel()
    out("b is cancelled", names())
    await turns(2)
    out("b has ended", names())


@scenario
async def current_task_is_the_one_that_runs(out):
    async def show(name):
        out(name, asyncio.current_task().get_name())
        await turns(1)
        out(name, asyncio.current_task().get_name())

    a = asyncio.create_task(show("first"), name="a")
    b = asyncio.create_task(show("second"), name="b")
    await a
    await b
    b.set_name("renamed")
    out(b.get_name())


@scenario
async def FUT_14_a_failure_that_nobody_fetches_is_reported(out):
    task = asyncio.create_task(boom_after(10, "lost"))
    await sleep(20)
    out("dropping")
    del task
    out("dropped")


@scenario
async def FUT_15_a_failure_that_was_fetched_is_not_reported(out):
    task = asyncio.create_task(boom_after(10, "seen"))
    await sleep(20)
    out(task.exception())
    del task
    out("dropped")


@scenario
async def FUT_17_a_cancel_of_a_failed_task_counts_as_seen(out):
    task = asyncio.create_task(boom_after(10, "seen"))
    await sleep(20)
    out(task.cancel())
    del task
    out("dropped")


@scenario
async def a_done_callback_that_throws_is_reported(out):
    def throw(task):
        raise Boom("in the callback")

    task = asyncio.create_task(value_after(10, 3))
    task.add_done_callback(throw)
    task.add_done_callback(lambda _: out("second callback"))
    out(await task)
    await turns(1)
    out("end")


@scenario
async def a_done_callback_cancels_another_task(out):
    slow = asyncio.create_task(worker(out, "slow", 1000))
    quick = asyncio.create_task(worker(out, "quick", 10))
    quick.add_done_callback(lambda _: out("cancel", slow.cancel()))
    await attempt(out, "slow ended", slow)
    out("end at", out.at())


@scenario
async def FUT_10_a_removed_callback_is_not_called(out):
    def callback(task):
        out("removed callback")

    task = asyncio.create_task(value_after(10, 3))
    task.add_done_callback(callback)
    task.add_done_callback(lambda _: out("kept callback"))
    out("removed", task.remove_done_callback(callback) > 0)
    out("again", task.remove_done_callback(callback) > 0)
    await task
    await turns(1)


@scenario
async def RUN_8_a_leftover_is_cancelled_and_awaited(out):
    task = asyncio.create_task(cleaner(out, "begun", 20))
    await turns(1)
    out("main ends")
    del task


@scenario
async def RUN_8_what_main_created_last_has_begun(out):
    task = asyncio.create_task(worker(out, "fresh", 10))
    out("main ends")
    del task


@scenario
async def RUN_9_a_leftover_that_fails_is_reported(out):
    async def bad():
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            raise Boom("while cancelled")

    tasks = [asyncio.create_task(bad())]
    await turns(1)
    out("main ends")
    del tasks

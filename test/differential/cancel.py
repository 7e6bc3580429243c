# SPDX-License-Identifier: BSL-1.0
"""Cancellation: requests, delivery, counts, and what becomes of the task."""
import asyncio

from harness import Boom, attempt, boom_after, cleaner, outcome, scenario, sleep, stepper, turns, value_after, worker


@scenario
async def CAN_1_true_until_the_task_is_done(out):
    task = asyncio.create_task(worker(out, "w", 1000))
    await turns(1)
    out(task.cancel(), task.done(), task.cancelled(), task.cancelling())
    await attempt(out, "joined", task)
    out(task.cancel(), task.done(), task.cancelled(), task.cancelling())


@scenario
async def CAN_2_before_the_first_step(out):
    task = asyncio.create_task(worker(out, "w", 10))
    out(task.cancel("too soon"), task.done())
    await attempt(out, "joined", task)


@scenario
async def CAN_2_before_the_first_step_with_callbacks(out):
    task = asyncio.create_task(worker(out, "w", 10))
    task.add_done_callback(lambda done: out("callback", outcome(done)))
    task.cancel()
    asyncio.get_running_loop().call_soon(out, "soon")
    await turns(1)
    out("main", task.done())
    await turns(1)
    out("main", task.done())


@scenario
async def CAN_3_the_inner_is_asked_at_once(out):
    inner = asyncio.create_task(worker(out, "inner", 1000))
    outer = asyncio.create_task(attempt(out, "outer", inner))
    await turns(1)
    outer.cancel()
    out(inner.cancelling(), outer.done(), inner.done())
    await turns(1)
    out(inner.done(), outer.done())
    await turns(1)
    out(inner.done(), outer.done())
    await outer


@scenario
async def CAN_4_down_the_whole_chain(out):
    async def link(name, inner):
        try:
            await inner
        except asyncio.CancelledError as error:
            out(name, error)
            raise

    a = asyncio.create_task(worker(out, "a", 1000))
    b = asyncio.create_task(link("b", a))
    c = asyncio.create_task(link("c", b))
    await turns(1)
    c.cancel("from above")
    await attempt(out, "main", c)
    out(outcome(a), outcome(b), outcome(c))


@scenario
async def CAN_6_both_at_once(out):
    inner = asyncio.create_task(worker(out, "inner", 1000))
    outer = asyncio.create_task(attempt(out, "outer", inner))
    await turns(1)
    out(inner.cancel(), outer.cancel())
    await attempt(out, "main", outer)
    out(outcome(inner), inner.cancelling(), outer.cancelling())


@scenario
async def CAN_7_at_a_bare_yield(out):
    async def spin():
        try:
            while True:
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            out("interrupted")
            raise

    task = asyncio.create_task(spin())
    await turns(3)
    task.cancel()
    await attempt(out, "main", task)


@scenario
async def CAN_8_caught_and_a_value_returned(out):
    async def stubborn():
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            out("caught at", out.at())
        return 42

    task = asyncio.create_task(stubborn())
    await sleep(10)
    task.cancel()
    await attempt(out, "main", task)
    out(task.cancelled(), task.cancelling())


@scenario
async def CAN_9_caught_and_gone_on(out):
    async def stubborn():
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            out("caught at", out.at())
        await sleep(50)
        out("slept until", out.at())
        await asyncio.sleep(0)
        return asyncio.current_task().cancelling()

    task = asyncio.create_task(stubborn())
    await sleep(10)
    task.cancel()
    await attempt(out, "main", task)


@scenario
async def CAN_9_every_request_interrupts_once(out):
    async def stubborn():
        for i in range(3):
            try:
                await sleep(1000)
            except asyncio.CancelledError as error:
                out("interrupted", i, error)
        return "enough"

    task = asyncio.create_task(stubborn())
    for message in ("one", "two", "three"):
        await sleep(10)
        task.cancel(message)
    await attempt(out, "main", task)
    out(task.cancelling())


@scenario
async def CAN_10_a_task_that_cancels_itself(out):
    async def suicidal():
        out(asyncio.current_task().cancel("enough"))
        out("goes on")
        await asyncio.sleep(0)
        out("never here")

    task = asyncio.create_task(suicidal())
    await attempt(out, "main", task)


@scenario
async def CAN_10_a_task_that_cancels_itself_and_catches_it(out):
    async def suicidal():
        asyncio.current_task().cancel()
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            out("caught at", out.at())
        await sleep(10)
        return "alive"

    await attempt(out, "main", asyncio.create_task(suicidal()))
    out("at", out.at())


@scenario
async def CAN_11_cancelled_by_itself_and_returned(out):
    async def suicidal():
        asyncio.current_task().cancel("at the end")
        return 1

    task = asyncio.create_task(suicidal())
    await attempt(out, "main", task)
    out(task.cancelled())


@scenario
async def CAN_11_woken_then_cancelled(out):
    gate = asyncio.Event()

    async def waiter():
        await gate.wait()
        out("the event came first")
        await asyncio.sleep(0)
        out("never here")

    task = asyncio.create_task(waiter())
    await turns(1)
    gate.set()
    task.cancel()
    await attempt(out, "main", task)


@scenario
async def CAN_11_the_joined_task_is_done_then_cancelled(out):
    inner = asyncio.create_task(value_after(10, 5))

    async def joiner():
        try:
            out("joined", await inner)
        except asyncio.CancelledError:
            out("the value was dropped")
            raise
        await asyncio.sleep(0)
        out("never here")

    task = asyncio.create_task(joiner())
    inner.add_done_callback(lambda _: task.cancel())
    await attempt(out, "main", task)
    out(outcome(inner))


@scenario
async def CAN_13_twice_counts_and_interrupts_once(out):
    task = asyncio.create_task(cleaner(out, "c", 10))
    await turns(1)
    out(task.cancel(), task.cancel(), task.cancelling())
    await attempt(out, "main", task)
    out(task.cancelling(), task.cancelled())


@scenario
async def a_second_cancel_interrupts_the_clean_up(out):
    task = asyncio.create_task(cleaner(out, "c", 100))
    await sleep(10)
    task.cancel("first")
    await sleep(10)
    task.cancel("second")
    await attempt(out, "main", task)
    out("at", out.at(), task.cancelling())


@scenario
async def uncancel_counts_down(out):
    async def stubborn():
        me = asyncio.current_task()
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            out("before", me.cancelling())
            out("uncancel", me.uncancel())
            out("again", me.uncancel())
        return "kept"

    task = asyncio.create_task(stubborn())
    await turns(1)
    task.cancel()
    await attempt(out, "main", task)
    out(task.cancelling())


@scenario
async def CAN_18_the_message_reaches_everybody(out):
    task = asyncio.create_task(worker(out, "w", 1000))
    joiners = [asyncio.create_task(attempt(out, name, task)) for name in ("a", "b")]
    await turns(1)
    task.cancel("a reason")
    for joiner in joiners:
        await joiner
    out("result:", outcome(task))


@scenario
async def CAN_21_thrown_by_the_coroutine_itself(out):
    async def liar():
        await turns(1)
        raise asyncio.CancelledError("nobody asked")

    task = asyncio.create_task(liar())
    await attempt(out, "main", task)
    out(task.cancelled(), task.cancelling())


@scenario
async def CAN_22_another_error_out_of_the_handler(out):
    async def spiteful():
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            raise Boom("instead")

    task = asyncio.create_task(spiteful())
    await turns(1)
    task.cancel()
    await attempt(out, "main", task)
    out(task.cancelled(), task.cancelling())


@scenario
async def CAN_23_a_sleep_ends_at_once(out):
    task = asyncio.create_task(worker(out, "w", 3600000))
    await sleep(10)
    task.cancel()
    await attempt(out, "main", task)
    out("at", out.at())


@scenario
async def one_of_two_joiners_is_cancelled(out):
    inner = asyncio.create_task(worker(out, "inner", 1000))
    a = asyncio.create_task(attempt(out, "a", inner))
    b = asyncio.create_task(attempt(out, "b", inner))
    await sleep(10)
    a.cancel()
    await a
    await b
    out("at", out.at())


@scenario
async def a_joiner_waits_for_the_clean_up_of_the_joined(out):
    inner = asyncio.create_task(cleaner(out, "inner", 50))
    outer = asyncio.create_task(attempt(out, "outer", inner))
    await sleep(10)
    outer.cancel()
    await outer
    out("at", out.at())


@scenario
async def the_joined_swallows_the_cancel_of_its_joiner(out):
    async def stubborn():
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            out("swallowed")
        return 3

    inner = asyncio.create_task(stubborn())
    outer = asyncio.create_task(attempt(out, "outer", inner))
    await sleep(10)
    outer.cancel()
    await attempt(out, "main", outer)
    out(outer.cancelling(), inner.cancelling())


@scenario
async def cancel_between_two_steps_of_others(out):
    steps = asyncio.create_task(stepper(out, "steps", 5))
    other = asyncio.create_task(stepper(out, "other", 3))
    await turns(2)
    steps.cancel()
    out("cancelled")
    await attempt(out, "steps", steps)
    await other


@scenario
async def a_sleeper_ends_before_a_later_timer_of_the_same_moment(out):
    task = asyncio.create_task(boom_after(10, "first"))
    await turns(1)
    asyncio.get_running_loop().call_later(0.01, lambda: out("cancel", task.cancel()))
    await attempt(out, "main", task)
    out(task.cancelled())


@scenario
async def cancelled_while_waiting_for_the_next_of_several(out):
    async def serial():
        for i in range(3):
            await sleep(10)
            out("step", i)

    task = asyncio.create_task(serial())
    await sleep(25)
    task.cancel()
    await attempt(out, "main", task)
    out("at", out.at())

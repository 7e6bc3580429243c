# SPDX-License-Identifier: BSL-1.0
"""wait_for and timeout."""
import asyncio

from harness import Boom, attempt, boom_after, cleaner, fixed_in, outcome, scenario, sleep, turns, value_after, worker


async def stubborn(out, value):
    try:
        await sleep(1000)
    except asyncio.CancelledError:
        out("swallowed at", out.at())
    return value


async def spiteful(out):
    try:
        await sleep(1000)
    except asyncio.CancelledError:
        out("interrupted at", out.at())
        raise Boom("instead")


async def limited(ms, body):
    """The shape that with_timeout has."""
    async with asyncio.timeout(ms / 1000):
        return await body


@scenario
async def a_value_in_time(out):
    await attempt(out, "wait_for", asyncio.wait_for(value_after(10, 1), 0.05))
    await attempt(out, "timeout", limited(50, value_after(10, 2)))
    out("at", out.at())


@scenario
async def an_error_in_time(out):
    await attempt(out, "wait_for", asyncio.wait_for(boom_after(10, "x"), 0.05))
    await attempt(out, "timeout", limited(50, boom_after(10, "y")))
    out("at", out.at())


@scenario
async def WF_2_no_time_for_a_coroutine(out):
    await attempt(out, "zero", asyncio.wait_for(worker(out, "w", 10), 0))
    await attempt(out, "less", asyncio.wait_for(worker(out, "w", 10), -1))
    out("at", out.at())


@scenario
async def WF_3_no_time_for_a_task(out):
    task = asyncio.create_task(cleaner(out, "c", 20))
    await turns(1)
    await attempt(out, "zero", asyncio.wait_for(task, 0))
    out("at", out.at(), task.cancelled())


@scenario
async def WF_3_no_time_but_it_is_done(out):
    task = asyncio.create_task(value_after(0, 5))
    await task
    await attempt(out, "zero", asyncio.wait_for(task, 0))


@scenario
async def WF_4_cancelled_at_the_deadline(out):
    await attempt(out, "wait_for", asyncio.wait_for(worker(out, "w", 100), 0.03))
    out("at", out.at())


@scenario
async def WF_5_the_clean_up_takes_as_long_as_it_takes(out):
    await attempt(out, "wait_for", asyncio.wait_for(cleaner(out, "c", 500), 0.03))
    out("at", out.at())


@scenario
async def WF_6_without_a_limit(out):
    await attempt(out, "wait_for", asyncio.wait_for(value_after(10000, 1), None))
    out("at", out.at())


@scenario
async def WF_7_the_inner_swallows_it(out):
    await attempt(out, "wait_for", asyncio.wait_for(stubborn(out, 3), 0.03))


@scenario
async def WF_8_the_inner_throws_something_else(out):
    await attempt(out, "wait_for", asyncio.wait_for(spiteful(out), 0.03))


@scenario
async def the_waiter_is_cancelled(out):
    inner = asyncio.create_task(cleaner(out, "inner", 20))
    waiter = asyncio.create_task(attempt(out, "waiter", asyncio.wait_for(inner, 1)))
    await sleep(10)
    waiter.cancel()
    await waiter
    out("at", out.at(), inner.cancelled())


@scenario
async def the_inner_is_cancelled_by_somebody(out):
    inner = asyncio.create_task(worker(out, "inner", 1000))
    waiter = asyncio.create_task(attempt(out, "waiter", asyncio.wait_for(inner, 1)))
    await sleep(10)
    inner.cancel("by hand")
    await waiter


@scenario
async def WF_12_a_result_in_time_from_a_timer(out):
    gate = asyncio.Event()
    asyncio.get_running_loop().call_later(0.01, gate.set)

    async def inner():
        await gate.wait()
        return "opened"

    await attempt(out, "wait_for", asyncio.wait_for(inner(), 0.02))
    out("at", out.at())


@scenario
async def WF_16_the_task_after_a_timeout_is_healthy(out):
    await attempt(out, "first", asyncio.wait_for(sleep(100), 0.01))
    await sleep(10)
    await attempt(out, "second", asyncio.wait_for(value_after(5, 2), 0.01))
    out("at", out.at(), asyncio.current_task().cancelling())


@scenario
async def a_wait_for_in_a_wait_for(out):
    async def inner():
        try:
            return await asyncio.wait_for(worker(out, "w", 1000), 0.05)
        except asyncio.CancelledError:
            out("inner cancelled at", out.at())
            raise

    await attempt(out, "outer first", asyncio.wait_for(inner(), 0.02))

    async def other():
        try:
            return await asyncio.wait_for(worker(out, "v", 1000), 0.02)
        except asyncio.TimeoutError:
            out("inner timeout at", out.at())
        return "saved"

    await attempt(out, "inner first", asyncio.wait_for(other(), 0.05))


@scenario
async def TO_3_in_time(out):
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(1) as scope:
        await sleep(10)
        out("when", round((scope.when() - loop.time()) * 1000))
    out(scope.expired())


@scenario
async def TO_4_disabled(out):
    async with asyncio.timeout(None) as scope:
        await sleep(10000)
    out(scope.when() is None, scope.expired(), "at", out.at())


@scenario
async def TO_5_no_time_interrupts_the_first_suspension(out):
    async def body():
        out("begins")
        await sleep(10)
        out("never here")

    await attempt(out, "timeout", limited(0, body()))
    out("at", out.at())


@scenario
async def TO_6_also_one_that_only_yields(out):
    async def body():
        out("begins")
        await asyncio.sleep(0)
        out("never here")

    await attempt(out, "timeout", limited(0, body()))


@scenario
async def TO_8_cancelled_inside_timeout_outside(out):
    async def body():
        try:
            await sleep(1000)
        except asyncio.CancelledError as error:
            out("inside", error)
            raise

    await attempt(out, "outside", limited(20, body()))
    out("at", out.at(), asyncio.current_task().cancelling())


@scenario
async def TO_9_two_with_one_deadline(out):
    async def inner():
        try:
            return await limited(20, sleep(1000))
        except BaseException as error:
            out("inner", error)
            raise

    await attempt(out, "outer", limited(20, inner()))
    out("at", out.at())


@scenario
async def the_inner_deadline_first_then_the_outer(out):
    async def inner():
        await attempt(out, "inner", limited(20, sleep(1000)))
        await sleep(1000)

    await attempt(out, "outer", limited(50, inner()))
    out("at", out.at())


@scenario
async def the_outer_deadline_first(out):
    async def inner():
        try:
            return await limited(50, sleep(1000))
        except BaseException as error:
            out("inner", error)
            raise

    await attempt(out, "outer", limited(20, inner()))
    out("at", out.at())


@scenario
async def TO_13_the_body_throws_something_else(out):
    await attempt(out, "timeout", limited(20, spiteful(out)))


@scenario
async def TO_15_a_cancel_before_the_deadline(out):
    task = asyncio.create_task(limited(50, cleaner(out, "body", 100)))
    await sleep(10)
    task.cancel()
    await attempt(out, "task", task)
    out("at", out.at())


@scenario
async def TO_16_the_task_is_healthy_afterwards(out):
    async def limits_itself():
        try:
            async with asyncio.timeout(0.02):
                await sleep(1000)
        except TimeoutError:
            out("timeout at", out.at())
        await sleep(10)
        return "fine"

    task = asyncio.create_task(limits_itself())
    await attempt(out, "task", task)
    out(task.cancelled(), task.cancelling())


@scenario
async def TO_17_rescheduled(out):
    loop = asyncio.get_running_loop()

    async def later(scope):
        await sleep(10)
        scope.reschedule(loop.time() + 0.05)
        out("moved")

    async def body(scope):
        helper = asyncio.create_task(later(scope))
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            out("interrupted at", out.at())
            raise
        finally:
            helper.cancel()

    try:
        async with asyncio.timeout(0.02) as scope:
            await body(scope)
    except TimeoutError as error:
        out(error, scope.expired())


@scenario
async def TO_17_switched_off(out):
    try:
        async with asyncio.timeout(0.02) as scope:
            await sleep(10)
            scope.reschedule(None)
            await sleep(100)
    except TimeoutError as error:
        out(error)
    out(scope.expired(), "at", out.at())
    try:
        scope.reschedule(None)
    except RuntimeError as error:
        out("too late:", error)


@scenario
@fixed_in(3, 11, 7)
async def TO_18_a_timeout_in_the_clean_up_of_a_timeout(out):
    async def body():
        try:
            await sleep(1000)
        finally:
            await attempt(out, "clean-up", limited(20, sleep(1000)))

    await attempt(out, "outer", limited(10, body()))
    out("at", out.at())


@scenario
@fixed_in(3, 11, 7)
async def TO_19_after_a_cancel_that_was_swallowed(out):
    async def survivor():
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            out("swallowed")
        await attempt(out, "timeout", limited(20, sleep(1000)))
        return asyncio.current_task().cancelling()

    task = asyncio.create_task(survivor())
    await sleep(10)
    task.cancel()
    await attempt(out, "task", task)


@scenario
async def TO_21_the_body_swallows_it(out):
    async with asyncio.timeout(0.02) as scope:
        out(await stubborn(out, 9))
    out(scope.expired())


@scenario
async def a_deadline_and_the_end_of_the_body_at_one_moment(out):
    await attempt(out, "wait_for", asyncio.wait_for(sleep(20), 0.02))
    out("at", out.at())

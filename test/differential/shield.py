# SPDX-License-Identifier: BSL-1.0
"""shield: who is protected from what."""
import asyncio

from harness import attempt, boom_after, cleaner, outcome, scenario, sleep, turns, value_after, worker


@scenario
async def SHD_1_passes_values_and_errors_through(out):
    await attempt(out, "value", asyncio.shield(value_after(10, 1)))
    await attempt(out, "error", asyncio.shield(boom_after(10, "x")))
    out("at", out.at())


@scenario
async def SHD_3_the_inner_does_not_notice(out):
    inner = asyncio.create_task(worker(out, "inner", 100))
    waiter = asyncio.create_task(attempt(out, "waiter", asyncio.shield(inner)))
    await sleep(10)
    waiter.cancel()
    await waiter
    out("at", out.at(), inner.cancelling(), outcome(inner))
    await inner


@scenario
async def SHD_4_the_cancel_comes_at_once(out):
    async def protects():
        await asyncio.shield(cleaner(out, "inner", 100))

    task = asyncio.create_task(protects())
    await sleep(10)
    task.cancel("go")
    await attempt(out, "main", task)
    out("at", out.at())


@scenario
async def SHD_7_of_a_task_that_is_done(out):
    task = asyncio.create_task(value_after(0, 5))
    await task
    out(await asyncio.shield(task), "at", out.at())


@scenario
async def SHD_8_of_a_gather(out):
    async def pair():
        values = await asyncio.gather(value_after(100, 1), value_after(50, 2))
        out("gathered", values)

    waiter = asyncio.create_task(attempt(out, "waiter", asyncio.shield(pair())))
    await sleep(10)
    waiter.cancel()
    await waiter
    await sleep(200)


@scenario
async def the_inner_is_cancelled_directly(out):
    inner = asyncio.create_task(worker(out, "inner", 100))
    waiter = asyncio.create_task(attempt(out, "waiter", asyncio.shield(inner)))
    await sleep(10)
    inner.cancel()
    await waiter
    out("at", out.at())


@scenario
async def two_shields_of_one_task(out):
    inner = asyncio.create_task(value_after(50, 3))
    a = asyncio.create_task(attempt(out, "a", asyncio.shield(inner)))
    b = asyncio.create_task(attempt(out, "b", asyncio.shield(inner)))
    await sleep(10)
    a.cancel()
    await a
    await b
    out("at", out.at())


@scenario
async def SHD_5_a_failure_after_the_cancel_that_somebody_reads(out):
    inner = asyncio.create_task(boom_after(50, "late"))
    waiter = asyncio.create_task(attempt(out, "waiter", asyncio.shield(inner)))
    await sleep(10)
    waiter.cancel()
    await waiter
    await attempt(out, "inner", inner)


@scenario
async def a_shield_in_a_wait_for(out):
    inner = asyncio.create_task(value_after(100, 4))
    await attempt(out, "first", asyncio.wait_for(asyncio.shield(inner), 0.03))
    out("at", out.at(), outcome(inner))
    await attempt(out, "second", asyncio.wait_for(asyncio.shield(inner), 0.2))
    out("at", out.at())


@scenario
async def a_leftover_behind_a_shield_is_cancelled_at_the_end(out):
    waiter = asyncio.create_task(attempt(out, "waiter", asyncio.shield(worker(out, "inner", 1000))))
    await turns(2)
    waiter.cancel()
    await waiter
    out("main ends")

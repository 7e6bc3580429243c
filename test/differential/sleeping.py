# SPDX-License-Identifier: BSL-1.0
"""sleep, turns, and what does not yield."""
import asyncio

from harness import attempt, scenario, sleep, stepper, turns, worker


@scenario
async def SLP_1_three_tasks_take_turns(out):
    tasks = [asyncio.create_task(stepper(out, name, count)) for name, count in (("a", 3), ("b", 1), ("c", 2))]
    for task in tasks:
        await task
    out("end")


@scenario
async def SLP_1_what_was_queued_before_runs_first(out):
    loop = asyncio.get_running_loop()
    loop.call_soon(out, "before")

    async def other():
        out("other")
        loop.call_soon(out, "queued by other")

    task = asyncio.create_task(other())
    await asyncio.sleep(0)
    out("main")
    await asyncio.sleep(0)
    out("main again")
    await task


@scenario
async def SLP_3_negative_is_one_yield(out):
    other = asyncio.create_task(stepper(out, "other", 3))
    for delay in (-1, -1000):
        await sleep(delay)
        out("main at", out.at())
    await other


@scenario
async def sleepers_wake_by_time(out):
    tasks = [asyncio.create_task(worker(out, str(ms), ms)) for ms in (50, 20, 40, 10, 30)]
    for task in tasks:
        await task
    out("end at", out.at())


@scenario
async def SLP_5_a_cancelled_sleep_leaves_nothing_behind(out):
    task = asyncio.create_task(worker(out, "w", 50))
    await sleep(10)
    task.cancel()
    await attempt(out, "w", task)
    await sleep(100)
    out("end at", out.at())


@scenario
async def sleeps_add_up(out):
    async def ticker(name, ms, count):
        for i in range(count):
            await sleep(ms)
            out(name, i, "at", out.at())

    a = asyncio.create_task(ticker("a", 10, 5))
    b = asyncio.create_task(ticker("b", 25, 2))
    await a
    await b


@scenario
async def yields_of_nested_coroutines(out):
    async def inner(name):
        await asyncio.sleep(0)
        out(name, "inner")

    async def outer(name):
        await inner(name)
        await inner(name)
        out(name, "outer")

    a = asyncio.create_task(outer("a"))
    b = asyncio.create_task(outer("b"))
    await a
    await b


@scenario
async def what_is_ready_does_not_yield(out):
    other = asyncio.create_task(stepper(out, "other", 2))
    lock, event, queue = asyncio.Lock(), asyncio.Event(), asyncio.Queue()
    event.set()
    async with lock:
        out("locked")
    await event.wait()
    out("event")
    await queue.put(1)
    out("got", await queue.get())
    queue.task_done()
    await queue.join()
    out("joined")
    await other


@scenario
async def a_sleeper_and_a_callback_of_one_moment(out):
    asyncio.get_running_loop().call_later(0.01, out, "callback")
    await sleep(10)
    out("sleeper at", out.at())


@scenario
async def a_deadlock_is_found(out):
    out("before")
    await asyncio.Event().wait()


@scenario
async def an_hour_of_turns_and_a_second(out):
    await sleep(3600000)
    out("at", out.at())
    await turns(10)
    out("at", out.at())
    await sleep(1000)
    out("at", out.at())

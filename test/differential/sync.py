# SPDX-License-Identifier: BSL-1.0
"""Lock and Event: order, hand-over, cancellation."""
import asyncio

from harness import Boom, attempt, outcome, scenario, sleep, stepper, turns


async def holder(out, lock, name, ms):
    out(name, "asks")
    async with lock:
        out(name, "holds at", out.at())
        await sleep(ms)
    out(name, "gave back")


@scenario
async def LOCK_1_in_order_of_arrival(out):
    lock = asyncio.Lock()
    tasks = [asyncio.create_task(holder(out, lock, name, ms)) for name, ms in (("a", 20), ("b", 10), ("c", 0))]
    for task in tasks:
        await task
    out(lock.locked())


@scenario
async def LOCK_3_releasing_what_is_not_held(out):
    lock = asyncio.Lock()
    try:
        lock.release()
    except RuntimeError as error:
        out(error)
    out(lock.locked())


@scenario
async def LOCK_5_a_cancelled_waiter_leaves_the_queue(out):
    lock = asyncio.Lock()
    a, b, c = (asyncio.create_task(holder(out, lock, name, 20)) for name in "abc")
    await sleep(5)
    b.cancel()
    await attempt(out, "b", b)
    await a
    await c
    out("at", out.at())


@scenario
async def LOCK_6_released_and_the_first_waiter_cancelled_in_one_turn(out):
    lock = asyncio.Lock()
    await lock.acquire()
    a, b = (asyncio.create_task(holder(out, lock, name, 10)) for name in "ab")
    await turns(1)
    a.cancel()
    lock.release()
    await attempt(out, "a", a)
    await b
    out(lock.locked())


@scenario
async def LOCK_8_woken_then_cancelled(out):
    lock = asyncio.Lock()
    await lock.acquire()
    a, b = (asyncio.create_task(holder(out, lock, name, 10)) for name in "ab")
    await turns(1)
    lock.release()
    a.cancel()
    await attempt(out, "a", a)
    await b
    out(lock.locked())


@scenario
async def LOCK_9_a_newcomer_does_not_overtake(out):
    lock = asyncio.Lock()
    await lock.acquire()
    waiter = asyncio.create_task(holder(out, lock, "waiter", 10))
    await turns(1)
    lock.release()
    out("released, locked:", lock.locked())
    newcomer = asyncio.create_task(holder(out, lock, "newcomer", 10))
    async with lock:
        out("main holds at", out.at())
    await waiter
    await newcomer


@scenario
async def a_holder_that_asks_again_goes_to_the_end(out):
    lock = asyncio.Lock()

    async def greedy(name):
        for i in range(3):
            async with lock:
                out(name, i, "at", out.at())
                await sleep(10)

    tasks = [asyncio.create_task(greedy(name)) for name in "abc"]
    for task in tasks:
        await task


@scenario
async def a_lock_held_across_an_error(out):
    lock = asyncio.Lock()

    async def fails():
        async with lock:
            await sleep(10)
            raise Boom("lost")

    task = asyncio.create_task(fails())
    await turns(1)
    out(lock.locked())
    waiter = asyncio.create_task(holder(out, lock, "waiter", 5))
    try:
        await task
    except Boom:
        out("failed")
    await waiter
    out(lock.locked(), "at", out.at())


@scenario
async def many_waiters_cancelled_at_once(out):
    lock = asyncio.Lock()
    await lock.acquire()
    tasks = [asyncio.create_task(holder(out, lock, str(i), 0)) for i in range(4)]
    await turns(1)
    for task in tasks[:3]:
        task.cancel()
    lock.release()
    await tasks[3]
    out([outcome(task) for task in tasks], lock.locked())


async def waiter(out, event, name):
    await event.wait()
    out(name, "goes on at", out.at())


@scenario
async def EVT_1_and_7_all_in_order(out):
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(out, event, name)) for name in "abc"]
    await sleep(10)
    out(event.is_set())
    event.set()
    out(event.is_set())
    for task in tasks:
        await task


@scenario
async def EVT_2_a_newcomer_goes_straight_through(out):
    event = asyncio.Event()
    tasks = [asyncio.create_task(waiter(out, event, name)) for name in "ab"]
    await turns(1)
    event.set()
    await waiter(out, event, "newcomer")
    for task in tasks:
        await task


@scenario
async def EVT_4_set_and_clear_in_one_go(out):
    event = asyncio.Event()

    async def twice(name):
        await event.wait()
        out(name, "first")
        await event.wait()
        out(name, "second at", out.at())

    tasks = [asyncio.create_task(twice(name)) for name in "ab"]
    await turns(1)
    event.set()
    event.clear()
    await sleep(10)
    out(event.is_set())
    event.set()
    for task in tasks:
        await task


@scenario
async def a_cancelled_waiter_of_an_event(out):
    event = asyncio.Event()
    a, b = (asyncio.create_task(waiter(out, event, name)) for name in "ab")
    await turns(1)
    a.cancel()
    event.set()
    await attempt(out, "a", a)
    await attempt(out, "b", b)


@scenario
async def an_event_set_twice(out):
    event = asyncio.Event()
    task = asyncio.create_task(waiter(out, event, "a"))
    await turns(1)
    event.set()
    event.set()
    await task
    await event.wait()
    out("set:", event.is_set())


@scenario
async def an_event_set_by_a_callback_among_steps(out):
    event = asyncio.Event()
    asyncio.get_running_loop().call_soon(event.set)
    task = asyncio.create_task(waiter(out, event, "a"))
    steps = asyncio.create_task(stepper(out, "steps", 3))
    await task
    out("main")
    await steps

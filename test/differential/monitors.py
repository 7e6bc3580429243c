# SPDX-License-Identifier: BSL-1.0
"""Condition, Semaphore, Barrier."""
import asyncio

from harness import attempt, outcome, scenario, sleep, turns


async def waits(out, condition, name):
    async with condition:
        out(name, "waits")
        await condition.wait()
        out(name, "was notified at", out.at(), condition.locked())
    out(name, "left")


async def notify(condition, count):
    async with condition:
        condition.notify(count)


@scenario
async def CND_1_wait_gives_the_lock_up_and_has_it_again(out):
    condition = asyncio.Condition()
    task = asyncio.create_task(waits(out, condition, "a"))
    await turns(1)
    out("locked:", condition.locked())
    async with condition:
        out("main holds")
        condition.notify()
        await turns(2)
        out("main gives back")
    await task


@scenario
async def CND_4_notified_in_order(out):
    condition = asyncio.Condition()
    tasks = [asyncio.create_task(waits(out, condition, name)) for name in "abcd"]
    await turns(1)
    await notify(condition, 1)
    await turns(5)
    out("--")
    await notify(condition, 2)
    await turns(5)
    out("--")
    await notify(condition, 2048)
    for task in tasks:
        await task


@scenario
async def CND_4_notify_all(out):
    condition = asyncio.Condition()
    tasks = [asyncio.create_task(waits(out, condition, name)) for name in "abc"]
    await turns(1)
    async with condition:
        condition.notify_all()
    for task in tasks:
        await task


@scenario
async def notify_without_waiters_is_forgotten(out):
    condition = asyncio.Condition()
    await notify(condition, 1)
    task = asyncio.create_task(waits(out, condition, "a"))
    await turns(5)
    out("still waiting:", not task.done())
    await notify(condition, 1)
    await task


@scenario
async def without_the_lock_both_are_refused(out):
    condition = asyncio.Condition()
    await attempt(out, "wait", condition.wait())
    try:
        condition.notify()
    except RuntimeError as error:
        out("notify", error)


async def cancelled_in_wait(out, condition):
    async with condition:
        try:
            await condition.wait()
        except asyncio.CancelledError as error:
            out(error, "locked:", condition.locked(), "at", out.at())
            raise


@scenario
async def CND_6_a_cancelled_wait_holds_the_lock_again(out):
    condition = asyncio.Condition()
    task = asyncio.create_task(cancelled_in_wait(out, condition))
    await turns(1)
    task.cancel()
    await attempt(out, "main", task)
    out("locked:", condition.locked())


@scenario
async def CND_7_a_cancelled_wait_waits_for_a_contested_lock(out):
    condition = asyncio.Condition()
    task = asyncio.create_task(cancelled_in_wait(out, condition))
    await turns(1)
    async with condition:
        task.cancel()
        await sleep(50)
        out("main gives back")
    await attempt(out, "main", task)


@scenario
async def CND_12_wait_for_a_predicate(out):
    condition = asyncio.Condition()
    value = 0

    async def waiter():
        async with condition:
            out("got", await condition.wait_for(lambda: value if value > 2 else 0), "at", out.at())

    task = asyncio.create_task(waiter())
    for _ in range(4):
        await sleep(10)
        async with condition:
            value += 1
            condition.notify_all()
    await task


@scenario
async def CND_13_a_predicate_that_is_true_at_once(out):
    condition = asyncio.Condition()
    out(await condition.wait_for(lambda: 5))
    await attempt(out, "false", condition.wait_for(lambda: 0))


@scenario
async def two_conditions_of_one_lock(out):
    lock = asyncio.Lock()
    full, empty = asyncio.Condition(lock), asyncio.Condition(lock)
    items = []

    async def producer():
        for i in range(3):
            async with empty:
                await empty.wait_for(lambda: not items)
                items.append(i)
                out("put", i)
                full.notify()

    async def consumer():
        for _ in range(3):
            async with full:
                await full.wait_for(lambda: bool(items))
                out("got", items.pop())
                empty.notify()

    tasks = [asyncio.create_task(consumer()), asyncio.create_task(producer())]
    for task in tasks:
        await task


async def uses(out, semaphore, name, ms):
    async with semaphore:
        out(name, "in at", out.at())
        await sleep(ms)


@scenario
async def SEM_9_first_come_first_served(out):
    semaphore = asyncio.Semaphore(2)
    tasks = [asyncio.create_task(uses(out, semaphore, name, ms)) for name, ms in (("a", 30), ("b", 10), ("c", 10), ("d", 10))]
    for task in tasks:
        await task
    out("at", out.at(), semaphore.locked())


@scenario
async def SEM_4_two_releases_let_two_through(out):
    semaphore = asyncio.Semaphore(0)

    async def taker(name):
        await semaphore.acquire()
        out(name, "in")

    tasks = [asyncio.create_task(taker(name)) for name in "abc"]
    await turns(1)
    out("locked:", semaphore.locked())
    semaphore.release()
    semaphore.release()
    await turns(3)
    out([task.done() for task in tasks])
    semaphore.release()
    await tasks[2]


@scenario
async def SEM_6_cancelled_before_the_release(out):
    semaphore = asyncio.Semaphore(0)

    async def taker(name):
        await semaphore.acquire()
        out(name, "in")

    tasks = [asyncio.create_task(taker(name)) for name in "abcd"]
    await turns(1)
    tasks[0].cancel()
    tasks[1].cancel()
    semaphore.release()
    await turns(4)
    out([outcome(task) for task in tasks])
    semaphore.release()
    await tasks[3]


@scenario
async def SEM_8_cancelled_with_the_permit_in_hand(out):
    semaphore = asyncio.Semaphore(0)

    async def taker(name):
        await semaphore.acquire()
        out(name, "in")

    a, b = asyncio.create_task(taker("a")), asyncio.create_task(taker("b"))
    await turns(1)
    semaphore.release()
    a.cancel()
    await attempt(out, "a", a)
    await b
    out(semaphore.locked())


@scenario
async def SEM_13_a_bounded_one_refuses_too_many(out):
    bounded, free = asyncio.BoundedSemaphore(1), asyncio.Semaphore(1)
    try:
        bounded.release()
    except ValueError as error:
        out(error)
    free.release()
    await free.acquire()
    await free.acquire()
    out(free.locked(), bounded.locked())


@scenario
async def a_negative_value_is_refused(out):
    try:
        asyncio.Semaphore(-1)
    except ValueError as error:
        out(error)
    out(asyncio.Semaphore(0).locked())


async def passes(out, barrier, name, ms):
    await sleep(ms)
    number = await barrier.wait()
    out(name, "number", number, "at", out.at())


@scenario
async def BAR_2_the_last_one_releases_all(out):
    barrier = asyncio.Barrier(3)
    tasks = [asyncio.create_task(passes(out, barrier, name, ms)) for name, ms in (("a", 30), ("b", 10), ("c", 20))]
    await sleep(25)
    out("waiting:", barrier.n_waiting, barrier.broken)
    for task in tasks:
        await task
    out("waiting:", barrier.n_waiting)


@scenario
async def BAR_3_of_one_party(out):
    barrier = asyncio.Barrier(1)
    out(await barrier.wait(), await barrier.wait())


@scenario
async def BAR_5_again_and_again(out):
    barrier = asyncio.Barrier(2)

    async def runner(name, ms):
        for i in range(3):
            await sleep(ms)
            await barrier.wait()
            out(name, "round", i, "at", out.at())

    a, b = asyncio.create_task(runner("a", 10)), asyncio.create_task(runner("b", 20))
    await a
    await b


@scenario
async def BAR_10_reset_while_they_wait(out):
    barrier = asyncio.Barrier(3)
    tasks = [asyncio.create_task(attempt(out, name, barrier.wait())) for name in "ab"]
    await sleep(10)
    await barrier.reset()
    for task in tasks:
        await task
    out(barrier.n_waiting, barrier.broken)
    tasks = [asyncio.create_task(attempt(out, name, barrier.wait())) for name in "cde"]
    for task in tasks:
        await task


@scenario
async def BAR_14_aborted(out):
    barrier = asyncio.Barrier(3)
    tasks = [asyncio.create_task(attempt(out, name, barrier.wait())) for name in "ab"]
    await sleep(10)
    await barrier.abort()
    for task in tasks:
        await task
    out(barrier.broken)
    await attempt(out, "late", barrier.wait())


@scenario
async def a_cancelled_party(out):
    barrier = asyncio.Barrier(2)
    task = asyncio.create_task(attempt(out, "a", barrier.wait()))
    await turns(1)
    task.cancel()
    await task
    out(barrier.n_waiting, barrier.broken)
    others = [asyncio.create_task(attempt(out, name, barrier.wait())) for name in "bc"]
    for other in others:
        await other

# SPDX-License-Identifier: BSL-1.0
"""Queue: order, room, cancelled getters and putters, join."""
import asyncio

from harness import attempt, scenario, sleep, turns


async def getter(out, queue, name):
    out(name, "gets", await queue.get())


async def putter(out, queue, *items):
    for item in items:
        await queue.put(item)
        out("put", item)


@scenario
async def Q_1_first_in_first_out(out):
    queue = asyncio.Queue()
    for item in (3, 1, 2):
        queue.put_nowait(item)
    out(queue.qsize(), queue.empty(), queue.full())
    while not queue.empty():
        out(queue.get_nowait())
    out(queue.qsize(), queue.empty())


@scenario
async def Q_7_getters_in_order_of_arrival(out):
    queue = asyncio.Queue()
    tasks = [asyncio.create_task(getter(out, queue, name)) for name in "abc"]
    await turns(1)
    for item in (1, 2, 3):
        queue.put_nowait(item)
    out("put all")
    for task in tasks:
        await task


@scenario
async def a_bounded_queue_and_a_slow_consumer(out):
    queue = asyncio.Queue(2)
    producer = asyncio.create_task(putter(out, queue, 1, 2, 3, 4, 5))
    for _ in range(5):
        await sleep(10)
        out("got", await queue.get(), "at", out.at())
    await producer


@scenario
async def a_bounded_queue_and_a_slow_producer(out):
    queue = asyncio.Queue(1)

    async def producer():
        for i in range(3):
            await sleep(10)
            await queue.put(i)
            out("put", i, "at", out.at())

    task = asyncio.create_task(producer())
    for _ in range(3):
        out("got", await queue.get(), "at", out.at())
    await task


@scenario
async def Q_9_nowait_on_full_and_empty(out):
    queue = asyncio.Queue(1)
    try:
        queue.get_nowait()
    except asyncio.QueueEmpty as error:
        out(error)
    queue.put_nowait(1)
    try:
        queue.put_nowait(2)
    except asyncio.QueueFull as error:
        out(error)
    out(queue.get_nowait(), queue.qsize())


@scenario
async def Q_10_taking_an_item_wakes_one_putter(out):
    queue = asyncio.Queue(1)
    tasks = [asyncio.create_task(putter(out, queue, item)) for item in (1, 2, 3)]
    await turns(2)
    out("got", await queue.get())
    await turns(2)
    out("got", queue.get_nowait())
    await turns(2)
    out("got", queue.get_nowait())
    for task in tasks:
        await task


@scenario
async def Q_11_the_first_getter_is_cancelled(out):
    queue = asyncio.Queue()
    a, b = (asyncio.create_task(getter(out, queue, name)) for name in "ab")
    await turns(1)
    a.cancel()
    queue.put_nowait("item")
    await attempt(out, "a", a)
    await b


@scenario
async def Q_12_a_getter_cancelled_after_the_news(out):
    queue = asyncio.Queue()
    a, b = (asyncio.create_task(getter(out, queue, name)) for name in "ab")
    await turns(1)
    queue.put_nowait("item")
    a.cancel()
    await attempt(out, "a", a)
    await b
    out(queue.qsize())


@scenario
async def Q_12_without_another_getter_the_item_stays(out):
    queue = asyncio.Queue()
    a = asyncio.create_task(getter(out, queue, "a"))
    await turns(1)
    queue.put_nowait("item")
    a.cancel()
    await attempt(out, "a", a)
    out(queue.qsize(), queue.get_nowait())


@scenario
async def Q_14_a_putter_cancelled_after_the_news(out):
    queue = asyncio.Queue(1)
    queue.put_nowait(0)
    a, b = (asyncio.create_task(putter(out, queue, item)) for item in (1, 2))
    await turns(1)
    out("got", queue.get_nowait())
    a.cancel()
    await attempt(out, "a", a)
    await b
    out(queue.qsize(), queue.get_nowait())


@scenario
async def Q_15_one_of_several_putters_is_cancelled(out):
    queue = asyncio.Queue(1)
    queue.put_nowait(0)
    a, b, c = (asyncio.create_task(putter(out, queue, item)) for item in (1, 2, 3))
    await turns(1)
    b.cancel()
    await attempt(out, "b", b)
    for _ in range(3):
        out("got", await queue.get())
    await a
    await c


@scenario
async def Q_19_draining_wakes_all_putters_that_fit(out):
    queue = asyncio.Queue(2)
    tasks = [asyncio.create_task(putter(out, queue, item)) for item in range(4)]
    await turns(2)
    out("got", queue.get_nowait(), queue.get_nowait())
    await turns(2)
    out(queue.qsize())
    for task in tasks:
        await task
    out("got", queue.get_nowait(), queue.get_nowait())


@scenario
async def Q_20_the_item_is_taken_by_somebody_else(out):
    queue = asyncio.Queue()
    a = asyncio.create_task(getter(out, queue, "a"))
    await turns(1)
    queue.put_nowait("first")
    out("main takes", queue.get_nowait())
    await turns(2)
    out("a is done:", a.done())
    queue.put_nowait("second")
    await a


@scenario
async def Q_22_join_waits_for_every_task_done(out):
    queue = asyncio.Queue()
    for i in range(3):
        queue.put_nowait(i)

    async def consumer():
        while True:
            item = await queue.get()
            await sleep(10)
            out("done with", item)
            queue.task_done()

    task = asyncio.create_task(consumer())
    await queue.join()
    out("joined at", out.at())
    task.cancel()
    await attempt(out, "consumer", task)


@scenario
async def Q_22_two_joiners(out):
    queue = asyncio.Queue()
    queue.put_nowait("x")

    async def joiner(name):
        await queue.join()
        out(name, "joined at", out.at())

    tasks = [asyncio.create_task(joiner(name)) for name in "ab"]
    await sleep(10)
    queue.get_nowait()
    queue.task_done()
    for task in tasks:
        await task
    await queue.join()
    out("at once")


@scenario
async def Q_23_task_done_too_often(out):
    queue = asyncio.Queue()
    queue.put_nowait(1)
    queue.get_nowait()
    queue.task_done()
    try:
        queue.task_done()
    except ValueError as error:
        out(error)
    await queue.join()
    out("joined")


@scenario
async def Q_30_put_on_an_unbounded_queue_does_not_yield(out):
    queue = asyncio.Queue()
    a = asyncio.create_task(getter(out, queue, "a"))
    await turns(1)
    for i in range(3):
        await queue.put(i)
        out("put", i)
    await a
    out(queue.qsize())


@scenario
async def two_producers_two_consumers(out):
    queue = asyncio.Queue(1)

    async def producer(name, ms):
        for i in range(3):
            await sleep(ms)
            await queue.put(f"{name}{i}")

    async def consumer(name):
        for _ in range(3):
            item = await queue.get()
            out(name, item, "at", out.at())
            await sleep(15)

    tasks = [asyncio.create_task(producer("p", 4)), asyncio.create_task(producer("q", 7)),
             asyncio.create_task(consumer("c")), asyncio.create_task(consumer("d"))]
    for task in tasks:
        await task

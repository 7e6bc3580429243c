# SPDX-License-Identifier: BSL-1.0
"""PriorityQueue and LifoQueue."""
import asyncio

from harness import attempt, scenario, turns


async def getter(out, queue, name):
    out(name, "gets", await queue.get())


async def putter(out, queue, item):
    await queue.put(item)
    out("put", item)


@scenario
async def Q_1_smallest_first(out):
    queue = asyncio.PriorityQueue()
    for item in (3, 1, 2):
        queue.put_nowait(item)
    out(queue.get_nowait())
    queue.put_nowait(0)
    while not queue.empty():
        out(queue.get_nowait())


@scenario
async def Q_1_last_in_first_out(out):
    queue = asyncio.LifoQueue()
    for item in (3, 1, 2):
        queue.put_nowait(item)
    out(queue.get_nowait())
    queue.put_nowait(0)
    while not queue.empty():
        out(queue.get_nowait())


@scenario
async def getters_of_a_priority_queue_in_order_of_arrival(out):
    queue = asyncio.PriorityQueue()
    tasks = [asyncio.create_task(getter(out, queue, name)) for name in "abc"]
    await turns(1)
    for item in (3, 1, 2):
        queue.put_nowait(item)
    for task in tasks:
        await task


@scenario
async def putters_of_a_bounded_lifo_queue(out):
    queue = asyncio.LifoQueue(1)
    tasks = [asyncio.create_task(putter(out, queue, item)) for item in (1, 2, 3)]
    for _ in range(3):
        await turns(2)
        out("got", queue.get_nowait())
    for task in tasks:
        await task


@scenario
async def a_cancelled_getter_of_a_priority_queue_loses_nothing(out):
    queue = asyncio.PriorityQueue()
    a, b = (asyncio.create_task(getter(out, queue, name)) for name in "ab")
    await turns(1)
    queue.put_nowait(5)
    a.cancel()
    queue.put_nowait(4)
    await attempt(out, "a", a)
    await b
    out(queue.qsize(), queue.get_nowait())

# SPDX-License-Identifier: BSL-1.0
"""gather: order, errors, cancellation."""
import asyncio

from harness import attempt, boom_after, cleaner, outcome, scenario, sleep, stepper, turns, value_after, worker


@scenario
async def GAT_1_values_in_the_order_of_the_arguments(out):
    await attempt(out, "gathered", asyncio.gather(value_after(30, 1), value_after(10, 2), value_after(20, 3)))
    out("at", out.at())


@scenario
async def GAT_11_of_nothing(out):
    out("gathered", await asyncio.gather(*[]))


@scenario
async def GAT_16_children_start_in_the_order_of_the_arguments(out):
    gathering = asyncio.gather(worker(out, "a", 10), worker(out, "b", 5), worker(out, "c", 0))
    out("made")
    await turns(1)
    out("main")
    await gathering
    out("end")


@scenario
async def GAT_3_the_first_error_ends_it_and_the_others_go_on(out):
    slow = asyncio.create_task(worker(out, "slow", 100))
    await attempt(out, "gathered", asyncio.gather(slow, boom_after(10, "x")))
    out("at", out.at(), outcome(slow))
    await slow
    out("at", out.at())


@scenario
async def GAT_4_later_errors_are_silent(out):
    await attempt(out, "gathered", asyncio.gather(boom_after(10, "first"), boom_after(20, "second"), boom_after(30, "third")))
    await sleep(100)
    out("end")


@scenario
async def GAT_5_errors_in_their_places(out):
    out("gathered", await asyncio.gather(value_after(10, 1), boom_after(5, "x"), value_after(1, 3), return_exceptions=True))
    out("at", out.at())


@scenario
async def GAT_6_a_cancelled_child_ends_it(out):
    a = asyncio.create_task(worker(out, "a", 100))
    b = asyncio.create_task(worker(out, "b", 50))
    gathering = asyncio.create_task(attempt(out, "gathered", asyncio.gather(a, b)))
    await sleep(10)
    a.cancel()
    await gathering
    out(gathering.cancelled(), outcome(b))
    await b


@scenario
async def GAT_7_a_cancelled_child_in_its_place(out):
    a = asyncio.create_task(value_after(100, 1))
    b = asyncio.create_task(value_after(50, 2))
    gathering = asyncio.create_task(attempt(out, "gathered", asyncio.gather(a, b, return_exceptions=True)))
    await sleep(10)
    a.cancel()
    await gathering
    out("at", out.at())


@scenario
async def GAT_8_a_cancel_reaches_every_child(out):
    async def gatherer():
        await asyncio.gather(worker(out, "a", 100), worker(out, "b", 200), worker(out, "c", 10))

    task = asyncio.create_task(gatherer())
    await sleep(50)
    task.cancel()
    await attempt(out, "main", task)
    out("at", out.at())


@scenario
async def GAT_9_a_cancel_when_all_children_are_done(out):
    children = [asyncio.create_task(value_after(10, i)) for i in range(2)]

    async def gatherer():
        out("values", await asyncio.gather(*children))
        await asyncio.sleep(0)
        out("never here")

    task = asyncio.create_task(gatherer())
    await sleep(5)
    children[1].add_done_callback(lambda _: task.cancel())
    await attempt(out, "main", task)


@scenario
async def GAT_10_a_cancel_gives_no_list(out):
    async def gatherer():
        out("list", await asyncio.gather(value_after(100, 1), value_after(5, 2), return_exceptions=True))

    task = asyncio.create_task(gatherer())
    await sleep(10)
    task.cancel()
    await attempt(out, "main", task)


@scenario
async def GAT_17_a_cancel_waits_for_the_clean_up_of_all(out):
    async def gatherer():
        await asyncio.gather(cleaner(out, "a", 20), cleaner(out, "b", 50), return_exceptions=True)

    task = asyncio.create_task(gatherer())
    await sleep(10)
    task.cancel()
    await attempt(out, "main", task)
    out("at", out.at())


@scenario
async def GAT_18_without_return_exceptions_too(out):
    async def gatherer():
        await asyncio.gather(cleaner(out, "a", 20), cleaner(out, "b", 50))

    task = asyncio.create_task(gatherer())
    await sleep(10)
    task.cancel()
    await attempt(out, "main", task)
    out("at", out.at())
    await sleep(100)


@scenario
async def a_child_swallows_the_cancel_of_a_gather(out):
    async def stubborn():
        try:
            await sleep(100)
        except asyncio.CancelledError:
            out("swallowed")
        return 7

    task = asyncio.create_task(attempt(out, "gathered", asyncio.gather(stubborn(), value_after(100, 1))))
    await sleep(10)
    task.cancel()
    await task


@scenario
async def gathers_in_gathers(out):
    pair = asyncio.gather(value_after(20, 1), value_after(10, 2))
    other = asyncio.gather(value_after(5, 3), value_after(30, 4))
    out(await asyncio.gather(pair, other))
    out("at", out.at())


@scenario
async def an_error_of_an_inner_gather(out):
    async def inner():
        return await asyncio.gather(value_after(20, 1), boom_after(10, "inside"))

    await attempt(out, "gathered", asyncio.gather(inner(), value_after(50, 2)))
    out("at", out.at())


@scenario
async def one_task_twice(out):
    task = asyncio.create_task(value_after(10, 4))
    out(await asyncio.gather(task, task, value_after(5, 1)))


@scenario
async def tasks_that_are_done_already(out):
    task = asyncio.create_task(value_after(0, 4))
    failed = asyncio.create_task(boom_after(0, "before"))
    await turns(3)
    await attempt(out, "values", asyncio.gather(task, value_after(10, 1)))
    await attempt(out, "failed", asyncio.gather(failed, value_after(10, 1)))
    out("at", out.at())


@scenario
async def a_gather_among_tasks_that_take_turns(out):
    ticks = asyncio.create_task(stepper(out, "ticks", 6))
    await asyncio.gather(stepper(out, "a", 2), stepper(out, "b", 1))
    out("gathered")
    await ticks


@scenario
async def an_error_and_a_value_in_one_turn(out):
    await attempt(out, "gathered", asyncio.gather(value_after(10, 1), boom_after(10, "x"), boom_after(10, "y")))
    out("at", out.at())

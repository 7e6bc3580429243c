# SPDX-License-Identifier: BSL-1.0
"""call_soon, call_later, call_at: order, cancel, errors."""
import asyncio

from harness import Boom, scenario, stepper, turns, worker


@scenario
async def LOOP_1_call_soon_is_fifo(out):
    loop = asyncio.get_running_loop()
    for i in range(4):
        loop.call_soon(out, "callback", i)
    out("main goes on")
    await turns(1)
    out("end")


@scenario
async def LOOP_2_a_turn_is_a_snapshot(out):
    loop = asyncio.get_running_loop()

    def first():
        out("first")
        loop.call_soon(out, "queued by first")

    loop.call_soon(first)
    loop.call_soon(out, "second")
    await turns(1)
    out("main, next turn")
    await turns(1)
    out("main, the turn after")


@scenario
async def callbacks_and_steps_share_one_order(out):
    loop = asyncio.get_running_loop()
    loop.call_soon(out, "callback 1")
    a = asyncio.create_task(stepper(out, "a", 3))
    loop.call_soon(out, "callback 2")
    b = asyncio.create_task(stepper(out, "b", 2))
    loop.call_soon(out, "callback 3")
    await a
    await b


@scenario
async def call_later_goes_by_time(out):
    loop = asyncio.get_running_loop()
    for ms in (30, 10, 20):
        loop.call_later(ms / 1000, lambda ms=ms: out("after", ms, "at", out.at()))
    await asyncio.sleep(1)
    out("end at", out.at())


@scenario
async def call_later_with_nothing_comes_after_what_is_ready(out):
    loop = asyncio.get_running_loop()
    loop.call_later(0, out, "later")
    loop.call_soon(out, "soon")
    await turns(1)
    out("main, first turn")
    await turns(1)
    out("main, second turn")
    await turns(1)
    out("end")


@scenario
async def call_at_in_the_past_comes_in_the_next_turn(out):
    loop = asyncio.get_running_loop()
    await asyncio.sleep(1)
    loop.call_at(loop.time() - 0.5, out, "overdue")
    loop.call_soon(out, "soon")
    await turns(3)
    out("end at", out.at())


@scenario
async def LOOP_13_cancelled_handles_do_not_run(out):
    loop = asyncio.get_running_loop()
    soon = loop.call_soon(out, "soon, cancelled")
    timer = loop.call_later(0.01, out, "timer, cancelled")
    kept = loop.call_later(0.02, out, "timer, kept")
    out(soon.cancelled(), timer.cancelled())
    soon.cancel()
    timer.cancel()
    timer.cancel()
    out(soon.cancelled(), timer.cancelled(), kept.cancelled())
    await asyncio.sleep(0.05)
    kept.cancel()
    out("end")


@scenario
async def a_callback_cancels_the_next_one(out):
    loop = asyncio.get_running_loop()
    handles = []
    loop.call_soon(lambda: (out("first"), handles[0].cancel()))
    handles.append(loop.call_soon(out, "second"))
    loop.call_soon(out, "third")
    await turns(1)


@scenario
async def a_timer_cancels_one_that_is_due_in_the_same_turn(out):
    loop = asyncio.get_running_loop()
    handles = []
    when = loop.time() + 0.01
    loop.call_at(when, lambda: (out("first"), handles[0].cancel()))
    handles.append(loop.call_at(when, out, "second"))
    loop.call_later(0.03, out, "third")
    await asyncio.sleep(0.05)


@scenario
async def two_timers_of_one_moment_are_fifo(out):
    loop = asyncio.get_running_loop()
    when = loop.time() + 0.25
    loop.call_at(when, out, "first")
    loop.call_at(when, out, "second")
    await asyncio.sleep(0.5)


@scenario
async def what_a_timer_queues_runs_in_the_next_turn(out):
    loop = asyncio.get_running_loop()

    def ring():
        out("ring at", out.at())
        loop.call_later(0, out, "later, from ring")
        loop.call_soon(out, "soon, from ring")

    loop.call_later(0.01, ring)
    loop.call_later(0.02, out, "second timer")
    await asyncio.sleep(0.05)


@scenario
async def a_callback_that_throws_does_not_stop_the_others(out):
    loop = asyncio.get_running_loop()

    def fail(text):
        raise Boom(text)

    loop.call_soon(fail, "one")
    loop.call_soon(out, "between")
    loop.call_later(0.01, fail, "two")
    await asyncio.sleep(0.05)
    out("end")


@scenario
async def callbacks_run_outside_of_tasks(out):
    loop = asyncio.get_running_loop()
    loop.call_soon(lambda: out("callback in a task:", asyncio.current_task() is not None))
    await turns(1)
    out("main in a task:", asyncio.current_task() is not None)


@scenario
async def a_callback_that_queues_itself_does_not_starve_tasks(out):
    loop = asyncio.get_running_loop()
    count = 0

    def again():
        nonlocal count
        count += 1
        if count < 100:
            loop.call_soon(again)

    again()
    await turns(5)
    out("turns:", count)
    await asyncio.sleep(0.001)
    out("after a timer:", count)


@scenario
async def a_callback_creates_a_task(out):
    loop = asyncio.get_running_loop()
    made = []
    loop.call_soon(lambda: made.append(loop.create_task(worker(out, "w", 10))))
    loop.call_soon(out, "second callback")
    await turns(1)
    out("main")
    await made[0]

# SPDX-License-Identifier: BSL-1.0
"""wait and as_completed."""
import asyncio

from harness import attempt, boom_after, outcome, scenario, sleep, stepper, turns, value_after, worker


def named(tasks):
    """asyncio gives sets."""
    return sorted(task.get_name() for task in tasks)


def make(*pairs):
    return [asyncio.create_task(value_after(ms, ms), name=name) for name, ms in pairs]


@scenario
async def WAIT_1_all(out):
    tasks = make(("a", 30), ("b", 10), ("c", 20))
    done, pending = await asyncio.wait(tasks)
    out(named(done), named(pending), "at", out.at())
    done, pending = await asyncio.wait(tasks)
    out("again", named(done), named(pending), "at", out.at())


@scenario
async def WAIT_1_a_second_call_on_done_tasks_is_immediate(out):
    tasks = make(("a", 0), ("b", 0))
    await asyncio.wait(tasks)
    other = asyncio.create_task(stepper(out, "other", 1))
    await asyncio.wait(tasks)
    out("main")
    await other


@scenario
async def WAIT_2_errors_stay_inside(out):
    tasks = [asyncio.create_task(boom_after(10, "x"), name="a"), asyncio.create_task(value_after(20, 1), name="b")]
    done, pending = await asyncio.wait(tasks)
    out(named(done), named(pending), [outcome(task) for task in tasks])


@scenario
async def WAIT_3_the_first_completed(out):
    tasks = make(("a", 30), ("b", 10), ("c", 20))
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    out(named(done), named(pending), "at", out.at())
    done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    out(named(done), named(pending), "at", out.at())
    await tasks[0]


@scenario
async def WAIT_3_a_failure_is_a_completion(out):
    tasks = [asyncio.create_task(boom_after(10, "x"), name="a"), asyncio.create_task(value_after(20, 1), name="b")]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    out(named(done), named(pending), outcome(tasks[0]))
    await tasks[1]


@scenario
async def the_first_exception(out):
    tasks = [asyncio.create_task(value_after(10, 1), name="a"), asyncio.create_task(boom_after(20, "x"), name="b"),
             asyncio.create_task(value_after(30, 1), name="c")]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    out(named(done), named(pending), "at", out.at(), outcome(tasks[1]))
    await tasks[2]


@scenario
async def WAIT_7_a_cancelled_task_is_no_exception(out):
    tasks = make(("a", 30), ("b", 40))
    waiter = asyncio.create_task(asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION))
    await sleep(10)
    tasks[0].cancel()
    done, pending = await waiter
    out(named(done), named(pending), "at", out.at(), outcome(tasks[0]))


@scenario
async def a_wait_with_a_deadline(out):
    tasks = make(("a", 10), ("b", 30))
    done, pending = await asyncio.wait(tasks, timeout=0.02)
    out(named(done), named(pending), "at", out.at(), tasks[1].cancelling())
    done, pending = await asyncio.wait(tasks, timeout=0.02)
    out(named(done), named(pending), "at", out.at())


@scenario
async def a_wait_without_time(out):
    tasks = make(("a", 0), ("b", 10))
    done, pending = await asyncio.wait(tasks, timeout=0)
    out(named(done), named(pending))
    await tasks[1]


@scenario
async def WAIT_9_completion_and_deadline_at_one_moment(out):
    tasks = make(("a", 20),)
    await turns(1)
    done, pending = await asyncio.wait(tasks, timeout=0.02)
    out(named(done), named(pending), "at", out.at())


@scenario
async def WAIT_10_a_task_given_twice(out):
    a, b = make(("a", 10), ("b", 20))
    done, pending = await asyncio.wait([a, b, a])
    out(named(done), named(pending))


@scenario
async def a_cancelled_wait_leaves_the_tasks_alone(out):
    tasks = make(("a", 30), ("b", 10))
    waiter = asyncio.create_task(asyncio.wait(tasks))
    await sleep(20)
    waiter.cancel()
    await attempt(out, "waiter", waiter)
    out("at", out.at(), [outcome(task) for task in tasks])
    await tasks[0]


@scenario
async def WAIT_4_what_ended_meanwhile_is_done_too(out):
    gate = asyncio.Event()

    async def opened(value):
        await gate.wait()
        return value

    tasks = [asyncio.create_task(opened(1), name="a"), asyncio.create_task(opened(2), name="b")]
    asyncio.get_running_loop().call_later(0.01, gate.set)
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    out(named(done), named(pending))


@scenario
async def as_completed_gives_them_in_the_order_of_their_ends(out):
    for next_one in asyncio.as_completed(make(("a", 30), ("b", 10), ("c", 20))):
        out(await next_one, "at", out.at())


@scenario
async def as_completed_of_coroutines_with_an_error(out):
    async def part(ms):
        await sleep(ms)
        if ms == 20:
            await boom_after(0, "x")
        return ms

    for next_one in asyncio.as_completed([part(30), part(10), part(20)]):
        await attempt(out, "next", next_one)


@scenario
async def as_completed_of_nothing(out):
    for _ in asyncio.as_completed([]):
        out("never here")
    out("end")


@scenario
async def ASC_3_the_time_is_up(out):
    tasks = make(("a", 10), ("b", 100))
    for next_one in asyncio.as_completed(tasks, timeout=0.05):
        await attempt(out, "next", next_one)
    out("at", out.at(), [outcome(task) for task in tasks])
    await tasks[1]


@scenario
async def ASC_8_a_task_given_twice(out):
    a, b = make(("a", 20), ("b", 10))
    for next_one in asyncio.as_completed([a, b, a]):
        out(await next_one)


@scenario
async def ASC_11_broken_off(out):
    tasks = make(("a", 30), ("b", 10))
    for next_one in asyncio.as_completed(tasks):
        out(await next_one)
        break
    out([outcome(task) for task in tasks])
    await tasks[0]
    out("at", out.at())


@scenario
async def ASC_5_with_work_in_between(out):
    for next_one in asyncio.as_completed(make(("a", 10), ("b", 20), ("c", 30))):
        out(await next_one, "at", out.at())
        await sleep(25)

# SPDX-License-Identifier: BSL-1.0
"""Futures: callbacks, waiters, cancels, who hears of an error."""
import asyncio

from harness import Boom, attempt, describe, outcome, scenario, sleep, stepper, turns, value_after


def create_future():
    return asyncio.get_running_loop().create_future()


def noting(out, label):
    """The done callback that writes `label` and how it ended."""
    return lambda future: out(label, outcome(future))


async def waits(out, name, future):
    try:
        got = await future
    except BaseException as error:
        out(name, error, "at", out.at())
        raise
    out(name, got, "at", out.at())


def ask(out, label, question):
    try:
        out(label, question())
    except BaseException as error:
        out(label, describe(error))


@scenario
async def FUT_2_asking_before_it_is_done(out):
    future = create_future()
    ask(out, "result", future.result)
    ask(out, "exception", future.exception)
    out(future.done(), future.cancelled())
    future.set_result(1)
    ask(out, "result", future.result)
    ask(out, "exception", future.exception)
    out(future.done(), future.cancelled())


@scenario
async def it_can_be_set_once(out):
    future = create_future()
    future.set_result(1)
    ask(out, "again", lambda: future.set_result(2))
    ask(out, "an error", lambda: future.set_exception(Boom("x")))
    out(future.result())
    gone = create_future()
    gone.cancel()
    ask(out, "cancelled", lambda: gone.set_result(2))


@scenario
async def FUT_4_cancelling_it(out):
    future = create_future()
    out(future.cancel("enough"), future.cancel())
    out(future.done(), future.cancelled())
    ask(out, "result", future.result)
    ask(out, "exception", future.exception)
    await attempt(out, "waiting", future)
    done = create_future()
    done.set_result(3)
    out(done.cancel(), outcome(done))


@scenario
async def FUT_7_waiting_for_a_done_one_takes_no_turn(out):
    future = create_future()
    future.set_result(4)
    other = asyncio.create_task(stepper(out, "other", 2))
    out("main", await future)
    out("main", await future)
    await other


@scenario
async def FUT_9_callbacks_come_in_order_through_the_queue(out):
    future = create_future()
    future.add_done_callback(noting(out, "first"))
    future.add_done_callback(noting(out, "second"))
    asyncio.get_running_loop().call_soon(out, "queued before")
    future.set_result(5)
    asyncio.get_running_loop().call_soon(out, "queued behind")
    out("set")
    await turns(1)
    out("end")


@scenario
async def FUT_9_callbacks_of_a_cancel_and_of_an_error(out):
    a, b = create_future(), create_future()
    a.add_done_callback(noting(out, "a"))
    b.add_done_callback(noting(out, "b"))
    b.set_exception(Boom("x"))
    a.cancel()
    out("done")
    await turns(1)


@scenario
async def FUT_10_a_removed_callback_of_a_future_is_not_called(out):
    future = create_future()
    removed = noting(out, "removed")
    future.add_done_callback(removed)
    future.add_done_callback(noting(out, "kept"))
    out(bool(future.remove_done_callback(removed)), bool(future.remove_done_callback(removed)))
    future.set_result(1)
    await turns(1)


@scenario
async def FUT_13_a_callback_on_a_done_one(out):
    future = create_future()
    future.set_result(6)
    asyncio.get_running_loop().call_soon(out, "queued before")
    future.add_done_callback(noting(out, "called"))
    out("added")
    await turns(1)
    out("end")


@scenario
async def a_callback_that_adds_another_one(out):
    future = create_future()

    def first(future):
        out("first")
        future.add_done_callback(noting(out, "third"))

    future.add_done_callback(first)
    future.add_done_callback(noting(out, "second"))
    future.set_result(7)
    await turns(1)
    out("one turn later")
    await turns(1)


@scenario
async def a_callback_that_fails(out):
    future = create_future()

    def fails(_):
        raise Boom("callback")

    future.add_done_callback(fails)
    future.add_done_callback(noting(out, "next"))
    future.set_result(8)
    await turns(1)
    out("end")


@scenario
async def several_waiters_go_on_in_their_order(out):
    future = create_future()
    a = asyncio.create_task(waits(out, "a", future))
    b = asyncio.create_task(waits(out, "b", future))
    await turns(1)
    c = asyncio.create_task(waits(out, "c", future))
    other = asyncio.create_task(stepper(out, "other", 4))
    await turns(1)
    future.set_result(9)
    out("set")
    await asyncio.gather(a, b, c, other)


@scenario
async def every_waiter_gets_the_error(out):
    future = create_future()
    a = asyncio.create_task(waits(out, "a", future))
    b = asyncio.create_task(waits(out, "b", future))
    await sleep(10)
    future.set_exception(Boom("for all"))
    out(await asyncio.gather(a, b, return_exceptions=True))


@scenario
async def CAN_3_a_cancelled_waiter_cancels_it_and_so_the_others(out):
    future = create_future()
    a = asyncio.create_task(waits(out, "a", future))
    b = asyncio.create_task(waits(out, "b", future))
    await sleep(10)
    a.cancel()
    out("cancelled at once:", future.cancelled())
    out(await asyncio.gather(a, b, return_exceptions=True))


@scenario
async def CAN_6_task_and_future_cancelled_at_once(out):
    future = create_future()
    task = asyncio.create_task(waits(out, "task", future))
    await sleep(10)
    out(future.cancel(), task.cancel())
    await attempt(out, "main", task)


@scenario
async def CAN_11_set_then_the_waiter_is_cancelled(out):
    future = create_future()
    task = asyncio.create_task(waits(out, "task", future))
    await sleep(10)
    future.set_result(1)
    out(task.cancel())
    await attempt(out, "main", task)
    out(outcome(future))


@scenario
async def a_shielded_waiter_leaves_it_alone(out):
    future = create_future()

    async def shielded():
        return await asyncio.shield(future)

    a = asyncio.create_task(attempt(out, "a", shielded()))
    b = asyncio.create_task(attempt(out, "b", shielded()))
    await sleep(10)
    a.cancel()
    await a
    out(outcome(future))
    future.set_result(2)
    await b


@scenario
async def FUT_14_an_error_that_nobody_fetched(out):
    future = create_future()
    future.set_exception(Boom("unseen"))
    out("set")
    del future
    out("gone")
    future = create_future()
    future.set_exception(Boom("seen"))
    future.exception()
    del future
    future = create_future()
    future.set_exception(Boom("asked to stop"))
    out(future.cancel())
    del future
    create_future().set_result(1)
    await turns(1)
    out("end")


@scenario
async def set_in_time_and_too_late_for_a_wait_for(out):
    loop = asyncio.get_running_loop()
    early, late = create_future(), create_future()
    loop.call_later(0.01, early.set_result, 1)
    setting = loop.call_later(0.04, late.set_result, 2)
    await attempt(out, "early", asyncio.wait_for(early, 0.02))
    await attempt(out, "late", asyncio.wait_for(late, 0.02))
    setting.cancel()
    out(outcome(late), "at", out.at())


@scenario
async def futures_in_a_gather(out):
    loop = asyncio.get_running_loop()
    a, b = create_future(), create_future()
    loop.call_later(0.02, a.set_result, 1)
    loop.call_later(0.01, b.set_result, 2)

    async def both(x, y):
        return await asyncio.gather(x, y, value_after(5, 3))

    await attempt(out, "values", both(a, b))
    c, d = create_future(), create_future()
    task = asyncio.create_task(attempt(out, "cancelled", both(c, d)))
    await sleep(1)
    task.cancel()
    await task
    out(outcome(c), outcome(d), "at", out.at())


@scenario
async def futures_in_a_wait(out):
    a, b = create_future(), create_future()
    asyncio.get_running_loop().call_later(0.01, a.set_result, 1)
    done, pending = await asyncio.wait([a, b], return_when=asyncio.FIRST_COMPLETED)
    out(len(done), len(pending), "at", out.at())
    done, pending = await asyncio.wait([b], timeout=0.01)
    out(len(done), len(pending), "at", out.at())
    out(outcome(b))
    b.cancel()
    done, pending = await asyncio.wait([a, b])
    out(len(done), len(pending), "at", out.at())


@scenario
async def CAN_4_through_a_chain_of_tasks(out):
    future = create_future()
    inner = asyncio.create_task(waits(out, "inner", future))

    async def join(task):
        await task

    outer = asyncio.create_task(join(inner))
    await sleep(10)
    outer.cancel()
    out(outcome(future), inner.done(), outer.done())
    await attempt(out, "outer", outer)
    out(outcome(inner))


@scenario
async def nobody_sets_it_before_the_end(out):
    future = create_future()

    async def wait():
        try:
            await future
        except asyncio.CancelledError:
            out("cancelled at", out.at())
            raise

    asyncio.create_task(wait())
    await turns(2)
    out("main ends")

# SPDX-License-Identifier: BSL-1.0
"""Asynchronous generators: whose task runs the body, how it ends, who cleans up when."""
import asyncio
import contextvars

from harness import Boom, attempt, scenario, sleep, stepper, worker


async def counts(out, count, ms):
    for i in range(count):
        out("body makes", i)
        if ms >= 0:
            await sleep(ms)
        yield i
    out("body ends")


async def tidy(out, ms):
    """Its clean-up takes 20 ms, whatever stops it."""
    i = 0
    try:
        while True:
            await sleep(ms)
            yield i
            i += 1
    except GeneratorExit:
        out("body is closed at", out.at())
        await sleep(20)
        out("body is clean at", out.at())
        raise
    except asyncio.CancelledError:
        out("body is cancelled at", out.at())
        await sleep(20)
        out("body is clean at", out.at())
        raise


async def ask(source):
    """The next item, or None."""
    try:
        return await source.__anext__()
    except StopAsyncIteration:
        return None


async def takes_all(out, source):
    async for item in source:
        out("got", item, "at", out.at())
    out("no more")


async def takes(out, name, source, count):
    for _ in range(count):
        item = await ask(source)
        out(name, "got", item, "at", out.at())


@scenario
async def items_are_made_when_they_are_asked_for(out):
    source = counts(out, 3, -1)
    out("nothing runs yet")
    await takes_all(out, source)
    await attempt(out, "after the end", ask(source))


@scenario
async def a_body_that_never_waits_does_not_give_way(out):
    other = asyncio.create_task(stepper(out, "other", 3))
    await takes_all(out, counts(out, 3, -1))
    await other


@scenario
async def a_body_that_waits_lets_others_run(out):
    other = asyncio.create_task(worker(out, "other", 15))
    await takes_all(out, counts(out, 3, 10))
    await other


@scenario
async def the_body_is_a_part_of_who_asks(out):
    async def body():
        for _ in range(2):
            yield asyncio.current_task().get_name()

    source = body()

    async def asks():
        out(await ask(source))

    for name in ("first", "second"):
        await asyncio.create_task(asks(), name=name)


@scenario
async def AG_5_closing_runs_the_clean_up(out):
    source = tidy(out, 10)
    await attempt(out, "item", ask(source))
    await attempt(out, "close", source.aclose())
    await attempt(out, "next", ask(source))
    out("at", out.at())


@scenario
async def AG_5_yielding_while_it_is_closed(out):
    async def body():
        try:
            yield 1
        except GeneratorExit:
            out("body does not listen")
            yield 2

    source = body()
    await attempt(out, "item", ask(source))
    await attempt(out, "close", source.aclose())


@scenario
async def AG_6_closing_what_has_ended(out):
    exhausted = counts(out, 1, -1)
    await takes_all(out, exhausted)
    await attempt(out, "exhausted", exhausted.aclose())
    closed = counts(out, 2, -1)
    await attempt(out, "item", ask(closed))
    await attempt(out, "close", closed.aclose())
    await attempt(out, "again", closed.aclose())


@scenario
async def closing_what_has_not_begun(out):
    source = counts(out, 2, -1)
    await attempt(out, "close", source.aclose())
    await attempt(out, "next", ask(source))


@scenario
async def an_error_of_the_body_is_thrown_once(out):
    async def body():
        yield 1
        await sleep(10)
        raise Boom("body")

    source = body()
    for _ in range(3):
        await attempt(out, "next", ask(source))
    out("at", out.at())


@scenario
async def an_error_of_the_clean_up(out):
    async def body():
        try:
            yield 1
        except GeneratorExit:
            await sleep(10)
            raise Boom("clean-up") from None

    source = body()
    await attempt(out, "item", ask(source))
    await attempt(out, "close", source.aclose())
    await attempt(out, "next", ask(source))


@scenario
async def a_cancel_meets_the_body_where_it_waits(out):
    source = tidy(out, 10)
    await attempt(out, "item", ask(source))
    task = asyncio.create_task(attempt(out, "task", ask(source)))
    await sleep(5)
    task.cancel()
    await task
    await attempt(out, "next", ask(source))
    out("at", out.at())


@scenario
async def a_body_that_swallows_a_cancel_goes_on(out):
    async def body():
        for i in range(3):
            try:
                await sleep(10)
            except asyncio.CancelledError:
                out("body swallows it")
            yield i

    task = asyncio.create_task(takes(out, "task", body(), 3))
    await sleep(15)
    task.cancel()
    await attempt(out, "main", task)
    out("cancelling", task.cancelling())


@scenario
async def a_deadline_for_one_item(out):
    source = tidy(out, 30)
    await attempt(out, "in time", asyncio.wait_for(ask(source), 0.05))
    await attempt(out, "too late", asyncio.wait_for(ask(source), 0.01))
    await attempt(out, "then", ask(source))
    out("at", out.at())


@scenario
async def a_second_consumer_is_refused(out):
    source = counts(out, 2, 10)
    first = asyncio.create_task(attempt(out, "first", ask(source)))
    second = asyncio.create_task(attempt(out, "second", ask(source)))
    third = asyncio.create_task(attempt(out, "third", source.aclose()))
    await asyncio.gather(first, second, third)
    await attempt(out, "close", source.aclose())


@scenario
async def AG_1_dropped_half_way_it_is_closed_by_the_loop(out):
    async def leaves():
        async for item in tidy(out, 10):
            out("got", item)
            if item == 1:
                break
        out("leaves at", out.at())

    await leaves()
    out("main goes on at", out.at())
    await sleep(50)
    out("main ends at", out.at())


@scenario
async def AG_1_what_a_dropped_one_throws_is_reported(out):
    async def body():
        try:
            yield 1
        except GeneratorExit:
            await sleep(10)
            raise Boom("clean-up") from None

    source = body()
    await attempt(out, "item", ask(source))
    del source
    await sleep(50)
    out("at", out.at())


KEPT = []


@scenario
async def AG_1_left_half_way_it_is_closed_at_the_end(out):
    KEPT.append(tidy(out, 10))
    await attempt(out, "item", ask(KEPT[0]))
    out("main ends at", out.at())


async def doubled(out, source):
    """Closes the inner one on its way out."""
    try:
        try:
            async for item in source:
                yield 2 * item
        except BaseException:
            out("outer is left at", out.at())
            raise
    finally:
        await source.aclose()
        out("outer is clean at", out.at())


@scenario
async def a_generator_over_a_generator_closed_from_outside(out):
    source = doubled(out, tidy(out, 10))
    for _ in range(2):
        await attempt(out, "item", ask(source))
    await attempt(out, "close", source.aclose())


@scenario
async def a_generator_over_a_generator_cancelled(out):
    task = asyncio.create_task(takes(out, "task", doubled(out, tidy(out, 10)), 9))
    await sleep(25)
    task.cancel()
    await attempt(out, "main", task)


@scenario
async def collected_transformed_and_filtered(out):
    async def square(x):
        await sleep(1)
        return x * x

    source = counts(out, 5, 10)
    chain = (await square(x) async for x in source if x % 2 == 1)
    out([item async for item in chain], "at", out.at())


@scenario
async def a_deadline_around_the_loop(out):
    async def body():
        try:
            async for item in tidy(out, 10):
                out("got", item)
        finally:
            out("the loop is left at", out.at())

    async def with_timeout():
        async with asyncio.timeout(0.025):
            await body()

    await attempt(out, "main", with_timeout())
    out("at", out.at())


DEPTH = contextvars.ContextVar("depth", default=0)


@scenario
async def the_context_is_that_of_who_asks(out):
    async def body():
        for _ in range(3):
            yield DEPTH.get()

    source = body()

    async def asks(value):
        DEPTH.set(value)
        out("seen", await ask(source))

    await asyncio.create_task(asks(1))
    await asyncio.create_task(asks(2))
    out("main", await ask(source))

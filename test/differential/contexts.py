# SPDX-License-Identifier: BSL-1.0
"""Context variables: who sees which value."""
import asyncio
import contextvars

from harness import scenario, sleep, turns, value_after

VAR = contextvars.ContextVar("var", default=0)


@scenario
async def TASK_33_a_task_copies_the_context(out):
    VAR.set(1)

    async def child():
        out("child sees", VAR.get())
        VAR.set(2)
        await turns(2)
        out("child still sees", VAR.get())

    task = asyncio.create_task(child())
    VAR.set(3)
    await turns(1)
    out("main sees", VAR.get())
    VAR.set(4)
    await task
    out("main sees", VAR.get())


@scenario
async def an_awaited_coroutine_shares_it(out):
    async def callee():
        VAR.set(5)
        await turns(1)

    await callee()
    out("main sees", VAR.get())


@scenario
async def TASK_34_done_callbacks_have_the_context_of_who_added_them(out):
    task = asyncio.create_task(value_after(10, 1))
    VAR.set("at the first")
    task.add_done_callback(lambda _: (out("first", VAR.get()), VAR.set("spoiled")))
    VAR.set("at the second")
    task.add_done_callback(lambda _: out("second", VAR.get()))
    VAR.set("main")
    await task
    await turns(1)
    out("main sees", VAR.get())


@scenario
async def callbacks_have_a_context_too(out):
    loop = asyncio.get_running_loop()
    VAR.set("soon")
    loop.call_soon(lambda: (out("call_soon", VAR.get()), VAR.set("spoiled")))
    VAR.set("later")
    loop.call_later(0.01, lambda: out("call_later", VAR.get()))
    VAR.set("main")
    await sleep(20)
    out("main sees", VAR.get())


@scenario
async def TASK_35_many_tasks_change_one_variable(out):
    async def changes(i):
        wrong = 0
        for step in range(5):
            VAR.set(i * 100 + step)
            await sleep(i % 3)
            wrong += VAR.get() != i * 100 + step
        return wrong

    tasks = [asyncio.create_task(changes(i)) for i in range(20)]
    out(sum([await task for task in tasks]), VAR.get())


@scenario
async def TASK_36_a_context_that_is_given_is_shared(out):
    context = contextvars.copy_context()

    async def child(value):
        out("child sees", VAR.get())
        VAR.set(value)
        await turns(1)

    await asyncio.create_task(child(1), context=context)
    out("main sees", VAR.get(), "there it is", context.run(VAR.get))
    await asyncio.create_task(child(2), context=context)
    out("there it is", context.run(VAR.get))


@scenario
async def set_and_reset(out):
    token = VAR.set(1)
    inner = VAR.set(2)
    out(VAR.get())
    VAR.reset(inner)
    out(VAR.get())
    VAR.reset(token)
    out(VAR.get())
    try:
        VAR.reset(token)
    except RuntimeError as error:
        out(error)


@scenario
async def a_token_of_another_context_is_refused(out):
    tokens = []

    async def child():
        tokens.append(VAR.set(1))

    await asyncio.create_task(child())
    try:
        VAR.reset(tokens[0])
    except ValueError as error:
        out(error)


@scenario
async def a_gather_copies_it_for_each_child(out):
    async def child(name):
        out(name, "sees", VAR.get())
        VAR.set(name)
        await turns(1)
        out(name, "sees", VAR.get())

    VAR.set("main")
    await asyncio.gather(child("a"), child("b"))
    out("main sees", VAR.get())

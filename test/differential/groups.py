# SPDX-License-Identifier: BSL-1.0
"""TaskGroup: children, failures, cancellation, nesting."""
import asyncio

from harness import Boom, attempt, boom_after, cleaner, outcome, scenario, sleep, turns, value_after, worker


async def with_group(body):
    """The shape that with_task_group has."""
    async with asyncio.TaskGroup() as group:
        await body(group)


async def fails_when_cancelled(out, text):
    try:
        await sleep(1000)
    except asyncio.CancelledError:
        out(text, "interrupted at", out.at())
        raise Boom(text)


@scenario
async def TG_1_waits_for_all_children(out):
    children = []

    async def body(group):
        children.append(group.create_task(value_after(20, 1)))
        children.append(group.create_task(value_after(10, 2)))
        out("body ends at", out.at())

    await with_group(body)
    out("at", out.at(), [outcome(child) for child in children])


@scenario
async def TG_1_without_children(out):
    async def body(group):
        await sleep(10)

    await attempt(out, "group", with_group(body))
    out("at", out.at())


@scenario
async def TG_2_children_added_later(out):
    async def body(group):
        group.create_task(worker(out, "first", 10))
        await sleep(20)
        group.create_task(worker(out, "second", 10))

    await with_group(body)
    out("at", out.at())


@scenario
async def a_child_adds_a_child(out):
    async def parent(group):
        await sleep(10)
        group.create_task(worker(out, "grandchild", 20))

    async def body(group):
        group.create_task(parent(group))

    await with_group(body)
    out("at", out.at())


@scenario
async def TG_3_a_child_cancelled_by_hand_is_no_failure(out):
    async def body(group):
        child = group.create_task(worker(out, "child", 100))
        group.create_task(worker(out, "other", 30))
        await sleep(10)
        child.cancel()

    await attempt(out, "group", with_group(body))
    out("at", out.at())


@scenario
async def TG_4_a_failing_child_stops_its_siblings_and_the_body(out):
    async def body(group):
        group.create_task(worker(out, "sibling", 100))
        group.create_task(boom_after(10, "x"))
        await worker(out, "body", 100)

    await attempt(out, "group", with_group(body))
    out("at", out.at(), asyncio.current_task().cancelling())


@scenario
async def TG_4_a_failing_child_when_the_body_has_ended(out):
    async def body(group):
        group.create_task(cleaner(out, "sibling", 50))
        group.create_task(boom_after(10, "x"))

    await attempt(out, "group", with_group(body))
    out("at", out.at())


@scenario
async def TG_6_an_error_of_one_that_was_stopped(out):
    async def body(group):
        group.create_task(boom_after(10, "a"))
        group.create_task(fails_when_cancelled(out, "b"))

    await attempt(out, "group", with_group(body))


@scenario
async def TG_7_a_cancel_from_outside_while_leaving(out):
    async def body(group):
        group.create_task(worker(out, "quick", 5))
        group.create_task(cleaner(out, "slow", 20))

    task = asyncio.create_task(with_group(body))
    await sleep(10)
    task.cancel()
    await attempt(out, "group", task)
    out("at", out.at())


@scenario
async def TG_8_a_cancel_from_outside_goes_to_the_body_first(out):
    async def body(group):
        group.create_task(worker(out, "child", 100))
        await cleaner(out, "body", 20)

    task = asyncio.create_task(with_group(body))
    await sleep(10)
    task.cancel()
    await attempt(out, "group", task)
    out("at", out.at())


@scenario
async def TG_9_a_cancel_without_children(out):
    async def body(group):
        await worker(out, "body", 100)

    task = asyncio.create_task(with_group(body))
    await sleep(10)
    task.cancel()
    await attempt(out, "group", task)


@scenario
async def TG_10_children_that_fail_while_being_cancelled(out):
    async def body(group):
        group.create_task(worker(out, "quick", 5))
        group.create_task(fails_when_cancelled(out, "slow"))

    task = asyncio.create_task(with_group(body))
    await sleep(10)
    task.cancel()
    await attempt(out, "group", task)


@scenario
async def TG_11_the_body_fails(out):
    async def body(group):
        group.create_task(worker(out, "child", 100))
        await sleep(10)
        raise Boom("body")

    await attempt(out, "group", with_group(body))
    out("at", out.at())


@scenario
async def TG_12_the_body_fails_before_any_child_began(out):
    children = []

    async def body(group):
        children.append(group.create_task(worker(out, "child", 100)))
        raise Boom("body")

    await attempt(out, "group", with_group(body))
    out(outcome(children[0]))


@scenario
async def TG_13_nested_groups_and_a_cancel_from_outside(out):
    async def inner_body(group):
        group.create_task(fails_when_cancelled(out, "inner"))

    async def body(group):
        group.create_task(with_group(inner_body))

    task = asyncio.create_task(with_group(body))
    await sleep(10)
    task.cancel()
    await attempt(out, "group", task)


@scenario
async def TG_14_a_child_of_the_outer_group_fails(out):
    async def inner_body(group):
        group.create_task(worker(out, "inner", 100))

    async def body(group):
        group.create_task(boom_after(10, "outer"))
        await with_group(inner_body)

    await attempt(out, "group", with_group(body))


@scenario
async def TG_15_a_child_of_the_inner_group_fails(out):
    async def inner_body(group):
        group.create_task(boom_after(10, "inner"))

    async def body(group):
        group.create_task(worker(out, "outer", 100))
        await with_group(inner_body)

    await attempt(out, "group", with_group(body))


@scenario
async def TG_16_a_child_fails_during_the_slow_clean_up_of_the_body(out):
    async def body(group):
        group.create_task(boom_after(30, "x"))
        await cleaner(out, "body", 50)

    task = asyncio.create_task(with_group(body))
    await sleep(10)
    task.cancel()
    await attempt(out, "group", task)
    out("at", out.at())


@scenario
async def TG_18_the_body_answers_with_an_error_of_its_own(out):
    async def body(group):
        await fails_when_cancelled(out, "body")

    task = asyncio.create_task(with_group(body))
    await sleep(10)
    task.cancel()
    await attempt(out, "group", task)


@scenario
async def TG_19_a_child_fails_and_then_the_body(out):
    async def body(group):
        group.create_task(boom_after(10, "child"))
        await fails_when_cancelled(out, "body")

    await attempt(out, "group", with_group(body))


@scenario
async def TG_26_no_child_after_the_failure(out):
    async def body(group):
        group.create_task(boom_after(10, "child"))
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            late = worker(out, "late", 10)
            try:
                group.create_task(late)
            except RuntimeError as error:
                late.close()
                out("late:", error)
            raise

    await attempt(out, "group", with_group(body))


@scenario
async def TG_31_the_count_after_a_failed_group(out):
    async def body(group):
        group.create_task(boom_after(10, "x"))
        await sleep(1000)

    async def guarded():
        await attempt(out, "group", with_group(body))
        out(asyncio.current_task().cancelling())
        await sleep(10)
        return "healthy"

    await attempt(out, "task", asyncio.create_task(guarded()))


@scenario
async def a_group_in_a_timeout(out):
    async def body(group):
        group.create_task(cleaner(out, "child", 30))
        await worker(out, "body", 100)

    async def limited():
        async with asyncio.timeout(0.02):
            await with_group(body)

    await attempt(out, "timeout", limited())
    out("at", out.at())


@scenario
async def a_timeout_in_a_group(out):
    async def limited():
        async with asyncio.timeout(0.02):
            await worker(out, "child", 100)

    async def body(group):
        group.create_task(limited())
        group.create_task(worker(out, "sibling", 100))

    await attempt(out, "group", with_group(body))
    out("at", out.at())


@scenario
async def children_begin_in_order_after_the_body_suspends(out):
    async def body(group):
        for name in "abc":
            group.create_task(worker(out, name, 10))
        out("created")
        await turns(1)
        out("body goes on")

    await with_group(body)
    out("end")


@scenario
async def the_body_swallows_the_cancel(out):
    async def body(group):
        group.create_task(worker(out, "child", 50))
        try:
            await sleep(1000)
        except asyncio.CancelledError:
            out("swallowed")

    task = asyncio.create_task(with_group(body))
    await sleep(10)
    task.cancel()
    await attempt(out, "group", task)
    out("at", out.at(), task.cancelling())

# SPDX-License-Identifier: BSL-1.0
"""asyncio's side of the differential test: a loop in virtual time, traces, and what scenarios share.

The C++ side is scenario.hpp; both write the same words for the same thing. Only what Python 3.11 has is used.
"""
import asyncio
import asyncio.base_events
import gc
import importlib
import pathlib
import sys

SCENARIOS = {}


def scenario(function):
    """Registers `async def name(out)`; BRIO_SCENARIO(name) is its counterpart."""
    assert function.__name__ not in SCENARIOS, function.__name__
    SCENARIOS[function.__name__] = function
    return function


def fixed_in(*version):
    """For scenarios that earlier releases of Python get wrong: these do not run them."""
    def mark(function):
        function.fixed_in = version
        return function
    return mark


class Deadlock(BaseException):
    """Nothing is ready and no timer is left."""


class VirtualLoop(asyncio.base_events.BaseEventLoop):
    """asyncio's own loop with a clock that jumps to the next deadline, and without I/O."""

    def __init__(self):
        self.now = 0.0
        super().__init__()
        self._selector = self
        self._clock_resolution = 1e-9

    def time(self):
        return self.now

    def select(self, timeout):
        if timeout is None:
            raise Deadlock()
        if timeout > 0:
            self.now = self._scheduled[0].when()
        return ()

    def _process_events(self, events):
        pass

    def _write_to_self(self):
        pass  # call_soon_threadsafe, which closes generators that were dropped: there is one thread only


class Boom(Exception):
    """What scenarios throw."""


def describe(error):
    text = str(error.args[0]) if error.args else ""
    if isinstance(error, asyncio.CancelledError):
        return f"cancelled({text})" if text else "cancelled"
    if isinstance(error, Boom):
        return f"boom({text})"
    if isinstance(error, BaseExceptionGroup):
        return "group[" + ", ".join(describe(inner) for inner in error.exceptions) + "]"
    for kind, word in ((asyncio.TimeoutError, "timeout"), (asyncio.QueueEmpty, "queue_empty"), (asyncio.QueueFull, "queue_full"),
                       (asyncio.BrokenBarrierError, "broken"), (asyncio.InvalidStateError, "refused"),
                       (RuntimeError, "refused"), (ValueError, "refused")):
        if isinstance(error, kind):
            return word
    return f"other({type(error).__name__})"


def show(value):
    if isinstance(value, BaseException):
        return describe(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(show(item) for item in value) + "]"
    return str(value)


def outcome(task):
    """pending, the value, or the error."""
    if not task.done():
        return "pending"
    try:
        return show(task.result())
    except BaseException as error:
        return describe(error)


class Trace:
    def __init__(self):
        self.lines = []

    def __call__(self, *words):
        self.lines.append(" ".join(show(word) for word in words))

    def at(self):
        """Milliseconds since the start."""
        return round(asyncio.get_running_loop().time() * 1000)


def run(function):
    out = Trace()

    async def main():
        asyncio.get_running_loop().set_exception_handler(lambda _, context: out("reported", context.get("exception")))
        await function(out)

    gc.disable()  # what refers to itself is collected at the end, not anywhere
    try:
        with asyncio.Runner(debug=False, loop_factory=VirtualLoop) as runner:
            runner.run(main())
    except Deadlock:
        out("deadlock")
    except BaseException as error:
        out("main ended with", error)
    gc.collect()
    return out.lines


# What many scenarios use. Times are milliseconds.

async def sleep(ms):
    await asyncio.sleep(ms / 1000)


async def attempt(out, label, awaitable):
    """Traces what comes of it."""
    try:
        value = await awaitable
    except BaseException as error:
        out(label, describe(error))
        return
    out(label, value)


async def worker(out, name, ms):
    out(name, "begins")
    try:
        await sleep(ms)
    except asyncio.CancelledError:
        out(name, "cancelled at", out.at())
        raise
    out(name, "ends at", out.at())


async def cleaner(out, name, ms):
    """Waits for ever; its clean-up takes that long."""
    try:
        await sleep(3600000)
    except asyncio.CancelledError:
        out(name, "cleans up")
        await sleep(ms)
        out(name, "is clean at", out.at())
        raise


async def stepper(out, name, count):
    for i in range(count):
        out(name, i)
        await asyncio.sleep(0)


async def value_after(ms, value):
    await sleep(ms)
    return value


async def boom_after(ms, text):
    await sleep(ms)
    raise Boom(text)


async def turns(count):
    for _ in range(count):
        await asyncio.sleep(0)


def main():
    """Prints the traces of all scenarios, by topic: the files beside this one."""
    for path in sorted(pathlib.Path(__file__).parent.glob("*.py")):
        if path.name == pathlib.Path(__file__).name:
            continue
        before = set(SCENARIOS)
        importlib.import_module(path.stem)
        print(f"## {path.stem}")
        for name in [name for name in SCENARIOS if name not in before]:
            if sys.version_info[:3] < getattr(SCENARIOS[name], "fixed_in", ()):
                print(f"== {name} LEFT OUT")
            else:
                print(f"== {name}", *run(SCENARIOS[name]), sep="\n")


if __name__ == "__main__":
    sys.modules["harness"] = sys.modules["__main__"]
    main()

"""Runs a plugin's function a step at a time: until it waits, and on when everything that it waits for has come."""

import inspect
import traceback
from pathlib import Path
from typing import Any, Generator

from componentize_py_types import Err
from wit_world.imports import types

#: Whether exceptions leave as they are, for tests of the author; else as faults of the border.
plain = False

_OWN = str(Path(__file__).parent)


class Wait:
    """Something that takes time. Await it, or yield it in a generator."""

    #: What came of it; `Flow` sets it.
    value: Any = None
    done = False

    def __await__(self) -> Generator["Wait", Any, Any]:
        return (yield self)


class _Together:
    def __init__(self, waits: tuple[Wait, ...]) -> None:
        self.waits = waits

    def __await__(self) -> Generator["_Together", Any, list]:
        return (yield self)


def together(*waits: Wait) -> _Together:
    """Waits for several at once: ``one, other = await together(ask(...), ask(...))``."""
    return _Together(waits)


class Flow:
    """A plugin's function under way."""

    def __init__(self, function: Any, arguments: dict[str, Any]) -> None:
        self._function = function
        self.result: Any = None
        self.is_done = False
        # What the function waits for, as it said it, and one by one.
        self._wanted: Any = None
        self._waiting: list[Wait] = []
        with reporting(function):
            begun = function(**arguments)
            if inspect.isasyncgen(begun):
                raise TypeError(f"{function.__name__} is an `async def` and has a `yield`: await in it, or make it a `def`")
            if inspect.isgenerator(begun) or inspect.iscoroutine(begun):
                self._running = begun
            else:  # It waits for nothing.
                self.result, self.is_done, self._running = begun, True, None

    def advance(self) -> list[Wait]:
        """Runs it on if everything has come that it waits for. Returns what it newly waits for."""
        new: list[Wait] = []
        while not self.is_done and all(wait.done for wait in self._waiting):
            with reporting(self._function):
                try:
                    wanted = self._running.send(self._came())
                    while (waits := _waits(wanted)) is None:
                        # Raised where the author waits, so that the line is the author's.
                        wanted = self._running.throw(
                            TypeError(f"{wanted!r} is nothing to wait for: yield or await what ask, detect or play returned")
                        )
                except StopIteration as end:
                    self.result, self.is_done = end.value, True
                    break
                self._wanted, self._waiting = wanted, waits
            new.extend(wait for wait in self._waiting if not wait.done)
        return new

    def _came(self) -> Any:
        """What came of that which the function waits for. None at the beginning."""
        if self._wanted is None:
            return None
        return self._wanted.value if isinstance(self._wanted, Wait) else [wait.value for wait in self._waiting]


def _waits(wanted: Any) -> list[Wait] | None:
    """What a function waits for. None if that is nothing of this package."""
    if isinstance(wanted, Wait):
        return [wanted]
    waits = list(wanted.waits) if isinstance(wanted, _Together) else wanted
    is_known = isinstance(waits, list | tuple) and all(isinstance(wait, Wait) for wait in waits)
    return list(waits) if is_known else None


class reporting:
    """Turns an exception of the author's code into a fault with the author's own lines, and without those of this package."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is None or plain or isinstance(error, Err) and isinstance(error.value, types.Fault):
            return False
        if isinstance(error, Err):  # A look-up that the host refused.
            error = RuntimeError(error.value)
        frames = [frame for frame in traceback.extract_tb(trace) if not frame.filename.startswith(_OWN)]
        if not frames:  # It is about what the function is, or has returned.
            code = self._function.__code__
            frames = [traceback.FrameSummary(code.co_filename, code.co_firstlineno, code.co_name)]
        lines = traceback.format_list(frames) + traceback.format_exception_only(error)
        raise fault("".join(lines).rstrip()) from error


def fault(message: str, blame: Any = None) -> Exception:
    """A fault to raise: what the plugin cannot work with."""
    if plain:
        return AssertionError(message)
    return Err(types.Fault(blame or types.Blame.INTERNAL, message[:60_000]))

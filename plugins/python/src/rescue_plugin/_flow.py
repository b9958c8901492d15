"""Runs a plugin's function a step at a time: until it waits, and on when everything that it waits for has come."""

import inspect
import traceback
from pathlib import Path
from typing import Any, Generator

from componentize_py_types import Err
from wit_world.imports import types

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

    def __init__(self, function: Any, arguments: list) -> None:
        self.result: Any = None
        self.is_done = False
        self._waiting: list[Wait] = []
        self._is_single = True
        with reporting():
            begun = function(*arguments)
            if inspect.isgenerator(begun) or inspect.iscoroutine(begun):
                self._running = begun
            else:  # It waits for nothing.
                self.result, self.is_done, self._running = begun, True, None

    def advance(self) -> list[Wait]:
        """Runs it on if everything has come that it waits for. Returns what it newly waits for."""
        new: list[Wait] = []
        while not self.is_done and all(wait.done for wait in self._waiting):
            values = [wait.value for wait in self._waiting]
            value = (values[0] if self._is_single else values) if self._waiting else ([] if not self._is_single else None)
            with reporting():
                try:
                    wanted = self._running.send(value)
                except StopIteration as end:
                    self.result, self.is_done = end.value, True
                    break
                self._take(wanted)
            new.extend(wait for wait in self._waiting if not wait.done)
        return new

    def _take(self, wanted: Any) -> None:
        self._is_single = isinstance(wanted, Wait)
        waits = [wanted] if self._is_single else list(wanted.waits if isinstance(wanted, _Together) else wanted)
        for wait in waits:
            if not isinstance(wait, Wait):
                raise TypeError(f"{wait!r} is nothing to wait for: yield or await what ask, detect or play returned")
        self._waiting = waits


class reporting:
    """Turns an exception of the author's code into a fault with the author's own lines, and without those of this package."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> bool:
        if error is None or isinstance(error, Err):
            return False
        frames = [frame for frame in traceback.extract_tb(trace) if not frame.filename.startswith(_OWN)]
        lines = traceback.format_list(frames) + traceback.format_exception_only(error)
        raise fault("".join(lines).rstrip()) from error


def fault(message: str, blame: Any = None) -> Exception:
    """A fault to raise: what the plugin cannot work with."""
    return Err(types.Fault(blame or types.Blame.INTERNAL, message[:60_000]))

"""The decorators: what a plugin offers."""

import inspect
import re
import typing
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Callable

from wit_world.imports import types

from . import _settings
from ._random import Random

_COMMON = ("query", "image", "count", "random", "settings", "brief")


@dataclass
class Offer:
    """One kind that the plugin offers."""

    kind: str
    function: Callable
    parameters: list[str]
    settings: type | None
    needs: list[str]
    traits: list[tuple[str, str]]

    def arguments(self, brief: types.Brief, given: dict[str, Any]) -> list:
        """What the function is called with."""
        values = {
            "query": brief.query, "image": brief.image, "count": brief.count, "random": Random(brief.seed), "brief": brief,
            "settings": _settings.read(self.settings, brief.settings) if self.settings else None, **given,
        }
        return [values[name] for name in self.parameters]


#: The offers of the plugin by kind.
OFFERS: dict[str, Offer] = {}


def _offer(kind: str, known: tuple[str, ...], function: Callable, needs: list[str], traits: list[tuple[str, str]], free: bool = False) -> Callable:
    parameters = list(inspect.signature(function).parameters)
    unknown = [name for name in parameters if name not in _COMMON + known]
    if unknown and not free:
        names = ", ".join(known + _COMMON)
        raise TypeError(f"{function.__name__} asks for {unknown[0]!r}, which a {kind} is not given; it may ask for {names}")
    settings = typing.get_type_hints(function).get("settings")
    if "settings" in parameters and settings is None:
        raise TypeError(f"{function.__name__} does not say of which class its settings are: annotate them, as in `settings: Settings`")
    _settings.schema(settings)
    if kind in OFFERS and OFFERS[kind].function.__module__ == function.__module__ and OFFERS[kind].function.__name__ != function.__name__:
        raise TypeError(f"a plugin has one {kind}: there are {OFFERS[kind].function.__name__} and {function.__name__}")
    OFFERS[kind] = Offer(kind, function, parameters, settings, needs, traits)
    return function


def _decorator(kind: str, known: tuple[str, ...], asks: bool) -> Callable:
    def decorate(function: Callable | None = None, *, needs: tuple[str, ...] = (), traits: dict[str, str] | None = None) -> Callable:
        def mark(function: Callable) -> Callable:
            names = inspect.signature(function).parameters
            own = [need for name, need in (("ask", "chat"), ("detect", "detect")) if asks and name in names]
            return _offer(kind, known, function, own + [need for need in needs if need not in own], list((traits or {}).items()))

        return mark(function) if function else mark

    decorate.__name__ = kind
    decorate.__doc__ = f"Marks the function of a {kind}: see the documentation of the package for its parameters."
    return decorate


planner = _decorator("planner", ("ask", "detect", "propose"), asks=True)
scorer = _decorator("scorer", ("field", "ask"), asks=True)
tournament = _decorator("tournament", ("field", "play", "terms"), asks=False)


def verifier(function: Callable | None = None, *, contestants: tuple[int, int] | None = None, needs: tuple[str, ...] = ()) -> Callable:
    """Marks the function of a verifier. `contestants` are the fewest and the most that it takes, for a function that asks for the list."""

    def mark(function: Callable) -> Callable:
        names = [name for name in inspect.signature(function).parameters if name not in _COMMON + ("ask", "contestants")]
        least, most = contestants or ((2, 2) if not names else (len(names), len(names)))
        own = ["chat"] if "ask" in inspect.signature(function).parameters else []
        traits = [("contestants", f"{least}..{most}")]
        return _offer("verifier", ("ask", "contestants"), function, own + list(needs), traits, free=True)

    return mark(function) if function else mark


def about(module: ModuleType) -> dict[str, str]:
    """Name, version and summary of the plugin that a module makes: `__version__` is its version, and the first paragraph of its documentation,
    or of its function's, the summary."""
    if not OFFERS:
        raise TypeError("the module has no function that is marked with @tournament, @verifier, @scorer or @planner")
    name = re.sub(r"[^a-z0-9]+", "-", module.__name__.lower()).strip("-")
    text = inspect.getdoc(module) or inspect.getdoc(next(iter(OFFERS.values())).function) or name
    return {
        "name": name,
        "version": getattr(module, "__version__", "0.1.0"),
        "summary": " ".join(text.split("\n\n")[0].split()),
    }

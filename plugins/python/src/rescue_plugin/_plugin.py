"""The decorators: what a plugin offers."""

import inspect
import re
import typing
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Callable, Iterable

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
    #: Of a verifier: the parameters that are contestants.
    contestants: list[str]

    def arguments(self, brief: types.Brief, given: dict[str, Any]) -> dict[str, Any]:
        """What the function is called with."""
        from ._flow import fault

        settings = None
        if self.settings:
            try:
                settings = _settings.read(self.settings, brief.settings)
            except Exception as error:
                raise fault(f"{self.settings.__name__}: {error}", types.Blame.SETTINGS) from error
        values = {
            "query": brief.query, "image": brief.image, "count": brief.count, "random": Random(brief.seed), "brief": brief,
            "settings": settings, **given,
        }
        return {name: values[name] for name in self.parameters}


#: All functions that are marked, of whatever module.
_MARKED: list[Offer] = []
#: The offers of the plugin, by kind: see `choose`.
OFFERS: dict[str, Offer] = {}


def choose(functions: Iterable[Any]) -> None:
    """Makes the marked ones of these the plugin's offers. What a module imports and does not name is none of its offers."""
    OFFERS.clear()
    wanted = {id(function) for function in functions}
    for offer in _MARKED:
        if id(offer.function) not in wanted:
            continue
        if offer.kind in OFFERS:
            both = f"{OFFERS[offer.kind].function.__name__} and {offer.function.__name__}"
            raise TypeError(f"a plugin has one {offer.kind}: there are {both}")
        OFFERS[offer.kind] = offer
    if not OFFERS:
        raise TypeError("the module has no function that is marked with @tournament, @verifier, @scorer or @planner")


def _offer(kind: str, known: tuple[str, ...], function: Callable, needs: list[str], traits: list[tuple[str, str]], free: int = 0) -> Callable:
    parameters = list(inspect.signature(function).parameters.values())
    for parameter in parameters:
        if parameter.kind != parameter.POSITIONAL_OR_KEYWORD or parameter.default is not parameter.empty:
            raise TypeError(f"{function.__name__}: {parameter} is no plain parameter: a plugin's function has names alone")
    names = [parameter.name for parameter in parameters]
    unknown = [name for name in names[free:] if name not in _COMMON + known]
    if unknown:
        raise TypeError(f"{function.__name__} asks for {unknown[0]!r}, which a {kind} is not given; it may ask for {', '.join(known + _COMMON)}")
    settings = typing.get_type_hints(function).get("settings")
    if "settings" in names and settings is None:
        raise TypeError(f"{function.__name__} does not say of which class its settings are: annotate them, as in `settings: Settings`")
    _settings.schema(settings)
    _MARKED.append(Offer(kind, function, names, settings, needs, traits, names[:free]))
    return function


def _decorator(kind: str, known: tuple[str, ...], asks: bool) -> Callable:
    def decorate(function: Callable | None = None, *, needs: tuple[str, ...] = ()) -> Callable:
        def mark(function: Callable) -> Callable:
            names = inspect.signature(function).parameters
            own = [need for name, need in (("ask", "chat"), ("detect", "detect")) if asks and name in names]
            return _offer(kind, known, function, own + [need for need in needs if need not in own], [])

        return mark(function) if function else mark

    decorate.__name__ = kind
    decorate.__doc__ = f"Marks the function of a {kind}: see the documentation of the package for its parameters."
    return decorate


planner = _decorator("planner", ("ask", "detect", "propose"), asks=True)
scorer = _decorator("scorer", ("field", "ask"), asks=True)
tournament = _decorator("tournament", ("field", "play", "terms"), asks=False)


def verifier(function: Callable | None = None, *, contestants: tuple[int, int] | None = None, needs: tuple[str, ...] = ()) -> Callable:
    """Marks the function of a verifier. Its first parameters are the contestants, in the order shown; or it asks for the list `contestants`, and
    says here the fewest and the most that it takes."""

    def mark(function: Callable) -> Callable:
        known = _COMMON + ("ask", "contestants")
        parameters = list(inspect.signature(function).parameters)
        free = next((at for at, name in enumerate(parameters) if name in known), len(parameters))
        if (free > 0) == ("contestants" in parameters):
            raise TypeError(f"{function.__name__} asks either for each contestant, as in (a, b, ask), or for all of them, as (contestants, ask)")
        if contestants is not None and free > 0:
            raise TypeError(f"{function.__name__} names its contestants, and so takes {free}: leave out contestants={contestants}")
        least, most = contestants or ((free, free) if free else (2, 2))
        own = ["chat"] if "ask" in parameters else []
        return _offer("verifier", ("ask", "contestants"), function, own + list(needs), [("contestants", f"{least}..{most}")], free)

    return mark(function) if function else mark


def about(module: ModuleType) -> dict[str, str]:
    """Name, version and summary of the plugin that a module makes: `__version__` is its version, and the first paragraph of its documentation,
    or of its function's, the summary."""
    name = re.sub(r"[^a-z0-9]+", "-", module.__name__.lower()).strip("-")
    text = inspect.getdoc(module) or inspect.getdoc(next(iter(OFFERS.values())).function) or name
    return {
        "name": name,
        "version": getattr(module, "__version__", "0.1.0"),
        "summary": " ".join(text.split("\n\n")[0].split()),
    }

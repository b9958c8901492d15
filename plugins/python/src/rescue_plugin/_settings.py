"""Settings: a dataclass whose annotations and defaults become the schema that the host checks."""

import dataclasses
import json
import typing
from dataclasses import dataclass
from typing import Annotated, Any, Literal


@dataclass(frozen=True)
class Range:
    """The least and the greatest value of a number: ``Annotated[float, Range(0, 1), "What it does."]``."""

    low: float
    high: float


_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}


def schema(settings: type | None) -> str:
    """The JSON Schema of a settings class; of no settings, if it is None."""
    properties = {}
    if settings is not None:
        if not (isinstance(settings, type) and dataclasses.is_dataclass(settings)):
            raise TypeError(f"settings are annotated with {settings!r}, which is no dataclass: write @dataclass before the class")
        hints = typing.get_type_hints(settings, include_extras=True)
        for field in dataclasses.fields(settings):
            properties[field.name] = _property(settings, field, hints[field.name])
    return json.dumps({"type": "object", "properties": properties})


def _property(settings: type, field: dataclasses.Field, hint: Any) -> dict:
    place = f"{settings.__name__}.{field.name}"
    if field.default is dataclasses.MISSING:
        raise TypeError(f"{place} has no plain default: every setting needs one, as in `{field.name}: int = 3`")
    more = ()
    if typing.get_origin(hint) is Annotated:
        hint, *more = typing.get_args(hint)
    found: dict[str, Any] = {"default": field.default}
    if typing.get_origin(hint) is Literal:
        found["enum"] = list(typing.get_args(hint))
        if field.default not in found["enum"]:
            raise TypeError(f"{place} is {field.default!r} by default, which is none of {found['enum']}")
    elif hint in _TYPES:
        found["type"] = _TYPES[hint]
        wanted = (int, float) if hint is float else hint
        if not isinstance(field.default, wanted) or isinstance(field.default, bool) != (hint is bool):
            raise TypeError(f"{place} is {field.default!r} by default, which is no {hint.__name__}")
        if hint is float:
            found["default"] = float(field.default)
    else:
        raise TypeError(f"{place} is {hint!r}; a setting is a bool, int, float or str, or a Literal of several values")
    for note in more:
        if isinstance(note, Range):
            if found.get("type") not in ("integer", "number") or not note.low <= field.default <= note.high:
                raise TypeError(f"{place} is {field.default!r} by default, which is no number from {note.low} to {note.high}")
            found["minimum"], found["maximum"] = note.low, note.high
        elif isinstance(note, str):
            found["description"] = note
        else:
            raise TypeError(f"{place} is annotated with {note!r}; what is understood is Range(low, high) and a description")
    return found


def read(settings: type, text: str) -> Any:
    """The settings that the host has resolved."""
    return settings(**json.loads(text))

"""Checks values before they cross the border, where a wrong type would end the component without a line of its author."""

from typing import Any


def text(value: Any, what: str) -> str:
    """A text that is valid Unicode."""
    if not isinstance(value, str):
        raise TypeError(f"{what} is {value!r}; it has to be a text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise TypeError(f"{what} is no valid Unicode: {error}") from None
    return value


def whole(value: Any, what: str) -> int:
    """A whole number from 0."""
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 32:
        raise TypeError(f"{what} is {value!r}; it has to be a whole number from 0")
    return value


def number(value: Any, what: str) -> float:
    """A number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise TypeError(f"{what} is {value!r}; it has to be a number")
    return float(value)


def extras(notes: Any, what: str) -> list[tuple[str, str]]:
    """Named texts."""
    if not isinstance(notes, dict):
        raise TypeError(f"{what} is {notes!r}; it has to be a dict of texts")
    return [(text(name, f"a name in {what}"), text(value, f"{what}[{name!r}]")) for name, value in notes.items()]

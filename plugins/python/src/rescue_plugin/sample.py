"""Look-ups in the sample at hand. They are pure, and see only the candidates that the session was told of. Outside of the host there is no sample,
and they raise NotImplementedError: replace them in a test."""

from dataclasses import dataclass
from typing import Any

from wit_world.imports import sample as border

from ._chat import Box, number, rect


@dataclass
class Raster:
    """A rectangle of samples by rows, the top left one first: three bytes each of a photo (red, green, blue), one of a mask."""

    width: int
    height: int
    data: bytes


def _raster(of: Any) -> Raster:
    return Raster(of.size.width, of.size.height, of.data)


def pixels(area: Box, max_side: int = 0) -> Raster:
    """The photo inside a box, no longer on its longer side than `max_side`; 0 is full size."""
    return _raster(border.pixels(rect(area), max_side))


def mask(candidate: Any, area: Box, max_side: int = 0) -> Raster:
    """The mask of a candidate on the grid that `pixels` gives: 255 inside, 0 outside."""
    return _raster(border.mask(number(candidate), rect(area), max_side))


def iou(one: Any, other: Any) -> float:
    """Intersection over union of two candidates' masks, 0 to 1."""
    return border.iou(number(one), number(other))


def reasoning(candidate: Any) -> str:
    """Why the planner proposed a candidate."""
    return border.reasoning(number(candidate))

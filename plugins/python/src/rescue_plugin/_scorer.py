"""Scorers."""

from typing import Any

from wit_world.exports import scorer as border
from wit_world.imports import types

from ._chat import Questions, ask, number
from ._check import number as number_of
from ._field import Field
from ._flow import Flow, reporting
from ._plugin import OFFERS


class Scoring:
    """The session of the border."""

    def __init__(self, brief: types.Brief) -> None:
        self._brief, self._field, self._is_closed = brief, Field(), False
        self._flow: Flow | None = None
        self._questions = Questions(brief.room)

    @classmethod
    def start(cls, brief: types.Brief) -> "Scoring":
        return cls(brief)

    def tell(self, facts: list[Any]) -> None:
        for fact in facts:
            match fact:
                case border.Fact_Entered(candidate):
                    self._field.enter(candidate)
                case border.Fact_Closed(standings):
                    self._field.close(standings)
                    self._is_closed = True
                case border.Fact_Answered(answer):
                    self._questions.answered(answer)

    def next(self) -> border.Step:
        if not self._is_closed:
            return border.Step([], [], None)
        if not self._field:  # Nothing was found: there is nothing to score.
            return border.Step([], [], [])
        offer = OFFERS["scorer"]
        if self._flow is None:
            self._flow = Flow(offer.function, offer.arguments(self._brief, {"field": self._field, "ask": ask}))
        self._questions.add(self._flow.advance())
        if self._flow.is_done:
            with reporting(offer.function):
                given = self._flow.result
                if not isinstance(given, dict):
                    raise TypeError(f"{given!r} is no scores: return a number by candidate, as in {{one: 0.5}}")
                scores = [types.Score(number(one), number_of(value, "a score")) for one, value in given.items() if value is not None]
                return border.Step([], [], sorted(scores, key=lambda score: score.id))
        return border.Step(self._questions.step(), [], None)

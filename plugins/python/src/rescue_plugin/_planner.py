"""Planners."""

from typing import Any, Sequence

from wit_world.exports import planner as border
from wit_world.imports import types

from ._chat import Box, Questions, ask, detect, rect
from ._check import extras, number, text
from ._flow import Flow
from ._plugin import OFFERS


class Planning:
    """The session of the border."""

    def __init__(self, brief: types.Brief) -> None:
        self._brief, self._next = brief, 0
        self._proposals: list[Any] = []
        self._questions = Questions(brief.room)
        offer = OFFERS["planner"]
        given = {"ask": ask, "detect": detect, "propose": self._propose}
        self._flow = Flow(offer.function, offer.arguments(brief, given))

    @classmethod
    def start(cls, brief: types.Brief) -> "Planning":
        return cls(brief)

    def tell(self, facts: list[Any]) -> None:
        for fact in facts:
            if isinstance(fact, border.Fact_Answered):
                self._questions.answered(fact.value)

    def next(self) -> border.Step:
        self._questions.add(self._flow.advance())
        room = self._brief.room
        proposals, self._proposals = self._proposals[:room], self._proposals[room:]
        asked = [] if proposals else self._questions.step()
        is_done = self._flow.is_done and not self._proposals
        return border.Step(asked, [], proposals, is_done)

    def _propose(
        self,
        label: str,
        box: Box | None = None,
        *,
        concept: str = "",
        points: Sequence[tuple[float, float, bool]] = (),
        confidence: float | None = None,
        reasoning: str = "",
        origin: str = "",
        notes: dict[str, str] | None = None,
    ) -> bool:
        """Proposes to segment the object in this box or at these points (x, y, whether it covers the point), or all instances of a concept;
        those that meet the box, if both are given. Returns False if there are as many hypotheses as are wanted."""
        if box is None and not concept and not points:
            raise TypeError(f"the hypothesis {label!r} says nowhere what to segment: give a box, points or a concept")
        if self._next >= self._brief.count:
            return False
        where = None if box is None else rect(box)
        prompt = types.Prompt(text(concept, "the concept"), where, [types.Point(float(x), float(y), bool(inside)) for x, y, inside in points])
        hypothesis = types.Hypothesis(
            self._next,
            text(label, "the label"),
            [types.Region_Prompt(prompt)],
            [],
            None if confidence is None else number(confidence, "the confidence"),
            text(reasoning, "the reasoning"),
            text(origin, "the origin"),
            extras(notes or {}, "notes"),
        )
        self._proposals.append(border.Proposal_Hypothesis(hypothesis))
        self._next += 1
        return True

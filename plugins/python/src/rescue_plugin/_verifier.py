"""Verifiers."""

from typing import Any

from wit_world.exports import verifier as border
from wit_world.imports import types

from ._chat import Questions, ask, number
from ._check import extras, number as number_of, text
from ._field import Candidate, candidate
from ._flow import Flow, fault, reporting
from ._plugin import OFFERS
from ._results import Abstained, Verdict


class Judging:
    """The session of the border."""

    def __init__(self, brief: types.Brief, contest: border.Contest) -> None:
        offer = OFFERS["verifier"]
        self._contestants = [candidate(one) for one in contest.contestants]
        given: dict[str, Any] = {"ask": ask, "contestants": self._contestants}
        names = offer.contestants
        if names and len(names) != len(self._contestants):
            message = f"{len(self._contestants)} contestants were shown; this verifier takes {len(names)}"
            raise fault(message, types.Blame.UNSUPPORTED)
        given.update(zip(names, self._contestants))
        self._flow = Flow(offer.function, offer.arguments(brief, given))
        self._questions = Questions(brief.room)

    @classmethod
    def start(cls, brief: types.Brief, contest: border.Contest) -> "Judging":
        return cls(brief, contest)

    def tell(self, facts: list[Any]) -> None:
        for fact in facts:
            if isinstance(fact, border.Fact_Answered):
                self._questions.answered(fact.value)

    def next(self) -> border.Step:
        self._questions.add(self._flow.advance())
        if self._flow.is_done:
            with reporting(OFFERS["verifier"].function):
                return border.Step([], [], self._read(self._flow.result))
        return border.Step(self._questions.step(), [], None)

    def _read(self, result: Any) -> Any:
        ids = [one.id for one in self._contestants]
        match result:
            case Abstained(why):
                return border.Judgement_Abstained(text(why, "why"))
            case Candidate():
                result = Verdict([1.0 if one == result.id else 0.0 for one in ids])
            case list() | dict():
                result = Verdict(result)
            case Verdict():
                pass
            case _:
                raise TypeError(f"{result!r} is no judgement: return a contestant, their shares, a Verdict, or Abstained(why)")
        shares = result.shares
        if isinstance(shares, dict):
            by_id = {number(one): share for one, share in shares.items()}
            if strangers := set(by_id) - set(ids):
                raise TypeError(f"shares names candidate {min(strangers)}, which is no contestant")
            shares = [by_id.get(one, 0.0) for one in ids]
        order = [ids.index(number(one)) for one in result.order]
        shares = [number_of(share, "a share") for share in shares]
        verdict = types.Verdict(shares, order, text(result.why, "why"), extras(result.notes, "notes"))
        return border.Judgement_Verdict(verdict)

"""Tournaments."""

from typing import Any

from wit_world.exports import tournament as border
from wit_world.imports import types

from ._chat import number
from ._check import extras, number as number_of, whole
from ._field import Field
from ._flow import Flow, fault, reporting
from ._plugin import OFFERS
from ._results import Match, Ranking


def _end(match: Match, ending: Any) -> None:
    match ending:
        case border.Ending_Verdict(verdict):
            match.end("verdict", verdict.why, verdict.shares, verdict.order)
        case border.Ending_Abstained(why):
            match.end("abstained", why)
        case border.Ending_Failed(why):
            match.end("failed", why)


class Tourney:
    """The session of the border."""

    def __init__(self, brief: types.Brief, terms: border.Terms) -> None:
        self._brief, self._terms, self._field = brief, terms, Field()
        self._is_closed, self._is_scored = False, not terms.scored
        self._flow: Flow | None = None
        self._met: dict[tuple[int, ...], int] = {}
        self._queue: list[Match] = []
        self._open: dict[int, Match] = {}
        self._next = 0
        self._ranking: border.Ranking | None = None

    @classmethod
    def start(cls, brief: types.Brief, terms: border.Terms) -> "Tourney":
        return cls(brief, terms)

    def tell(self, facts: list[Any]) -> None:
        for fact in facts:
            match fact:
                case border.Fact_Entered(candidate):
                    self._field.enter(candidate)
                case border.Fact_Closed(standings):
                    self._field.close(standings)
                    self._is_closed = True
                case border.Fact_Scored(scores):
                    self._field.take_scores(scores)
                    self._is_scored = True
                case border.Fact_Played(outcome):
                    if match := self._open.pop(outcome.id, None):
                        _end(match, outcome.ending)

    def next(self) -> border.Step:
        if not (self._is_closed and self._is_scored):
            return border.Step([], [], [], False)
        if not self._field:  # Nothing was found: there is nothing to rank.
            self._ranking = border.Ranking([], None, None, [])
            return border.Step([], [], [], True)
        offer = OFFERS["tournament"]
        if self._flow is None:
            given = {"field": self._field, "play": self._play, "terms": self._terms}
            self._flow = Flow(offer.function, offer.arguments(self._brief, given))
        self._queue.extend(wait for wait in self._flow.advance() if isinstance(wait, Match))
        if self._flow.is_done and self._ranking is None:
            with reporting(offer.function):
                self._ranking = self._read(self._flow.result)
        now, self._queue = self._queue[: self._brief.room], self._queue[self._brief.room :]
        play = []
        for match in now:
            self._open[self._next] = match
            play.append(border.Match(self._next, border.Lineup([one.id for one in match.contestants], match.repeat)))
            self._next += 1
        return border.Step(play, [], [], self._ranking is not None)

    def ranking(self) -> border.Ranking:
        return self._ranking or self._read(self._field.ranked())

    def _play(self, *contestants: Any, repeat: int | None = None) -> Match:
        """A match of these candidates, shown in this order. Played again, it is judged anew."""
        everyone = [self._field.by_id(number(one)) for one in contestants]
        ids = tuple(one.id for one in everyone)
        if repeat is None:
            repeat = self._met.get(ids, 0)
        self._met[ids] = max(self._met.get(ids, 0), repeat + 1)
        return Match(everyone, whole(repeat, "repeat"))

    def _read(self, result: Any) -> border.Ranking:
        ranking = result if isinstance(result, Ranking) else Ranking(result)
        if not isinstance(ranking.places, list | tuple | Field):
            raise TypeError(f"{ranking.places!r} is no ranking: return the candidates, best first, or Ranking(...)")
        places = []
        for at, place in enumerate(ranking.places):
            one, score = place if isinstance(place, tuple) else (place, float(len(ranking.places) - at))
            places.append(border.Place(number(one), number_of(score, "a score")))
        missing = sorted({one.id for one in self._field} - {place.id for place in places})
        if missing:
            raise fault(f"the ranking has to name every candidate: it lacks {', '.join(map(str, missing[:10]))}")
        answer = None if ranking.answer is None else [number(one) for one in ranking.answer]
        no_target = None if ranking.no_target is None else number_of(ranking.no_target, "no_target")
        return border.Ranking(places, no_target, answer, extras(ranking.notes, "notes"))

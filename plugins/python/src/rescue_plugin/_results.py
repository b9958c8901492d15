"""What functions are given of matches, and what they return."""

from dataclasses import dataclass, field
from typing import Any, Sequence

from ._chat import number
from ._field import Candidate
from ._flow import Wait


class Match(Wait):
    """A match: who meets, and once it was played, how it ended."""

    def __init__(self, contestants: list[Candidate], repeat: int) -> None:
        #: In the order in which they are shown.
        self.contestants = contestants
        self.repeat = repeat
        #: One for each contestant: the probability that it is the best. What their sum lacks to 1 is the share of "none of these". Empty if
        #: there is no verdict.
        self.shares: list[float] = []
        #: Contestants, best first, if the judge gave a full order; else empty.
        self.order: list[Candidate] = []
        #: "verdict"; "abstained" if the judge gave none; "failed" if a question got no answer.
        self.ending = ""
        #: The judge's reason, or why there is no verdict.
        self.why = ""

    @property
    def winner(self) -> Candidate | None:
        """The contestant with the largest share. None without a verdict, and if two shares are the largest, unless the judge gave an order."""
        self._check()
        best = [one for one, share in zip(self.contestants, self.shares) if share == max(self.shares)]
        if len(best) > 1:
            best = [one for one in self.order if one in best][:1]
        return best[0] if best else None

    @property
    def none_of_these(self) -> float | None:
        """The share of "none of these", 0 to 1. None without a verdict."""
        self._check()
        return min(max(1.0 - sum(self.shares), 0.0), 1.0) if self.shares else None

    def _check(self) -> None:
        if not self.done:
            raise RuntimeError("this match was not played: await it, or yield it")

    def share(self, candidate: Any) -> float:
        """A contestant's share; 0 without a verdict."""
        self._check()
        at = [one.id for one in self.contestants].index(number(candidate))
        return self.shares[at] if self.shares else 0.0

    def end(self, ending: str, why: str, shares: Sequence[float] = (), order: Sequence[int] = ()) -> None:
        """Says how it ended."""
        self.ending, self.why, self.shares = ending, why, list(shares)
        self.order = [self.contestants[place] for place in order]
        self.value, self.done = self, True


@dataclass
class Ranking:
    """What a tournament returns if it has more to say than an order."""

    #: All candidates, best first; with their scores, which never rise, or without.
    places: list
    #: The probability that none fits. None if the tournament cannot tell. Above one half the answer is "not found".
    no_target: float | None = None
    #: The candidates whose union is the answer. None: the first place.
    answer: list | None = None
    #: Further facts by name.
    notes: dict[str, str] = field(default_factory=dict)


@dataclass
class Verdict:
    """What a verifier returns if it has more to say than who is the best."""

    #: One for each contestant in the order shown, or by contestant: the probability that it is the best.
    shares: list[float] | dict
    #: Contestants, best first, if there is a full order; else empty.
    order: list = field(default_factory=list)
    #: Evidence for people.
    why: str = ""
    #: Further facts by name.
    notes: dict[str, str] = field(default_factory=dict)


@dataclass
class Abstained:
    """What a verifier returns if it cannot tell. Never guess."""

    why: str

"""The candidates of a sample."""

from dataclasses import dataclass, field
from typing import Any, Iterator, Sequence, overload


@dataclass
class Candidate:
    """A hypothesis with its mask. Boxes are (left, top, right, bottom) in pixels of the photo."""

    #: The index of the hypothesis.
    id: int
    #: What it is, in a few words of the planner.
    label: str
    #: Which strategy of the planner it came from.
    origin: str
    #: The planner's belief, 0 to 1. None if it has none.
    confidence: float | None
    #: The smallest box around the mask.
    bounds: tuple[float, float, float, float]
    #: Pixels in the mask.
    area: int
    #: The area as a share of the photo, 0 to 1.
    coverage: float
    #: Connected parts.
    components: int
    #: What the executor thinks the mask's IoU with its object is, 0 to 1. None if it does not say.
    predicted_iou: float | None
    #: How well the cut-out fits the query according to an image-text model, 0 to 100. None without one.
    similarity: float | None
    #: Further facts by name.
    notes: dict[str, str] = field(default_factory=dict)
    #: The scorer's value, higher is better. None without a scorer, or if it could not be scored.
    score: float | None = None
    #: The mean IoU with the other candidates, 0 to 1.
    agreement: float = 0.0
    #: Itself and near duplicates that were merged into it.
    copies: int = 1

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Candidate) and self.id == other.id

    def __hash__(self) -> int:
        return hash(self.id)


def candidate(of: Any) -> Candidate:
    """A candidate of the border."""
    bounds = (of.bounds.x_min, of.bounds.y_min, of.bounds.x_max, of.bounds.y_max)
    return Candidate(
        of.id, of.label, of.origin, of.confidence, bounds, of.area, of.coverage, of.components, of.predicted_iou, of.similarity,
        dict(of.notes),
    )


class Field(Sequence[Candidate]):
    """All candidates of a sample, in the order of their ids."""

    def __init__(self) -> None:
        self._by_id: dict[int, Candidate] = {}
        self._sorted: list[Candidate] = []

    def enter(self, of: Any) -> None:
        """Takes a candidate of the border."""
        self._by_id[of.id] = candidate(of)

    @property
    def _order(self) -> list[Candidate]:
        if len(self._sorted) != len(self._by_id):
            self._sorted = [self._by_id[number] for number in sorted(self._by_id)]
        return self._sorted

    def close(self, standings: list[Any]) -> None:
        """Takes what only the full set tells."""
        for standing in standings:
            if one := self._by_id.get(standing.id):
                one.agreement, one.copies = standing.agreement, standing.copies

    def take_scores(self, scores: list[Any]) -> None:
        """Takes the scorer's values."""
        for score in scores:
            if one := self._by_id.get(score.id):
                one.score = score.value

    def by_id(self, number: int) -> Candidate:
        """The candidate with this id."""
        return self._by_id[number]

    def ranked(self) -> list[Candidate]:
        """The candidates by prior, best first: by score; without scores by confidence, then by predicted IoU; equal ones by id."""
        low = float("-inf")

        def key(one: Candidate) -> tuple:
            values = (one.score, one.confidence, one.predicted_iou)
            return (*(-(low if value is None else value) for value in values), one.id)

        return sorted(self._order, key=key)

    @overload
    def __getitem__(self, at: int) -> Candidate: ...
    @overload
    def __getitem__(self, at: slice) -> list[Candidate]: ...
    def __getitem__(self, at):
        return self._order[at]

    def __len__(self) -> int:
        return len(self._order)

    def __iter__(self) -> Iterator[Candidate]:
        return iter(self._order)

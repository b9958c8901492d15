"""Ranks by single elimination: N - 1 matches of two, seeded by prior. The standard tournament, written in Python."""

from dataclasses import dataclass
from typing import Annotated

from rescue_plugin import Range, Ranking, tournament


@dataclass
class Settings:
    rematches: Annotated[int, Range(0, 16), "How often a match without a verdict is played again, each time in the other order."] = 1


@tournament
def pyramid(field, play, random, settings: Settings):
    ranked = field.ranked()
    count, undecided, no_target = len(ranked), 0, None
    # A bracket is a full binary tree in heap order: node 1 is the final, and the last half of the nodes are the leaves. They hold ranks by
    # prior, so that the best meet as late as possible; None is a bye.
    size = 1 << max(count - 1, 0).bit_length()
    winners: list[int | None] = [None] * size + [place if place < count else None for place in seeded(size)]
    survived = [0.0] * count
    rounds = size.bit_length() - 1
    for number in range(rounds):
        pairs = {}
        for node in range(size >> number + 1, size >> number):
            known = sorted(rank for rank in winners[2 * node : 2 * node + 2] if rank is not None)
            if len(known) == 2:
                swap = random.named("order", node).coin()
                pairs[node] = known[::-1] if swap else known
                for rank in known:
                    survived[rank] = number
            else:
                winners[node] = known[0] if known else None
        open_pairs = dict(pairs)
        for attempt in range(settings.rematches + 1):
            shown = {node: pair[::-1] if attempt % 2 else pair for node, pair in open_pairs.items()}
            matches = yield [play(*(ranked[rank] for rank in pair), repeat=attempt // 2) for pair in shown.values()]
            for node, match in zip(shown, matches):
                if match.shares:
                    best = match.winner  # None if both are equally good: then the better prior wins.
                    winners[node] = min(shown[node]) if best is None else shown[node][match.contestants.index(best)]
                    if node == 1:
                        no_target = match.none_of_these
                    del open_pairs[node]
        for node, pair in open_pairs.items():
            better, worse = sorted(pair)
            one, other = ranked[better], ranked[worse]
            is_even = (one.score, one.confidence, one.predicted_iou) == (other.score, other.confidence, other.predicted_iou)
            undecided += is_even
            winners[node] = worse if is_even and not random.named("draw", node).coin() else better
        for node in pairs:
            survived[winners[node]] = number + 1.5
    if count == 1:
        survived[0] = 0.5
    scores = {one: survived[rank] + (1.0 - rank / count) * 0.4 for rank, one in enumerate(ranked)}
    places = sorted(scores.items(), key=lambda place: (-place[1], place[0].id))
    return Ranking(places, no_target, notes={"undecided": str(undecided)})


def seeded(size):
    """The ranks in the order of the leaves: two favourites that meet have the same sum in all matches of a round."""
    places = [0]
    while len(places) < size:
        last = 2 * len(places) - 1
        places = [rank for place in places for rank in (place, last - place)]
    return places

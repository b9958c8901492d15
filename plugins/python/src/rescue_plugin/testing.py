"""Plays the host's part, so that a plugin's function can be tested without the host::

    from rescue_plugin import testing
    from king import king

    def test_the_best_wins():
        played = testing.tournament(king, strengths=[0.1, 0.9, 0.4])
        assert played.order == [1, 2, 0] and len(played.matches) == 2

Each helper drives the same session that the host drives, and checks the usual rules; `rescue-host plugin check` checks all. There is no photo:
replace `rescue_plugin.sample.iou` and its like in a test, as with pytest's monkeypatch.
"""

import json
import math
from dataclasses import dataclass, field
from typing import Any, Callable, Sequence

from wit_world.exports import planner as planner_border
from wit_world.exports import scorer as scorer_border
from wit_world.exports import tournament as tournament_border
from wit_world.exports import verifier as verifier_border
from wit_world.imports import chat, types

from . import _flow
from ._plugin import OFFERS, choose

_MOST_TURNS = 10_000
# The author sees exceptions as they were raised.
_flow.plain = True


@dataclass
class Question:
    """What was asked: its texts, its choices, and how many pictures it shows."""

    text: str
    choices: list[str]
    pictures: int
    #: The ids of the candidates that are marked, in order.
    shown: list[int]


class Boxes:
    """An answer of places in the photo: (left, top, right, bottom) of each."""

    def __init__(self, *boxes: tuple[float, float, float, float], label: str = "") -> None:
        self.boxes, self.label = boxes, label


#: Answers a question: with a text, one of the choices, or boxes; with None if the service does not answer.
Answerer = Callable[[Question], str | Boxes | None]


@dataclass
class Played:
    """What came of a tournament."""

    #: Ids, best first.
    order: list[int]
    ranking: tournament_border.Ranking
    #: The ids of each match, in the order shown.
    matches: list[tuple[int, ...]] = field(default_factory=list)
    #: Rounds: how often it waited for matches.
    rounds: int = 0


def candidate(number: int, **facts: Any) -> types.Candidate:
    """A candidate of the border: a box of 10 by 10 pixels, with these facts instead of the usual ones."""
    usual: dict[str, Any] = dict(
        id=number, label=f"candidate {number}", origin="", confidence=None, notes=[], bounds=types.Rect(0.0, 0.0, 10.0, 10.0), area=100,
        coverage=0.01, components=1, predicted_iou=None, similarity=None, measures=[],
    )
    return types.Candidate(**{**usual, **facts})


def _brief(kind: str, count: int, settings: dict | None, query: str, seed: int, room: int) -> types.Brief:
    from . import _settings

    properties = json.loads(_settings.schema(OFFERS[kind].settings))["properties"]
    if unknown := set(settings or {}) - set(properties):
        raise TypeError(f"there is no setting {sorted(unknown)[0]!r}; there are {', '.join(properties) or 'none'}")
    values = {name: of["default"] for name, of in properties.items()} | (settings or {})
    return types.Brief(query, types.Size(100, 100), count, room, json.dumps(values), seed, [])


def tournament(
    function: Callable,
    strengths: Sequence[float],
    *,
    judge: Callable[[Sequence[int]], Any] | None = None,
    scores: Sequence[float] | None = None,
    settings: dict | None = None,
    largest: int = 2,
    seed: int = 0,
    room: int = 64,
) -> Played:
    """Plays a tournament among candidates of these strengths, of which the strongest wins each match. `judge` decides instead: it is given
    the ids in the order shown and returns their shares, or None to abstain."""
    from ._tournament import Tourney

    _choose("tournament", function)
    count = len(strengths)
    terms = tournament_border.Terms(1 if largest == 1 else 2, largest, scores is not None, 0, [])
    session = Tourney.start(_brief("tournament", count, settings, "the thing", seed, room), terms)
    facts: list[Any] = [tournament_border.Fact_Entered(candidate(number)) for number in range(count)]
    facts.append(tournament_border.Fact_Closed([types.Standing(number, 0.0, 1, []) for number in range(count)]))
    if scores is not None:
        facts.append(tournament_border.Fact_Scored([types.Score(number, float(value)) for number, value in enumerate(scores)]))
    played = Played([], tournament_border.Ranking([], None, None, []))
    seen: set[tuple] = set()
    for _ in range(_MOST_TURNS):
        session.tell(facts)
        facts = []
        step = session.next()
        assert len(step.play) <= room, "a step holds more than its room"
        for match in step.play:
            ids = tuple(match.lineup.contestants)
            assert (ids, match.lineup.repeat) not in seen, f"{ids} meet twice with the same repeat"
            assert len(set(ids)) == len(ids) and terms.smallest <= len(ids) <= largest, f"{ids} is no match of this verifier"
            seen.add((ids, match.lineup.repeat))
            played.matches.append(ids)
            shares = judge(ids) if judge else [float(strengths[one] == max(strengths[it] for it in ids)) for one in ids]
            ending: Any = tournament_border.Ending_Abstained("no verdict")
            if shares is not None:
                ending = tournament_border.Ending_Verdict(types.Verdict([float(share) for share in shares], [], "", []))
            facts.append(tournament_border.Fact_Played(tournament_border.Outcome(match.id, 1, ending)))
        if step.done:
            break
        assert facts, "it waits for nothing and is not done"
        played.rounds += 1
    else:
        raise AssertionError(f"it is not done after {_MOST_TURNS} turns")
    played.ranking = session.ranking()
    played.order = [place.id for place in played.ranking.places]
    assert sorted(played.order) == list(range(count)), "the ranking has to name every candidate once"
    scores_of = [place.score for place in played.ranking.places]
    assert all(math.isfinite(score) for score in scores_of), "a score is not finite"
    assert scores_of == sorted(scores_of, reverse=True), "the scores rise from one place to the next"
    return played


def verifier(
    function: Callable, answer: Answerer, *, contestants: int = 2, settings: dict | None = None, query: str = "the thing", seed: int = 0
) -> Any:
    """Has a match judged; `answer` is the model. Returns the shares in the order shown, or the reason of an abstention."""
    from ._verifier import Judging

    _choose("verifier", function)
    contest = verifier_border.Contest([candidate(number) for number in range(contestants)], 0)
    session = Judging.start(_brief("verifier", contestants, settings, query, seed, 64), contest)
    step = _asked(session, answer, verifier_border.Fact_Answered, lambda step: step.judgement is not None)[-1]
    match step.judgement:
        case verifier_border.Judgement_Verdict(verdict):
            assert len(verdict.shares) == contestants, "there is one share for each contestant"
            assert all(share >= 0 for share in verdict.shares) and sum(verdict.shares) <= 1 + 1e-6, "shares are probabilities"
            return verdict.shares
        case verifier_border.Judgement_Abstained(why):
            return why


def scorer(
    function: Callable, candidates: Sequence[types.Candidate], answer: Answerer, *, settings: dict | None = None, seed: int = 0
) -> dict[int, float]:
    """Has candidates scored; `answer` is the model. Returns their values by id."""
    from ._scorer import Scoring

    _choose("scorer", function)
    session = Scoring.start(_brief("scorer", len(candidates), settings, "the thing", seed, 64))
    session.tell([scorer_border.Fact_Entered(one) for one in candidates])
    session.tell([scorer_border.Fact_Closed([types.Standing(one.id, 0.0, 1, []) for one in candidates])])
    step = _asked(session, answer, scorer_border.Fact_Answered, lambda step: step.scores is not None)[-1]
    return {score.id: score.value for score in step.scores}


def planner(
    function: Callable, answer: Answerer, *, count: int = 8, settings: dict | None = None, query: str = "the thing", seed: int = 0
) -> list[types.Hypothesis]:
    """Has hypotheses proposed; `answer` is the model. Returns them in order."""
    from ._planner import Planning

    _choose("planner", function)
    session = Planning.start(_brief("planner", count, settings, query, seed, 64))
    steps = _asked(session, answer, planner_border.Fact_Answered, lambda step: step.done)
    return [of.value for step in steps for of in step.propose]


def _choose(kind: str, function: Callable) -> None:
    choose([function])
    if kind not in OFFERS:
        raise TypeError(f"{function.__name__} is not marked with @{kind}")


def _asked(session: Any, answer: Answerer, answered: Callable, is_over: Callable[[Any], bool]) -> list[Any]:
    steps = []
    for _ in range(_MOST_TURNS):
        step = session.next()
        steps.append(step)
        if is_over(step):
            return steps
        facts = [answered(chat.Answer(request.id, request.repeat, _outcome(request.body, answer))) for request in step.ask]
        assert facts or getattr(step, "propose", None), "it waits for nothing and is not done"
        session.tell(facts)
    raise AssertionError(f"it is not done after {_MOST_TURNS} turns")


def _outcome(body: Any, answer: Answerer) -> Any:
    from componentize_py_types import Err, Ok

    question = _question(body)
    text = answer(question)
    if text is None:
        return Err(chat.Failure(chat.Trouble.UNAVAILABLE, "no answer", ""))
    if question.choices and text not in question.choices:
        return Err(chat.Failure(chat.Trouble.UNREADABLE, "it is none of the choices", text))
    choice = question.choices.index(text) if question.choices else None
    if isinstance(text, Boxes):
        found = [chat.Found(types.Rect(*map(float, box)), text.label, None) for box in text.boxes]
        return Ok(chat.Reply("", "", True, None, [], found, []))
    return Ok(chat.Reply(text, "", True, choice, [], [], []))


def _question(body: Any) -> Question:
    if not isinstance(body, chat.Body_Chat):
        return Question(str(body.value), [], 0, [])
    texts, pictures, shown = [], 0, []
    for message in body.value.messages:
        for part in message.parts:
            views = part.value if isinstance(part, chat.Part_Grid) else [part.value] if isinstance(part, chat.Part_Image) else []
            pictures += bool(views)
            shown += [mark.target.value for view in views for mark in view.marks if isinstance(mark.target, chat.Target_Candidate)]
            if isinstance(part, chat.Part_Text):
                texts.append(part.value)
    form = body.value.format
    return Question("\n".join(texts), list(form.value) if isinstance(form, chat.Format_Choice) else [], pictures, shown)

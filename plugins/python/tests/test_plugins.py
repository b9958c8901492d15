"""Plugins of each kind, driven as the host drives them."""

import sys
from dataclasses import dataclass
from typing import Annotated, Literal

import pytest
from rescue_plugin import Abstained, Range, Ranking, Verdict, _flow, planner, scorer, show, testing, together, tournament, verifier
from rescue_plugin._plugin import OFFERS, about, choose
from rescue_plugin._settings import schema


def told(run):
    """What the host is told of an author's mistake."""
    _flow.plain = False
    try:
        with pytest.raises(BaseException) as error:
            run()
    finally:
        _flow.plain = True
    return error.value.value.message


def king_of_the_hill():
    @tournament
    def king(field, play):
        best, beaten = field[0], []
        for other in field[1:]:
            match = yield play(best, other)
            if match.winner == other:
                best, other = other, best
            beaten.append(other)
        return [best, *reversed(beaten)]

    return king


def test_a_generator_plays_a_tournament():
    played = testing.tournament(king_of_the_hill(), [0.1, 0.9, 0.4])
    assert played.order == [1, 2, 0] and played.matches == [(0, 1), (1, 2)] and played.rounds == 2


def test_matches_at_once_are_one_round_and_repeats_are_counted():
    @tournament
    async def league(field, play):
        pairs = [(a, b) for a in field for b in field if a.id < b.id]
        wins = {one: 0 for one in field}
        for matches in (await together(*(play(a, b) for a, b in pairs)), await together(*(play(a, b) for a, b in pairs))):
            for match in matches:
                wins[match.winner] += 1
        return sorted(field, key=lambda one: (-wins[one], one.id))

    played = testing.tournament(league, [3, 1, 2, 0])
    assert played.order == [0, 2, 1, 3] and len(played.matches) == 12 and played.rounds == 2
    assert testing.tournament(league, [1.0]).order == [0]


def test_what_takes_more_than_a_step_is_asked_in_several():
    @tournament
    def all_pairs(field, play):
        yield [play(a, b) for a in field for b in field if a.id < b.id]
        return field

    assert len(testing.tournament(all_pairs, range(8), room=5).matches) == 28


def test_abstentions_name_no_winner_and_a_ranking_may_say_more():
    @tournament
    def once(field, play):
        match = yield play(*field)
        assert match.winner is None and match.ending == "abstained"
        return Ranking([(field[1], 2.0), (field[0], 1.0)], no_target=0.7, answer=[field[0]])

    ranking = testing.tournament(once, [1, 2], judge=lambda ids: None).ranking
    assert [(place.id, place.score) for place in ranking.places] == [(1, 2.0), (0, 1.0)]
    assert ranking.no_target == 0.7 and ranking.answer == [0]


def test_where_nothing_was_found_nothing_is_called():
    @tournament
    def fails(field, play):
        return [field[0]]

    assert testing.tournament(fails, []).order == []


def test_a_tie_has_no_winner_and_what_was_not_played_says_so():
    @tournament
    def looks(field, play):
        tie = yield play(*field)
        assert tie.winner is None and tie.none_of_these == 0.0
        with pytest.raises(RuntimeError, match="was not played"):
            play(*field).winner
        return field

    assert testing.tournament(looks, [1, 2], judge=lambda ids: [0.5, 0.5]).order == [0, 1]


def test_what_a_function_returns_or_is_wrongly_is_said_of_it():
    @tournament
    def one_alone(field, play):
        return field[0]

    @tournament
    async def mixed(field, play):
        yield play(*field)

    @verifier
    def letters(a, b):
        return {"A": 1.0}

    @scorer
    def listed(field):
        return [1.0, 2.0]

    said = told(lambda: testing.tournament(one_alone, [1, 2]))
    assert "is no ranking" in said and "in one_alone" in said and "test_plugins.py" in said
    assert "await in it, or make it a `def`" in told(lambda: testing.tournament(mixed, [1, 2]))
    assert "'A' is no candidate" in told(lambda: testing.verifier(letters, lambda question: "A"))
    candidates = [testing.candidate(number) for number in range(2)]
    assert "is no scores" in told(lambda: testing.scorer(listed, candidates, lambda question: ""))


@pytest.mark.parametrize(
    ("returned", "words"),
    [
        (Ranking([0, 1], notes={"rounds": 3}), "notes['rounds'] is 3; it has to be a text"),
        (Ranking([0, 1], no_target="no"), "no_target is 'no'; it has to be a number"),
        ([(0, "high"), (1, "low")], "a score is 'high'"),
        ({0: 1.0, 1: 0.5}, "is no ranking"),
        ([None, 1], "None is no candidate"),
    ],
)
def test_wrong_types_are_named_where_the_function_stands(returned, words):
    @tournament
    def wrong(field, play):
        return returned

    said = told(lambda: testing.tournament(wrong, [1, 2]))
    assert words in said and "in wrong" in said


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"choices": [1, 2]}, "a choice is 1; it has to be a text"),
        ({"choices": "AB"}, "choices is 'AB'"),
        ({"system": 5}, "system is 5"),
        ({"max_tokens": -5}, "max_tokens is -5; it has to be a whole number from 0"),
        ({"repeat": 1.5}, "repeat is 1.5"),
    ],
)
def test_wrong_questions_are_named(asked, words):
    @verifier
    async def asks(a, b, ask):
        await ask("Which?", **asked)

    said = told(lambda: testing.verifier(asks, lambda question: "A"))
    assert words in said and "in asks" in said


def test_what_was_forgotten_is_said():
    @verifier
    async def forgets(a, b, ask):
        answer = ask("Which?")
        return a if answer else b

    @verifier
    def strange(a, b):
        return {77: 1.0}

    @verifier
    def returns_nothing(a, b):
        pass

    assert "None is no judgement" in told(lambda: testing.verifier(returns_nothing, lambda question: "A"))
    assert "was not awaited" in told(lambda: testing.verifier(forgets, lambda question: "A"))
    assert "candidate 77, which is no contestant" in told(lambda: testing.verifier(strange, lambda question: "A"))
    with pytest.raises(TypeError, match="why is None"):
        testing.verifier(verifier(lambda a, b: Verdict([1.0, 0.0], why=None)), lambda question: "A")


def test_what_is_imported_is_not_offered():
    @tournament
    def mine(field, play):
        return field

    @tournament
    def other(field, play):
        return field

    choose([mine, str, 3])
    assert OFFERS["tournament"].function is mine
    with pytest.raises(TypeError, match="there are mine and other"):
        choose([mine, other])
    with pytest.raises(TypeError, match="no function that is marked"):
        choose([str])


def test_repeats_are_never_used_twice():
    @tournament
    def often(field, play):
        for repeat in (3, 1, None, None):
            yield play(*field, repeat=repeat)
        return field

    assert len(testing.tournament(often, [1, 2]).matches) == 4


def test_a_missing_candidate_is_named():
    @tournament
    def forgets(field, play):
        return field[1:]

    assert "it lacks 0" in told(lambda: testing.tournament(forgets, [1, 2, 3]))
    with pytest.raises(AssertionError, match="it lacks 0"):
        testing.tournament(forgets, [1, 2, 3])


def test_an_error_has_the_lines_of_its_author():
    @tournament
    def broken(field, play):
        yield play(field[0], field[1])
        return field.nothing

    with pytest.raises(AttributeError, match="nothing"):
        testing.tournament(broken, [1, 2])
    message = told(lambda: testing.tournament(broken, [1, 2]))
    assert "test_plugins.py" in message and "in broken" in message and "nothing" in message
    assert "_flow.py" not in message


def test_what_cannot_be_waited_for_is_said_where_it_stands():
    @tournament
    def sleeps(field, play):
        yield 3.5

    message = told(lambda: testing.tournament(sleeps, [1, 2]))
    assert "in sleeps" in message and "3.5 is nothing to wait for" in message


def test_a_verifier_asks_and_judges():
    @verifier
    async def duel(a, b, query, ask):
        first = ask("Which fits better?", show(a), show(b), query, choices=["A", "B"])
        other = ask("Which fits better?", show(b), show(a), query, choices=["A", "B"])
        one, two = await together(first, other)
        if not one or not two:
            return Abstained("no answer")
        return a if (one.choice, two.choice) == ("A", "B") else {a: 0.5, b: 0.5}

    assert testing.verifier(duel, lambda question: "A" if question.shown[0] == 0 else "B") == [1.0, 0.0]
    assert testing.verifier(duel, lambda question: "A") == [0.5, 0.5]
    assert testing.verifier(duel, lambda question: "perhaps") == "no answer"
    assert testing.verifier(duel, lambda question: None) == "no answer"
    choose([duel])
    assert OFFERS["verifier"].traits == [("contestants", "2..2")] and OFFERS["verifier"].needs == ["chat"]
    assert "takes 2" in told(lambda: testing.verifier(duel, lambda question: "A", contestants=3))


def test_a_scorer_scores_and_leaves_out():
    @scorer
    def largest(field):
        return {one: one.area for one in field if one.id != 1}

    candidates = [testing.candidate(number, area=number * 10) for number in range(3)]
    assert testing.scorer(largest, candidates, lambda question: "") == {0: 0.0, 2: 20.0}


def test_a_planner_proposes_up_to_the_count():
    @planner
    async def twice(query, count, ask, propose):
        answer = await ask("Where is it?", query)
        for place in range(count + 3):
            if not propose(answer.text, (place, 0, 10, 10), confidence=0.5):
                break

    proposed = testing.planner(twice, lambda question: "there", count=5)
    assert [(of.id, of.label) for of in proposed] == [(number, "there") for number in range(5)]


def test_settings_become_a_schema():
    @dataclass
    class Settings:
        rounds: Annotated[int, Range(1, 9), "How often all meet."] = 2
        style: Literal["box", "overlay"] = "box"
        share: float = 1

    assert '"rounds": {"default": 2, "type": "integer", "minimum": 1, "maximum": 9, "description": "How often all meet."}' in schema(Settings)
    assert '"style": {"default": "box", "enum": ["box", "overlay"]}' in schema(Settings)
    assert '"share": {"default": 1.0, "type": "number"}' in schema(Settings)

    @tournament
    def rounds(field, play, settings: Settings):
        for _ in range(settings.rounds):
            yield play(*field)
        return field

    assert len(testing.tournament(rounds, [1, 2]).matches) == 2
    assert len(testing.tournament(rounds, [1, 2], settings={"rounds": 5}).matches) == 5
    with pytest.raises(TypeError, match="there is no setting 'round'"):
        testing.tournament(rounds, [1, 2], settings={"round": 5})


def test_what_cannot_be_is_said_at_once():
    with pytest.raises(TypeError, match="asks for 'fields', which a tournament is not given"):
        tournament(lambda fields, play: fields)
    with pytest.raises(TypeError, match="no plain parameter"):
        tournament(lambda field, play=None: field)
    with pytest.raises(TypeError, match="asks for 'qeury', which a verifier is not given"):
        verifier(lambda a, b, ask, qeury: a)
    with pytest.raises(TypeError, match="leave out contestants"):
        verifier(contestants=(2, 4))(lambda a, b: a)
    with pytest.raises(TypeError, match="either for each contestant"):
        verifier(lambda ask: None)
    with pytest.raises(TypeError, match="annotate them"):
        tournament(lambda field, settings: field)

    @dataclass
    class Bad:
        names: list = None

    with pytest.raises(TypeError, match="Bad.names is"):
        schema(Bad)
    for annotation, default, words in [
        (int, "a", "'a' by default, which is no int"),
        (bool, 1, "which is no bool"),
        (Literal["a", "b"], "c", "which is none of"),
        (Annotated[int, Range(1, 3)], 9, "no number from 1 to 3"),
        (Annotated[str, Range(1, 3)], "x", "no number from 1 to 3"),
    ]:
        with pytest.raises(TypeError, match=words):
            schema(dataclass(type("Bad", (), {"__annotations__": {"value": annotation}, "value": default})))
    with pytest.raises(TypeError, match="is no dataclass"):
        schema(dict)


def test_the_manifest_is_of_the_module():
    choose([king_of_the_hill()])
    said = about(sys.modules[__name__])
    assert said["name"] == "test-plugins" and said["version"] == "0.1.0"
    assert said["summary"] == "Plugins of each kind, driven as the host drives them."

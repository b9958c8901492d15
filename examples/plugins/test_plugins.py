from duel import duel
from pyramid import pyramid
from rescue_plugin import testing


def test_the_strongest_wins_in_one_match_less_than_there_are_candidates():
    for count in range(1, 20):
        strengths = [(7 * place) % 19 for place in range(count)]
        played = testing.tournament(pyramid, strengths)
        assert strengths[played.order[0]] == max(strengths)
        assert len(played.matches) == count - 1 and played.rounds == (count - 1).bit_length()


def test_without_verdicts_each_match_is_played_twice():
    played = testing.tournament(pyramid, range(8), judge=lambda ids: None, scores=range(8))
    assert played.order[0] == 7 and len(played.matches) == 14


def test_a_duel_follows_the_model():
    assert testing.verifier(duel, lambda question: "AB"[question.shown.index(1)]) == [0.0, 1.0]
    assert "unavailable" in testing.verifier(duel, lambda question: None)

from NAME import NAME
from rescue_plugin import testing


def test_the_strongest_wins():
    played = testing.tournament(NAME, strengths=[0.1, 0.9, 0.4])
    assert played.order[0] == 1
    assert len(played.matches) == 2


def test_where_nothing_was_found_nothing_is_ranked():
    assert testing.tournament(NAME, strengths=[]).order == []


def test_without_verdicts_the_first_stays():
    assert testing.tournament(NAME, [1, 2, 3], judge=lambda ids: None).order[0] == 0

from NAME import NAME
from rescue_plugin import testing


def test_nothing_found_is_nothing_proposed():
    assert testing.planner(NAME, lambda question: "") == []


def test_what_is_found_is_proposed_once_for_each_draw():
    found = testing.Boxes((1, 2, 30, 40), label="a dog")
    proposed = testing.planner(NAME, lambda question: found, count=3)
    assert [one.label for one in proposed] == ["a dog"] * 3

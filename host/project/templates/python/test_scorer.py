from NAME import NAME
from rescue_plugin import testing


def test_grades_are_scores_and_what_has_none_is_left_out():
    grades = {0: "3", 1: "10", 2: None}
    candidates = [testing.candidate(number) for number in grades]
    assert testing.scorer(NAME, candidates, lambda question: grades[question.shown[0]]) == {0: 3.0, 1: 10.0}

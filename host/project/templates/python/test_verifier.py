from NAME import NAME
from rescue_plugin import testing


def test_it_follows_the_model():
    assert testing.verifier(NAME, lambda question: "AB"[question.shown.index(1)]) == [0.0, 1.0]


def test_a_model_that_prefers_the_first_picture_decides_nothing():
    assert testing.verifier(NAME, lambda question: "A") == [0.5, 0.5]


def test_no_answer_is_an_abstention():
    assert "unavailable" in testing.verifier(NAME, lambda question: None)

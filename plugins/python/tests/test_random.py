"""The same numbers as the SDK for Rust."""

from rescue_plugin import Random


def test_the_numbers_are_those_of_the_other_languages():
    random = Random(1_234_567)
    assert [random.next() for _ in range(3)] == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    items = list(range(10))
    Random(7).shuffle(items)
    assert sorted(items) == list(range(10)) and items != sorted(items)
    assert Random(3).named("coin", 1).next() == Random(3).named("coin", 1).next() != Random(3).named("coin", 0).next()
    assert all(Random(bound).below(bound) < bound for bound in range(1, 200)) and Random(0).below(0) == 0

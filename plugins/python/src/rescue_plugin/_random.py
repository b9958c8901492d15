"""Repeatable random numbers."""

from typing import MutableSequence, Sequence, TypeVar

T = TypeVar("T")
_BITS = (1 << 64) - 1


class Random:
    """SplitMix64 (Steele, Lea and Flood, 2014), as in the SDK for Rust: the same seed gives the same numbers there and here."""

    def __init__(self, seed: int) -> None:
        self._state = seed & _BITS

    def named(self, purpose: str, number: int = 0) -> "Random":
        """An independent generator for a purpose and a number, such as ("order", 3). Derive it before anything is drawn from this one."""
        value = 0xCBF29CE484222325
        for byte in purpose.encode() + (number & _BITS).to_bytes(8, "little"):
            value = (value ^ byte) * 0x100000001B3 & _BITS
        return Random(Random(self._state ^ value).next())

    def next(self) -> int:
        """The next 64 bits, as a whole number."""
        self._state = self._state + 0x9E3779B97F4A7C15 & _BITS
        z = self._state
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & _BITS
        z = (z ^ z >> 27) * 0x94D049BB133111EB & _BITS
        return z ^ z >> 31

    def below(self, bound: int) -> int:
        """A whole number from 0 up to but not including `bound`; 0 if `bound` is 0."""
        return self.next() * bound >> 64

    def unit(self) -> float:
        """A number from 0 up to but not including 1."""
        return (self.next() >> 11) / (1 << 53)

    def between(self, low: float, high: float) -> float:
        """A number from `low` up to but not including `high`."""
        return low + (high - low) * self.unit()

    def coin(self) -> bool:
        """True or false with equal probability."""
        return self.next() >> 63 == 1

    def choice(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def shuffle(self, items: MutableSequence[T]) -> None:
        """Shuffles the items in place (Fisher–Yates)."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]

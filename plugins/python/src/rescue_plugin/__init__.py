"""Write a plugin for rescue-host as an ordinary function.

A plugin never waits and never reaches the network, the disk or the clock: the host asks the models and makes the masks. You write a function
for one of the four kinds and mark it with its decorator. This is a complete tournament::

    from rescue_plugin import tournament

    @tournament
    def king(field, play):
        '''The first candidate meets every other one; the winner stays.'''
        best, *others = field.ranked()
        beaten = []
        for other in others:
            match = yield play(best, other)
            if match.winner == other:  # None if the verifier could not tell
                best, other = other, best
            beaten.append(other)
        return [best, *reversed(beaten)]

A function asks for what it needs by the names of its parameters:

=============  ==================================================================================================================
every kind     ``query`` (what is sought), ``image`` (``width``, ``height``), ``count`` (most hypotheses), ``random``
               (:class:`Random`, the only source of randomness), ``settings`` (annotated with a dataclass), ``brief`` (all of it)
planner        ``ask``, ``detect``, ``propose``
scorer         ``field``, ``ask``
verifier       ``ask``; any other name is a contestant, in the order shown; ``contestants`` is the list of all
tournament     ``field``, ``play``, ``terms``
=============  ==================================================================================================================

What takes time is awaited (``async def``) or yielded (``def``): ``ask(...)``, ``detect(...)``, ``play(...)``, or several at once with
:func:`together` (in a generator, also as a list). The same facts have to give the same plan: draw from ``random`` alone.

Outside of the host, :mod:`rescue_plugin.testing` plays the host's part, so that a plugin can be tested with pytest.
"""

import sys as _sys
from pathlib import Path as _Path

try:  # Inside a component, the border is there.
    import wit_world as _wit_world  # noqa: F401
except ModuleNotFoundError:
    _sys.path.append(str(_Path(__file__).parent / "_border"))

from ._chat import Answer, Found, Mark, View, grid, photo, reasoning, show
from ._field import Candidate, Field
from ._flow import together
from ._log import log
from ._plugin import planner, scorer, tournament, verifier
from ._random import Random
from ._results import Abstained, Match, Ranking, Verdict
from ._settings import Range

__all__ = [
    "Abstained", "Answer", "Candidate", "Field", "Found", "Mark", "Match", "Random", "Range", "Ranking", "Verdict", "View", "grid",
    "log", "photo", "planner", "reasoning", "scorer", "show", "together", "tournament", "verifier",
]

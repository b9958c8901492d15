"""SUMMARY"""

from rescue_plugin import tournament


@tournament
def NAME(field, play):
    best, *others = field.ranked()
    beaten = []
    for other in others:
        match = yield play(best, other)
        if match.winner == other:  # None if the verifier could not tell
            best, other = other, best
        beaten.append(other)
    return [best, *reversed(beaten)]

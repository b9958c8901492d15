"""SUMMARY"""

from rescue_plugin import Abstained, photo, show, together, verifier

QUESTION = "Two masks are marked in red, one in each picture. Which one fits the description better? Answer A or B.\nDescription: "


@verifier
async def NAME(a, b, query, ask):
    choices = ["A", "B"]
    first, swapped = await together(
        ask(photo(), show(a), show(b), QUESTION + query, choices=choices),
        ask(photo(), show(b), show(a), QUESTION + query, choices=choices),
    )
    wins = {"A": 0.0, "B": 0.0}
    if first:
        wins[first.choice] += 1
    if swapped:
        wins["B" if swapped.choice == "A" else "A"] += 1
    total = sum(wins.values())
    if total == 0:
        return Abstained(first.trouble)
    return {a: wins["A"] / total, b: wins["B"] / total}

"""Shows a vision-language model two candidates and asks which fits the description. The standard verifier, written in Python."""

from rescue_plugin import Abstained, Verdict, photo, show, verifier

INSTRUCTIONS = (
    "You judge which of two marked regions in a photo is the thing that a description refers to. You are shown the photo as it is, and then "
    "the photo with a region marked, twice, as image A and as image B. In each the marked region is tinted in red.\n\nFirst ask which region "
    "is on the right thing: the one that is meant, not another that looks like it, and not a thing that is only mentioned to tell where it "
    "is. If both are, ask which covers it better: all of it and nothing else. Which one is called A says nothing about which is better. "
    "Answer A or B."
)


@verifier
async def duel(a, b, query, ask):
    answer = await ask(
        "The photo:", photo(), "Image A:", show(a), "Image B:", show(b),
        f'Description: "{query}"\n\nWhich marked region fits the description better, A or B? Answer with the letter alone.',
        system=INSTRUCTIONS, choices=["A", "B"], max_tokens=64,
    )
    if not answer:
        return Abstained(f"no answer could be used: {answer.trouble}")
    return Verdict({a: 1.0, b: 0.0} if answer.choice == "A" else {a: 0.0, b: 1.0}, why=answer.text)

"""SUMMARY"""

from rescue_plugin import scorer, show, together

QUESTION = "How well does what is marked in red fit the description, from 0 (not at all) to 10? Answer with a number.\nDescription: "
GRADES = [str(grade) for grade in range(11)]


@scorer
async def NAME(field, query, ask):
    answers = await together(*(ask(show(one), QUESTION + query, choices=GRADES) for one in field))
    # A candidate without an answer gets no score.
    return {one: float(answer.choice) for one, answer in zip(field, answers) if answer}

"""SUMMARY"""

from rescue_plugin import photo, planner, together

QUESTION = "Find what the description means, and everything that it might mean. Give the boxes.\nDescription: "


@planner
async def NAME(query, count, ask, propose):
    draws = await together(*(ask(photo(), QUESTION + query, boxes=True, temperature=0.7, repeat=draw) for draw in range(min(count, 8))))
    for answer in draws:
        for found in answer.found:
            if not propose(found.label or query, found.box, confidence=found.score):
                return

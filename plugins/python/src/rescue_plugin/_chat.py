"""What a plugin asks of models, and what comes back."""

import json
from dataclasses import dataclass, field
from typing import Any, Sequence

from wit_world.imports import chat, types

from ._check import number as number_of, text, whole
from ._flow import Wait

Box = tuple[float, float, float, float]


def rect(box: Any) -> types.Rect:
    """A box of the border from (left, top, right, bottom), in pixels of the photo."""
    if isinstance(box, types.Rect):
        return box
    if not isinstance(box, tuple | list) or len(box) != 4:
        raise TypeError(f"{box!r} is no box: give (left, top, right, bottom)")
    return types.Rect(*(number_of(edge, "an edge of a box") for edge in box))


def number(candidate: Any) -> int:
    """The id of a candidate, which may be given as itself."""
    found = candidate if isinstance(candidate, int) else getattr(candidate, "id", None)
    if not isinstance(found, int) or isinstance(found, bool):
        raise TypeError(f"{candidate!r} is no candidate")
    return found


@dataclass
class Mark:
    """Something drawn on the photo: a candidate's mask, or a box."""

    target: Any
    #: "overlay", "outline", "cutout", "darkened" or "box".
    style: str = "overlay"
    #: Red, green and blue, 0 to 255. None is the style's own colour.
    colour: tuple[int, int, int] | None = None
    #: Opacity from 0 to 1, or line width in pixels. None is the style's own.
    strength: float | None = None
    #: Written beside it.
    label: str = ""

    def _of_border(self) -> chat.Mark:
        if isinstance(self.target, (tuple, list, types.Rect)):
            target: Any = chat.Target_Rect(rect(self.target))
        else:
            target = chat.Target_Candidate(number(self.target))
        colour = None if self.colour is None else tuple(whole(part, "a part of a colour") for part in self.colour)
        if colour is not None and (len(colour) != 3 or max(colour) > 255):
            raise TypeError(f"{self.colour!r} is no colour: give red, green and blue, 0 to 255")
        strength = None if self.strength is None else number_of(self.strength, "the strength of a mark")
        return chat.Mark(target, text(self.style, "the style of a mark"), colour, strength, text(self.label, "the label of a mark"))


@dataclass
class View:
    """The photo with marks drawn on it; without marks, the photo itself."""

    marks: Sequence[Mark] = ()
    #: What is shown: None for all, a box, or a margin around the marks as a share of their longer side.
    crop: Box | float | None = None
    #: The longer side of the picture in pixels at most; 0 is the host's default.
    max_side: int = 0
    #: Drawn above the picture.
    caption: str = ""

    def _of_border(self) -> chat.View:
        crop: Any = chat.Crop_Whole()
        if isinstance(self.crop, (int, float)):
            crop = chat.Crop_Around(float(self.crop))
        elif self.crop is not None:
            crop = chat.Crop_Area(rect(self.crop))
        side, caption = whole(self.max_side, "max_side"), text(self.caption, "the caption")
        return chat.View([mark._of_border() for mark in self.marks], crop, side, caption)


@dataclass
class Grid:
    """Pictures side by side in one."""

    views: Sequence[View]


@dataclass
class Reasoning:
    """The planner's reasoning for a candidate, which the host writes there."""

    candidate: Any


def photo(max_side: int = 0) -> View:
    """The photo without marks."""
    return View(max_side=max_side)


def show(*targets: Any, style: str = "overlay", crop: Box | float | None = None, caption: str = "", max_side: int = 0) -> View:
    """The photo with these candidates or boxes marked."""
    return View([Mark(target, style) for target in targets], crop, max_side, caption)


def grid(*views: View) -> Grid:
    """Pictures side by side in one."""
    return Grid(views)


def reasoning(candidate: Any) -> Reasoning:
    """The planner's reasoning for a candidate, as a part of a question."""
    return Reasoning(candidate)


Part = str | View | Grid | Reasoning


def _part(part: Part) -> Any:
    match part:
        case str():
            return chat.Part_Text(text(part, "a part of a question"))
        case View():
            return chat.Part_Image(part._of_border())
        case Grid():
            return chat.Part_Grid([view._of_border() for view in part.views])
        case Reasoning():
            return chat.Part_Reasoning(number(part.candidate))
    raise TypeError(f"{part!r} is no part of a question: it is a text, photo(), show(...), grid(...) or reasoning(...)")


@dataclass
class Found:
    """A thing that was found in the photo."""

    #: Left, top, right and bottom, in pixels of the photo.
    box: Box
    label: str
    #: How sure the model is, 0 to 1. None if it does not say.
    score: float | None


@dataclass
class Answer:
    """What a model answered, or why it did not."""

    #: The text without the model's thinking; empty if there is none.
    text: str = ""
    #: The model's thinking.
    reasoning: str = ""
    #: Of `choices`, the one that was chosen. None if there is none.
    choice: str | None = None
    #: The probability of each of the choices; empty if the server gives none.
    weights: dict[str, float] = field(default_factory=dict)
    #: What was found, for `boxes` and `detect`.
    found: list[Found] = field(default_factory=list)
    #: Why there is no answer: "unreadable", "refused", "unsupported", "unavailable" or "cut off", and more words. None if there is one.
    trouble: str | None = None

    def __bool__(self) -> bool:
        """Whether there is an answer that could be read."""
        return self.trouble is None

    def json(self) -> Any:
        """The text as JSON. The host has checked it against the schema that was asked for."""
        return json.loads(self.text)


class Asked(Wait):
    """A question on its way."""

    def __init__(self, body: Any, choices: Sequence[str], repeat: int) -> None:
        self.body, self.choices, self.repeat = body, list(choices), repeat

    def __bool__(self) -> bool:
        raise RuntimeError("this question was not awaited: its answer is what `await` gives")

    def take(self, outcome: Any) -> None:
        """Takes what came of it."""
        self.value, self.done = _answer(outcome, self.choices), True


def ask(
    *parts: Part,
    system: str = "",
    choices: Sequence[str] = (),
    schema: dict | None = None,
    boxes: bool = False,
    temperature: float = 0.0,
    max_tokens: int = 0,
    repeat: int = 0,
) -> Asked:
    """A question to the vision-language model, made of texts and pictures.

    Give at most one of `choices` (the answer is one of these), `schema` (the answer is JSON of this schema) and `boxes` (the answer is places
    in the photo). Put constant text first, then the photo, then other pictures, then text that varies: servers reuse equal beginnings. Equal
    questions share their answer; another `repeat` draws another one, if the temperature is above 0.
    """
    form: Any = chat.Format_Free()
    if (bool(choices), schema is not None, boxes).count(True) > 1:
        raise TypeError("a question has one of choices, schema and boxes")
    if isinstance(choices, str):
        raise TypeError(f"choices is {choices!r}; it has to be a list of texts")
    if choices:
        form = chat.Format_Choice([text(choice, "a choice") for choice in choices])
    elif schema is not None:
        form = chat.Format_Json(json.dumps(schema))
    elif boxes:
        form = chat.Format_Boxes()
    messages = [chat.Message(chat.Role.SYSTEM, [chat.Part_Text(text(system, "system"))])] if system else []
    messages.append(chat.Message(chat.Role.USER, [_part(part) for part in parts]))
    question = chat.Question(messages, form, number_of(temperature, "temperature"), whole(max_tokens, "max_tokens"), [])
    return Asked(chat.Body_Chat(question), choices, whole(repeat, "repeat"))


def detect(phrase: str) -> Asked:
    """Asks the detector for everything in the photo that this phrase names, however unsure. Boxes are in `found` of the answer."""
    return Asked(chat.Body_Detect(text(phrase, "the phrase")), (), 0)


def _answer(outcome: Any, choices: list[str]) -> Answer:
    reply = getattr(outcome, "value", outcome)
    if isinstance(reply, chat.Failure):
        return Answer(text=reply.raw, trouble=f"{reply.trouble.name.lower()}: {reply.message}")
    found = [Found((at.rect.x_min, at.rect.y_min, at.rect.x_max, at.rect.y_max), at.label, at.score) for at in reply.boxes]
    return Answer(
        text=reply.text,
        reasoning=reply.reasoning,
        choice=None if reply.choice is None else choices[reply.choice],
        weights=dict(zip(choices, reply.weights)),
        found=found,
        trouble=None if reply.complete else "cut off: the reply was longer than it may be; allow more tokens",
    )


class Questions:
    """Numbers the questions of a session, and gives each its answer."""

    def __init__(self, room: int) -> None:
        self._room, self._open, self._queue, self._next = room, {}, [], 0

    def add(self, waits: list[Wait]) -> None:
        """Takes new questions, in their order."""
        self._queue.extend(wait for wait in waits if isinstance(wait, Asked))

    def step(self) -> list[Any]:
        """The next requests: as many as a step may hold."""
        now, self._queue = self._queue[: self._room], self._queue[self._room :]
        requests = []
        for asked in now:
            self._open[self._next] = asked
            requests.append(chat.Request(self._next, asked.body, 1, asked.repeat))
            self._next += 1
        return requests

    def answered(self, answer: Any) -> None:
        """Gives an answer to its question."""
        asked = self._open.pop(answer.id, None)
        if asked is not None:
            asked.take(answer.outcome)

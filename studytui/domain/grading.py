"""What a checked answer is worth: the verdict on a response. `suggestion` makes a grade of it.

Responses are in the author's order, whatever the shuffle on the screen was, so that the log can be read later:
a choice is the index of the option, an order the list of step indices, a match the index of a right side for each left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal, TypeAlias

from labs.answers import read_number
from studytui.domain.cards import Choice, Cloze, Match, Numeric, Open, Order
from studytui.domain.spelling import one_slip, same

Response: TypeAlias = str | int | list[str] | list[int] | None
"""What the learner gave; None where nothing was given."""


@dataclass(frozen=True, slots=True)
class Part:
    """One blank, step, pair or point: what was given, what is right, and whether they agree."""

    given: str
    right: str
    correct: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a check. `score` is the share of parts that are right, 0 to 1.

    Where `asks` is true nothing was judged: what was typed cannot be an answer, and `message` says what to type.
    `read_as` is how a number was read ("86,000,000"), '' where there is nothing to say.
    """

    correct: bool
    score: float
    message: str
    parts: tuple[Part, ...] = ()
    asks: bool = False
    read_as: str = ""

    @property
    def says(self) -> Literal["right", "wrong", "ask"]:
        """The verdict in a word."""
        return "ask" if self.asks else "right" if self.correct else "wrong"


def check_cloze(body: Cloze, typed: Sequence[str]) -> Verdict:
    """Each blank by spelling; a number by its value; one slip of a finger is forgiven and shown."""
    parts = []
    for index, blank in enumerate(body.blanks):
        given = typed[index] if index < len(typed) else ""
        right = blank.accepted[0]
        slip = ""
        correct = same(given, blank.accepted) or _same_number(given, blank.accepted)
        if not correct and (slip := one_slip(given, blank.accepted)):
            correct = True
        parts.append(Part(given, right, correct, note=f"spelled {slip}" if slip else ""))
    return _from_parts(parts, "blank")


def check_choice(body: Choice, picked: int | None) -> Verdict:
    """Right if the correct option was picked; the message gives the reason an option is wrong.

    Raises:
        IndexError: if there is no option of that index.
    """
    right = body.options[body.right]
    if picked is None:
        return Verdict(False, 0.0, "Nothing was picked.", (Part("", right.text, False),))
    option = body.options[picked]
    part = Part(option.text, right.text, option.correct, note=option.why)
    message = "Right." if option.correct else f"Not that one: {option.why}" if option.why else "Not that one."
    return Verdict(option.correct, float(option.correct), message, (part,))


def check_order(body: Order, order: Sequence[int]) -> Verdict:
    """Right if every step is in its place; the score is the share of neighbours in the right sequence."""
    steps = body.steps
    parts = tuple(
        Part(steps[order[i]] if i < len(order) else "", step, i < len(order) and order[i] == i)
        for i, step in enumerate(steps)
    )
    if all(part.correct for part in parts):
        return Verdict(True, 1.0, "Right.", parts)
    follows = sum(1 for a, b in pairwise(order) if b == a + 1)
    wrong = sum(1 for part in parts if not part.correct)
    return Verdict(False, follows / max(1, len(steps) - 1), f"{wrong} of {len(steps)} steps are out of place.", parts)


def check_match(body: Match, rights: Sequence[int | None]) -> Verdict:
    """Right if each left has its own right side."""
    parts = []
    for index, (_, right) in enumerate(body.pairs):
        given = rights[index] if index < len(rights) else None
        parts.append(Part(body.rights[given] if given is not None else "", right, given == index))
    return _from_parts(parts, "pair")


def check_numeric(body: Numeric, typed: str) -> Verdict:
    """Right within the tolerance, in any spelling of the number; known mistakes are named."""
    right = format_number(body.answer, body.unit)
    if body.accept and same(typed, body.accept):
        return Verdict(True, 1.0, "Right.", (Part(typed, right, True),))
    value = read_number(typed)
    if value is None:
        note = "Nothing was typed." if not typed.strip() else f"No number was found in “{typed.strip()[:40]}”."
        return Verdict(False, 0.0, note, (Part(typed, right, False),))
    slack = max(body.tolerance, abs(body.answer) * body.tolerance_percent / 100)
    if abs(value - body.answer) <= slack + abs(body.answer) * 1e-9:
        return Verdict(True, 1.0, "Right.", (Part(typed, right, True),))
    why = next((m.why for m in body.mistakes if abs(m.value - value) <= max(abs(m.value) * 1e-9, 1e-12)), "")
    message = why or f"Off by {format_number(abs(value - body.answer))}."
    return Verdict(False, 0.0, message, (Part(typed, right, False, note=why),))


def check_open(body: Open, ticked: Sequence[int]) -> Verdict:
    """The share of points the learner ticked as said."""
    said = set(ticked)
    parts = tuple(Part(point if i in said else "", point, i in said) for i, point in enumerate(body.points))
    score = len(said & set(range(len(parts)))) / len(parts)
    return Verdict(score == 1.0, score, f"{len(said)} of {len(parts)} points said.", parts)


def format_number(value: float, unit: str = "") -> str:
    """A number as a person writes it, with its unit: 196, 0.331, 1,204,224 tokens."""
    text = f"{int(value):,}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return f"{text} {unit}" if unit else text


def _same_number(given: str, accepted: Sequence[str]) -> bool:
    typed = read_number(given)
    if typed is None:
        return False
    return any(spelling[:1].isdigit() and read_number(spelling) == typed for spelling in accepted)


def _from_parts(parts: Sequence[Part], noun: str) -> Verdict:
    right = sum(1 for part in parts if part.correct)
    if right == len(parts):
        notes = [part.note for part in parts if part.note]
        return Verdict(True, 1.0, f"Right ({', '.join(notes)})." if notes else "Right.", tuple(parts))
    message = f"{right} of {len(parts)} {noun}s are right." if len(parts) > 1 else "Not that."
    return Verdict(False, right / len(parts), message, tuple(parts))

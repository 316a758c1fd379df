"""What a checked answer is worth: the verdict on a response, and the grade suggested from it.

Responses are in the author's order, whatever the shuffle on the screen was, so that the log can be read later:
a choice is the index of the option, an order the list of step indices, a match the index of a right side for each left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Final, Literal, Protocol, TypeAlias

from studytui.domain.cards import Choice, Cloze, Kind, Match, Numeric, Open, Order
from studytui.domain.spelling import one_slip, same

Response: TypeAlias = str | int | list[str] | list[int] | None
"""What the learner gave; None where nothing was given."""

UNHURRIED_SECONDS: Final[dict[Kind, float]] = {
    "basic": 10,
    "cloze": 15,
    "choice": 15,
    "numeric": 20,
    "exercise": 45,
    "order": 45,
    "match": 60,
    "open": 180,
}
"""An answer within this time came readily; one that took four times as long did not."""


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
    `read_as` is how a number was read ("86,000,000 = 86 million parameters"), '' where none was.
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


class Weighed(Protocol):
    """What became of a typed number: the verdict, its readings with the one taken first, how that is written.

    Where it `says` ask, `message` says what to type.
    """

    @property
    def says(self) -> Literal["right", "wrong", "ask"]: ...
    @property
    def values(self) -> tuple[float, ...]: ...
    @property
    def read_as(self) -> str: ...
    @property
    def message(self) -> str: ...


class NumberReader(Protocol):
    """What reads numbers as people type them. It is handed in, since the one there is stands in the labs."""

    def weigh(self, typed: str, *, right: float, slack: float, unit: str = "", question: str = "") -> Weighed:
        """Judge a number in `unit`; the words of `question` may be typed along."""

    def values(self, typed: str, unit: str = "", question: str = "") -> tuple[float, ...]:
        """Every reading of a number in `unit`, the most likely first; () if it is not one number."""

    def literal(self, text: str) -> float | None:
        """The value of a plain number; None for anything else."""


def check_cloze(body: Cloze, typed: Sequence[str], *, numbers: NumberReader) -> Verdict:
    """Each blank by spelling; a number by its value; one slip of a finger is forgiven and shown."""
    if not any(text.strip() for text in typed):
        what = "every blank" if len(body.blanks) > 1 else "the blank"
        return _ask(f"Type what belongs in {what}, or say that you don't know.")
    parts = []
    for index, blank in enumerate(body.blanks):
        given = typed[index] if index < len(typed) else ""
        right = blank.accepted[0]
        slip = ""
        correct = same(given, blank.accepted) or _same_number(given, blank.accepted, numbers, "".join(body.segments))
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
        return _ask("Nothing was picked: pick an option, or say that you don't know.")
    option = body.options[picked]
    part = Part(option.text, right.text, option.correct, note=option.why)
    message = "Right." if option.correct else f"Not that one: {option.why}" if option.why else "Not that one."
    return Verdict(option.correct, float(option.correct), message, (part,))


def check_order(body: Order, order: Sequence[int]) -> Verdict:
    """Right if every step is in its place; the score is the share of neighbours in the right sequence.

    An order that does not hold each step once is not judged; nor is an empty one, which says that none was given.
    """
    steps = body.steps
    if sorted(order) != list(range(len(steps))):
        what = "Nothing was put in order yet" if not order else "Each step must be named once"
        return _ask(f"{what}: put the {len(steps)} steps in order, or say that you don't know.")
    parts = tuple(Part(steps[order[i]], step, order[i] == i) for i, step in enumerate(steps))
    if all(part.correct for part in parts):
        return Verdict(True, 1.0, "Right.", parts)
    follows = sum(1 for a, b in pairwise(order) if b == a + 1)
    wrong = sum(1 for part in parts if not part.correct)
    return Verdict(False, follows / max(1, len(steps) - 1), f"{wrong} of {len(steps)} steps are out of place.", parts)


def check_match(body: Match, rights: Sequence[int | None]) -> Verdict:
    """Right if each left has its own right side. While one has none, nothing is judged.

    Raises:
        IndexError: if there is no right side of that index.
    """
    without = [left for (left, _), right in zip_longest(body.pairs, rights) if right is None]
    if without:
        what = "Nothing is matched yet" if len(without) == len(body.pairs) else f"{len(without)} still without a match"
        return _ask(f"{what}: match every line, or say that you don't know.")
    parts = [
        Part(body.rights[given], right, given == index)
        for index, ((_, right), given) in enumerate(zip(body.pairs, rights, strict=True))
        if given is not None
    ]
    return _from_parts(parts, "pair")


def check_numeric(body: Numeric, typed: str, *, numbers: NumberReader, question: str = "") -> Verdict:
    """Right within the tolerance, in any spelling of the number; known mistakes are named.

    What is not one number is not judged. `question` is the card's, whose words may be typed along.
    """
    right = format_number(body.answer, body.unit)
    part = Part(typed, right, True)
    slack = max(body.tolerance, abs(body.answer) * body.tolerance_percent / 100)
    weighed = numbers.weigh(
        typed, right=body.answer, slack=slack + abs(body.answer) * 1e-9, unit=body.unit, question=question
    )
    if weighed.says == "right" or _is_accepted(body, typed, weighed.values, numbers):
        return Verdict(True, 1.0, "Right.", (part,), read_as=weighed.read_as)
    if weighed.says == "ask":
        return _ask(weighed.message, weighed.read_as)
    off = abs(weighed.values[0] - body.answer)
    known = (m for m in body.mistakes if any(_is_same(m.value, value) for value in weighed.values))
    why = next((mistake.why for mistake in known), "")
    exact = "; the exact number is asked for" if not slack and off <= 0.01 * abs(body.answer) else ""
    message = why or f"Off by {format_number(off)}{exact}."
    return Verdict(False, 0.0, message, (Part(typed, right, False, note=why),), read_as=weighed.read_as)


def _is_accepted(body: Numeric, typed: str, values: Sequence[float], numbers: NumberReader) -> bool:
    """True if the answer is a spelling that the author accepts besides: by its letters, or by the number it means."""
    for spelling in body.accept:
        if _letters(spelling) == _letters(typed):
            return True
        meant = numbers.values(spelling, body.unit)
        if meant and any(_is_same(min(meant, key=lambda value: abs(value - body.answer)), value) for value in values):
            return True
    return False


def _letters(text: str) -> str:
    return "".join(text.casefold().split())


def _is_same(a: float, b: float) -> bool:
    return abs(a - b) <= max(abs(a) * 1e-9, 1e-12)


def check_open(body: Open, ticked: Sequence[int]) -> Verdict:
    """The share of points the learner ticked as said."""
    said = set(ticked)
    parts = tuple(Part(point if i in said else "", point, i in said) for i, point in enumerate(body.points))
    score = len(said & set(range(len(parts)))) / len(parts)
    return Verdict(score == 1.0, score, f"{len(said)} of {len(parts)} points said.", parts)


def suggest_grade(verdict: Verdict, *, kind: Kind, seconds: float, hints_used: int = 0) -> int:
    """A grade from 1 to 5 from correctness, time and hints; the learner may override it.

    A wrong answer is 1, or 2 where at least half was right; a right one 5 if it came readily, 4 if it took thought,
    3 if it took a hint or very long. An open answer is graded by the share of its points.
    """
    readily = seconds <= UNHURRIED_SECONDS[kind]
    slowly = seconds > 4 * UNHURRIED_SECONDS[kind]
    if kind == "open" and not verdict.correct:
        return 3 if verdict.score >= 0.6 else 2 if verdict.score >= 0.3 else 1
    if not verdict.correct:
        return 2 if verdict.score >= 0.5 else 1
    if hints_used or slowly:
        return 3
    return 5 if readily else 4


def format_number(value: float, unit: str = "") -> str:
    """A number as a person writes it, with its unit: 196, 0.331, 1,204,224 tokens."""
    text = f"{int(value):,}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return f"{text} {unit}" if unit else text


def _same_number(given: str, accepted: Sequence[str], numbers: NumberReader, sentence: str = "") -> bool:
    """True if a plain number is accepted and this is one of its spellings, words of the sentence typed along."""
    plain = (numbers.literal(spelling) for spelling in accepted)
    return any(
        right is not None
        and numbers.weigh(given, right=right, slack=abs(right) * 1e-9, question=sentence).says == "right"
        for right in plain
    )


def _ask(message: str, read_as: str = "") -> Verdict:
    return Verdict(False, 0.0, message, asks=True, read_as=read_as)


def _from_parts(parts: Sequence[Part], noun: str) -> Verdict:
    right = sum(1 for part in parts if part.correct)
    if right == len(parts):
        notes = [part.note for part in parts if part.note]
        return Verdict(True, 1.0, f"Right ({', '.join(notes)})." if notes else "Right.", tuple(parts))
    message = f"{right} of {len(parts)} {noun}s are right." if len(parts) > 1 else "Not that."
    return Verdict(False, right / len(parts), message, tuple(parts))

"""What a checked answer is worth: the verdict on a response, and the grade suggested from it.

Responses are in the author's order, whatever the shuffle on the screen was, so that the log can be read later:
a choice is the index of the option, an order the list of step indices, a match the index of a right side for each left.
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, TypeAlias

from labs.answers import read_number
from studytui.domain.cards import Choice, Cloze, Kind, Match, Numeric, Open, Order
from studytui.domain.spelling import is_something, one_slip, same
from studytui.domain.word_forms import is_english

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
LONGEST_IN_BLANK: Final = 200
"""Characters of an answer to one blank that are still read as an answer."""
_PLAIN_NUMBER: Final = re.compile(
    r"[-+−–]?\s*(?:\d[\d.,'’_]*(?:\s\d{3})*(?:e[+-]?\d+)?(?:\s+[^\W\d_]+)*"
    r"|\d+\s?/\s?\d+|(?:\d[\d.]*\s?[×x*·]\s?)?10(?:\s?\^\s?[-−]?\d+|⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))",
    re.IGNORECASE,
)
_LEADS_WITH_NUMBER: Final = re.compile(
    r"(?:(?:about|around|approximately|roughly|exactly|some)\s)?[^\w]*\d", re.IGNORECASE
)
"""A blank takes a number by its value only where a number is meant and typed, not in names such as 3D or DALL-E 3."""


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


def check_cloze(body: Cloze, typed: Sequence[str], *, course_words: Container[str] = frozenset()) -> Verdict:
    """Each blank for itself, in the sentence it stands in: by spelling, a number by its value.

    One slip of a finger is forgiven and shown, unless it makes a word of English or one of `course_words` (lower case).
    An empty blank is asked for, not judged.
    """
    given = [typed[index].strip() if index < len(typed) else "" for index in range(len(body.blanks))]
    if missing := _not_an_answer(given):
        parts = tuple(Part(text, blank.accepted[0], False) for text, blank in zip(given, body.blanks, strict=True))
        return Verdict(False, 0.0, missing, parts, asks=True)
    parts = tuple(_blank(body, index, text, course_words) for index, text in enumerate(given))
    right = sum(part.correct for part in parts)
    if right == len(parts):
        notes = [part.note for part in parts if part.note]
        return Verdict(True, 1.0, f"Right ({', '.join(notes)})." if notes else "Right.", parts)
    wanted = " and ".join(f"“{part.right}”" for part in parts if not part.correct)
    is_one = len(parts) - right == 1
    message = f"{right} of {len(parts)} blanks: {wanted} {'is' if is_one else 'are'} missing."
    return Verdict(False, right / len(parts), message if len(parts) > 1 else "Not that.", parts)


def _blank(body: Cloze, index: int, given: str, course_words: Container[str]) -> Part:
    accepted = body.blanks[index].accepted
    before, after = _surroundings(body, index)
    if same(given, accepted, before=before, after=after) or _same_number(given, accepted):
        return Part(given, accepted[0], True)

    def is_word(word: str) -> bool:
        return word in course_words or is_english(word)

    slip = one_slip(given, accepted, before=before, after=after, is_word=is_word)
    return Part(given, accepted[0], bool(slip), note=f"spelled {slip}" if slip else "")


def _surroundings(body: Cloze, index: int) -> tuple[str, str]:
    """The sentence before and after a blank, the other blanks filled in."""
    filled = [blank.accepted[0] for blank in body.blanks]
    before = "".join(text + fill for text, fill in zip(body.segments, filled[:index], strict=False))
    after = "".join(fill + text for fill, text in zip(filled[index + 1 :], body.segments[index + 2 :], strict=True))
    return before + body.segments[index], body.segments[index + 1] + after


def _not_an_answer(given: Sequence[str]) -> str:
    """What to type, where a blank is empty or holds what can be no answer; '' if all can be judged."""
    empty = [index for index, text in enumerate(given) if not is_something(text)]
    if long := [index for index, text in enumerate(given) if len(text) > LONGEST_IN_BLANK]:
        which = f"Blank {long[0] + 1}" if len(given) > 1 else "The blank"
        return f"{which} holds {len(given[long[0]]):,} characters: type a few words, or x for “don’t know”."
    if len(empty) == len(given):
        what = "every blank" if len(given) > 1 else "the blank"
        return f"Type what belongs in {what}, or x for “don’t know”."
    if empty:
        which = f"Blank {empty[0] + 1} is" if len(empty) == 1 else f"Blanks {_listed(empty)} are"
        return f"{which} empty: type what belongs there, or x for “don’t know”."
    return ""


def _listed(places: Sequence[int]) -> str:
    numbers = [str(place + 1) for place in places]
    return f"{', '.join(numbers[:-1])} and {numbers[-1]}"


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


def _same_number(given: str, accepted: Sequence[str]) -> bool:
    if not _LEADS_WITH_NUMBER.match(given) or (typed := read_number(given)) is None:
        return False
    return any(_PLAIN_NUMBER.fullmatch(spelling) and read_number(spelling) == typed for spelling in accepted)


def _from_parts(parts: Sequence[Part], noun: str) -> Verdict:
    right = sum(1 for part in parts if part.correct)
    if right == len(parts):
        return Verdict(True, 1.0, "Right.", tuple(parts))
    message = f"{right} of {len(parts)} {noun}s are right." if len(parts) > 1 else "Not that."
    return Verdict(False, right / len(parts), message, tuple(parts))

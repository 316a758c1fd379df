"""What a checked answer is worth: the verdict on a response. `suggestion` makes a grade of it.

Responses are in the author's order, whatever the shuffle on the screen was, so that the log can be read later:
a choice is the index of the option, an order the list of step indices, a match the index of a right side for each left.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from typing import Final, Literal, Protocol, TypeAlias

from studytui.domain.cards import Choice, Cloze, Match, Numeric, Open, Order
from studytui.domain.spelling import is_something, one_slip, same
from studytui.domain.word_forms import is_english

Response: TypeAlias = str | int | list[str] | list[int] | None
"""What the learner gave; None where nothing was given."""

LONGEST_IN_BLANK: Final = 200
"""Characters of an answer to one blank that are still read as an answer."""


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


def check_cloze(
    body: Cloze, typed: Sequence[str], *, numbers: NumberReader, course_words: Container[str] = frozenset()
) -> Verdict:
    """Each blank for itself, in the sentence it stands in: by spelling, a number by its value.

    One slip of a finger is forgiven and shown, unless it makes a word of English or one of `course_words` (lower case).
    An empty blank is asked for, not judged.
    """
    given = [typed[index].strip() if index < len(typed) else "" for index in range(len(body.blanks))]
    if missing := _not_an_answer(given):
        parts = tuple(Part(text, blank.accepted[0], False) for text, blank in zip(given, body.blanks, strict=True))
        return Verdict(False, 0.0, missing, parts, asks=True)
    parts = tuple(_blank(body, index, text, numbers, course_words) for index, text in enumerate(given))
    right = sum(part.correct for part in parts)
    if right == len(parts):
        notes = [part.note for part in parts if part.note]
        return Verdict(True, 1.0, f"Right ({', '.join(notes)})." if notes else "Right.", parts)
    wanted = " and ".join(f"“{part.right}”" for part in parts if not part.correct)
    is_one = len(parts) - right == 1
    message = f"{right} of {len(parts)} blanks: {wanted} {'is' if is_one else 'are'} missing."
    return Verdict(False, right / len(parts), message if len(parts) > 1 else "Not that.", parts)


def _blank(body: Cloze, index: int, given: str, numbers: NumberReader, course_words: Container[str]) -> Part:
    accepted = body.blanks[index].accepted
    before, after = _surroundings(body, index)
    if same(given, accepted, before=before, after=after) or _same_number(
        given, accepted, numbers, "".join(body.segments)
    ):
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
        return f"{which} holds {len(given[long[0]]):,} characters: type a few words, or say that you don't know."
    if len(empty) == len(given):
        what = "every blank" if len(given) > 1 else "the blank"
        return f"Type what belongs in {what}, or say that you don't know."
    if empty:
        which = f"Blank {empty[0] + 1} is" if len(empty) == 1 else f"Blanks {_listed(empty)} are"
        return f"{which} empty: type what belongs there, or say that you don't know."
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
        return Verdict(True, 1.0, "Right.", tuple(parts))
    message = f"{right} of {len(parts)} {noun}s are right." if len(parts) > 1 else "Not that."
    return Verdict(False, right / len(parts), message, tuple(parts))

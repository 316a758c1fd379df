"""Cards and the course they belong to, as the app sees them after the authored text was read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from itertools import pairwise, zip_longest
from math import factorial, perm
from typing import Any, ClassVar, Final, Literal, TypeAlias, get_args

from studytui.domain.spelling import is_english, is_something, one_slip, same
from studytui.domain.verdict import NumberReader, Part, Reading, Verdict, ask, format_number, of_parts

Kind: TypeAlias = Literal["basic", "cloze", "choice", "order", "match", "numeric", "exercise", "open"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
AnswerForm: TypeAlias = Literal["reveal", "points", "blanks", "number", "choice", "order", "match"]
"""How an answer is given; "reveal" is compared by the learner, "points" ticked after the answer was said."""
Scalar: TypeAlias = int | float | str | bool


@dataclass(frozen=True, slots=True)
class Source:
    """Where a card stands: file (relative to the course's folder) and line, counted from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True)
class LabLink:
    """The lab exercise of a card: fixed parameters and those drawn anew at every showing."""

    exercise: str
    fixed: dict[str, Scalar] = field(default_factory=dict)
    vary: dict[str, tuple[Scalar, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SceneLink:
    """What the labs draw for a card to ask about: the kind of scene, its parameters, and which of its draws."""

    kind: str
    params: dict[str, Scalar] = field(default_factory=dict)
    draw: int = 0


BLANK: Final = "▁▁▁▁"
LONGEST_IN_BLANK: Final = 200
"""Characters of an answer to one blank that are still read as an answer."""


def odds_among(options: int, *, in_order: bool = False) -> float:
    """How often a blind guess finds the right one of some options, or the right order of them; 0 without options."""
    if not options:
        return 0.0
    return 1 / (factorial(options) if in_order else options)


@dataclass(frozen=True, slots=True)
class Blank:
    """One blank of a cloze: every accepted spelling, the author's own first."""

    accepted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Option:
    """One option of a choice; `why` explains what is wrong with a wrong one."""

    text: str
    correct: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A wrong number that is recognised, and what went wrong."""

    value: float
    why: str


Way: TypeAlias = Literal["text", "number", "lines", "words", "options", "pairs", "mistakes", "lab", "picture"]
"""How the text of a field is read."""


@dataclass(frozen=True, slots=True)
class DraftField:
    """A field as somebody writes it in a form or on a command line: what it is called, an example, how it is read.

    `lines` is how many lines a form gives it; one for a field that holds a line.
    """

    name: str
    title: str
    how: str = ""
    required: bool = False
    lines: int = 1
    reads: Way = "text"


@dataclass(frozen=True, slots=True)
class Body:
    """What a card of one kind has besides, how it is shown, and how an answer to it is judged. A kind is a subclass.

    Its fields are named as in the authored table, and written to the database by their types.
    """

    kind: ClassVar[Kind]
    form: ClassVar[AnswerForm] = "reveal"
    takes: ClassVar[type | None] = None
    """The type of a response; None where the learner or a lab judges."""
    draft: ClassVar[tuple[DraftField, ...]] = ()
    """Its fields in a form."""
    is_machine_checked: ClassVar[bool] = True
    """The app, not the learner, decides whether an answer is right."""
    shows_its_parts: ClassVar[bool] = False
    """The answer on the screen shows itself what of it is right."""
    unhurried_seconds: ClassVar[float]
    """An answer within this time, after reading, came readily; one that took four times as long did not."""
    longest_seconds: ClassVar[float]
    """Time, after reading, that is believed: whoever takes longer has left the desk."""
    usual_seconds: ClassVar[float]
    """What an answer takes, until the learner's own show it."""

    def question(self, front: str) -> str:
        """The front as Markdown, as it is asked."""
        return front

    @property
    def listed(self) -> tuple[str, ...]:
        """What there is to pick, to order or to match with, in the author's order; shuffled at each showing."""
        return ()

    @property
    def lefts(self) -> tuple[str, ...]:
        """What is to be matched."""
        return ()

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """(field, text) of everything besides front, back and hints that is shown as Markdown."""
        yield from ()

    @property
    def right_answer(self) -> str:
        """The right answer in one line of plain text; '' where the back alone gives it."""
        return ""

    @property
    def right_parts(self) -> tuple[str, ...]:
        """The same, one for each part that is judged."""
        return (self.right_answer,)

    @property
    def odds(self) -> float:
        """How often a blind guess is right, 0 to 1; 0 where an answer is typed or said."""
        return 0.0

    def check(self, response: Any, by: Reading, /) -> Verdict:
        """The verdict on a response of the type that it `takes`, or on None, which is not judged but asked for.

        Raises:
            IndexError: it names an option that is not there.
        """
        raise NotImplementedError

    def unknown(self) -> Verdict | None:
        """The verdict on a learner who says that they don't know, with the parts that would have been right."""
        if self.takes is None:
            return None
        parts = tuple(Part("", right, False) for right in self.right_parts)
        return Verdict(False, 0.0, f"Right answer: {self.right_answer}", parts)


@dataclass(frozen=True, slots=True)
class Basic(Body):
    """Read, recall, judge yourself."""

    kind = "basic"
    is_machine_checked = False
    unhurried_seconds, longest_seconds, usual_seconds = 10, 90, 15


@dataclass(frozen=True, slots=True)
class Cloze(Body):
    """Fill the blanks: `segments` are the texts around them, one more than there are blanks."""

    segments: tuple[str, ...]
    blanks: tuple[Blank, ...]

    kind = "cloze"
    form = "blanks"
    takes = list
    unhurried_seconds, longest_seconds, usual_seconds = 15, 120, 20

    def question(self, _: str) -> str:
        return self.filled([])

    def filled(self, fills: Sequence[str]) -> str:
        """The text with its blanks filled as far as `fills` goes, the rest drawn as lines."""
        text = [self.segments[0]]
        for index, segment in enumerate(self.segments[1:]):
            fill = fills[index] if index < len(fills) and fills[index] else ""
            text += [f"**{fill}**" if fill else BLANK, segment]
        return "".join(text)

    @property
    def right_answer(self) -> str:
        return "  ·  ".join(self.right_parts)

    @property
    def right_parts(self) -> tuple[str, ...]:
        return tuple(blank.accepted[0] for blank in self.blanks)

    def check(self, response: Any, by: Reading, /) -> Verdict:
        """Each blank for itself, in the sentence it stands in: by spelling, a number by its value.

        One slip of a finger is forgiven and shown, unless it makes a word of English or of the course. An empty blank
        is asked for, not judged.
        """
        typed = [str(text).strip() for text in response or []]
        given = [typed[index] if index < len(typed) else "" for index in range(len(self.blanks))]
        if missing := _not_an_answer(given):
            parts = tuple(Part(text, right, False) for text, right in zip(given, self.right_parts, strict=True))
            return Verdict(False, 0.0, missing, parts, asks=True)
        parts = tuple(self._blank(index, text, by) for index, text in enumerate(given))
        right = sum(part.correct for part in parts)
        if right == len(parts):
            notes = [part.note for part in parts if part.note]
            return Verdict(True, 1.0, f"Right ({', '.join(notes)})." if notes else "Right.", parts)
        wanted = " and ".join(f"“{part.right}”" for part in parts if not part.correct)
        is_one = len(parts) - right == 1
        message = f"{right} of {len(parts)} blanks: {wanted} {'is' if is_one else 'are'} missing."
        return Verdict(False, right / len(parts), message if len(parts) > 1 else "Not that.", parts)

    def _blank(self, index: int, given: str, by: Reading) -> Part:
        accepted = self.blanks[index].accepted
        before, after = self._around(index)
        if same(given, accepted, before=before, after=after) or _same_number(
            given, accepted, by.numbers, "".join(self.segments)
        ):
            return Part(given, accepted[0], True)

        def is_word(word: str) -> bool:
            return word in by.course_words or is_english(word)

        slip = one_slip(given, accepted, before=before, after=after, is_word=is_word)
        return Part(given, accepted[0], bool(slip), note=f"spelled {slip}" if slip else "")

    def _around(self, index: int) -> tuple[str, str]:
        """The sentence before and after a blank, the other blanks filled in."""
        filled, segments = self.right_parts, self.segments
        before = "".join(text + fill for text, fill in zip(segments, filled[:index], strict=False))
        after = "".join(fill + text for fill, text in zip(filled[index + 1 :], segments[index + 2 :], strict=True))
        return before + segments[index], segments[index + 1] + after


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


def _same_number(given: str, accepted: Sequence[str], numbers: NumberReader, sentence: str = "") -> bool:
    """True if a plain number is accepted and this is one of its spellings, words of the sentence typed along."""
    plain = (numbers.literal(spelling) for spelling in accepted)
    return any(
        right is not None
        and numbers.weigh(given, right=right, slack=abs(right) * 1e-9, question=sentence).says == "right"
        for right in plain
    )


@dataclass(frozen=True, slots=True)
class Choice(Body):
    """Pick one; the options are in the author's order, shuffled when shown."""

    options: tuple[Option, ...]
    needs_options: bool = False
    """The question is about the options themselves: without them it cannot be answered."""

    kind = "choice"
    draft = (
        DraftField("options", "Options", "* the right one, wrong ones as: text :: why it is wrong", True, 5, "options"),
    )
    form = "choice"
    takes = int
    shows_its_parts = True
    unhurried_seconds, longest_seconds, usual_seconds = 15, 120, 30

    @property
    def right(self) -> int:
        """Index of the correct option."""
        return next(i for i, option in enumerate(self.options) if option.correct)

    @property
    def listed(self) -> tuple[str, ...]:
        return tuple(option.text for option in self.options)

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        for number, option in enumerate(self.options):
            yield f"options.{number}.text", option.text
            yield f"options.{number}.why", option.why

    @property
    def right_answer(self) -> str:
        return self.options[self.right].text

    @property
    def odds(self) -> float:
        return odds_among(len(self.options))

    def check(self, response: Any, _: Reading, /) -> Verdict:
        """Right if the correct option was picked; the message gives the reason an option is wrong."""
        if response is None:
            return ask("No answer yet: pick an option, or say that you don't know.")
        option = self.options[response]
        part = Part(option.text, self.right_answer, option.correct, note=option.why)
        message = "Right." if option.correct else option.why or "Not that."
        return Verdict(option.correct, float(option.correct), message, (part,))


@dataclass(frozen=True, slots=True)
class Order(Body):
    """Put the steps in order; they are given in the right one."""

    steps: tuple[str, ...]

    kind = "order"
    draft = (DraftField("steps", "Steps", "one per line, in the right order", True, 5, "lines"),)
    form = "order"
    takes = list
    shows_its_parts = True
    unhurried_seconds, longest_seconds, usual_seconds = 45, 300, 45

    @property
    def listed(self) -> tuple[str, ...]:
        return self.steps

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        yield from ((f"steps.{number}", step) for number, step in enumerate(self.steps))

    @property
    def right_answer(self) -> str:
        return " → ".join(self.steps)

    @property
    def right_parts(self) -> tuple[str, ...]:
        return self.steps

    @property
    def odds(self) -> float:
        return odds_among(len(self.steps), in_order=True)

    def check(self, response: Any, _: Reading, /) -> Verdict:
        """Right if every step is in its place; the score is the share of neighbours in the right sequence.

        An order that does not hold each step once is not judged; nor is an empty one, which says that none was given.
        """
        steps, order = self.steps, [int(i) for i in response or []]
        if sorted(order) != list(range(len(steps))):
            what = "Nothing was put in order yet" if not order else "Each step must be named once"
            return ask(f"{what}: put the {len(steps)} steps in order, or say that you don't know.")
        parts = tuple(Part(steps[order[i]], step, order[i] == i) for i, step in enumerate(steps))
        if all(part.correct for part in parts):
            return Verdict(True, 1.0, "Right.", parts)
        score = sum(1 for a, b in pairwise(order) if b == a + 1) / max(1, len(steps) - 1)
        wrong = sum(1 for part in parts if not part.correct)
        return Verdict(False, score, f"{wrong} of {len(steps)} steps are out of place.", parts)


@dataclass(frozen=True, slots=True)
class Match(Body):
    """Match each left to its right; `extra` are rights that belong to none."""

    pairs: tuple[tuple[str, str], ...]
    extra: tuple[str, ...] = ()

    kind = "match"
    draft = (DraftField("pairs", "Pairs", "left = right; = right, for one that belongs to none", True, 5, "pairs"),)
    form = "match"
    takes = list
    shows_its_parts = True
    unhurried_seconds, longest_seconds, usual_seconds = 60, 360, 60

    @property
    def listed(self) -> tuple[str, ...]:
        """All right sides: those of the pairs in order, then the extra ones."""
        return self.right_parts + self.extra

    @property
    def lefts(self) -> tuple[str, ...]:
        return tuple(left for left, _ in self.pairs)

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        yield from ((f"pairs.{number}", " – ".join(pair)) for number, pair in enumerate(self.pairs))

    @property
    def right_answer(self) -> str:
        return "; ".join(f"{left} – {right}" for left, right in self.pairs)

    @property
    def right_parts(self) -> tuple[str, ...]:
        return tuple(right for _, right in self.pairs)

    @property
    def odds(self) -> float:
        return 1 / perm(len(self.listed), len(self.pairs))

    def check(self, response: Any, _: Reading, /) -> Verdict:
        """Right if each left has its own right side. While one has none, nothing is judged."""
        rights = [None if i is None or int(i) < 0 else int(i) for i in response or []]
        without = sum(right is None for _, right in zip_longest(self.pairs, rights))
        if without:
            what = "Nothing is matched yet" if without == len(self.pairs) else f"{without} still without a match"
            return ask(f"{what}: match every line, or say that you don't know.")
        parts = [
            Part(self.listed[given], right, given == index)
            for index, (right, given) in enumerate(zip(self.right_parts, rights, strict=True))
            if given is not None
        ]
        return of_parts(parts, "pair")


@dataclass(frozen=True, slots=True)
class Numeric(Body):
    """Type a number in `unit`; right within `tolerance` (absolute) or `tolerance_percent`."""

    answer: float
    unit: str = ""
    tolerance: float = 0.0
    tolerance_percent: float = 0.0
    accept: tuple[str, ...] = ()
    mistakes: tuple[Mistake, ...] = ()

    kind = "numeric"
    draft = (
        DraftField("answer", "Answer", "a number", True, reads="number"),
        DraftField("unit", "Unit", "tokens"),
        DraftField("tolerance", "Tolerance", "as far off as this is right", reads="number"),
        DraftField("tolerance_percent", "Tolerance in %", "as far off as this is right", reads="number"),
        DraftField("accept", "Also accept", "14 x 14, one per line", lines=2, reads="lines"),
        DraftField("mistakes", "Known mistakes", "14 :: that is one side, one per line", lines=3, reads="mistakes"),
    )
    form = "number"
    takes = str
    unhurried_seconds, longest_seconds, usual_seconds = 20, 240, 45

    @property
    def slack(self) -> float:
        """How far off the answer is right."""
        return max(self.tolerance, abs(self.answer) * self.tolerance_percent / 100)

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        yield from ((f"mistakes.{number}.why", mistake.why) for number, mistake in enumerate(self.mistakes))

    @property
    def right_answer(self) -> str:
        return format_number(self.answer, self.unit)

    def check(self, response: Any, by: Reading, /) -> Verdict:
        """Right within the tolerance, in any spelling of the number; known mistakes are named.

        What is not one number is not judged.
        """
        typed, right, numbers = response or "", self.right_answer, by.numbers
        weighed = numbers.weigh(
            typed,
            right=self.answer,
            slack=self.slack + abs(self.answer) * 1e-9,
            unit=self.unit,
            question=by.question,
        )
        if weighed.says == "right" or self._is_accepted(typed, weighed.values, numbers):
            return Verdict(True, 1.0, "Right.", (Part(typed, right, True),), read_as=weighed.read_as)
        if weighed.says == "ask":
            return ask(weighed.message, weighed.read_as)
        off = abs(weighed.values[0] - self.answer)
        known = (m for m in self.mistakes if any(_is_same(m.value, value) for value in weighed.values))
        why = next((mistake.why for mistake in known), "")
        exact = "; the exact number is asked for" if not self.slack and off <= 0.01 * abs(self.answer) else ""
        message = why or f"Off by {format_number(off)}{exact}."
        return Verdict(False, 0.0, message, (Part(typed, right, False, note=why),), read_as=weighed.read_as)

    def _is_accepted(self, typed: str, values: Sequence[float], numbers: NumberReader) -> bool:
        """True if the answer is a spelling that the author accepts besides: by its letters, or the number it means."""
        for spelling in self.accept:
            if _letters(spelling) == _letters(typed):
                return True
            meant = numbers.values(spelling, self.unit)
            if meant and any(_is_same(min(meant, key=lambda one: abs(one - self.answer)), value) for value in values):
                return True
        return False


def _letters(text: str) -> str:
    return "".join(text.casefold().split())


def _is_same(a: float, b: float) -> bool:
    return abs(a - b) <= max(abs(a) * 1e-9, 1e-12)


@dataclass(frozen=True, slots=True)
class Exercise(Body):
    """The linked lab poses with fresh numbers and decides."""

    kind = "exercise"
    unhurried_seconds, longest_seconds, usual_seconds = 45, 420, 75


@dataclass(frozen=True, slots=True)
class Open(Body):
    """Answer in words, then tick the points that were said."""

    points: tuple[str, ...]

    kind = "open"
    draft = (DraftField("points", "Points", "what an answer must say, one per line", True, 4, "lines"),)
    is_machine_checked = False
    form = "points"
    takes = list
    shows_its_parts = True
    unhurried_seconds, longest_seconds, usual_seconds = 180, 900, 150

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        yield from ((f"points.{number}", point) for number, point in enumerate(self.points))

    def check(self, response: Any, _: Reading | None = None, /) -> Verdict:
        """The share of points the learner ticked as said."""
        said = {int(i) for i in response or []}
        parts = tuple(Part(point if i in said else "", point, i in said) for i, point in enumerate(self.points))
        score = len(said & set(range(len(parts)))) / len(parts)
        return Verdict(score == 1.0, score, f"{len(said)} of {len(parts)} points said.", parts)

    def unknown(self) -> Verdict:
        return self.check([])


BODIES: Final[dict[Kind, type[Body]]] = {
    body.kind: body for body in (Basic, Cloze, Choice, Order, Match, Numeric, Exercise, Open)
}
"""The class of each kind."""


SLOT: Final = re.compile(r"\{([^{}]+?)(?::([0-9]))?\}")
"""A formula in a text, `{side / patch}`, with the digits wanted after the point, `{price:2}`."""


Drawn: TypeAlias = float | str
"""What is drawn for a showing: a number, or a word such as the letter of a picture."""


@dataclass(frozen=True, slots=True)
class Template:
    """What a card that is drawn anew is drawn from: its texts with their formulas, and what these come to.

    `names` are what varies. `draws` has a value a draw for each name and each formula, as it is written. `texts` are
    those of the body, in the order of its fields; `answer` and `mistakes` are the formulas of a numeric card.
    """

    front: str
    back: str
    hints: tuple[str, ...]
    texts: tuple[str, ...]
    answer: str
    mistakes: tuple[str, ...]
    lab: dict[str, Scalar]
    names: tuple[str, ...]
    draws: dict[str, tuple[Drawn, ...]]

    def __len__(self) -> int:
        """How many draws there are."""
        return len(self.draws[self.names[0]])

    def numbers(self, at: int) -> dict[str, Drawn]:
        """What varies, at one of the draws."""
        return {name: self.draws[name][at] for name in self.names}

    def filled(self, text: str, at: int) -> str:
        """A text with its formulas worked out; braces that hold none of them stay."""

        def number(slot: re.Match[str]) -> str:
            column = self.draws.get(slot[1].strip())
            if column is None:
                return slot[0]
            value = column[at]
            if isinstance(value, str):
                return value
            return f"{value:,.{slot[2]}f}" if slot[2] else format_number(value)

        return SLOT.sub(number, text)

    def number(self, formula: str, at: int) -> float:
        """What a formula of a number comes to."""
        value = self.draws[formula][at]
        assert not isinstance(value, str)
        return value

    def parameter(self, value: Scalar, at: int) -> Scalar:
        """A parameter of the lab: the number itself where it is no more than a name in braces."""
        slot = SLOT.fullmatch(value) if isinstance(value, str) else None
        return self.draws[slot[1].strip()][at] if slot and slot[1].strip() in self.draws else value


def texts_of(value: Any) -> Iterator[str]:
    """Every text of a card's body, in the order of its fields."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        yield from (text for each in value for text in texts_of(each))
    elif is_dataclass(value):
        yield from (text for each in fields(value) for text in texts_of(getattr(value, each.name)))


def _with_texts(value: Any, texts: Iterator[str]) -> Any:
    """The same with other texts, in the same order."""
    if isinstance(value, str):
        return next(texts)
    if isinstance(value, tuple):
        return tuple(_with_texts(each, texts) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: _with_texts(getattr(value, each.name), texts) for each in fields(value)})
    return value


@dataclass(frozen=True, slots=True)
class Card:
    """One authored card. `id` is the author's and never changes; the schedule hangs on it."""

    id: str
    section: str
    covers: tuple[str, ...]
    kind: Kind
    front: str
    back: str
    body: Body
    source: Source
    helpers: tuple[str, ...] = ()
    lenses: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    group: str = ""
    lab: LabLink | None = None
    scene: SceneLink | None = None
    dated: str = ""
    """The day a fact that ages was true, as YYYY-MM-DD; '' for what does not age."""
    note: str = ""
    """The learner's own note, shown with the back."""
    template: Template | None = None
    """Of a card with fresh numbers or a scene; the card itself is one draw of it, the first until it is shown."""

    @property
    def chapter(self) -> str:
        """The part of the section number before the dot."""
        return self.section.split(".", 1)[0]

    @property
    def sibling_group(self) -> str:
        """Cards of one group give each other away and are not shown on the same day."""
        return self.group or (self.covers[0] if self.covers else self.id)

    @property
    def is_machine_checked(self) -> bool:
        """True if the app, not the learner, decides whether an answer is right."""
        return BODIES[self.kind].is_machine_checked

    @property
    def question(self) -> str:
        """The front as Markdown, blanks drawn as lines."""
        return self.body.question(self.front)

    @property
    def written(self) -> tuple[str, str]:
        """Front and back as they were written, formulas and all."""
        return (self.template.front, self.template.back) if self.template else (self.front, self.back)

    def openly(self) -> Card:
        """A choice asked without its options, to be judged by the right one; itself where it cannot be."""
        if not isinstance(self.body, Choice) or self.body.needs_options:
            return self
        return replace(self, kind="open", body=Open((self.body.right_answer,)))

    def drawn(self, at: int) -> Card:
        """The card with the numbers and the scene of one draw; itself where nothing varies."""
        template, lab, scene = self.template, self.lab, self.scene
        if template is None:
            return self
        fill = template.filled
        body = _with_texts(self.body, iter([fill(text, at) for text in template.texts]))
        if isinstance(body, Numeric):
            known = zip(body.mistakes, template.mistakes, strict=True)
            mistakes = tuple(replace(one, value=template.number(formula, at)) for one, formula in known)
            body = replace(body, answer=template.number(template.answer, at), mistakes=mistakes)
        if lab is not None:
            lab = replace(lab, fixed={name: template.parameter(value, at) for name, value in template.lab.items()})
        if scene is not None:
            scene = replace(scene, draw=at)
        hints = tuple(fill(hint, at) for hint in template.hints)
        front, back = fill(template.front, at), fill(template.back, at)
        return replace(self, front=front, back=back, hints=hints, body=body, lab=lab, scene=scene)


@dataclass(frozen=True, slots=True)
class Objective:
    """One learning objective of the syllabus: an atomic fact or skill."""

    id: str
    section: str
    kind: str
    text: str
    helpers: tuple[str, ...] = ()
    lenses: tuple[str, ...] = ()
    lab: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A numbered section of a chapter."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: its number, title, text and cards (paths relative to the content folder) and sections in order."""

    number: int
    title: str
    text: str
    cards: str
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Helper:
    """One of the course's metaphors and what it stands for."""

    id: str
    name: str
    stands_for: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Lens:
    """One of the debugging questions."""

    id: str
    question: str
    summary: str = ""


@dataclass(frozen=True, slots=True)
class GateHead:
    """A gate as course.toml declares it; its items stand in a file of their own, relative to the quizzes folder.

    `module` names what it unlocks on a command line. Recalled on `days` study days, each `apart_days` after the one
    before, an item counts as kept; all its parts right on `test_out_days` days stand in for that.
    """

    id: str
    title: str
    unlocks: str
    module: str
    file: str
    days: int = 2
    apart_days: int = 3
    test_out_days: int = 2


@dataclass(frozen=True, slots=True)
class Course:
    """A course without its cards: what the home screen and the reader need."""

    id: str
    title: str
    version: str
    chapters: tuple[Chapter, ...]
    helpers: tuple[Helper, ...] = ()
    lenses: tuple[Lens, ...] = ()
    gates: tuple[GateHead, ...] = ()

    def section(self, section_id: str) -> Section | None:
        """The section of that number, or None."""
        return next((s for c in self.chapters for s in c.sections if s.id == section_id), None)

    def chapter_of(self, section_id: str) -> Chapter | None:
        """The chapter that holds a section, or None."""
        return next((c for c in self.chapters if any(s.id == section_id for s in c.sections)), None)


# What is recalled and worked out beside the cards: prompts for free recall, and exercises for pen and paper


Level: TypeAlias = Literal["easy", "medium", "hard"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """A question to answer from memory, a model answer, and the points by which the learner judges."""

    id: str
    section: str
    covers: tuple[str, ...]
    ask: str
    answer: str
    points: tuple[str, ...]
    source: Source


@dataclass(frozen=True, slots=True)
class Task:
    """A task to work out, what a strong answer contains, the usual weak moves, and one worked answer."""

    id: str
    section: str
    covers: tuple[str, ...]
    level: Level
    minutes: int
    task: str
    strong: tuple[str, ...]
    traps: tuple[str, ...]
    worked: str
    source: Source

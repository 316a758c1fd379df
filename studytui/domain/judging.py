"""What a checked answer is worth: the verdict on a response. `suggestion` makes a grade of it.

Responses are in the author's order, whatever the shuffle on the screen was, so that the log can be read later:
a choice is the index of the option, an order the list of step indices, a match the index of a right side for each left.
"""

from __future__ import annotations

import random
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise, zip_longest
from math import factorial, perm
from typing import Final, Literal, Protocol, Required, TypeAlias, TypedDict, Unpack

from studytui.domain.cards import Body, Card, Choice, Cloze, Kind, Match, Numeric, Open, Order
from studytui.domain.spelling import is_english, is_something, one_slip, same

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


# One showing of a card: what the learner sees this time, with its shuffle, and how a response to it is judged


BLANK = "▁▁▁▁"


@dataclass(frozen=True, slots=True)
class Presentation:
    """A card as it is shown once. `permutation` maps each place on the screen to the author's index.

    It shuffles the options of a choice, the steps of an order and the right sides of a match; other kinds have none.
    """

    card: Card
    review_uid: str
    seed: int
    permutation: tuple[int, ...] = ()

    @property
    def question(self) -> str:
        """The front as Markdown, blanks drawn as lines."""
        if isinstance(self.card.body, Cloze):
            return cloze_text(self.card.body, [])
        return self.card.front


def present(card: Card, *, review_uid: str, seed: int) -> Presentation:
    """Shuffle for one showing; an order is never shown already solved."""
    count = {Choice: "options", Order: "steps", Match: "rights"}.get(type(card.body))
    if count is None:
        return Presentation(card, review_uid, seed)
    places = list(range(len(getattr(card.body, count))))
    random.Random(f"shuffle:{seed}").shuffle(places)
    if isinstance(card.body, Order) and places == sorted(places):
        places.reverse()
    return Presentation(card, review_uid, seed, tuple(places))


def cloze_text(body: Cloze, fills: Sequence[str]) -> str:
    """The cloze with its blanks filled as far as `fills` goes, the rest drawn as lines."""
    text = [body.segments[0]]
    for index, segment in enumerate(body.segments[1:]):
        fill = fills[index] if index < len(fills) and fills[index] else ""
        text += [f"**{fill}**" if fill else BLANK, segment]
    return "".join(text)


def check_response(
    card: Card,
    response: Response,
    *,
    numbers: NumberReader,
    course_words: Container[str] = frozenset(),
    dont_know: bool = False,
) -> Verdict | None:
    """The verdict on a response, or None where the learner judges (basic) or the lab does (exercise).

    None, an empty list and anything else that cannot be an answer is not judged: the verdict asks. Whoever says
    `dont_know` is wrong, and is told the right answer. A slip of the finger that makes one of `course_words` (lower
    case) is not forgiven.

    Raises:
        TypeError: if the response is not of the card's kind.
    """
    if dont_know:
        return _unknown(card)
    match card.body, response:
        case Cloze() as body, list() | None as typed:
            texts = [str(text) for text in typed or []]
            return check_cloze(body, texts, numbers=numbers, course_words=course_words)
        case Choice() as body, int() | None as picked:
            return check_choice(body, picked)
        case Order() as body, list() | None as order:
            return check_order(body, [int(i) for i in order or []])
        case Match() as body, list() | None as rights:
            return check_match(body, [None if i is None or int(i) < 0 else int(i) for i in rights or []])
        case Numeric() as body, str() | None as typed:
            return check_numeric(body, typed or "", numbers=numbers, question=card.front)
        case Open() as body, list() as ticked:
            return check_open(body, [int(i) for i in ticked])
        case ((Cloze() | Choice() | Order() | Match() | Numeric() | Open()), _):
            raise TypeError(f"A card of kind {card.kind} cannot take {response!r:.60} as its answer.")
    return None


def _unknown(card: Card) -> Verdict | None:
    """The verdict on a learner who says that they don't know, with the parts that would have been right."""
    match card.body:
        case Cloze() as body:
            rights = [blank.accepted[0] for blank in body.blanks]
        case Order() as body:
            rights = list(body.steps)
        case Match() as body:
            rights = [right for _, right in body.pairs]
        case Open() as body:
            return check_open(body, [])
        case Choice() | Numeric():
            rights = [right_answer(card)]
        case _:
            return None
    return Verdict(False, 0.0, f"Right answer: {right_answer(card)}", tuple(Part("", right, False) for right in rights))


def right_answer(card: Card) -> str:
    """The right answer in one line of plain text; '' where the back alone gives it."""
    match card.body:
        case Cloze() as body:
            return "  ·  ".join(blank.accepted[0] for blank in body.blanks)
        case Choice() as body:
            return body.options[body.right].text
        case Order() as body:
            return " → ".join(body.steps)
        case Match() as body:
            return "; ".join(f"{left} – {right}" for left, right in body.pairs)
        case Numeric() as body:
            return format_number(body.answer, body.unit)
    return ""


def seed_of(review_uid: str, salt: str) -> int:
    """A seed for one stream of one showing; different salts give independent streams.

    Streams are salted by name so that the shuffle of a card never leaks into the numbers of its lab.
    """
    return random.Random(f"{salt}:{review_uid}").getrandbits(31)


# The grade suggested for a checked answer, and why: a rule that fits on a page of the help


WORDS_PER_MINUTE: Final = 200
"""Reading with care; people read plain prose at about 238 (Brysbaert 2019)."""
UNHURRIED_SECONDS: Final[dict[Kind, float]] = {
    "basic": 10, "cloze": 15, "choice": 15, "numeric": 20, "exercise": 45, "order": 45, "match": 60, "open": 180,
}  # fmt: skip
"""An answer within this time, after reading, came readily; one that took four times as long did not."""
SLOW: Final = 4
LONGEST_SECONDS: Final[dict[Kind, float]] = {
    "basic": 90, "cloze": 120, "choice": 120, "numeric": 240, "exercise": 420, "order": 300, "match": 360, "open": 900,
}  # fmt: skip
"""Time, after reading, that is believed: whoever takes longer has left the desk."""
LONGEST_PROSE_SECONDS: Final = 1800.0
"""The same for an interview question and a part of an audit, which may be worked out at length."""
GUESSABLE: Final = 0.05
"""An answer that a blind guess hits more often says little by being quick."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A grade from 1 to 5, which the learner may override, and the reason for it as a sentence."""

    grade: int
    reason: str


class Circumstances(TypedDict, total=False):
    """How an answer came about.

    Attributes:
        seconds: from the showing to the answer, without pauses that are known.
        words: what there was to read, options included; see `words_of`.
        is_new: the card is seen for the first time, or was for the first time earlier today.
        guessed: the learner said that it was a guess.
        paused: the learner was away for a time that is not known, so that `seconds` say nothing.
        odds: how often a blind guess is right, 0 to 1; see `odds_of`.
    """

    kind: Required[Kind]
    seconds: Required[float]
    words: int
    hints_used: int
    is_new: bool
    guessed: bool
    paused: bool
    odds: float


def suggestion(verdict: Verdict, **how: Unpack[Circumstances]) -> Suggestion:
    """What a judged answer is worth."""
    kind, seconds, words, hints = how["kind"], how["seconds"], how.get("words", 0), how.get("hints_used", 0)
    if kind == "open" and not verdict.correct:
        grade = 3 if verdict.score >= 0.6 else 2 if verdict.score >= 0.3 else 1
        return Suggestion(grade, f"{verdict.score:.0%} of the points were said.")
    if not verdict.correct:
        if verdict.score >= 0.5:
            return Suggestion(2, "At least half of it was right, but not all.")
        return Suggestion(1, "The answer was not right.")
    if how.get("guessed"):
        return Suggestion(3, "You said it was a guess, so it is asked again today.")
    if hints:
        return Suggestion(3, "It took a hint." if hints == 1 else f"It took {hints} hints.")
    if how.get("paused") or seconds > believed_seconds(kind, words):
        return Suggestion(4, "Right. The time says nothing, since you seem to have been away.")
    readily = _reading(words) + UNHURRIED_SECONDS[kind]
    slowly = _reading(words) + SLOW * UNHURRIED_SECONDS[kind]
    took = f"Right in {seconds:.0f} s"
    if seconds > slowly:
        return Suggestion(3, f"{took}; more than {slowly:.0f} s is slow for this card.")
    if seconds > readily:
        return Suggestion(4, f"{took}; up to {readily:.0f} s would be at once, for this card.")
    if kind == "choice" or how.get("odds", 0.0) > GUESSABLE:
        return Suggestion(4, f"{took}, but what can be picked can be guessed: never more than Good.")
    if how.get("is_new"):
        return Suggestion(4, f"{took}, but for the first time: never more than Good.")
    return Suggestion(5, f"{took}; up to {readily:.0f} s is at once, for this card.")


def words_in(*texts: str) -> int:
    """Words as a reader counts them: runs of anything but white space."""
    return sum(len(text.split()) for text in texts)


def words_of(card: Card) -> int:
    """The words one reads before answering a card: its front, and what there is to choose from or to arrange.

    An exercise's question is posed by its lab: its words come on top.
    """
    front = " ".join(card.body.segments) if isinstance(card.body, Cloze) else card.front
    return words_in(front, *_texts(card.body))


def odds_of(body: Body) -> float:
    """How often a blind guess at a card is right; 0 where an answer is typed or said."""
    match body:
        case Choice(options):
            return odds_among(len(options))
        case Order(steps):
            return odds_among(len(steps), in_order=True)
        case Match() as match:
            return 1 / perm(len(match.rights), len(match.pairs))
    return 0.0


def odds_among(options: int, *, in_order: bool = False) -> float:
    """How often a blind guess finds the right one of some options, or the right order of them; 0 without options."""
    if not options:
        return 0.0
    return 1 / (factorial(options) if in_order else options)


def believed_seconds(kind: Kind, words: int) -> float:
    """The longest time believed of one answer, in seconds."""
    return _reading(words) + LONGEST_SECONDS[kind]


def _reading(words: int) -> float:
    return 60 * words / WORDS_PER_MINUTE


def _texts(body: Body) -> tuple[str, ...]:
    match body:
        case Choice(options):
            return tuple(option.text for option in options)
        case Order(steps):
            return steps
        case Match() as match:
            return tuple(left for left, _ in match.pairs) + match.rights
    return ()

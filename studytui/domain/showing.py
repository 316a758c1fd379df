"""One showing of a card: what the learner sees this time, with its shuffle, and how a response to it is judged."""

from __future__ import annotations

import random
from collections.abc import Container, Sequence
from dataclasses import dataclass

from studytui.domain import grading
from studytui.domain.cards import Card, Choice, Cloze, Match, Numeric, Open, Order
from studytui.domain.grading import NumberReader, Part, Response, Verdict

BLANK = "▁▁▁▁"


@dataclass(frozen=True, slots=True)
class Showing:
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


def show(card: Card, *, review_uid: str, seed: int) -> Showing:
    """Shuffle for one showing; an order is never shown already solved."""
    count = {Choice: "options", Order: "steps", Match: "rights"}.get(type(card.body))
    if count is None:
        return Showing(card, review_uid, seed)
    places = list(range(len(getattr(card.body, count))))
    random.Random(f"shuffle:{seed}").shuffle(places)
    if isinstance(card.body, Order) and places == sorted(places):
        places.reverse()
    return Showing(card, review_uid, seed, tuple(places))


def cloze_text(body: Cloze, fills: Sequence[str]) -> str:
    """The cloze with its blanks filled as far as `fills` goes, the rest drawn as lines."""
    text = [body.segments[0]]
    for index, segment in enumerate(body.segments[1:]):
        fill = fills[index] if index < len(fills) and fills[index] else ""
        text += [f"**{fill}**" if fill else BLANK, segment]
    return "".join(text)


def judge(
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
            return grading.check_cloze(body, texts, numbers=numbers, course_words=course_words)
        case Choice() as body, int() | None as picked:
            return grading.check_choice(body, picked)
        case Order() as body, list() | None as order:
            return grading.check_order(body, [int(i) for i in order or []])
        case Match() as body, list() | None as rights:
            return grading.check_match(body, [None if i is None or int(i) < 0 else int(i) for i in rights or []])
        case Numeric() as body, str() | None as typed:
            return grading.check_numeric(body, typed or "", numbers=numbers, question=card.front)
        case Open() as body, list() as ticked:
            return grading.check_open(body, [int(i) for i in ticked])
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
            return grading.check_open(body, [])
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
            return grading.format_number(body.answer, body.unit)
    return ""


def seed_of(review_uid: str, salt: str) -> int:
    """A seed for one stream of one showing; different salts give independent streams.

    Streams are salted by name so that the shuffle of a card never leaks into the numbers of its lab.
    """
    return random.Random(f"{salt}:{review_uid}").getrandbits(31)

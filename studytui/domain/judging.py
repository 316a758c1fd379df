"""One showing of a card, the verdict on a response to it, and the grade that is suggested for that."""

from __future__ import annotations

import random
from collections.abc import Container
from dataclasses import dataclass, field
from typing import Final, Required, TypedDict, Unpack

from studytui.domain.cards import BLANK, BODIES, Card, Choice, Drawn, Kind
from studytui.domain.verdict import NumberReader, Reading, Response, Verdict


@dataclass(frozen=True, slots=True)
class Presentation:
    """A card as it is shown once. `permutation` maps each place on the screen to the author's index.

    It shuffles the options of a choice, the steps of an order and the right sides of a match; other kinds have none.
    """

    card: Card
    review_uid: str
    seed: int
    permutation: tuple[int, ...] = ()
    numbers: dict[str, Drawn] = field(default_factory=dict)
    """What was drawn for a card with fresh numbers or a scene, by name."""
    from_memory: bool = False
    """A choice that is asked without its options."""

    @property
    def covers(self) -> bool:
        """True if an answer can be found before the options are seen."""
        return isinstance(self.card.body, Choice) and not self.card.body.needs_options

    @property
    def question(self) -> str:
        """The front as Markdown, blanks drawn as lines."""
        return self.card.question


def present(card: Card, *, review_uid: str, seed: int, from_memory: bool = False) -> Presentation:
    """Shuffle, and draw fresh numbers and the scene, for one showing; an order is never shown already solved.

    A choice is asked `from_memory`, without its options, where its question allows that.
    """
    template = card.template
    at = random.Random(f"numbers:{seed}").randrange(len(template)) if template else 0
    card, drawn = card.drawn(at), template.numbers(at) if template else {}
    if from_memory and (openly := card.openly()) is not card:
        return Presentation(openly, review_uid, seed, numbers=drawn, from_memory=True)
    places = list(range(len(card.body.listed)))
    if places:
        random.Random(f"shuffle:{seed}").shuffle(places)
    if card.body.form == "order" and places == sorted(places):
        places.reverse()
    return Presentation(card, review_uid, seed, tuple(places), drawn)


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
        return card.body.unknown()
    takes = card.body.takes
    if takes is None:
        return None
    if not isinstance(response, takes) and (response is not None or card.body.form == "points"):
        raise TypeError(f"A card of kind {card.kind} cannot take {response!r:.60} as its answer.")
    return card.body.check(response, Reading(numbers, course_words, card.front))


def seed_of(review_uid: str, salt: str) -> int:
    """A seed for one stream of one showing; different salts give independent streams.

    Streams are salted by name so that the shuffle of a card never leaks into the numbers of its lab.
    """
    return random.Random(f"{salt}:{review_uid}").getrandbits(31)


# The grade suggested for a checked answer, and why: a rule that fits on a page of the help


WORDS_PER_MINUTE: Final = 200
"""Reading with care; people read plain prose at about 238 (Brysbaert 2019)."""
SLOW: Final = 4
"""An answer that took so many times as long as an unhurried one did not come readily."""
LONGEST_PROSE_SECONDS: Final = 1800.0
"""Time that is believed of an interview question and a part of an audit, which may be worked out at length."""
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
        odds: how often a blind guess is right, 0 to 1; see `Body.odds`.
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
    form, unhurried = BODIES[kind].form, BODIES[kind].unhurried_seconds
    if form == "points" and not verdict.correct:
        grade = 3 if verdict.score >= 0.6 else 2 if verdict.score >= 0.3 else 1
        return Suggestion(grade, f"{verdict.score:.0%} of the points were said.")
    if not verdict.correct:
        if verdict.score >= 0.5:
            return Suggestion(2, "At least half of it was right, but not all.")
        return Suggestion(1, "The answer was not right.")
    if how.get("guessed"):
        return Suggestion(3, "You guessed, so you repeat it today.")
    if hints:
        return Suggestion(3, "It took a hint." if hints == 1 else f"It took {hints} hints.")
    if how.get("paused") or seconds > believed_seconds(kind, words):
        return Suggestion(4, "Right. The time says nothing, since you seem to have been away.")
    readily = _reading(words) + unhurried
    slowly = _reading(words) + SLOW * unhurried
    took = f"Right in {seconds:.0f} s"
    if seconds > slowly:
        return Suggestion(3, f"{took}; more than {slowly:.0f} s is slow for this card.")
    if seconds > readily:
        return Suggestion(4, f"{took}; up to {readily:.0f} s would be at once, for this card.")
    if form == "choice" or how.get("odds", 0.0) > GUESSABLE:
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
    return words_in(card.question.replace(BLANK, " "), *card.body.lefts, *card.body.listed)


def believed_seconds(kind: Kind, words: int) -> float:
    """The longest time believed of one answer, in seconds."""
    return _reading(words) + BODIES[kind].longest_seconds


def _reading(words: int) -> float:
    return 60 * words / WORDS_PER_MINUTE

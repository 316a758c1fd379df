"""The grade suggested for a checked answer, and why: a rule that fits on a page of the help.

The time allowed grows with what there is to read, because reading is no sign of not knowing.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial, perm
from typing import Final, Required, TypedDict, Unpack

from studytui.domain.cards import Body, Card, Choice, Cloze, Kind, Match, Order
from studytui.domain.grading import Verdict

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

"""What became of an answer: right, wrong, or nothing that can be judged; and what answers are read with.

Responses are in the author's order, whatever the shuffle on the screen was, so that the log can be read later:
a choice is the index of the option, an order the list of step indices, a match the index of a right side for each left.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol, TypeAlias

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


class Reading(NamedTuple):
    """What an answer is read with: numbers as people type them, the words of the course, the question.

    A slip of the finger that makes one of `course_words` (lower case) is not forgiven; the words of `question` may be
    typed along with a number.
    """

    numbers: NumberReader
    course_words: Container[str] = frozenset()
    question: str = ""


def ask(message: str, read_as: str = "") -> Verdict:
    """Nothing was judged; the message says what to type."""
    return Verdict(False, 0.0, message, asks=True, read_as=read_as)


def of_parts(parts: Sequence[Part], noun: str) -> Verdict:
    """Each part for itself; `noun` is what one is called."""
    right = sum(1 for part in parts if part.correct)
    if right == len(parts):
        return Verdict(True, 1.0, "Right.", tuple(parts))
    message = f"{right} of {len(parts)} {noun}s are right." if len(parts) > 1 else "Not that."
    return Verdict(False, right / len(parts), message, tuple(parts))


def format_number(value: float, unit: str = "") -> str:
    """A number as a person writes it, with its unit: 196, 0.331, 1,204,224 tokens."""
    text = f"{int(value):,}" if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"
    return f"{text} {unit}" if unit else text

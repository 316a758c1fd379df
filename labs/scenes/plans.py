"""What a scene that cards ask about is made of: its parameters, a planned draw, and pictures in a drawn order."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from labs.protocol import ParamError, Scalar

if TYPE_CHECKING:
    from PIL.Image import Image

Fact: TypeAlias = float | str
"""What a card can ask of a draw: a number, or a word such as the letter of a picture."""
Params: TypeAlias = Mapping[str, Scalar]
LETTERS: Final = "ABCD"


@dataclass(frozen=True, slots=True)
class Shown:
    """One picture of a draw: its caption, what it shows in words that leave the answer to the learner, and its drawing.

    Frames of one `clip` follow each other.
    """

    caption: str
    alt: str
    draw: Callable[[], Image]
    clip: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A draw: what can be asked of it, by name, and its pictures."""

    facts: dict[str, Fact]
    shown: tuple[Shown, ...]


@dataclass(frozen=True, slots=True)
class Scene:
    """A kind of scene: the defaults of its parameters, the values each may have, and how a draw is planned."""

    plan: Callable[[Params, random.Random], Plan]
    defaults: dict[str, Scalar] = field(default_factory=dict)
    choices: dict[str, Sequence[Scalar]] = field(default_factory=dict)


def shuffled(
    chance: random.Random, kinds: Sequence[str], show: Callable[[str, str], Shown]
) -> tuple[dict[str, Fact], tuple[Shown, ...]]:
    """Pictures A, B, C … of some kinds in a drawn order, and the letter of each kind."""
    order = list(kinds)
    chance.shuffle(order)
    letters: dict[str, Fact] = {name: LETTERS[at] for at, name in enumerate(order)}
    return letters, tuple(show(name, LETTERS[at]) for at, name in enumerate(order))


def listed(params: Params, name: str, known: Mapping[str, object]) -> list[str]:
    """The words of a parameter such as `show = "cosine linear"`, each of them known.

    Raises:
        ParamError: one is not, or there are none, or more than there are letters.
    """
    words = str(params[name]).split()
    for word in words:
        if word not in known:
            raise ParamError(name, f"there is no “{word[:40]}”; there are {', '.join(known)}")
    if not 1 <= len(words) <= len(LETTERS) or len(set(words)) < len(words):
        raise ParamError(name, f"names 1 to {len(LETTERS)} different pictures")
    return words

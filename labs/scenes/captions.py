"""What a drawn scene holds and how it is said: coloured shapes, one, a few alike, or two in a relation.

Standard library only; `labs.scenes.shapes` draws them. Eight of the 64 pairs of colour and shape are held out: no scene
that a model is trained on shows them, so that a model must put a colour and a shape together by itself.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Pair: TypeAlias = tuple[str, str]
"""A colour and a shape: `("red", "circle")`."""
Relation: TypeAlias = Literal["left of", "right of", "above", "below"]

COLOURS: Final = ("red", "green", "blue", "yellow", "orange", "purple", "pink", "cyan")
SHAPES: Final = ("circle", "square", "triangle", "star", "cross", "ring", "heart", "diamond")
NUMBERS: Final = ("one", "two", "three", "four", "five")
RELATIONS: Final[tuple[Relation, ...]] = ("left of", "right of", "above", "below")
OPPOSITE: Final[dict[Relation, Relation]] = {
    "left of": "right of",
    "right of": "left of",
    "above": "below",
    "below": "above",
}
PAIRS: Final[tuple[Pair, ...]] = tuple((colour, shape) for colour in COLOURS for shape in SHAPES)
HELD_OUT: Final[tuple[Pair, ...]] = tuple((colour, SHAPES[(3 * i + 1) % 8]) for i, colour in enumerate(COLOURS))
"""Each colour and each shape once."""
SEEN: Final[tuple[Pair, ...]] = tuple(pair for pair in PAIRS if pair not in HELD_OUT)

SIDE_PX: Final = 64
"""Side of a drawn scene; positions and sizes are given in these pixels."""
_MARGIN_PX: Final = 2.0


@dataclass(frozen=True, slots=True)
class Thing:
    """A coloured shape, where its centre is, its radius in px and its turn in degrees."""

    pair: Pair
    x: float
    y: float
    radius: float
    turn: float = 0.0


@dataclass(frozen=True, slots=True)
class Scene:
    """The things of one picture. `relation` says how the first of two different things stands to the second."""

    things: tuple[Thing, ...]
    relation: Relation | None = None

    @property
    def caption(self) -> str:
        """`a red circle`, `three red circles`, `a red circle left of a blue square`."""
        first = self.things[0].pair
        if self.relation:
            return f"{one(first)} {self.relation} {one(self.things[1].pair)}"
        return one(first) if len(self.things) == 1 else many(first, len(self.things))

    @property
    def same_caption(self) -> str:
        """The one other caption that says the same of two things, from the second; else the caption itself."""
        if not self.relation:
            return self.caption
        return f"{one(self.things[1].pair)} {OPPOSITE[self.relation]} {one(self.things[0].pair)}"


def name(pair: Pair) -> str:
    """`red circle`."""
    return " ".join(pair)


def one(pair: Pair) -> str:
    """`a red circle`, `an orange star`."""
    return f"{'an' if pair[0][0] in 'aeiou' else 'a'} {name(pair)}"


def put(template: str, pair: Pair) -> str:
    """A pair in a prompt: `a {}` makes `an orange star`, `three {s}` makes `three orange stars`."""
    colour, shape = pair
    if colour[0] in "aeiou":
        template = re.sub(r"\b([aA]) \{\}", r"\1n {}", template)
    filled = {"{}": name(pair), "{s}": f"{colour} {plural(shape)}", "{colour}": colour, "{shape}": shape}
    for place, words in filled.items():
        template = template.replace(place, words)
    return template


def plural(shape: str) -> str:
    """`circles`, `crosses`."""
    return f"{shape}es" if shape.endswith("s") else f"{shape}s"


def many(pair: Pair, count: int) -> str:
    """`three red circles`; `one red circle`."""
    return f"{NUMBERS[count - 1]} {pair[0]} {pair[1] if count == 1 else plural(pair[1])}"


def place_single(chance: random.Random, pair: Pair) -> Scene:
    """One thing of any size anywhere."""
    radius = chance.uniform(9, 22)
    x, y = (_anywhere(chance, radius) for _ in range(2))
    return Scene((Thing(pair, x, y, radius, _turn(chance)),))


def place_alike(chance: random.Random, pair: Pair, count: int) -> Scene:
    """So many things of one kind and about one size, apart from each other."""
    for _ in range(1_000):
        radius = chance.uniform(7, 10)
        things: list[Thing] = []
        for _ in range(60):
            x, y = (_anywhere(chance, radius) for _ in range(2))
            if all(math.hypot(x - other.x, y - other.y) > 2.15 * radius for other in things):
                things.append(Thing(pair, x, y, radius, _turn(chance)))
                if len(things) == count:
                    return Scene(tuple(things))
    raise ValueError(f"no room for {count} things")


def place_related(chance: random.Random, first: Pair, second: Pair, relation: Relation) -> Scene:
    """Two things, the first standing to the second as the relation says, nearly level or upright."""
    radii = (chance.uniform(9.5, 14), chance.uniform(9.5, 14))
    apart = chance.uniform(1.05, 1.25) * sum(radii)
    half = apart / 2
    widest = SIDE_PX / 2 - half - max(radii) - _MARGIN_PX
    along = SIDE_PX / 2 + chance.uniform(-1, 1) * max(0.0, widest)
    across = _anywhere(chance, max(radii) + 2)
    sideways = chance.uniform(-2, 2)
    sign = -1 if relation in {"left of", "above"} else 1
    things = []
    for pair, radius, side in ((first, radii[0], sign), (second, radii[1], -sign)):
        ahead, aside = along + side * half, across + side * sideways
        x, y = (ahead, aside) if relation in {"left of", "right of"} else (aside, ahead)
        things.append(Thing(pair, x, y, radius, _turn(chance)))
    return Scene(tuple(things), relation)


def any_scene(chance: random.Random, pairs: Sequence[Pair] = SEEN) -> Scene:
    """A scene as a model is trained on: 30% one thing, 25% one to five alike, 45% two in a relation."""
    kind = chance.random()
    if kind < 0.30:
        return place_single(chance, chance.choice(pairs))
    if kind < 0.55:
        return place_alike(chance, chance.choice(pairs), chance.randint(1, 5))
    first, second = chance.sample(pairs, 2)
    return place_related(chance, first, second, chance.choice(RELATIONS))


def _anywhere(chance: random.Random, radius: float) -> float:
    return chance.uniform(radius + _MARGIN_PX, SIDE_PX - radius - _MARGIN_PX)


def _turn(chance: random.Random) -> float:
    return chance.uniform(-15, 15)

"""The fixed scenes of the CLIP lab: showings with four captions, batches of three, and the gallery of 1,000 pictures.

Standard library only. They are the same in every process, so that a problem can state cosines the model's card holds.
"""

from __future__ import annotations

import random
from functools import cache
from typing import Final

from labs.scenes.captions import (
    COLOURS,
    OPPOSITE,
    RELATIONS,
    SEEN,
    SHAPES,
    Scene,
    any_scene,
    many,
    one,
    place_related,
    place_single,
)

SHOWINGS: Final = 64
BATCHES: Final = 32
GALLERY: Final = 1_000


@cache
def showing(index: int) -> tuple[Scene, tuple[str, ...]]:
    """One thing and four captions of it, near misses most of them: colour, shape or number is wrong.

    In one showing of three a caption is true.
    """
    chance = random.Random(f"clip showing:{index}")
    colour, shape = pair = chance.choice(SEEN)
    other_colour = chance.choice([c for c in COLOURS if c != colour])
    other_shape = chance.choice([s for s in SHAPES if s != shape])
    captions = [
        one((colour, other_shape)),
        one((other_colour, shape)),
        many(pair, chance.randint(2, 5)) if index % 3 else one(pair),
        one((other_colour, other_shape)),
    ]
    chance.shuffle(captions)
    return place_single(chance, pair), tuple(captions)


@cache
def batch(index: int) -> tuple[Scene, ...]:
    """Three pictures that are easily mixed up: two things, the same the other way round, and a third thing with one."""
    chance = random.Random(f"clip batch:{index}")
    first, second, third = chance.sample(SEEN, 3)
    relation = chance.choice(RELATIONS)
    return (
        place_related(chance, first, second, relation),
        place_related(chance, first, second, OPPOSITE[relation]),
        place_related(chance, first, third, relation),
    )


@cache
def gallery(count: int = GALLERY) -> tuple[Scene, ...]:
    """So many scenes of the kinds a model is trained on, none of them seen in training, no two that say the same."""
    chance = random.Random("clip gallery")
    scenes: list[Scene] = []
    said: set[str] = set()
    while len(scenes) < count:
        scene = any_scene(chance)
        if scene.caption not in said:
            scenes.append(scene)
            said |= {scene.caption, scene.same_caption}
    return tuple(scenes)


def ground(name: str, index: int) -> random.Random:
    """The chance by which the ground and the shades of a fixed scene are drawn."""
    return random.Random(f"clip {name}:{index}:ground")

"""What happens in a short drawn clip, frame by frame: where the ball is, which colour it has, how bright the light is.

A script is numbers only, so that a problem can quote it at once; `labs.scenes.clips.film` draws it. Faults are those
generated clips are known for: a changed identity, flicker, drifting light, a teleport, a frame shown twice.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

IDENTITY: Final = "the ball changes its identity"
FLICKER: Final = "the light flickers"
DRIFT: Final = "the light drifts"
TELEPORT: Final = "the ball teleports"
DUPLICATE: Final = "a frame is shown twice"
FAULTS: Final = (IDENTITY, FLICKER, DRIFT, TELEPORT, DUPLICATE)
SUDDEN: Final = (IDENTITY, TELEPORT, DUPLICATE)
"""Faults that happen in one frame."""

WIDTH: Final = 160
HEIGHT: Final = 96
RADIUS: Final = 8


@dataclass(frozen=True, slots=True)
class Moment:
    """One frame: centre of the ball in px, its hue in degrees, the light in percent of full."""

    x: int
    y: int
    hue: int
    light: int


@dataclass(frozen=True, slots=True)
class Script:
    """A clip in numbers. `fault_at` is the first frame that is wrong, counted from 0; None without a sudden fault."""

    seed: int
    width: int
    height: int
    moments: tuple[Moment, ...]
    fault_at: int | None = None


def plain_script(seed: int, frames: int, width: int = WIDTH, height: int = HEIGHT) -> Script:
    """A ball that moves evenly from left to right under a light that hardly varies."""
    chance = random.Random(f"{seed}:clip")
    start, room = chance.randrange(14, 28), width - 14 - 28
    speed = max(1, min(chance.randrange(4, 8), room // max(1, frames - 1)))
    level, hue = chance.randrange(height // 3, 2 * height // 3), chance.randrange(360)
    fall = chance.choice((-1, 0, 1)) if frames <= height // 6 else 0
    moments = tuple(
        Moment(start + speed * frame, level + fall * frame, hue, 100 + chance.choice((-1, 0, 1)))
        for frame in range(frames)
    )
    return Script(seed, width, height, moments)


def lit_script(seed: int, lights: tuple[int, ...]) -> Script:
    """A plain clip under the given light, in percent."""
    plain = plain_script(seed, len(lights))
    return replace(
        plain, moments=tuple(replace(one, light=light) for one, light in zip(plain.moments, lights, strict=True))
    )


def faulty_script(seed: int, frames: int, fault: str) -> Script:
    """A plain clip with one fault of FAULTS.

    Raises:
        KeyError: there is no such fault.
    """
    chance = random.Random(f"{seed}:fault")
    return _INJECT[fault](plain_script(seed, frames), chance)


def _identity(plain: Script, chance: random.Random) -> Script:
    at, turn = _moment(plain, chance), chance.randrange(90, 180)
    return _from(plain, at, lambda one: replace(one, hue=(one.hue + turn) % 360))


def _teleport(plain: Script, chance: random.Random) -> Script:
    at, jump = _moment(plain, chance), chance.randrange(24, 40)
    if plain.moments[-1].x + jump > plain.width - RADIUS - 2:
        jump = -jump
    return _from(plain, at, lambda one: replace(one, x=one.x + jump))


def _duplicate(plain: Script, chance: random.Random) -> Script:
    at = _moment(plain, chance)
    return replace(plain, moments=(*plain.moments[:at], *plain.moments[at - 1 : -1]), fault_at=at)


def _flicker(plain: Script, chance: random.Random) -> Script:
    strength = chance.randrange(12, 20)
    return replace(
        plain,
        moments=tuple(
            replace(one, light=100 + (-1) ** frame * (strength + chance.randrange(-3, 4)))
            for frame, one in enumerate(plain.moments)
        ),
    )


def _drift(plain: Script, chance: random.Random) -> Script:
    change = chance.choice((-1, 1)) * chance.randrange(24, 36)
    last = len(plain.moments) - 1
    return replace(
        plain,
        moments=tuple(
            replace(one, light=one.light + round(change * frame / last)) for frame, one in enumerate(plain.moments)
        ),
    )


def _moment(plain: Script, chance: random.Random) -> int:
    return chance.randrange(2, len(plain.moments) - 1)


def _from(plain: Script, at: int, changed: Callable[[Moment], Moment]) -> Script:
    return replace(plain, moments=(*plain.moments[:at], *(changed(one) for one in plain.moments[at:])), fault_at=at)


_INJECT: Final = {
    IDENTITY: _identity,
    FLICKER: _flicker,
    DRIFT: _drift,
    TELEPORT: _teleport,
    DUPLICATE: _duplicate,
}

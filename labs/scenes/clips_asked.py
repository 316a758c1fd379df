"""Clips of a ball that cards step through, with one of the faults generated clips are known for, or none."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Final

from labs.scenes.clip_scripts import DRIFT, DUPLICATE, FAULTS, FLICKER, IDENTITY, TELEPORT
from labs.scenes.plans import Fact, Params, Plan, Scene, Shown

if TYPE_CHECKING:
    from PIL.Image import Image

_NAMES: Final = {
    "identity": IDENTITY, "teleport": TELEPORT, "duplicate": DUPLICATE, "flicker": FLICKER, "drift": DRIFT,
}  # fmt: skip
_STEP: Final = 4
"""Pixels that the ball goes on a frame; a column of the ground is as wide."""
_WIDTH, _HEIGHT, _RADIUS = 44, 18, 3


def _tape(params: Params, chance: random.Random) -> Plan:
    count = int(params["frames"])
    wanted = str(params["fault"])
    fault = chance.choice(list(_NAMES)) if wanted == "any" else wanted
    at = chance.randrange(2, count - 1)
    colour, other = chance.sample(("red", "blue", "yellow", "green", "purple"), 2)
    level = chance.randrange(6, 12)
    columns = [1 + frame for frame in range(count)]
    colours, lights = [colour] * count, [100] * count
    first = 0
    match fault:
        case "identity":
            colours, first = [colour] * at + [other] * (count - at), at
        case "teleport":
            columns, first = [column + 3 * (frame >= at) for frame, column in enumerate(columns)], at
        case "duplicate":
            columns, first = [column - (frame >= at) for frame, column in enumerate(columns)], at
        case "flicker":
            lights = [100 if frame % 2 else 55 for frame in range(count)]
        case "drift":
            lights = [round(100 - 60 * frame / (count - 1)) for frame in range(count)]
    others = [each for each in FAULTS if each != _NAMES.get(fault)]
    chance.shuffle(others)
    facts: dict[str, Fact] = {
        "frame": first, "frames": count, "last": count - 1, "fault": _NAMES.get(fault, "nothing is wrong"),
        "different": count - (fault == "duplicate"), "colour": colour,
    }  # fmt: skip
    facts |= {f"other{number}": each for number, each in enumerate(others[:4], 1)}

    def drawn(frame: int) -> Image:
        from labs.scenes.strokes import COLOURS, canvas

        light = lights[frame] / 100
        image, pen = canvas(_WIDTH, _HEIGHT, (round(110 * light),) * 3)
        for x in range(0, _WIDTH, _STEP):
            pen.line((x, _HEIGHT - 2, x, _HEIGHT), fill=(round(60 * light),) * 3)
        x = columns[frame] * _STEP
        red, green, blue = (round(part * light) for part in COLOURS[colours[frame]])
        pen.ellipse((x - _RADIUS, level - _RADIUS, x + _RADIUS, level + _RADIUS), fill=(red, green, blue))
        return image

    def told(frame: int) -> str:
        return f"frame {frame}, a {colours[frame]} ball at mark {columns[frame]}, light {lights[frame]} %"

    shown = tuple(Shown("", told(frame), lambda at=frame: drawn(at), "tape") for frame in range(count))  # type: ignore[misc]
    return Plan(facts, shown)


SCENES: Final = {
    "clip_tape": Scene(_tape, {"fault": "any", "frames": 7}, {"fault": ("any", "none", *_NAMES), "frames": (5, 6, 7)}),
}

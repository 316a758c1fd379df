"""Scenes that cards ask about: what is drawn, what can be asked of it, and how it is told in words.

A scene has a few parameters and `DRAWS` draws. A draw is planned in plain Python, so that a card's answer is known
where nothing can be drawn; PIL is loaded by the first picture. Pictures are small and bold: they are read in half-block
cells, 44 of them across at most, one pixel a cell.
"""

from __future__ import annotations

import random
from typing import Final

from labs.protocol import ParamError, Picture
from labs.scenes import boards_asked, clips_asked, graphs, grids
from labs.scenes.plans import Fact, Params, Plan, Shown

DRAWS: Final = 24
SCENES: Final = boards_asked.SCENES | clips_asked.SCENES | graphs.SCENES | grids.SCENES
"""Every kind of scene by its name."""


def draws(scene: Params) -> list[dict[str, Fact]]:
    """What can be asked at each draw of a scene, which is a `kind` with parameters. `scene` is the number of the draw.

    Raises:
        ParamError: there is no such kind, or a parameter is unknown or has a value that it cannot have.
    """
    params = dict(scene)
    kind = params.pop("kind", "")
    return [{"scene": at} | _planned(str(kind), params, at).facts for at in range(DRAWS)]


def pictures(kind: str, params: Params, draw: int) -> tuple[Picture, ...]:
    """The pictures of one draw.

    Raises:
        ParamError: see `draws`; ImportError: PIL is not installed.
    """
    return tuple(_picture(number, shown) for number, shown in enumerate(_planned(kind, params, draw).shown))


def alts(kind: str, params: Params, draw: int) -> list[str]:
    """The same in words, with their captions; nothing is drawn."""
    told = _planned(kind, params, draw).shown
    return [f"{shown.caption}: {shown.alt}" if shown.caption else shown.alt for shown in told]


def _picture(number: int, shown: Shown) -> Picture:
    from labs.scenes.strokes import to_png

    return Picture.from_png(
        f"scene-{number}", to_png(shown.draw()), caption=shown.caption, alt=shown.alt, clip=shown.clip
    )


def _planned(kind: str, params: Params, draw: int) -> Plan:
    if kind not in SCENES:
        raise ParamError("kind", f"there is no scene “{kind[:40]}”; there are {', '.join(SCENES)}")
    scene = SCENES[kind]
    for name, value in params.items():
        if name not in scene.defaults:
            known = ", ".join(scene.defaults) or "none"
            raise ParamError(name, f"the scene {kind} has no such parameter; it has {known}")
        default = scene.defaults[name]
        if type(value) is not type(default):
            raise ParamError(name, f"must be like {default!r}, not {value!r:.40}")
        if name in scene.choices and value not in scene.choices[name]:
            listed = ", ".join(map(str, scene.choices[name]))
            raise ParamError(name, f"must be one of {listed}, not {value!r:.40}")
    full = scene.defaults | dict(params)
    said = " ".join(f"{name}={full[name]}" for name in sorted(full))
    return scene.plan(full, random.Random(f"{kind} {said} {draw}"))

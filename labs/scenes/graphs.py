"""Curves, bars, clouds of points and rows of scores without a name, side by side or alone."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, TypeAlias

from labs.scenes.plans import Fact, Params, Plan, Scene, Shown, listed, shuffled

if TYPE_CHECKING:
    from PIL.Image import Image

Point: TypeAlias = tuple[float, float]
_WIDTH, _HEIGHT = 24, 16


@dataclass(frozen=True, slots=True)
class _Curve:
    """y over x, both from 0 to 1, or the heights of some bars; and its course in words."""

    of: Callable[[float], float] | Sequence[float]
    told: str


def _bell(x: float, middle: float, width: float) -> float:
    return math.exp(-(((x - middle) / width) ** 2))


_CURVES: Final = {
    # what is left of the signal, over the time of a noise schedule
    "cosine": _Curve(lambda t: math.cos(math.pi * t / 2) ** 2, "stays near 1, falls evenly in the middle, and bends flat into 0 at the end"),
    "linear": _Curve(lambda t: math.exp(-(0.1 * t + 9.95 * t * t)), "is down to a half after a quarter of the way and close to 0 for the last third"),
    "straight": _Curve(lambda t: 1 - t, "a straight line from 1 down to 0"),
    "early": _Curve(lambda t: math.exp(-30 * t), "drops to 0 within the first tenth and stays there"),
    "leaky": _Curve(lambda t: 1 - 0.6 * t * t, "falls from 1 and ends at 0.4"),
    # how often an answer is right, over how sure it was
    "calibrated": _Curve(lambda x: x, "the diagonal: as high as it is far to the right"),
    "overconfident": _Curve(lambda x: x**2.4, "below the diagonal all the way"),
    "underconfident": _Curve(lambda x: x**0.4, "above the diagonal all the way"),
    "guessing": _Curve(lambda _: 0.5, "level at a half, wherever one looks"),
    # a threshold that rises
    "misses": _Curve(lambda x: x**2, "rises, slowly at first"),
    "alarms": _Curve(lambda x: (1 - x) ** 3, "falls, fast at first"),
    "cost": _Curve(lambda x: 0.9 * (1 - x) ** 3 + 0.8 * x**2 + 0.08, "falls, has its lowest point within, and rises again"),
    # what grows with a clip or a picture
    "level": _Curve(lambda _: 0.3, "level"),
    "proportional": _Curve(lambda x: 0.95 * x, "a straight line that rises from 0"),
    "square": _Curve(lambda x: 0.95 * x * x, "rises from 0, ever steeper"),
    # a guidance scale that rises
    "diversity": _Curve(lambda x: 0.9 * math.exp(-2.4 * x), "falls, and flattens"),
    "agreement": _Curve(lambda x: 0.9 * (1 - math.exp(-5 * x)), "rises, and flattens below 1"),
    "fid": _Curve(lambda x: 0.25 + 2.6 * (x - 0.3) ** 2 * (1.0 if x > 0.3 else 3.4), "falls first, and rises after that"),
    # a loss over training, as a share of the loss of a guess
    "learning": _Curve(lambda x: 0.1 + 0.8 * math.exp(-4 * x), "starts high, falls, and flattens near the bottom"),
    "stuck": _Curve(lambda _: 0.9, "level near the top"),
    "diverging": _Curve(lambda x: 0.25 + 0.7 * _bell(x, 1.0, 0.35), "low, and shoots up at the end"),
    "swinging": _Curve(lambda x: 0.5 + 0.35 * math.sin(14 * x), "swings up and down and settles nowhere"),
    # five probabilities
    "sharp": _Curve((0.06, 0.06, 1.0, 0.06, 0.06), "five bars: one tall, four close to nothing"),
    "warm": _Curve((0.25, 0.4, 0.8, 0.3, 0.2), "five bars: one twice as tall as the next"),
    "flat": _Curve((0.4, 0.4, 0.42, 0.4, 0.4), "five bars of about one height"),
    "torn": _Curve((0.1, 0.9, 0.88, 0.1, 0.1), "five bars: two tall ones alike, three close to nothing"),
}  # fmt: skip


def _draw_curve(curve: _Curve) -> Image:
    from labs.scenes.strokes import GREY, YELLOW, canvas

    image, pen = canvas(_WIDTH, _HEIGHT)
    pen.line((0, 0, 0, _HEIGHT - 1), fill=GREY)
    pen.line((0, _HEIGHT - 1, _WIDTH - 1, _HEIGHT - 1), fill=GREY)
    if callable(curve.of):
        found = [(x, curve.of((x - 1) / (_WIDTH - 2))) for x in range(1, _WIDTH)]
        pen.line([(x, round((_HEIGHT - 2) * (1 - min(1.0, max(0.0, y))))) for x, y in found], fill=YELLOW, width=1)
    else:
        for at, height in enumerate(curve.of):
            x = 2 + 4 * at
            pen.rectangle((x, _HEIGHT - 1 - round((_HEIGHT - 2) * height), x + 2, _HEIGHT - 2), fill=YELLOW)
    return image


def _curves(params: Params, chance: random.Random) -> Plan:
    def show(name: str, letter: str) -> Shown:
        return Shown(letter, _CURVES[name].told, partial(_draw_curve, _CURVES[name]))

    return Plan(*shuffled(chance, listed(params, "show", _CURVES), show))


# Points in two dimensions: data, what a generator makes of them, and latents


def _ring(chance: random.Random, clusters: Sequence[int], spread: float = 0.035, count: int = 72) -> list[Point]:
    points = []
    for at in range(count):
        angle = 2 * math.pi * clusters[at % len(clusters)] / 8
        points.append(
            (
                0.5 + 0.38 * math.cos(angle) + chance.gauss(0, spread),
                0.5 + 0.38 * math.sin(angle) + chance.gauss(0, spread),
            )
        )
    return points


def _disc(chance: random.Random, x: float, y: float, spread: float, count: int = 60) -> list[Point]:
    return [(chance.gauss(x, spread), chance.gauss(y, spread)) for _ in range(count)]


@dataclass(frozen=True, slots=True)
class _Cloud:
    """Points in blue, others in orange, and how they lie in words."""

    points: Callable[[random.Random], tuple[list[Point], list[Point]]]
    told: str


_CLOUDS: Final = {
    "data": _Cloud(lambda c: (_ring(c, range(8)), []), "eight small clusters on a circle"),
    "collapsed": _Cloud(lambda c: ([], _ring(c, [c.randrange(8)])), "one small cluster of the circle, seven places empty"),
    "partial": _Cloud(lambda c: ([], _ring(c, sorted(c.sample(range(8), 5)))), "five small clusters of the circle, three places empty"),
    "faithful": _Cloud(lambda c: ([], _ring(c, range(8))), "eight small clusters on the circle"),
    "blurred": _Cloud(lambda c: ([], _ring(c, range(8), 0.11, 110)), "a wide ring in which the clusters run into each other"),
    "average": _Cloud(lambda c: ([], _disc(c, 0.5, 0.5, 0.05)), "one blob in the middle of the circle, where no data are"),
    "prior": _Cloud(lambda c: (_disc(c, 0.42, 0.5, 0.15), _disc(c, 0.58, 0.5, 0.15)), "two groups that overlap in one round cloud about the middle"),
    "islands": _Cloud(lambda c: (_disc(c, 0.2, 0.25, 0.05), _disc(c, 0.8, 0.75, 0.05)), "two far islands with nothing between"),
    "gap": _Cloud(lambda c: (_disc(c, 0.3, 0.22, 0.07), _disc(c, 0.7, 0.8, 0.07)), "all blue points in one corner, all orange ones in the other"),
    "mixed": _Cloud(lambda c: (_disc(c, 0.5, 0.5, 0.18), _disc(c, 0.5, 0.5, 0.18)), "blue and orange points all over each other"),
}  # fmt: skip


def _draw_points(blue: Sequence[Point], orange: Sequence[Point]) -> Image:
    from labs.scenes.strokes import BLUE, GREY, ORANGE, canvas

    side = 24
    image, pen = canvas(side, side)
    pen.rectangle((0, 0, side - 1, side - 1), outline=GREY)
    for points, colour in ((blue, BLUE), (orange, ORANGE)):
        for x, y in points:
            pen.point(
                (round(min(0.94, max(0.06, x)) * (side - 1)), round(min(0.94, max(0.06, y)) * (side - 1))), fill=colour
            )
    return image


def _clouds(params: Params, chance: random.Random) -> Plan:
    seed = chance.random()

    def draw(name: str) -> Image:
        return _draw_points(*_CLOUDS[name].points(random.Random(f"{seed} {name}")))

    def show(name: str, letter: str) -> Shown:
        return Shown(letter, _CLOUDS[name].told, partial(draw, name))

    return Plan(*shuffled(chance, listed(params, "show", _CLOUDS), show))


def _modes(_: Params, chance: random.Random) -> Plan:
    """Eight clusters of data in blue, and a generator's points in orange that cover some of them."""
    covered = sorted(chance.sample(range(8), chance.choice((2, 3, 5, 6, 7))))
    seed = chance.random()

    def draw() -> Image:
        again = random.Random(seed)
        return _draw_points(_ring(again, range(8), 0.05), _ring(again, covered, 0.02))

    told = ", ".join("orange" if at in covered else "blue only" for at in range(8))
    shown = Shown("blue: data, orange: samples", f"eight clusters round a circle: {told}", draw)
    return Plan({"covered": len(covered), "missing": 8 - len(covered)}, (shown,))


def _scores(_: Params, chance: random.Random) -> Plan:
    """Boards on a line by their score: sound ones above it, burned ones below, and a threshold between two places."""
    sound = sorted(chance.sample(range(0, 28, 4), 5))
    burned = sorted(chance.sample(range(12, 44, 4), 5))
    threshold = chance.choice(range(10, 34, 4))
    misses = sum(place < threshold for place in burned)
    alarms = sum(place > threshold for place in sound)

    def draw() -> Image:
        from labs.scenes.strokes import BLUE, GREY, PAPER, RED, canvas

        image, pen = canvas(44, 12)
        pen.line((0, 5, 43, 5), fill=GREY)
        for place in sound:
            pen.rectangle((place, 1, place + 1, 3), fill=BLUE)
        for place in burned:
            pen.rectangle((place, 7, place + 1, 9), fill=RED)
        pen.line((threshold, 0, threshold, 11), fill=PAPER)
        return image

    told = (
        f"sound boards at {', '.join(map(str, sound))}; burned ones at {', '.join(map(str, burned))}; "
        f"the threshold at {threshold}"
    )
    facts: dict[str, Fact] = {
        "misses": misses, "alarms": alarms, "caught": len(burned) - misses, "passed": len(sound) - alarms,
        "burned": len(burned), "sound": len(sound), "flagged": len(burned) - misses + alarms,
    }  # fmt: skip
    if facts["flagged"] == 0:
        facts["flagged"] = 1
    caption = "score from left to right; above: sound, below: burned"
    return Plan(facts, (Shown(caption, told, draw),))


SCENES: Final = {
    "curves": Scene(_curves, {"show": "cosine linear straight"}),
    "clouds": Scene(_clouds, {"show": "collapsed faithful blurred"}),
    "modes": Scene(_modes),
    "scores": Scene(_scores),
}

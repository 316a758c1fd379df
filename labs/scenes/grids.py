"""Pictures in patches, masks of attention, tables of likeness, noised copies, strips between two pictures, diagrams."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from labs.protocol import ParamError
from labs.scenes.plans import LETTERS, Fact, Params, Plan, Scene, Shown, listed, shuffled

if TYPE_CHECKING:
    from PIL.Image import Image

    from labs.scenes.strokes import Colour


def _patches(params: Params, chance: random.Random) -> Plan:
    """A picture in its patches, one of them marked; with `frames` more than one, a clip's frames beside each other."""
    frames = int(params["frames"])
    rows, columns = (chance.randrange(3, 6), chance.randrange(6, 9)) if frames == 1 else (chance.randrange(2, 4), 2)
    row, column = chance.randrange(rows), chance.randrange(columns)
    cell = 4 if frames == 1 else 3

    def draw() -> Image:
        from labs.scenes.strokes import YELLOW, canvas

        width = columns * cell + 1
        image, pen = canvas(frames * (width + 2) - 2, rows * cell + 1, (10, 12, 16))
        for frame in range(frames):
            for y in range(rows):
                for x in range(columns):
                    left, top = frame * (width + 2) + x * cell, y * cell
                    shade = (70 + 22 * ((x + y) % 2), 110 + 12 * x, 150 + 10 * y)
                    marked = params["mark"] and frame == 0 and (y, x) == (row, column)
                    pen.rectangle(
                        (left + 1, top + 1, left + cell - 1, top + cell - 1), fill=YELLOW if marked else shade
                    )
        return image

    told = f"a picture cut into {rows} rows of {columns} patches"
    if frames > 1:
        told = f"{frames} frames, each cut into {rows} rows of {columns} patches"
    if params["mark"]:
        told += f"; the yellow one is in row {row + 1}, column {column + 1}, counted from 1"
    facts: dict[str, Fact] = {
        "rows": rows, "columns": columns, "count": rows * columns, "row": row, "column": column, "frames": frames,
        "index": row * columns + column,
    }  # fmt: skip
    return Plan(facts, (Shown("", told, draw),))


# Who attends to whom: a query a row, a key a column; four frames of four patches each


_MASKS: Final[dict[str, tuple[Callable[[int, int], bool], str]]] = {
    "joint": (lambda _q, _k: True, "all of it is lit"),
    "spatial": (lambda q, k: q // 4 == k // 4, "four lit squares of 4 × 4 along the diagonal"),
    "temporal": (lambda q, k: q % 4 == k % 4, "single lit cells, every fourth one in each row, in slanting lines"),
    "causal": (lambda q, k: k // 4 <= q // 4, "a staircase: four cells of each row are lit in the first four rows, then 8, 12 and 16"),
    "window": (lambda q, k: abs(q - k) <= 2, "a lit band of five cells along the diagonal"),
    "self": (lambda q, k: q == k, "the diagonal alone is lit"),
}  # fmt: skip


def _masks(params: Params, chance: random.Random) -> Plan:
    def draw(name: str) -> Image:
        from labs.scenes.strokes import YELLOW, pixels

        lit = _MASKS[name][0]
        return pixels([[YELLOW if lit(q, k) else (34, 40, 56) for k in range(16)] for q in range(16)])

    def show(name: str, letter: str) -> Shown:
        return Shown(letter, f"16 queries by 16 keys; {_MASKS[name][1]}", partial(draw, name))

    letters, shown = shuffled(chance, listed(params, "show", _MASKS), show)
    return Plan(letters, shown)


def _keys(params: Params, chance: random.Random) -> Plan:
    """The frames of a clip in patches: one that asks, and the ones that it may look at."""
    frames, rows = chance.choice((3, 5)), 2
    columns = 2 if frames == 5 else chance.randrange(2, 4)
    kind = str(params["mask"])
    frame, row, column = chance.randrange(1, frames - 1), chance.randrange(rows), chance.randrange(columns)
    cell = 3

    def lit(f: int, y: int, x: int) -> bool:
        same = {"spatial": f == frame, "temporal": (y, x) == (row, column), "joint": True, "causal": f <= frame}
        return same[kind]

    def draw() -> Image:
        from labs.scenes.strokes import BLUE, YELLOW, canvas

        width = columns * cell + 1
        image, pen = canvas(frames * (width + 1) - 1, rows * cell + 1, (10, 12, 16))
        for f in range(frames):
            for y in range(rows):
                for x in range(columns):
                    left, top = f * (width + 1) + x * cell, y * cell
                    asks = (f, y, x) == (frame, row, column)
                    fill: Colour = YELLOW if asks else BLUE if lit(f, y, x) else (44, 48, 60)
                    pen.rectangle((left + 1, top + 1, left + cell - 1, top + cell - 1), fill=fill)
        return image

    told = f"{frames} frames of {rows} × {columns} patches; in frame {frame + 1} one patch is yellow, and lit blue "
    told += {
        "spatial": "are the others of its frame", "temporal": "is the same place in the other frames",
        "joint": "are all others", "causal": "are all others of its own and of earlier frames",
    }[kind]  # fmt: skip
    per_frame = rows * columns
    count = {"spatial": per_frame, "temporal": frames, "joint": frames * per_frame, "causal": (frame + 1) * per_frame}
    facts: dict[str, Fact] = {"keys": count[kind], "frames": frames, "patches": per_frame, "frame": frame + 1}
    return Plan(facts, (Shown("yellow asks, blue is looked at", told, draw),))


def _attention(_: Params, chance: random.Random) -> Plan:
    """A picture of 6 × 4 patches in four colours, one patch of each lettered, and the weights of the one that asks."""
    columns, rows = 6, 4
    names = ("red", "blue", "green", "yellow")
    homes = [(chance.randrange(3) + 3 * (at % 2), chance.randrange(2) + 2 * (at // 2)) for at in range(4)]
    colours = {
        (x, y): min(range(4), key=lambda at: abs(x - homes[at][0]) + abs(y - homes[at][1]) + at * 0.01)
        for y in range(rows) for x in range(columns)
    }  # fmt: skip
    asking = chance.randrange(4)
    cell = 6

    def marked() -> Image:
        from labs.scenes.strokes import COLOURS, canvas, write

        image, pen = canvas(columns * cell + 1, rows * cell)
        for (x, y), at in colours.items():
            red, green, blue = (part // 2 for part in COLOURS[names[at]])
            pen.rectangle((x * cell, y * cell, x * cell + cell - 2, y * cell + cell - 2), fill=(red, green, blue))
        for at, (x, y) in enumerate(homes):
            write(pen, x * cell + 1, y * cell, LETTERS[at])
        return image

    def weights() -> Image:
        from labs.scenes.strokes import canvas, heat

        image, pen = canvas(columns * cell + 1, rows * cell)
        for (x, y), at in colours.items():
            value = 1.0 if (x, y) == homes[asking] else 0.7 if at == asking else 0.05
            pen.rectangle((x * cell, y * cell, x * cell + cell - 2, y * cell + cell - 2), fill=heat(value))
        return image

    def cells(at: int) -> str:
        return ", ".join(f"{y + 1}/{x + 1}" for (x, y), which in colours.items() if which == at)

    places = "; ".join(f"{LETTERS[at]} at {y + 1}/{x + 1} in {names[at]}" for at, (x, y) in enumerate(homes))
    first = Shown("the picture", f"patches by row/column, {places}", marked)
    bright = f"the weights: bright at {cells(asking)}, dark everywhere else"
    others = [letter for letter in LETTERS if letter != LETTERS[asking]]
    facts: dict[str, Fact] = {"asked": LETTERS[asking], "colour": names[asking]}
    facts |= {f"other{number}": letter for number, letter in enumerate(others, 1)}
    return Plan(facts, (first, Shown("attention of one patch", bright, weights)))


# Likeness of pictures (rows) and texts (columns), from 0 to 1


def _table(rows: list[list[float]]) -> Image:
    from labs.scenes.strokes import canvas, heat

    cell = 4
    image, pen = canvas(len(rows) * cell, len(rows) * cell)
    for y, row in enumerate(rows):
        for x, value in enumerate(row):
            pen.rectangle((x * cell, y * cell, x * cell + cell - 2, y * cell + cell - 2), fill=heat(value))
    return image


def _likeness(name: str, chance: random.Random) -> list[list[float]]:
    size = 5
    low = {"cold": 0.02, "flat": 0.45}.get(name, 0.15)
    rows = [[low + chance.uniform(0, 0.1) for _ in range(size)] for _ in range(size)]
    for at in range(size):
        rows[at][at] = {"flat": 0.5, "untrained": chance.uniform(0.1, 0.3)}.get(name, 0.95)
    if name == "twins":
        rows[1][2] = rows[2][1] = 0.93
    if name == "swapped":
        rows[1][1] = rows[3][3] = 0.15
        rows[1][3] = rows[3][1] = 0.95
    if name == "hub":
        for at in range(size):
            rows[at][2] = 0.9
    return rows


_TABLES: Final = {
    "trained": "the diagonal bright, all else dark",
    "untrained": "all of it dark, the diagonal no brighter",
    "flat": "all of it of one middle brightness",
    "cold": "the diagonal bright, all else black",
    "twins": "the diagonal bright, and so are row 2 column 3 and row 3 column 2",
    "swapped": "rows 1, 3 and 5 bright on the diagonal; row 2 bright in column 4, row 4 in column 2",
    "hub": "the diagonal bright, and the whole of column 3",
}


def _tables(params: Params, chance: random.Random) -> Plan:
    seed = chance.random()

    def show(name: str, letter: str) -> Shown:
        return Shown(letter, _TABLES[name], lambda: _table(_likeness(name, random.Random(f"{seed}{name}"))))

    return Plan(*shuffled(chance, listed(params, "show", _TABLES), show))


def _retrieval(_: Params, chance: random.Random) -> Plan:
    """Pictures by rows, texts by columns, the right text of each on the diagonal; in some rows another one is brighter."""
    size = chance.randrange(4, 7)
    wrong = sorted(chance.sample(range(size), chance.randrange(1, (size + 1) // 2)))
    found = {
        row: chance.choice([at for at in range(size) if at != row]) if row in wrong else row for row in range(size)
    }
    rows = [[1.0 if found[y] == x else 0.45 if y == x else 0.1 for x in range(size)] for y in range(size)]
    told = "; ".join(f"row {row + 1} is brightest in column {column + 1}" for row, column in found.items())
    facts: dict[str, Fact] = {
        "size": size,
        "right": size - len(wrong),
        "wrong": len(wrong),
        "first_wrong": wrong[0] + 1,
    }
    facts |= {"taken": found[wrong[0]] + 1, "cells": size * size, "negatives": size * size - size}
    return Plan(facts, (Shown("rows: pictures, columns: texts", told, partial(_table, rows)),))


# Copies under noise


_SHAPES: Final = ("ring", "cross", "square")


def _noised(params: Params, chance: random.Random) -> Plan:
    """Three copies of one picture, x_t = sqrt(a) x + sqrt(1 - a) noise, with much, half and little of it left."""
    levels = {
        "least": chance.choice((0.98, 0.95, 0.92)),
        "middle": chance.choice((0.5, 0.4)),
        "most": chance.choice((0.03, 0.01)),
    }
    shape, seed = chance.choice(_SHAPES), chance.random()
    side = 20

    def clean(x: int, y: int) -> float:
        across, down = x - side / 2 + 0.5, y - side / 2 + 0.5
        match shape:
            case "ring":
                inside = 4.5 <= math.hypot(across, down) <= 8
            case "cross":
                inside = (abs(across) < 2.5 or abs(down) < 2.5) and max(abs(across), abs(down)) < 8
            case _:
                inside = max(abs(across), abs(down)) < 6.5
        return 1.0 if inside else -1.0

    def draw(name: str) -> Image:
        from labs.scenes.strokes import grey, pixels

        again, left = random.Random(f"{seed}{name}"), levels[name]
        return pixels([
            [grey(0.5 + 0.3 * (math.sqrt(left) * clean(x, y) + math.sqrt(1 - left) * again.gauss(0, 1))) for x in range(side)]
            for y in range(side)
        ])  # fmt: skip

    told = {
        "least": f"a white {shape} on black, clear, with a little grain",
        "middle": f"a {shape} that can still be told under heavy grain",
        "most": "grain from edge to edge, no shape to be told",
    }
    names = str(params["show"]).split()
    if not names or any(name not in levels for name in names):
        raise ParamError("show", "names some of least, middle and most")

    letters, shown = shuffled(chance, names, lambda name, letter: Shown(letter, told[name], partial(draw, name)))
    facts: dict[str, Fact] = {f"left_{name}": levels[name] for name in names}
    return Plan(letters | facts | {"shape": shape}, shown)


# From one picture to another by way of what is between


def _strips(_: Params, chance: random.Random) -> Plan:
    """Start, middle and end: of a cross-fade of pixels, of a way through a latent space, of a jump."""
    first, second = chance.sample((2, 8), 2)
    side = 11

    def disc(radius: float, at: float) -> list[list[float]]:
        return [[1.0 if math.hypot(x - at, y - 4) <= radius else 0.0 for x in range(side)] for y in range(9)]

    def draw(name: str) -> Image:
        from labs.scenes.strokes import grey, pixels

        rows: list[list[Colour]] = [[] for _ in range(9)]
        for step in range(3):
            share = step / 2
            before, after = disc(2.4, first), disc(2.4, second)
            if name == "fade":
                tile = [
                    [(1 - share) * a + share * b for a, b in zip(one, two, strict=True)]
                    for one, two in zip(before, after, strict=True)
                ]
            elif name == "form":
                tile = disc(2.4, first + share * (second - first))
            else:
                tile = before if share < 0.6 else after
            for y in range(9):
                rows[y] += [*map(grey, tile[y]), (60, 60, 120)]
        return pixels(rows)

    start, end = ("left", "right") if first < second else ("right", "left")
    told = {
        "fade": f"first a disc on the {start}, last one on the {end}; between them both, half as bright",
        "form": f"first a disc on the {start}, last one on the {end}; between them one disc in the middle",
        "jump": f"first a disc on the {start}, then the same again, last one on the {end}",
    }
    letters, shown = shuffled(chance, tuple(told), lambda name, letter: Shown(letter, told[name], partial(draw, name)))
    return Plan(letters, shown)


# Diagrams of boxes and arrows, one of them covered


@dataclass(frozen=True, slots=True)
class _Diagram:
    """Boxes in the order of the arrows: three letters for the picture, and what each is in words."""

    boxes: tuple[tuple[str, str], ...]
    loops: bool = False
    """An arrow leads from the last box back."""


DIAGRAMS: Final = {
    "vlm": _Diagram((("PIX", "pixels"), ("VIT", "vision encoder"), ("MLP", "projector"), ("LLM", "language model"), ("TXT", "text"))),
    "vit": _Diagram((("IMG", "image"), ("CUT", "cut into patches"), ("LIN", "linear embedding"), ("POS", "positions added"), ("BLK", "transformer blocks"), ("CLS", "class token read out"))),
    "clip": _Diagram((("TWO", "picture and text"), ("ENC", "two encoders"), ("LEN", "vectors brought to length 1"), ("DOT", "dot products of all pairs"), ("TAU", "divided by a temperature"), ("CE", "cross-entropy by rows and columns"))),
    "gan": _Diagram((("Z", "random vector"), ("GEN", "generator"), ("X", "real or made picture"), ("DIS", "discriminator"), ("P", "probability of real"), ("GRD", "gradient to both networks")), loops=True),
    "vae": _Diagram((("X", "picture"), ("ENC", "encoder"), ("MUS", "mean and deviation"), ("Z", "sampled latent"), ("DEC", "decoder"), ("OUT", "reconstruction"))),
    "ldm": _Diagram((("TXT", "prompt"), ("TE", "text encoder"), ("EPS", "noise in latent size"), ("NET", "denoiser, many steps"), ("LAT", "clean latent"), ("DEC", "VAE decoder"))),
    "video": _Diagram((("CLP", "clip"), ("VAE", "encoder in space and time"), ("TUB", "latent patches in space and time"), ("DIT", "denoising transformer"), ("LAT", "clean latent clip"), ("DEC", "decoder"))),
    "zero": _Diagram((("LAB", "label names"), ("PRM", "prompts"), ("TE", "text encoder"), ("DOT", "dot products with the picture"), ("SOF", "softmax"), ("TOP", "best label"))),
}  # fmt: skip


def _diagram(params: Params, chance: random.Random) -> Plan:  # noqa: ARG001  a diagram is the same at each draw
    name, covered = str(params["of"]), int(params["covered"])
    diagram = DIAGRAMS[name]
    if not 1 <= covered <= len(diagram.boxes):
        raise ParamError("covered", f"counts the boxes from 1 to {len(diagram.boxes)}")

    def draw() -> Image:
        from labs.scenes.strokes import BLUE, GREY, ORANGE, PAPER, canvas, write

        image, pen = canvas(44, 22)
        for at, (letters, _) in enumerate(diagram.boxes):
            row, column = divmod(at, 3)
            x, y = 15 * column, 12 * row
            is_covered = at == covered - 1
            pen.rectangle(
                (x, y, x + 12, y + 8),
                fill=(60, 40, 16) if is_covered else (24, 44, 84),
                outline=ORANGE if is_covered else BLUE,
            )
            text = "?" if is_covered else letters
            write(pen, x + 7 - 2 * len(text), y + 2, text, PAPER)
            if column < 2 and at + 1 < len(diagram.boxes):
                pen.line((x + 13, y + 4, x + 14, y + 4), fill=PAPER)
        pen.line((36, 9, 36, 10), fill=GREY)
        pen.line((6, 10, 36, 10), fill=GREY)
        pen.line((6, 10, 6, 11), fill=GREY)
        return image

    boxes = [f"{letters} {words}" if at != covered - 1 else "?" for at, (letters, words) in enumerate(diagram.boxes)]
    caption = " → ".join(boxes) + (" → back" if diagram.loops else "")
    return Plan({"covered": covered}, (Shown(caption, f"{len(boxes)} boxes in a row, box {covered} covered", draw),))


SCENES: Final = {
    "patches": Scene(_patches, {"frames": 1, "mark": False}, {"frames": (1, 2, 3, 4)}),
    "masks": Scene(_masks, {"show": "joint spatial temporal"}),
    "keys": Scene(_keys, {"mask": "spatial"}, {"mask": ("spatial", "temporal", "joint", "causal")}),
    "attention": Scene(_attention),
    "tables": Scene(_tables, {"show": "trained untrained"}),
    "retrieval": Scene(_retrieval),
    "noised": Scene(_noised, {"show": "least middle most"}),
    "strips": Scene(_strips),
    "diagram": Scene(_diagram, {"of": "vlm", "covered": 3}, {"of": tuple(DIAGRAMS)}),
}

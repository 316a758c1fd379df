"""Boards with and without a burn, resized and cropped; words read from a picture; things to name."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Final

from labs.scenes.plans import LETTERS, Fact, Params, Plan, Scene, Shown, shuffled

if TYPE_CHECKING:
    from PIL.Image import Image

SIDE: Final = 40
_SPOTS: Final = ((8, 8), (20, 8), (32, 8), (8, 20), (20, 20), (32, 20), (8, 32), (20, 32), (32, 32))
"""Where parts stand on a board, in px."""


def _board(seed: str, spot: int | None, burn: int) -> Image:
    """A board of 40 px with a part in each of nine places; a burn of `burn` px on the part at `spot`."""
    from labs.scenes.strokes import PAPER, canvas

    chance = random.Random(seed)
    image, pen = canvas(SIDE, SIDE, chance.choice(((18, 92, 56), (22, 74, 112))))
    for x, y in _SPOTS:
        end = chance.choice(_SPOTS)
        pen.line((x, y, end[0], y, end[0], end[1]), fill=(196, 156, 84))
    for at, (x, y) in enumerate(_SPOTS):
        kind = "can" if at == spot else chance.choice(("can", "can", "chip", "resistor"))
        if kind == "can":
            pen.ellipse((x - 4, y - 4, x + 4, y + 4), fill=PAPER, outline=(120, 124, 132))
        elif kind == "chip":
            pen.rectangle((x - 4, y - 3, x + 4, y + 3), fill=(112, 118, 128))
        else:
            pen.rectangle((x - 4, y - 2, x + 4, y + 2), fill=(222, 190, 140))
        if at == spot:
            left, top = x - burn // 2, y - burn // 2
            pen.rectangle((left, top, left + burn - 1, top + burn - 1), fill=(0, 0, 0))
    return image


def _resized(board: Callable[[], Image], side: int) -> Image:
    """The board as a model of that input size gets it, enlarged again to be looked at."""
    from PIL import Image

    small = board().resize((side, side), Image.Resampling.BOX)
    return small.resize((SIDE, SIDE), Image.Resampling.NEAREST)


def _crop(board: Callable[[], Image], spot: int) -> Image:
    from labs.scenes.strokes import larger

    x, y = _SPOTS[spot]
    return larger(board().crop((x - 6, y - 6, x + 6, y + 6)), 3)


_ROWS: Final = ("top", "middle", "bottom")
_COLUMNS: Final = ("left", "centre", "right")


def _place(spot: int) -> str:
    return f"{_ROWS[spot // 3]} {_COLUMNS[spot % 3]}"


def _burn_sizes(params: Params, chance: random.Random) -> Plan:
    """One burned board as three models get it, at their input sizes."""
    burn, seed, spot = int(params["burn"]), f"{chance.random()}", chance.randrange(9)
    board = partial(_board, seed, spot, burn)
    sides = {"large": SIDE, "medium": 20, "small": 8}

    def show(name: str, letter: str) -> Shown:
        side, width = sides[name], burn * sides[name] / SIDE
        seen = (
            f"on the part {_place(spot)} a black square, {width:g} px wide"
            if width >= 1
            else f"no black anywhere, the part {_place(spot)} a shade darker than the other bright ones"
        )
        return Shown(letter, f"a board in {side} × {side} px; {seen}", partial(_resized, board, side))

    letters, shown = shuffled(chance, tuple(sides), show)
    facts: dict[str, Fact] = {
        "burn": burn,
        "side": SIDE,
        "visible": sum(burn * side / SIDE >= 1 for side in sides.values()),
    }
    facts |= {"medium_side": sides["medium"], "small_side": sides["small"], "place": _place(spot)}
    facts |= letters
    return Plan(facts, shown)


def _burn_boards(params: Params, chance: random.Random) -> Plan:
    """Three boards, one of them burned, each resized to `to` px."""
    burn, to = int(params["burn"]), int(params["to"])
    guilty = chance.randrange(3)
    shown = []
    for at in range(3):
        spot = chance.randrange(9) if at == guilty else None
        board = partial(_board, f"{chance.random()}", spot, burn)
        mark = f"a black square on the bright part {_place(spot)}" if spot is not None else "no black on any part"
        shown.append(Shown(LETTERS[at], f"a board in {to} × {to} px, {mark}", partial(_resized, board, to)))
    rest = [letter for at, letter in enumerate(LETTERS[:3]) if at != guilty]
    return Plan({"burned": LETTERS[guilty], "sound1": rest[0], "sound2": rest[1], "burn": burn, "to": to}, tuple(shown))


def _burn_crops(params: Params, chance: random.Random) -> Plan:
    """A board in few pixels, and two crops of it in all of its pixels, one with the burn."""
    seed, burn = f"{chance.random()}", int(params["burn"])
    spots = chance.sample(range(9), 2)
    guilty = chance.randrange(2)
    board = partial(_board, seed, spots[guilty], burn)
    side = 10
    whole = Shown(
        "the board, 10 px", f"the board in {side} × {side} px, no black to be seen", partial(_resized, board, side)
    )
    crops = tuple(
        Shown(LETTERS[at], f"the part {_place(spot)} close up{', a black square on it' if at == guilty else ', clean'}",
              partial(_crop, board, spot))
        for at, spot in enumerate(spots)
    )  # fmt: skip
    facts: dict[str, Fact] = {"burned": LETTERS[guilty], "burn": burn, "side": SIDE, "small_side": side, "crops": 2}
    return Plan(facts | {"place": _place(spots[guilty]), "clean": LETTERS[1 - guilty]}, (whole, *crops))


_WORDS: Final = ("FUSE", "HOT", "EXIT", "STOP", "OPEN", "VENT", "LOCK", "DUST")


def _word_sizes(_: Params, chance: random.Random) -> Plan:
    """A word at three resolutions: all of its pixels, half of them, a quarter of them on each side."""
    word = chance.choice(_WORDS)
    names = {"sharp": 1, "half": 2, "quarter": 4}

    def page() -> Image:
        from labs.scenes.strokes import GROUND, PAPER, canvas, write

        image, pen = canvas(20, 12, PAPER)
        write(pen, (20 - 4 * len(word) + 1) // 2, 3, word, GROUND)
        return image

    def draw(by: int) -> Image:
        from PIL import Image

        small = page().resize((20 // by, 12 // by), Image.Resampling.BOX)
        return small.resize((20, 12), Image.Resampling.NEAREST)

    def show(name: str, letter: str) -> Shown:
        seen = {
            "sharp": f"dark strokes on white that spell {word}",
            "half": f"{len(word)} grey shapes with gaps, no stroke of which is whole",
            "quarter": "a few grey squares in a row",
        }[name]
        return Shown(letter, f"{20 // names[name]} px across: {seen}", partial(draw, names[name]))

    letters, shown = shuffled(chance, tuple(names), show)
    facts: dict[str, Fact] = {"word": word, "letters": len(word)}
    return Plan(facts | letters, shown)


_THINGS: Final = ("circle", "square", "triangle")


def _things(params: Params, chance: random.Random) -> Plan:
    """Two or three things beside each other, each of a colour and a shape of its own."""
    count = int(params["count"])
    colours = chance.sample(("red", "blue", "yellow", "green"), count + 1)
    shapes = [chance.choice(_THINGS) for _ in range(count)]
    if count == 2:
        shapes = chance.sample(_THINGS, 2)

    def draw(order: list[int]) -> Image:
        from labs.scenes.strokes import COLOURS, canvas

        image, pen = canvas(14 * count + 2, 16)
        for at, which in enumerate(order):
            x, fill = 8 + 14 * at, COLOURS[colours[which]]
            if shapes[which] == "circle":
                pen.ellipse((x - 5, 3, x + 5, 13), fill=fill)
            elif shapes[which] == "square":
                pen.rectangle((x - 5, 3, x + 5, 13), fill=fill)
            else:
                pen.polygon(((x, 2), (x + 6, 13), (x - 6, 13)), fill=fill)
        return image

    in_order = list(range(count))
    said = [f"a {colours[which]} {shapes[which]}" for which in in_order]
    facts: dict[str, Fact] = {"absent": colours[count], "count": count}
    for at in in_order:
        facts |= {f"colour{at + 1}": colours[at], f"shape{at + 1}": shapes[at]}
    shown = [Shown("", f"from left to right {', '.join(said)}", partial(draw, in_order))]
    if params["swap"]:
        swapped = [f"a {colours[1]} {shapes[0]}", f"a {colours[0]} {shapes[1]}"]

        def exchanged() -> Image:
            nonlocal colours
            kept = colours
            colours = [kept[1], kept[0], *kept[2:]]
            image = draw(in_order)
            colours = kept
            return image

        first = Shown("A", shown[0].alt, shown[0].draw)
        second = Shown("B", f"from left to right {', '.join(swapped)}", exchanged)
        is_second = chance.random() < 0.5
        facts |= {"first": "B" if is_second else "A", "second": "A" if is_second else "B"}
        pair = (second, first) if is_second else (first, second)
        shown = [Shown(letter, each.alt, each.draw) for letter, each in zip("AB", pair, strict=True)]
    return Plan(facts, tuple(shown))


SCENES: Final = {
    "burn_sizes": Scene(_burn_sizes, {"burn": 2}, {"burn": (2, 3, 4)}),
    "burn_boards": Scene(_burn_boards, {"burn": 3, "to": SIDE}, {"burn": (2, 3, 4), "to": (20, 40)}),
    "burn_crops": Scene(_burn_crops, {"burn": 2}, {"burn": (2, 3)}),
    "word_sizes": Scene(_word_sizes),
    "things": Scene(_things, {"count": 2, "swap": False}, {"count": (2, 3)}),
}

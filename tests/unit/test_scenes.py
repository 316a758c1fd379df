"""Scenes that cards ask about: their draws, what is told of them, and cards whose answer is read off the picture."""

from __future__ import annotations

import io
import subprocess
import sys

import pytest
from PIL import Image

from labs import numbers
from labs.protocol import ParamError, Picture, Scalar
from labs.scenes import asked
from labs.scenes.graphs import _CLOUDS, _CURVES
from labs.scenes.grids import _MASKS, _TABLES, DIAGRAMS
from studytui.course.loader import cards_in, decode, encode
from studytui.course.toml_file import parse
from studytui.domain.cards import Card, Choice, Cloze, Numeric
from studytui.domain.judging import check_response, present

SHOWS: dict[str, list[dict[str, Scalar]]] = {
    "curves": [{"show": name} for name in _CURVES],
    "clouds": [{"show": name} for name in _CLOUDS],
    "masks": [{"show": name} for name in _MASKS],
    "tables": [{"show": name} for name in _TABLES],
    "diagram": [{"of": name, "covered": 2} for name in DIAGRAMS],
    "clip_tape": [{"fault": name} for name in ("any", "none", "identity", "flicker", "drift")],
    "keys": [{"mask": name} for name in ("spatial", "temporal", "joint", "causal")],
}
EVERY = [(kind, params) for kind in asked.SCENES for params in SHOWS.get(kind, [{}])]


def picture(shown: Picture) -> Image.Image:
    return Image.open(io.BytesIO(shown.png)).convert("RGB")


@pytest.mark.parametrize(("kind", "params"), EVERY, ids=str)
def test_a_scene_is_small_told_in_words_and_the_same_whenever_it_is_drawn(kind: str, params: dict[str, Scalar]) -> None:
    for draw in (0, 5):
        shown = asked.pictures(kind, params, draw)
        assert shown == asked.pictures(kind, params, draw)
        told = asked.alts(kind, params, draw)
        assert len(told) == len(shown)
        assert all(len(each.alt) > 4 for each in shown)
        for each in shown:
            assert len(each.png) < 20_000
            image = picture(each)
            assert image.width // 8 <= 44
            assert image.height // 8 <= 40


@pytest.mark.parametrize("kind", ["retrieval", "modes", "scores", "patches", "clip_tape", "burn_boards", "noised"])
def test_draws_differ(kind: str) -> None:
    found = asked.draws({"kind": kind})
    assert len(found) == asked.DRAWS
    assert len({tuple(sorted((k, v) for k, v in each.items() if k != "scene")) for each in found}) > 2


def test_what_is_asked_of_a_table_is_what_its_picture_shows() -> None:
    for draw, facts in enumerate(asked.draws({"kind": "retrieval"})):
        image = picture(asked.pictures("retrieval", {}, draw)[0])
        size = int(facts["size"])
        cells = [[sum(image.getpixel((32 * x + 8, 32 * y + 8))) for x in range(size)] for y in range(size)]  # type: ignore[arg-type]
        right = sum(max(range(size), key=row.__getitem__) == y for y, row in enumerate(cells))
        assert right == facts["right"]


def test_the_black_of_a_burn_is_in_the_pictures_that_are_said_to_have_it() -> None:
    for draw, facts in enumerate(asked.draws({"kind": "burn_boards"})):
        black = {
            shown.caption: (0, 0, 0) in {colour for _, colour in picture(shown).getcolors(1 << 20) or ()}
            for shown in asked.pictures("burn_boards", {}, draw)
        }
        assert [letter for letter, has in black.items() if has] == [facts["burned"]]


@pytest.mark.parametrize(
    ("scene", "field", "words"),
    [
        ({"kind": "curvse"}, "kind", "there is no scene"),
        ({"kind": "clip_tape", "fualt": "any"}, "fualt", "no such parameter"),
        ({"kind": "clip_tape", "fault": "melting"}, "fault", "must be one of"),
        ({"kind": "patches", "frames": "2"}, "frames", "must be like"),
        ({"kind": "curves", "show": "cosine cosine"}, "show", "different"),
        ({"kind": "diagram", "covered": 9}, "covered", "counts the boxes"),
    ],
)
def test_what_a_scene_cannot_be_is_said(scene: dict[str, object], field: str, words: str) -> None:
    with pytest.raises(ParamError, match=words) as raised:
        asked.draws(scene)  # type: ignore[arg-type]
    assert raised.value.name == field


CARDS = """
[[card]]
id = "frame"
section = "1.1"
covers = ["1.1-01"]
kind = "numeric"
front = "Where does it jump?"
scene = { kind = "clip_tape", fault = "teleport" }
answer = "frame"
mistakes = [{ value = "frame - 1", why = "In {frame - 1} all is well." }]
back = "In **{frame}**."

[[card]]
id = "fault"
section = "1.1"
covers = ["1.1-01"]
kind = "choice"
front = "What is wrong?"
scene = { kind = "clip_tape" }
options = [{ text = "{fault}", correct = true }, { text = "{other1}", why = "No: {fault}." }]
back = "It is that {fault}."

[[card]]
id = "shape"
section = "1.1"
covers = ["1.1-01"]
kind = "cloze"
front = "It is a {{{shape}|thing}}."
scene = { kind = "noised" }
back = "A {shape}."
"""


def cards(text: str = CARDS) -> list[Card]:
    found, errors = cards_in(parse(text, "x.toml"))
    assert errors == []
    return found


def test_a_card_is_asked_and_judged_by_the_draw_that_is_shown() -> None:
    for card in cards():
        assert decode(encode(card)) == card
        for seed in range(30):
            showing = present(card, review_uid="u", seed=seed)
            assert showing.card.scene is not None
            draw = showing.card.scene.draw
            assert showing.numbers["scene"] == draw
            facts = asked.draws({"kind": card.scene.kind} | card.scene.params)[draw]  # type: ignore[union-attr]
            match showing.card.body:
                case Numeric() as body:
                    assert body.answer == facts["frame"]
                    assert body.mistakes[0].why == f"In {body.answer - 1} all is well."
                    verdict = check_response(showing.card, str(facts["frame"]), numbers=numbers)
                case Choice() as body:
                    assert (body.options[0].text, body.options[1].text) == (facts["fault"], facts["other1"])
                    verdict = check_response(showing.card, 0, numbers=numbers)
                case Cloze():
                    verdict = check_response(showing.card, [str(facts["shape"])], numbers=numbers)
                case _:
                    raise AssertionError
            assert verdict is not None
            assert verdict.correct
            assert "{" not in showing.card.back


@pytest.mark.parametrize(
    ("old", "new", "field", "words"),
    [
        ('scene = { kind = "noised" }', 'scene = { kind = "noise" }', "scene.kind", "there is no scene"),
        ('back = "A {shape}."', 'back = "A {form}."', "back", "form"),
        ('answer = "frame"', 'answer = "fault"', "answer", "a word, no number"),
        ('answer = "frame"', 'answer = "frame"\nvary = { frame = [1] }', "vary", "one or the other"),
    ],
)
def test_a_wrong_scene_is_named_with_its_field(old: str, new: str, field: str, words: str) -> None:
    assert old in CARDS
    _, errors = cards_in(parse(CARDS.replace(old, new), "x.toml"))
    assert [error.field for error in errors] == [field]
    assert words in str(errors[0])


def test_planning_a_scene_loads_nothing_that_draws() -> None:
    code = "import sys; from labs.scenes import asked; asked.draws({'kind': 'noised'}); print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert not {"PIL", "numpy", "torch"} & set(told.split())

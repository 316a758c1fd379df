"""A card from the texts of a form."""

from __future__ import annotations

import pytest

from studytui.course.user_cards import read_draft
from studytui.domain.cards import KINDS, Kind
from studytui.errors import CourseError
from studytui.study.card_actions import draft_row, fields_of, missing_fields, own_id

COMMON = {"section": "1.1", "covers": "01", "front": "How many?", "back": "Because."}
TEXTS: dict[Kind, dict[str, str]] = {
    "basic": {},
    "cloze": {"front": "A {{patch|tile}} is a token."},
    "choice": {"options": "* A code\nA pixel :: Pixels are decoded from it.\nA label"},
    "order": {"steps": "split\nflatten\nproject"},
    "match": {"pairs": "eye = encoder\ncanvas = latents\n= audio"},
    "numeric": {
        "answer": "1,024",
        "unit": "tokens",
        "tolerance": "0.5",
        "accept": "32 x 32\n32²",
        "mistakes": "32 :: one side",
    },
    "exercise": {"front": "", "lab": "patches.count image_size=224 patch_size=14|16"},
    "open": {"points": "first\nsecond"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_written(kind: Kind) -> None:
    texts = (
        COMMON
        | TEXTS[kind]
        | {"hints": "one\ntwo", "helpers": "eye, patch", "lens": "eye", "tags": "x y", "group": "g"}
    )
    assert missing_fields(kind, texts) == []
    card = read_draft(draft_row(kind, texts))
    assert card.kind == kind
    assert card.covers == ("1.1-01",)
    assert (card.hints, card.helpers, card.lenses, card.tags, card.group) == (
        ("one", "two"), ("eye", "patch"), ("eye",), ("x", "y"), "g"
    )  # fmt: skip


def test_the_parts_of_each_kind_arrive_where_they_belong() -> None:
    choice = draft_row("choice", COMMON | TEXTS["choice"])["options"]
    assert choice == [
        {"text": "A code", "correct": True},
        {"text": "A pixel", "why": "Pixels are decoded from it."},
        {"text": "A label"},
    ]
    match = draft_row("match", COMMON | TEXTS["match"])
    assert (match["pairs"], match["extra"]) == ([["eye", "encoder"], ["canvas", "latents"]], ["audio"])
    numeric = draft_row("numeric", COMMON | TEXTS["numeric"])
    assert (numeric["answer"], numeric["tolerance"], numeric["mistakes"]) == (
        1024, 0.5, [{"value": 32, "why": "one side"}]
    )  # fmt: skip
    lab = draft_row("exercise", COMMON | TEXTS["exercise"])["lab"]
    assert lab == {"exercise": "patches.count", "set": {"image_size": 224}, "vary": {"patch_size": [14, 16]}}
    assert "answer" not in draft_row("basic", COMMON | {"answer": "5"}), "a field of another kind is left out"


def test_what_is_missing_is_told_by_kind() -> None:
    assert [field.name for field in missing_fields("choice", {})] == ["section", "covers", "front", "options"]
    assert [field.name for field in missing_fields("exercise", {"section": "1.1", "covers": "1"})] == ["lab"]
    assert "points" in {field.name for field in fields_of("open")}
    assert "points" not in {field.name for field in fields_of("basic")}


@pytest.mark.parametrize(
    ("kind", "texts", "field", "text"),
    [
        ("choice", {"options": "A\nB"}, "options", "begin the line of the right option with *"),
        ("match", {"pairs": "eye encoder"}, "pairs", "is not a pair"),
        ("numeric", {"answer": "many"}, "answer", "“many” is not a number"),
        ("numeric", {"answer": "5", "mistakes": "x :: y"}, "mistakes", "is not a number"),
        ("exercise", {"lab": "patches.count 224"}, "lab", "sets nothing"),
    ],
)
def test_what_cannot_be_read_names_its_field(kind: Kind, texts: dict[str, str], field: str, text: str) -> None:
    with pytest.raises(CourseError, match=text.replace("*", r"\*")) as caught:
        draft_row(kind, COMMON | texts)
    assert caught.value.field == field


@pytest.mark.parametrize(
    ("front", "expected"),
    [
        ("How many patches?", "own-how-many-patches"),
        ("Größe des Übergangs", "own-groe-des-ubergangs"),
        ("宽字符?!", "own-card"),
        ("a" * 200, "own-" + "a" * 40),
    ],
)
def test_ids_are_made_from_the_front(front: str, expected: str) -> None:
    assert own_id(front) == expected
    assert own_id(front, {expected}) == f"{expected}-2"
    assert own_id(front, {expected, f"{expected}-2"}) == f"{expected}-3"

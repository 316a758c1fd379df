"""A kind of card is a class and a schema, a field of a card a line in each: made-up ones need no more."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal

import pytest

from labs import numbers
from studytui.course import loader, schema
from studytui.course.loader import decode, encode, read_card
from studytui.course.toml_file import TablePlace
from studytui.domain.cards import BODIES, KINDS, Body, Card
from studytui.domain.judging import check_response, present, suggestion, words_of
from studytui.domain.verdict import Reading, Verdict
from studytui.errors import CourseError

ROW = {"id": "made-up", "section": "1.1", "covers": ["1.1-01"], "front": "Is it so?", "back": "So."}


@dataclass(frozen=True, slots=True)
class Odd(Body):
    """Pick the one that does not belong to the others."""

    others: tuple[str, ...]
    odd: str

    kind = "odd"  # type: ignore[assignment]
    form = "choice"
    takes = int
    unhurried_seconds, longest_seconds, usual_seconds = 15, 120, 30

    @property
    def listed(self) -> tuple[str, ...]:
        return (*self.others, self.odd)

    @property
    def right_answer(self) -> str:
        return self.odd

    def check(self, response: Any, _: Reading, /) -> Verdict:
        is_right = response == len(self.others)
        return Verdict(is_right, float(is_right), "Right." if is_right else "Not that one.")


@dataclass(frozen=True, slots=True)
class OddCard(Card):
    kind: Any  # `Kind` gets the new name; here it must not


class OddModel(schema.CardModel):
    kind: Literal["odd"]
    others: list[schema.Text]
    odd: schema.Text


@dataclass(frozen=True, slots=True)
class LinkedCard(Card):
    link: str = ""


class LinkedModel(schema.BasicModel):
    link: schema.MaybeText = ""


def test_a_new_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "Card", OddCard)
    monkeypatch.setitem(BODIES, "odd", Odd)  # type: ignore[misc]
    monkeypatch.setitem(schema.MODELS, "odd", OddModel)
    row = ROW | {"kind": "odd", "others": ["ViT", "CLIP"], "odd": "U-Net"}
    card = read_card(row, "content/cards/01.toml", TablePlace(3))
    assert decode(encode(card)) == card
    assert card.is_machine_checked
    assert sorted(present(card, review_uid="r", seed=1).permutation) == [0, 1, 2]
    assert words_of(card) == 6
    verdict = check_response(card, 2, numbers=numbers)
    assert verdict is not None and verdict.correct
    assert suggestion(verdict, kind=card.kind, seconds=3).grade == 4
    unknown = check_response(card, None, numbers=numbers, dont_know=True)
    assert unknown is not None and unknown.message == "Right answer: U-Net"
    with pytest.raises(TypeError, match="kind odd cannot take"):
        check_response(card, "U-Net", numbers=numbers)
    with pytest.raises(CourseError, match="odd: this field is missing"):
        read_card({name: value for name, value in row.items() if name != "odd"}, "x.toml", TablePlace(1))


def test_a_new_field(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loader, "Card", LinkedCard)
    monkeypatch.setitem(schema.MODELS, "basic", LinkedModel)
    card = read_card(ROW | {"kind": "basic", "link": "arXiv:2010.11929"}, "x.toml", TablePlace(1))
    assert decode(encode(card)) == card
    assert getattr(decode(encode(card)), "link", "") == "arXiv:2010.11929"


def test_every_kind_has_its_class_and_its_schema() -> None:
    assert tuple(BODIES) == tuple(schema.MODELS) == KINDS
    for kind, body in BODIES.items():
        assert body.kind == kind
        assert 0 < body.unhurried_seconds <= body.longest_seconds
        named = {field.name for field in fields(body)}
        assert kind == "cloze" or named <= set(schema.MODELS[kind].model_fields), "named as they are written"
        assert {field.name for field in body.draft} <= set(schema.MODELS[kind].model_fields)

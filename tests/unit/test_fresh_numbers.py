"""Numeric cards whose numbers are drawn at each showing: what is drawn, what is asked, and what the lint says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from labs import numbers
from studytui.course.loader import cards_in, decode, encode
from studytui.course.toml_file import parse
from studytui.course.user_cards import CardOverride
from studytui.domain.cards import Card, Mistake, Numeric
from studytui.domain.judging import check_response, present
from studytui.study.attempt import Attempt
from studytui.study.review import open_session
from tests.study.desk import examine, open_desk
from tests.unit.test_lint import CARDS, END, card, linted

FRESH = """
[[card]]
id = "grid"
section = "1.1"
covers = ["1.1-01"]
kind = "numeric"
front = "{side}×{side} px, patches of {patch} px: how many? One costs {price:2} €."
vary = { side = [224, 336, 1008], patch = [14, 28], price = [0.5] }
answer = "(side / patch) ** 2"
unit = "patches"
hints = ["{side / patch} to a side."]
mistakes = [
  { value = "side / patch", why = "One side has {side / patch}." },
  { value = "(side / patch)^2 + 1", why = "It counts the class token." },
]
lab = { exercise = "patches.count", set = { image_size = "{side}", patch_size = "{patch}" } }
back = "{side} / {patch} = {side / patch}, squared **{(side / patch) ** 2}**."
"""


def fresh(text: str = FRESH) -> Card:
    cards, errors = cards_in(parse(text, "x.toml"))
    assert errors == []
    return cards[0]


def test_every_draw_is_a_card_of_its_own_with_its_numbers_everywhere() -> None:
    found = fresh()
    assert found.template is not None
    assert len(found.template) == 6
    second = found.drawn(2)
    assert second.front == "336×336 px, patches of 14 px: how many? One costs 0.50 €."
    assert second.hints == ("24 to a side.",)
    assert second.back == "336 / 14 = 24, squared **576**."
    assert isinstance(second.body, Numeric)
    assert second.body.answer == 576
    assert second.body.mistakes == (
        Mistake(24, "One side has 24."),
        Mistake(577, "It counts the class token."),
    )
    assert second.lab is not None
    assert second.lab.fixed == {"image_size": 336, "patch_size": 14}
    assert decode(encode(found)) == found
    assert found.written[0].startswith("{side}×{side} px")


def test_the_first_draw_stands_in_lists_and_previews() -> None:
    found = fresh()
    assert found == found.drawn(0)
    assert found.question.startswith("224×224 px")
    assert found.body.right_answer == "256 patches"


def test_a_showing_draws_by_its_seed_and_draws_the_same_again() -> None:
    found = fresh()
    shown = [present(found, review_uid=str(seed), seed=seed) for seed in range(60)]
    assert {showing.card.front for showing in shown} == {found.drawn(at).front for at in range(6)}
    for showing in shown:
        again = present(showing.card, review_uid=showing.review_uid, seed=showing.seed)
        assert again == showing
        side, patch = (float(showing.numbers[name]) for name in ("side", "patch"))
        verdict = check_response(showing.card, f"({side}/{patch})²", numbers=numbers)
        assert verdict is not None
        assert verdict.correct
        slip = check_response(showing.card, str(side / patch), numbers=numbers)
        assert slip is not None
        assert slip.message == f"One side has {side / patch:g}."


def test_numbers_may_be_drawn_together() -> None:
    rows = "[{ side = 224, patch = 16, price = 1 }, { side = 518, patch = 14, price = 2 }]"
    found = fresh(FRESH.replace("{ side = [224, 336, 1008], patch = [14, 28], price = [0.5] }", rows))
    assert [found.drawn(at).body.right_answer for at in range(2)] == ["196 patches", "1,369 patches"]


def test_a_wording_of_ones_own_may_have_the_numbers_too() -> None:
    found = fresh()
    mine = CardOverride("grid", front="Mine: {side} by {patch} {?}").applied(found)
    assert mine.front == "Mine: 224 by 14 {?}"
    assert mine.drawn(5).front == "Mine: 1,008 by 28 {?}"
    assert mine.drawn(5).back == found.drawn(5).back


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        (('"(side / patch) ** 2"', '"side / pach"'), "answer", "“pach” is not known"),
        (('"(side / patch) ** 2"', '"side /"'), "answer", "missing at the end"),
        (("[14, 28]", "[]"), "vary.patch", "the list is empty"),
        (("[14, 28]", "[14, 0]"), "answer", "divides by zero"),
        (("{ side = [224, 336, 1008], patch = [14, 28], price = [0.5] }", "{}"), "vary", "nothing varies"),
        (("vary = { side = [224, 336, 1008], patch = [14, 28], price = [0.5] }\n", ""), "answer", "needs `vary`"),
        (("price:2", "side"), "vary.price", "nothing on the card uses price"),
        (("[14, 28]", str(list(range(1, 300)))), "vary", "at most 500"),
        (("price = [0.5]", "Price = [0.5]"), "vary.Price", "is not a name"),
        (("[0.5]", '["x"]'), "vary", "valid"),
        (('why = "One side has {side / patch}."', 'why = "{sid}"'), "mistakes.0.why", "“sid” is not known"),
        (('value = "side / patch"', 'value = "side % patch"'), "mistakes.0.value", "“%” is not expected"),
        (('hints = ["{side / patch} to', 'hints = ["{side / ptch} to'), "hints.0", "“ptch” is not known"),
        (("squared **{", "squared **{x + "), "back", "“x” is not known"),
        (('image_size = "{side}"', 'image_size = "{sides}"'), "lab.set.image_size", "“sides” is not known"),
    ],
)
def test_what_cannot_be_drawn_is_named_with_its_field_and_line(change: tuple[str, str], field: str, says: str) -> None:
    text = FRESH.replace(*change)
    cards, (error,) = cards_in(parse(text, "x.toml"))
    assert cards == []
    assert error.field.startswith(field)
    assert says in error.message
    first = field.split(".", maxsplit=1)[0]
    starts = [number for number, line in enumerate(text.splitlines(), 1) if line.startswith((first, "  { value"))]
    assert error.line in starts or first == "vary"


@pytest.mark.parametrize(
    ("fields", "rule", "field", "says"),
    [
        ({"mistakes": '[{ value = "2 * n", why = "x" }]'}, "mistake-is-right", "mistakes.0.value", "(at n = 2)"),
        ({"back": '"The area is **4** px."'}, "answer-not-in-back", "answer", "(at n = 3)"),
        (
            {
                "vary": "{ n = [4, 100] }",
                "lab": '{ exercise = "patches.count", set = { image_size = 400, patch_size = "{n}" } }',
            },
            "lab-parameter",
            "lab",
            "(at n = 100)",
        ),
        ({"hints": '["It is 9 or more."]'}, "answer-in-hint", "hints.0", "(at n = 3)"),
        ({"back": '"{n} · 2 = 4, so **{n ** 2}**."'}, "wrong-sum", "back", "(at n = 3)"),
    ],
)
def test_the_lint_looks_at_every_draw(
    tmp_path: Path, *, fields: dict[str, str], rule: str, field: str, says: str
) -> None:
    text = card(
        **{
            "kind": '"numeric"', "front": '"What is {n} squared, as an area?"', "vary": "{ n = [2, 3] }",
            "answer": '"n ** 2"', "unit": '"px"', "back": '"It is **{n ** 2}**."', **fields,
        }
    )  # fmt: skip
    (finding,) = linted(tmp_path, text).findings
    assert (finding.rule, finding.field, finding.path) == (rule, field, CARDS)
    assert says in finding.message
    assert finding.line > END


def test_a_showing_is_logged_with_its_numbers_and_undone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with open_desk(tmp_path, monkeypatch, cards=FRESH) as desk:
        session = open_session(desk.workspace)
        turn = session.next()
        assert turn is not None
        attempt = Attempt.at(turn)
        assert session.refresh(turn).card.front == turn.card.front, "looking again draws nothing new"
        assert attempt.answer(str(turn.showing.numbers["side"])) == ""
        attempt.check()
        session.answer(turn, 2, attempt.as_answer())
        ((evidence,),) = desk.rows("SELECT evidence FROM review")
        assert json.loads(evidence)["numbers"] == turn.showing.numbers
        assert session.undo() is not None
        back = session.next()
        assert back is not None
        assert back.card.id == "grid"
        assert [defect for defect in examine(desk.workspace) if defect.level == "error"] == []

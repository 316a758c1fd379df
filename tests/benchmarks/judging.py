"""`python -m tests.benchmarks.judging`: right answers refused and wrong ones accepted, kind by kind.

The cases files say what people type and what must come of it. Beside them, every numeric and cloze card of the course
is answered in generated spellings that must be right, and by neighbours that must not be. Ends with 1 if a case of the
files comes out otherwise, or a number of a card does; `--misses` prints what did.
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from labs import numbers
from studytui.course.loader import card_files, find_course, load_cards, load_course
from studytui.course.schema import parse_cloze
from studytui.domain.cards import Blank, Body, Card, Cloze, Kind, Numeric, Source
from studytui.domain.verdict import Verdict
from studytui.study.attempt import judge

CASES: Final = Path(__file__).parents[1] / "cases"
SMALL_WORDS: Final = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
FULL_WIDTH: Final = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")
OTHER_UNITS: Final[dict[str, tuple[tuple[str, float], ...]]] = {
    "GB": (("MB", 1e3), ("bytes", 1e9), ("GiB", 1e9 / 2**30)),
    "px": (("pixels", 1),),
    "px/frame": (("px per frame", 1),),
    "mm": (("µm", 1e3), ("cm", 0.1)),
    "cm": (("mm", 10), ("m", 0.01)),
    "hours": (("h", 1), ("minutes", 60), ("days", 1 / 24)),
    "GPU-hours": (("hours", 1), ("GPU hours", 1)),
    "nats": (("bits", 1.4426950408889634),),
}
WRONG_UNITS: Final = {"GB": "TB", "mm": "m", "cm": "mm", "hours": "s", "GPU-hours": "days"}


@dataclass
class Tally:
    """What became of one kind of answers."""

    kind: str
    right: int = 0
    wrong: int = 0
    asked: int = 0
    refused: list[str] = field(default_factory=list)
    """Right answers that were not accepted."""
    accepted: list[str] = field(default_factory=list)
    """Wrong answers that were, and answers that were judged where they should have been sent back."""

    def add(self, expected: str, says: str, what: str) -> None:
        """Count an answer that should have come out as `expected`."""
        self.right += expected == "right"
        self.wrong += expected != "right"
        self.asked += says == "ask"
        if expected == "right" and says != "right":
            self.refused.append(f"{what}: {says}")
        elif (expected != "right" and says == "right") or (expected == "ask" and says != "ask"):
            self.accepted.append(f"{what}: {says}")
        elif expected == "wrong!" and says != "wrong":
            self.accepted.append(f"{what}: {says}, not wrong")


def from_files() -> list[Tally]:
    """The cases files, numbers and words, in their order."""
    found = []
    for path in sorted(CASES.glob("*numbers*.toml")) + sorted(CASES.glob("*words*.toml")):
        for kind in tomllib.loads(path.read_text(encoding="utf-8"))["kind"]:
            if kind["cases"]:
                tally = Tally(f"{path.stem}: {kind['name']}")
                for case in kind["cases"]:
                    card, typed, expected = _case(case)
                    # What a file calls wrong must be judged: asking would spare nobody.
                    expected = "wrong!" if expected == "wrong" else expected
                    tally.add(expected, _says(card, typed), f"{case['typed']!r} for {_wanted(case)}")
                found.append(tally)
    return found


def from_cards(cards: list[Card]) -> list[Tally]:
    """Every numeric and cloze card, answered in generated spellings and by neighbours."""
    tallies: dict[str, Tally] = {}
    clozes = [card for card in cards if isinstance(card.body, Cloze)]
    for card in cards:
        answers: Iterator[tuple[str, str, str | list[str]]]
        if isinstance(card.body, Numeric):
            answers = _numeric_answers(card, card.body)
        elif isinstance(card.body, Cloze):
            answers = _cloze_answers(card.body, clozes)
        else:
            continue
        for kind, expected, typed in answers:
            name = f"{card.kind} cards: {kind}"
            tallies.setdefault(name, Tally(name)).add(expected, _says(card, typed), f"{card.id}: {typed!r}")
    return list(tallies.values())


def _says(card: Card, typed: str | list[str]) -> str:
    verdict: Verdict | None = judge(card, typed)
    assert verdict is not None
    return verdict.says


def _case(case: dict[str, Any]) -> tuple[Card, str | list[str], str]:
    """A case of a file as a card, what is typed and what must come of it."""
    if "sentence" in case:
        before, after = case["sentence"].split("___")
        body: Body = Cloze((before, after), (Blank(tuple(case["accept"])),))
        return _card(body, "cloze"), [case["typed"]], "right" if case["right"] else "wrong"
    body = Numeric(case["answer"], case.get("unit", ""), tolerance_percent=1.0)
    return _card(body, "numeric"), case["typed"], case["says"]


def _wanted(case: dict[str, Any]) -> str:
    return str(case.get("accept") or f"{case['answer']} {case.get('unit', '')}".strip())


def _card(body: Body, kind: Kind) -> Card:
    return Card("case", "1.1", (), kind, "How much is it?", "", body, Source("cases", 1))


# Spellings of a number, and its neighbours


def _numeric_answers(card: Card, body: Numeric) -> Iterator[tuple[str, str, str]]:
    """(kind, what must come of it, what is typed) for one card."""
    for kind, text in _right_numbers(body):
        yield kind, "right", text
    for spelling in body.accept:
        yield "the author's own spellings", "right", spelling
    chance = random.Random(card.id)
    for kind, value, text in _wrong_numbers(body, chance):
        if not _is_right(body, value) and not _may_be_thousands(body, text):
            yield kind, "wrong", text
    for mistake in body.mistakes:
        yield "a listed mistake", "wrong", _plain(mistake.value)
    for text in ("", "hhl", "?", f"{_plain(body.answer)} or {_plain(body.answer + 1)}", "no idea"):
        yield "no number, or two", "ask", text


def _right_numbers(body: Numeric) -> Iterator[tuple[str, str]]:
    answer, unit = body.answer, body.unit
    plain = _plain(answer)
    whole, _, decimals = plain.partition(".")
    yield "as it is", plain
    yield "as it is", numbers.display(answer) if not decimals else plain
    for mark in (",", "'", "’", "_", " ", "\u00a0", "\u202f", "\u2009"):
        if abs(answer) >= 1000:
            yield "thousands marks", f"{int(whole):,}".replace(",", mark) + (f".{decimals}" if decimals else "")
    if abs(answer) >= 1000:
        yield "thousands marks", f"{int(whole):,}".replace(",", ".") + (f",{decimals}" if decimals else "")
    if decimals:
        yield "decimal comma", f"{whole},{decimals}"
        yield "decimal comma", f"{whole},{decimals} {unit}".strip()
    for text in (f"{plain} {unit}".strip(), f"≈ {plain}", f"about {plain} {unit}", f"{plain}.", f"“{plain}”"):
        yield "unit and words around it", text
    yield "unit and words around it", f"I think it is {plain} {unit}".strip()
    yield "full-width digits", plain.translate(FULL_WIDTH)
    yield "working", f"{_plain(answer * 4)} / 4 = {plain}"
    yield "working", f"{_plain(answer - 1)} + 1"
    yield "working", f"2·({_plain(answer)}) − {plain}"
    if answer:
        yield "powers of ten", f"{answer!r}".split("e")[0] + "e0" if "e" not in repr(answer) else repr(answer)
        yield "powers of ten", f"{_plain(answer / 1000)}·10³"
    if answer >= 1e4:
        yield "scale words", f"{_plain(answer / 1e3)}k"
        yield "scale words", f"{_plain(answer / 1e6)} million"
    if unit == "%":
        yield "per cent and fraction", f"{plain}%"
        yield "per cent and fraction", f"{plain} per cent"
        yield "per cent and fraction", _plain(answer / 100)
        yield "per cent and fraction", f"{plain}/100"
    elif not unit and 0 < abs(answer) < 1:
        yield "per cent and fraction", f"{_plain(answer * 100)} %"
    if unit == "times":
        yield from (("a factor", text) for text in (f"×{plain}", f"{plain}x", f"a factor of {plain}", f"{plain}-fold"))
    for other, factor in OTHER_UNITS.get(unit, ()):
        yield "other units", f"{_plain(answer * factor)} {other}"
    if answer in range(len(SMALL_WORDS)):
        yield "words for numbers", SMALL_WORDS[int(answer)]


def _wrong_numbers(body: Numeric, chance: random.Random) -> Iterator[tuple[str, float, str]]:
    """(kind, the value, what is typed) of neighbours; those that are right within the tolerance are left out later."""
    plain = _plain(body.answer)
    places = [i for i, sign in enumerate(plain) if sign.isdigit()]
    for place in places:
        digit = chance.choice([d for d in "123456789" if d != plain[place]])
        text = plain[:place] + digit + plain[place + 1 :]
        for spelling in (text, f"{text} {body.unit}".strip(), text.replace(".", ",")):
            yield "a digit is off", float(text), spelling
    for factor in (10, 0.1, 1000, 0.001):
        yield "the scale is off", body.answer * factor, _plain(body.answer * factor)
        yield "the scale is off", body.answer * factor, f"{_plain(body.answer * factor)} {body.unit}".strip()
    yield "the sign is off", -body.answer, f"- {plain}"
    yield "the sign is off", -body.answer, f"minus {plain}"
    if body.unit == "%":
        yield "per cent for fraction", body.answer / 100, f"{_plain(body.answer / 100)}%"
    elif not body.unit and 0 < abs(body.answer) <= 1:
        yield "per cent for fraction", body.answer * 100, _plain(body.answer * 100)
    if body.unit in WRONG_UNITS:
        yield "another unit", float("inf"), f"{plain} {WRONG_UNITS[body.unit]}"
    yield "another unit", float("inf"), f"{plain} volt"


def _is_right(body: Numeric, value: float) -> bool:
    """Whether a neighbour is right all the same: within the tolerance, the fraction of a per cent, or accepted."""
    slack = max(body.tolerance, abs(body.answer) * body.tolerance_percent / 100) + abs(body.answer) * 1e-9
    known = [body.answer, *(number for text in body.accept for number in numbers.values(text, body.unit))]
    factors = (1.0, 100.0) if body.unit == "%" else (1.0, 1e-9) if body.unit == "GB" else (1.0,)
    return any(abs(value * factor - one) <= slack for one in known for factor in factors)


def _may_be_thousands(body: Numeric, text: str) -> bool:
    """1.024 for 1024: where two readings remain and one is right, it is right."""
    return re.match(r"[1-9]\d{0,2}[.,]\d{3}(?!\d)", text) is not None and body.answer >= 1000


def _plain(value: float) -> str:
    """Digits without marks: 150528, 0.331, 0.000094."""
    if float(value).is_integer():
        return str(int(value))
    text = repr(value)
    return re.sub(r"0+$", "", f"{value:.15f}") if "e" in text else text


# Spellings of words, and their neighbours


def _cloze_answers(body: Cloze, clozes: list[Card]) -> Iterator[tuple[str, str, list[str]]]:
    firsts = [blank.accepted[0] for blank in body.blanks]
    mine = {word for blank in body.blanks for spelling in blank.accepted for word in _words(spelling)}
    for index, blank in enumerate(body.blanks):
        for spelling in blank.accepted:
            yield "every accepted spelling", "right", _with(firsts, index, spelling)
        first = blank.accepted[0]
        for spelling in (first.upper(), first.lower(), f" {first} ", f"“{first}”", f"{first}.", f"the {first}"):
            yield "case, quotes and article", "right", _with(firsts, index, spelling)
        value = numbers.literal(first)
        if value is not None:
            yield "another number", "wrong", _with(firsts, index, _plain(value + 1))
            yield "another number", "wrong", _with(firsts, index, f"-{first}")
        for card in clozes:
            assert isinstance(card.body, Cloze)
            other = card.body.blanks[0].accepted[0]
            if not mine & _words(other):
                yield "another card's word", "wrong", _with(firsts, index, other)
    if len(firsts) > 1 and firsts[0] not in body.blanks[1].accepted:
        yield "blanks exchanged", "wrong", [firsts[1], firsts[0], *firsts[2:]]
    yield "nothing", "ask", [""] * len(firsts)


def _words(spelling: str) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"\w+", spelling.casefold())}


def _with(firsts: list[str], index: int, spelling: str) -> list[str]:
    return [*firsts[:index], spelling, *firsts[index + 1 :]]


def course_cards() -> list[Card]:
    """The cards of the course that the app brings, and cloze cards that are harder to judge."""
    root = find_course()
    cards = [card for path in card_files(load_course(root)) for card in load_cards(root, path)]
    for case in tomllib.loads((CASES / "clozes.toml").read_text(encoding="utf-8"))["cloze"]:
        body = parse_cloze(case["front"])
        cards.append(Card(case["id"], "1.1", (), "cloze", case["front"], "", body, Source("cases", 1)))
    return cards


def table(tallies: list[Tally]) -> str:
    """One line a kind."""
    lines = [f"{'kind':<58} {'right':>6} {'refused':>8} {'wrong':>6} {'accepted':>9} {'asked':>6}"]
    lines += [
        f"{one.kind:<58} {one.right:>6} {len(one.refused):>8} {one.wrong:>6} {len(one.accepted):>9} {one.asked:>6}"
        for one in tallies
    ]
    refused, accepted = (sum(len(getattr(one, name)) for one in tallies) for name in ("refused", "accepted"))
    right, wrong = sum(one.right for one in tallies), sum(one.wrong for one in tallies)
    asked = sum(one.asked for one in tallies)
    return "\n".join([*lines, f"{'all':<58} {right:>6} {refused:>8} {wrong:>6} {accepted:>9} {asked:>6}"])


def main() -> int:
    """Measure and print; 1 if a case of the files or a number of a card came out otherwise."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.judging", description=__doc__.splitlines()[0])
    parser.add_argument("--misses", action="store_true", help="print every answer that came out otherwise")
    wanted = parser.parse_args()
    tallies = [*from_files(), *from_cards(course_cards())]
    print(table(tallies))
    missed = [one for one in tallies if one.refused or one.accepted]
    if wanted.misses:
        for one in missed:
            print("\n".join(["", one.kind, *(f"  {miss}" for miss in [*one.refused, *one.accepted])]))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

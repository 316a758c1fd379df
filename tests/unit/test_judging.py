"""Every case of the files, and every number of the course in generated spellings, comes out as it must."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.benchmarks import judging
from tests.benchmarks.judging import Tally


def misses(tallies: list[Tally]) -> list[str]:
    return [f"{one.kind}: {miss}" for one in tallies for miss in (*one.refused, *one.accepted)]


@pytest.fixture(scope="module")
def of_cards() -> list[Tally]:
    return judging.from_cards(judging.course_cards())


def test_no_case_of_the_files_comes_out_otherwise() -> None:
    tallies = judging.from_files()
    assert sum(one.right + one.wrong for one in tallies) > 500
    assert misses(tallies) == []


def test_no_number_of_a_card_is_refused_or_accepted_wrongly(of_cards: list[Tally]) -> None:
    numeric = [one for one in of_cards if one.kind.startswith("numeric")]
    assert sum(one.right for one in numeric) > 1_500
    assert sum(one.wrong for one in numeric) > 2_500
    assert misses(numeric) == []


def test_no_word_of_a_blank_is_refused_or_accepted_wrongly(of_cards: list[Tally]) -> None:
    cloze = [one for one in of_cards if one.kind.startswith("cloze")]
    assert sum(one.right for one in cloze) > 400
    assert sum(one.wrong for one in cloze) > 1_000
    assert misses(cloze) == []


def test_the_figures_on_the_page_are_those_of_the_benchmark(of_cards: list[Tally]) -> None:
    tallies = [*judging.from_files(), *of_cards]
    refused, accepted = (sum(len(getattr(one, name)) for one in tallies) for name in ("refused", "accepted"))
    right, wrong = (sum(getattr(one, name) for one in tallies) for name in ("right", "wrong"))
    page = (Path(__file__).parents[2] / "docs/measured.md").read_text(encoding="utf-8")
    judged = page[page.index("python -m tests.benchmarks.judging") :]
    assert re.findall(r"(?:refused|accepted) \| ([\d,]+) of ([\d,]+)", judged) == [
        (f"{refused:,}", f"{right:,}"),
        (f"{accepted:,}", f"{wrong:,}"),
    ]

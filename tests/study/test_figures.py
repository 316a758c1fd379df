"""Figures of the log: what they count, that an act taken back counts no more, and that a page shows them."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from studytui.study.figures import Figures, figures
from studytui.study.progress import statistics
from studytui.study.statistics_page import LETTER, statistics_page
from studytui.ui.screens.statistics import all_figures
from tests.ui.tiny_course import HOSTILE, Running, running

WEEK = timedelta(days=7)


def counted(run: Running) -> Figures:
    return figures(run.workspace, due=(1, 0, 0), from_new=(0, 2, 0))


async def test_an_empty_log_has_no_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        found = counted(run)
        assert (found.days, found.weeks, found.kinds, found.hardest) == ((), (), (), ())
        assert len(found.hours) == 24
        assert json.loads(json.dumps(found.to_json()))["days_studied"] == 0
        assert "come after your first reviews" in statistics_page(statistics(run.workspace), "x")


async def test_figures_count_what_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-count", 4, days_ago=8)
        run.review("patch-count", 4, days_ago=7)
        run.review("patch-count", 2, days_ago=1)
        run.review("patch-count", 2)
        run.review("latent-choice", 2)
        today = run.workspace.today()
        run.workspace.store.connection.execute(
            "UPDATE review SET response = '1' WHERE card_id = ?", (run.no("latent-choice"),)
        )
        found = counted(run)
        assert [one.day for one in found.days] == [today - timedelta(days=back) for back in (8, 7, 1, 0)]
        assert (found.days_studied, found.answers, found.seconds) == (4, 5, 5.0)
        assert [(one.of, one.count, one.recalled) for one in found.weeks] == [
            ((today - timedelta(days=today.weekday()) - WEEK).isoformat(), 1, 1),
            ((today - timedelta(days=today.weekday())).isoformat(), 2, 0),
        ]
        assert [(one.of, one.count, one.answers) for one in found.kinds] == [("numeric", 3, 4), ("choice", 0, 1)]
        assert [(one.of, one.answers) for one in found.chapters] == [("1", 4), ("2", 1)]
        assert [(hour, one.answers) for hour, one in enumerate(found.hours) if one.answers] == [(8, 5)]
        assert [(one.of, one.count) for one in found.stages] == [("learning", 3)]
        assert found.buttons == ((2, 1, 2), (4, 1, 1))
        assert [(one.card_id, one.misses, one.answers) for one in found.hardest] == [("patch-count", 2, 4)]
        assert [(one.option, one.right, one.count) for one in found.confused] == [("A pixel", "A code", 1)]
        assert sum(cards for _, cards in found.ease) == sum(cards for _, cards in found.intervals) == 2


async def test_an_answer_taken_back_counts_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("enter")
        await run.type("196")
        await run.press("enter", "3")
        assert counted(run).answers == 1
        await run.press("u")
        assert counted(run).answers == 0
        assert counted(run).to_json()["days"] == []


class Checked(HTMLParser):
    """Notes what a page opens, and that it closes it."""

    VOID = frozenset({"meta", "rect", "line", "circle", "polyline"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in self.VOID or tag == "circle":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.VOID and tag != "circle":
            return
        assert self.open.pop() == tag


def names_overlap(page: str) -> list[str]:
    """Names on one line of a picture that run into each other, by the room a letter takes; the font is 12 px."""
    assert re.search(r"\btext \{[^}]*font: 12px", page)
    assert not re.search(r"(?<!p)\.muted[^}]*font-size", page), "which would make muted names larger than others"
    found = []
    for picture in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        rows: dict[str, list[tuple[float, float, str]]] = {}
        for x, y, text in re.findall(r'<text[^>]* x="([\d.]+)" y="([\d.]+)" text-anchor="middle">([^<]*)<', picture):
            half = len(text) * LETTER / 2
            rows.setdefault(y, []).append((float(x) - half, float(x) + half, text))
        for row in rows.values():
            ordered = sorted(row)
            found += [one[2] for one, after in itertools.pairwise(ordered) if after[0] < one[1]]
    return found


async def test_the_page_is_whole_needs_nothing_else_and_forms_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        for back in (30, 20, 9, 8, 1, 0):
            run.review("patch-count", 2 if back < 9 else 4, days_ago=back)
        page = statistics_page(statistics(run.workspace), f"<script>{HOSTILE}")
        checked = Checked()
        checked.feed(page)
        assert checked.open == []
        assert "script" not in checked.seen
        assert page.count("<svg") > 8
        assert re.findall(r"(?:src|href|url|@import)\s*[=(]", page) == []
        assert "\x1b" not in page
        assert "prefers-color-scheme: dark" in page
        assert names_overlap(page) == []
        for title in ("Recalled when due, by week", "Hardest cards", "Ease factors", "First [bold]things[/bold]"):
            assert title in page


@pytest.mark.parametrize("answered", [False, True])
async def test_no_figure_is_wider_than_its_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        if answered:
            for back in (400, 30, 20, 9, 8, 1, 0):
                run.review("patch-count", 2 if back < 9 else 4, days_ago=back)
                run.review("latent-choice", 2, days_ago=back)
            run.workspace.store.connection.execute("UPDATE review SET response = '1', confidence = 5")
        found = statistics(run.workspace)
        found = replace(found, sections=(*found.sections, ("9.9", "宽" * 200)))
        for figure in all_figures(found):
            for width in range(46, 180):
                for line in figure.draw(width).split("\n"):
                    assert line.cell_length <= width, (figure.title, width, line.plain)


def test_the_keys_of_the_figures_are_described() -> None:
    page = (Path(__file__).parents[2] / "docs/statistics.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    assert set(Figures(date(2026, 11, 27)).to_json()) <= named


def test_the_command_writes_a_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from studytui.cli.main import app
    from studytui.cli.options import UsageError

    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    target = tmp_path / "page.html"
    done = CliRunner().invoke(app, ["stats", "--html", str(target)])
    assert done.exit_code == 0, done.output
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")
    assert isinstance(CliRunner().invoke(app, ["stats", "--html", str(tmp_path)]).exception, UsageError)

"""Filters saved by name: by their keys, and as a word of any filter."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.study.cards import FilterError, listing, parse_filter, save_filter
from studytui.study.cram import CramChoice, read_pool, select_cards
from studytui.ui.widgets.card_table import CardTable
from tests.ui.tiny_course import Running, running

SAVED = "SELECT name, value FROM learner_state WHERE scope = 'filters/tiny' ORDER BY name"


def shown(run: Running) -> list[str]:
    return [entry.card.id for entry in run.app.screen.query_one(CardTable).entries]


async def test_a_filter_is_saved_picked_and_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "f")
        assert "No saved filters yet" in run.text
        await run.press("slash")
        await run.type("section:1 patch")
        await run.press("enter", "S")
        await run.type("My patches")
        await run.press("enter")
        assert [(str(bytes(n), "utf-8") if isinstance(n, bytes) else n) for n, _ in run.rows(SAVED)] == ["my patches"]
        await run.press("escape", "f")
        assert "section:1 patch" in run.text
        await run.press("enter")
        assert 'saved:"my patches"' in run.text
        assert shown(run) == ["patch-count", "patch-what"]
        assert [row["id"] for row in listing(run.workspace, '-saved:"My patches"')] == [
            "attention-cloze",
            "latent-choice",
        ]
        pool = read_pool(run.workspace)
        found = select_cards(pool, CramChoice(filter_text='saved:"my patches" kind:basic'))
        assert [entry.card.id for entry in found] == ["patch-what"]
        await run.press("f", "x")
        assert run.rows(SAVED) == []
        assert run.screen == "BrowserScreen"
        assert "There is no saved filter “my patches”" in run.text


async def test_odd_names_and_loops_are_refused_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        for name in ("", "  ", 'a"b', "x" * 41, "a\x1bb"):
            with pytest.raises(FilterError, match="A name has 1 to 40 letters"):
                save_filter(run.workspace, name, "patch")
        save_filter(run.workspace, "a", "patch")
        with pytest.raises(FilterError, match="cannot name another one, as here “a”"):
            save_filter(run.workspace, "b", "kind:basic saved:a")
        with pytest.raises(FilterError, match="no saved filter “c”; there are a\\."):
            listing(run.workspace, "saved:c")
        save_filter(run.workspace, "[bold]odd[/nope]", "[red]")
        await run.press("b", "f")
        assert "[bold]odd[/nope]" in run.text


def test_filters_that_name_others_match_nothing_and_say_so() -> None:
    found = parse_filter("saved:a", {"a": "saved:b", "b": "saved:a"})
    assert found.problem == "A saved filter cannot name another one, as here “b”."

"""Screens on a database with damaged rows: a sentence that names the row, and the app goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ui.tiny_course import Running, running

DAMAGE = {
    "a day that is none": ("UPDATE card SET due_on = '9999-99-99' WHERE key = 'patch-count'", "Row 1 of card"),
    "an ease that is no number": ("UPDATE card SET ease_factor = 'much' WHERE key = 'patch-count'", "Row 1 of card"),
    "a state that is none": ("UPDATE review SET state_after = '{}'", "Row 1 of review"),
    "a text that is none": ("UPDATE review SET evidence = CAST(x'7BFF' AS TEXT)", "Row 1 of review"),
}


def damage(run: Running, sql: str) -> None:
    connection = run.app.workspace.store.connection
    connection.execute("PRAGMA ignore_check_constraints=ON")
    connection.execute(sql)


def words(run: Running) -> str:
    """What is shown, without the frames between its lines."""
    return " ".join(run.text.replace("│", " ").split())


@pytest.mark.parametrize("keys", [["b"], ["b", "i"], ["s"], ["m"], ["r"]], ids="+".join)
@pytest.mark.parametrize("what", DAMAGE)
async def test_a_damaged_row_takes_no_screen_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str, keys: list[str]
) -> None:
    async with running(tmp_path, monkeypatch, size=(110, 34)) as run:
        await run.press("enter")
        await run.type("196")
        await run.press("enter", "3", "escape")
        sql, row = DAMAGE[what]
        damage(run, sql)
        await run.press(*keys)
        assert run.app.is_running
        if run.screen == "ProblemScreen":
            text = words(run)
            assert row in text
            assert "studytui doctor" in text
        await run.press("escape", "escape", "escape")
        assert run.app.is_running


async def test_a_damaged_text_is_mended_before_it_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        before = run.rows("SELECT payload FROM card_text")
        damage(run, "UPDATE card_text SET payload = 'x'")
        await run.press("enter")
        assert "How many patches?" in run.text
        assert run.rows("SELECT payload FROM card_text") == before


async def test_a_damaged_text_whose_file_is_wrong_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        cards = run.app.workspace.root / "content" / "cards" / "01.toml"
        cards.write_text(cards.read_text(encoding="utf-8").replace("kind", "kinnd"), encoding="utf-8")
        damage(run, "UPDATE card_text SET payload = 'x'")
        await run.press("b")
        text = words(run)
        assert 'text of card "patch-count" (content/cards/01.toml:' in text
        assert run.app.is_running

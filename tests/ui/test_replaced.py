"""Another program replaces the database under the open app: what is on the screen stays, and the learner chooses."""

from __future__ import annotations

import shutil
from contextlib import closing
from pathlib import Path

import pytest

from studytui.domain.settings import Settings
from studytui.errors import KeptBeside
from studytui.store import Store
from studytui.store.connection import connect_to_read
from tests.store.learner import Learner
from tests.ui.tiny_course import CARDS_1, Running, running


def another_machines_file(run: Running, tmp_path: Path, *keys: str) -> Path:
    """The database as it was when it was last closed, with answers to these cards from another machine."""
    run.workspace.store._checkpoint()
    there = tmp_path / "there.db"
    shutil.copyfile(run.workspace.store.path, there)
    day = run.clock.moment.date()
    store = Store.open(there, today=day)
    learner = Learner(store, run.workspace.course_no, day)
    for key in keys:
        card = store.card(run.workspace.course_no, key)
        assert card is not None
        store.record_review(learner.record(card, 5, review_uid=f"there-{key}"))
    store.close()
    return there


def arrive(new: Path, path: Path, how: str) -> None:
    if how == "renamed":
        shutil.copyfile(new, path.with_name("arriving")).replace(path)
    else:
        shutil.copyfile(new, path)


def uids(path: Path) -> set[str]:
    with closing(connect_to_read(path)) as connection:
        return {uid for (uid,) in connection.execute("SELECT review_uid FROM review")}


@pytest.mark.parametrize("how", ["renamed", "in place"])
async def test_going_on_with_both_saves_the_answer_on_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("enter")
        await run.type("196")
        await run.press("enter", "3")
        new = another_machines_file(run, tmp_path, "latent-choice")
        mine = uids(run.workspace.store.path)
        await run.press("space")
        card = run.app.screen.attempt.turn.card.id  # type: ignore[attr-defined]
        arrive(new, run.workspace.store.path, how)
        await run.press("4")
        assert run.screen == "ReplacedScreen"
        assert "Nothing was written into it" in " ".join(run.text.split())
        await run.press("escape")
        assert run.screen == "ReviewScreen"
        assert "Not saved" in run.text
        await run.press("r")
        assert run.screen == "ReplacedScreen"
        await run.press("g")
        assert run.screen == "ReviewScreen"
        saved = {uid for (uid,) in run.rows("SELECT review_uid FROM review")}
        assert saved > mine | {"there-latent-choice"}
        (grade,) = run.rows(
            "SELECT grade FROM review JOIN card ON card.id = card_id WHERE key = ? ORDER BY review.id DESC", card
        )[0]
        assert grade == 5
        assert run.app.screen.attempt.turn.card.id != card  # type: ignore[attr-defined]


async def test_what_is_being_typed_stays_while_the_learner_chooses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        new = another_machines_file(run, tmp_path, "latent-choice")
        await run.press("enter")
        await run.type("19")
        arrive(new, run.workspace.store.path, "renamed")
        run.app.look_at_file()
        await run.settle()
        assert run.screen == "ReplacedScreen"
        await run.press("g")
        assert "19" in run.text
        await run.type("6")
        await run.press("enter", "enter")
        assert len(run.rows("SELECT 1 FROM review")) == 2


async def test_keeping_ours_beside_leads_home_with_the_new_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        new = another_machines_file(run, tmp_path, "latent-choice")
        path = run.workspace.store.path
        await run.press("enter")
        await run.type("196")
        await run.press("enter", "3")
        mine = uids(path)
        arrive(new, path, "renamed")
        await run.press("space", "4", "k")
        assert run.screen == "HomeScreen"
        assert "kept in" in " ".join(run.text.split())
        assert uids(path) == uids(new)
        (kept,) = path.parent.glob("backups/kept-*.db")
        assert uids(kept) == mine
        await run.press("enter")
        assert run.screen == "ReviewScreen"


async def test_the_app_looks_when_the_terminal_gets_the_focus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        new = another_machines_file(run, tmp_path, "latent-choice")
        run.app.on_app_focus()
        await run.settle()
        assert run.screen == "HomeScreen"
        arrive(new, run.workspace.store.path, "renamed")
        run.app.on_app_focus()
        await run.settle()
        assert run.screen == "ReplacedScreen"
        await run.press("g")
        assert run.screen == "HomeScreen"


async def test_a_removed_database_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        path = run.workspace.store.path
        run.review("patch-what", 4, days_ago=3)
        mine = uids(path)
        path.unlink()
        run.app.look_at_file()
        await run.settle()
        assert "Put mine back" in run.text
        await run.press("g")
        assert uids(path) == mine


async def test_leaving_without_a_choice_keeps_ours_beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KeptBeside):
        async with running(tmp_path, monkeypatch) as run:
            new = another_machines_file(run, tmp_path, "latent-choice")
            path = run.workspace.store.path
            run.review("patch-what", 4, days_ago=3)
            mine = uids(path)
            arrive(new, path, "in place")
            run.app.look_at_file()
            await run.settle()
            await run.press("escape", "q")
            assert not run.app.is_running
    assert uids(path) == uids(new)
    (kept,) = path.parent.glob("backups/kept-*.db")
    assert uids(kept) == mine


async def test_answers_that_the_file_lacks_at_the_start_are_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        before = another_machines_file(run, tmp_path)
        run.review("patch-what", 4, days_ago=3)
        path = run.workspace.store.path
    arrive(before, path, "renamed")
    async with running(tmp_path, monkeypatch) as run:
        assert run.screen == "ConfirmScreen"
        assert "1 answer given here is not" in " ".join(run.text.split())
        await run.press("y")
        assert run.screen == "HomeScreen"
        assert len(run.rows("SELECT 1 FROM review")) == 1


async def test_days_in_one_window_have_a_backup_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from datetime import timedelta

    async with running(tmp_path, monkeypatch, cards=CARDS_1, settings=Settings(start_labs=False)) as run:
        backups = run.workspace.store.path.parent / "backups"
        days = []
        for _ in range(3):
            days.append(f"daily-{run.clock.moment.date()}.db")
            await run.press("enter")
            await run.type("196")
            await run.press("enter", "2", "escape", "escape")
            run.clock.moment += timedelta(days=1)
        run.workspace.store._daily.finish()  # type: ignore[union-attr]
        assert sorted(path.name for path in backups.glob("daily-*.db")) == days

"""The list of cards, by its keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.domain.settings import Settings
from studytui.errors import CourseError
from studytui.store import StoreError
from studytui.study.card_actions import CardActions
from studytui.study.cards import listing
from studytui.ui.widgets.card_table import CardTable
from tests.ui.tiny_course import CARDS_1, HOSTILE, make_home, running


def shown(table: CardTable) -> list[str]:
    return [entry.card.id for entry in table._entries]


async def test_the_filter_line_narrows_as_it_is_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b")
        table = run.app.screen.query_one(CardTable)
        assert shown(table) == ["patch-count", "patch-what", "attention-cloze", "latent-choice"]
        assert "How many patches?" in run.text
        await run.press("slash")
        await run.type("section:1 patch")
        assert shown(table) == ["patch-count", "patch-what"]
        assert "2 of 4" in run.text
        await run.press("enter", "down", "j")
        assert table.entry is not None
        assert table.entry.card.id == "patch-what"
        assert "A small square." in run.text
        await run.press("escape")
        assert len(shown(table)) == 4
        await run.press("escape")
        assert run.screen == "HomeScreen"


async def test_a_question_without_room_ends_in_dots_and_days_have_their_year(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = CARDS_1.replace("How many patches?", "How many patches? " * 9)
    async with running(tmp_path, monkeypatch, cards=cards) as run:
        run.review("patch-count", 4)
        await run.press("b")
        line = next(line for line in run.text.splitlines() if "How many patches?" in line)
        assert line.rstrip().endswith("…")
        assert "▃ learning" in line
        assert "2026-03-11" in line


async def test_letters_in_the_filter_line_are_not_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "slash")
        await run.type("qued?")
        assert run.screen == "BrowserScreen"
        assert "No card matches" in run.text


async def test_an_unknown_state_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "slash")
        await run.type("state:dew")
        assert "There is no state “dew”" in run.text


async def test_acts_are_logged_shown_and_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "at")
        assert "suspended" in run.text
        assert run.rows("SELECT suspended FROM card WHERE key = 'patch-count'") == [(1,)]
        await run.press("down", "minus", "asterisk")
        assert run.rows("SELECT buried_on, flagged FROM card WHERE key = 'patch-what'") == [("2026-03-10", 1)]
        await run.press("minus")
        assert run.rows("SELECT buried_on FROM card WHERE key = 'patch-what'") == [(None,)]
        assert [row[0] for row in run.rows("SELECT action FROM review ORDER BY id")] == [
            "suspend",
            "bury",
            "flag",
            "unbury",
        ]
        await run.press("u", "u", "u", "u")
        assert run.rows("SELECT count(*) FROM card WHERE suspended OR flagged OR buried_on IS NOT NULL") == [(0,)]
        await run.press("u")
        assert "nothing to undo" in run.text


async def test_a_due_day_is_asked_for_and_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "t")
        await run.type("2020-01-01")
        await run.press("enter")
        assert "That day is over" in run.text
        await run.press("home", "shift+end", "delete")
        await run.type("+7")
        await run.press("enter")
        assert run.rows("SELECT due_on FROM card WHERE key = 'patch-count'") == [("2026-03-17",)]
        await run.press("t", "escape")
        assert run.rows("SELECT count(*) FROM review") == [(1,)]


async def test_a_reset_asks_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-count", 4)
        await run.press("b", "x")
        assert "Make patch-count new again?" in run.text
        await run.press("n")
        assert run.rows("SELECT due_on FROM card WHERE key = 'patch-count'") == [("2026-03-11",)]
        await run.press("x", "y")
        assert run.rows("SELECT due_on, repetitions FROM card WHERE key = 'patch-count'") == [(None, 0)]
        assert run.rows("SELECT count(*) FROM review WHERE action = 'review'") == [(1,)]


async def test_a_failing_write_says_that_nothing_was_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b")

        def full(*_: object, **__: object) -> int:
            raise StoreError("The disk is full.", hint="Make room.")

        monkeypatch.setattr(run.workspace.store, "act", full)
        await run.press("at")
        assert "Nothing was changed" in run.text
        assert run.rows("SELECT count(*) FROM review") == [(0,)]


async def test_archived_cards_on_request(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        source = tmp_path / "course/content/cards/01.toml"
        source.write_text(CARDS_1[: CARDS_1.rindex("[[card]]")], encoding="utf-8")
        run.workspace.reload()
        await run.press("b")
        table = run.app.screen.query_one(CardTable)
        assert "attention-cloze" not in shown(table)
        await run.press("a")
        assert "attention-cloze" in shown(table)
        await run.press("a", "slash")
        await run.type("state:archived")
        assert shown(table) == ["attention-cloze"]


async def test_orders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.review("attention-cloze", 3)
        await run.press("b", "o")
        table = run.app.screen.query_one(CardTable)
        assert shown(table)[0] == "attention-cloze"
        assert "by due" in run.text


async def test_an_edited_card_is_shown_as_it_now_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[Path, int]] = []

    def edit(_: object, path: Path, line: int) -> str:
        opened.append((path, line))
        path.write_text(path.read_text(encoding="utf-8").replace("How many patches?", "Count them."), encoding="utf-8")
        return ""

    monkeypatch.setattr("studytui.ui.editing.open_editor", edit)
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-count", 4)
        await run.press("b", "e")
        assert opened == [(tmp_path / "course/content/cards/01.toml", 2)]
        assert "Count them." in run.text
        assert run.rows("SELECT due_on FROM card WHERE key = 'patch-count'") == [("2026-03-11",)]


async def test_a_broken_file_is_named_and_the_cards_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(_: object, path: Path, line: int) -> str:
        path.write_text("[[card]\n", encoding="utf-8")
        return ""

    monkeypatch.setattr("studytui.ui.editing.open_editor", edit)
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "e")
        assert "01.toml:1" in run.text.replace("\n", "")
        assert len(shown(run.app.screen.query_one(CardTable))) == 4


async def test_an_editor_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "e")
        assert run.screen == "BrowserScreen"
        assert "editor" in run.text


async def test_hostile_text_is_shown_as_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    escaped = HOSTILE.replace("\\", "\\\\").replace('"', '\\"').replace("\x1b", "\\u001b").replace("\x07", "\\u0007")
    cards = CARDS_1.replace("How many patches?", escaped).replace("14 times 14.", escaped)
    async with running(tmp_path, monkeypatch, cards=cards, settings=Settings(start_labs=False)) as run:
        await run.press("b")
        assert "[bold red]not red[/]" in run.text
        assert "\x1b" not in run.text
        assert "\u202e" not in run.text
        assert "␛" in run.text


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (40, 12)])
async def test_every_size_shows_the_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with running(tmp_path, monkeypatch, size=size) as run:
        await run.press("b")
        assert "numeric" in run.text


async def test_the_mouse_chooses_a_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b")
        table = run.app.screen.query_one(CardTable)
        await run.pilot.click(CardTable, offset=(5, 3))
        assert table.cursor == 2


# Several cards at once


async def test_what_is_done_to_marked_cards_is_one_act_and_one_undo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "space", "space")
        table = run.app.screen.query_one(CardTable)
        assert "✓ 2 marked" in run.text
        assert table.entry is not None
        assert table.entry.card.id == "attention-cloze", "the cursor went on"
        await run.press("at")
        assert "2 cards are suspended" in run.text
        suspended = "SELECT key FROM card WHERE suspended ORDER BY key"
        assert run.rows(suspended) == [("patch-count",), ("patch-what",)]
        await run.press("asterisk", "t")
        assert "On which day are the 2 marked cards due?" in run.text
        await run.type("+7")
        await run.press("enter")
        assert run.rows("SELECT count(*) FROM card WHERE due_on = '2026-03-17' AND flagged") == [(2,)]
        await run.press("u")
        assert "Undone: setting the day of 2 cards." in run.text
        assert run.rows("SELECT count(*) FROM card WHERE due_on IS NOT NULL") == [(0,)]
        await run.press("u", "u")
        assert run.rows("SELECT count(*) FROM card WHERE suspended OR flagged") == [(0,)]
        assert len(table.marked) == 2, "the marks stay for the next act"


async def test_several_cards_are_made_new_after_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        run.review("patch-count", 4)
        run.review("latent-choice", 4)
        await run.press("b", "A", "x")
        assert "Make the 4 marked cards new again?" in run.text
        await run.press("y")
        assert run.rows("SELECT count(*) FROM card WHERE due_on IS NOT NULL") == [(0,)]
        await run.press("u")
        assert run.rows("SELECT count(*) FROM card WHERE due_on IS NOT NULL") == [(2,)]


async def test_a_mixed_pick_is_first_suspended_as_a_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b", "at", "A", "at")
        assert "3 cards are suspended" in run.text
        await run.press("at")
        assert "4 cards are back in reviews" in run.text
        assert run.rows("SELECT count(*) FROM card WHERE suspended") == [(0,)]
        await run.press("u", "u")
        assert run.rows("SELECT key FROM card WHERE suspended") == [("patch-count",)], "the one from before"


OWN = """
[[card]]  # mine
id = "own-a"
section = "1.1"
covers = ["1.1-01"]  # the first
kind = "basic"
front = "Mine?"
back = "Yes."

[[card]]
id = "own-b"
section = "1.2"
covers = ["1.2-01"]
kind = "basic"
front = "And this?"
back = "Too."
"""


async def test_tags_are_given_to_all_marked_cards_found_by_the_filter_and_taken_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, size=(120, 30)) as run:
        await run.press("b", "space", "space", "T")
        assert "Tag the 2 marked cards" in run.text
        await run.type("Exam, a.b")
        await run.press("enter")
        assert "“a.b” is not a tag" in run.text
        await run.press(*["backspace"] * 5, "enter")
        assert "2 cards are tagged “exam”" in run.text
        assert run.rows("SELECT key FROM card WHERE tags = 'exam' ORDER BY id") == [("patch-count",), ("patch-what",)]
        assert "#exam How many patches?" in run.text
        found = listing(run.workspace, "tag:exam")
        assert [(one["id"], one["tags"], one["own_tags"]) for one in found] == [
            ("patch-count", ["exam"], ["exam"]),
            ("patch-what", ["exam"], ["exam"]),
        ]
        await run.press("escape", "slash")
        await run.type("tag:exam")
        assert shown(run.app.screen.query_one(CardTable)) == ["patch-count", "patch-what"]
        await run.press("enter", "T")
        assert "✓ exam  2" in run.text
        await run.press("down", "enter")
        assert run.rows("SELECT key, tags FROM card WHERE tags <> ''") == [("patch-what", "exam")]
        await run.press("u", "u")
        assert "Undone: tagging 2 cards." in run.text
        assert run.rows("SELECT count(*) FROM card WHERE tags <> ''") == [(0,)]
        rows = run.rows("SELECT action FROM review ORDER BY id")
        assert [action for (action,) in rows] == ["tag", "tag", "untag", "undo", "undo", "undo"]


async def test_own_cards_move_together_and_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = make_home(tmp_path / "home") / "own/tiny/cards/mine.toml"
    path.parent.mkdir(parents=True)
    path.write_text(OWN, encoding="utf-8")
    where = "SELECT key, section FROM card WHERE key LIKE 'own-%' ORDER BY key"
    async with running(tmp_path, monkeypatch, size=(100, 40)) as run:
        await run.press("b", "M")
        assert "Only cards that you wrote can move" in run.text
        await run.press("A", "M")
        assert "Move the 6 marked cards to which section?" in run.text
        await run.type("lat")
        await run.press("enter")
        assert "What do they cover in 2.1?" in run.text
        await run.press("enter")
        assert "2 cards are now in section 2.1." in run.text
        assert "4 of the" in run.text
        assert run.rows(where) == [("own-a", "2.1"), ("own-b", "2.1")]
        moved = path.read_text(encoding="utf-8")
        assert moved.count('covers = ["2.1-01"]') == 2
        assert "# the first" in moved
        await run.press("u")
        assert "Undone: moving 2 cards." in run.text
        assert run.rows(where) == [("own-a", "1.1"), ("own-b", "1.2")]
        assert path.read_text(encoding="utf-8") == OWN


async def test_a_moved_card_that_was_moved_on_by_hand_stays_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_home(tmp_path / "home") / "own/tiny/cards/mine.toml"
    path.parent.mkdir(parents=True)
    path.write_text(OWN, encoding="utf-8")
    async with running(tmp_path, monkeypatch) as run:
        acts = CardActions(run.workspace)
        assert acts.move("2.1", (), run.no("own-a")) == "own-a is now in section 2.1."
        assert acts.move("2.1", (), run.no("own-a")) == "own-a is in section 2.1 already."
        path.write_text(path.read_text().replace('section = "2.1"', 'section = "1.2"'), encoding="utf-8")
        run.workspace.reload()
        undone = acts.undo()
        assert undone is not None
        assert undone.action == "move"
        assert run.rows("SELECT section FROM card WHERE key = 'own-a'") == [("1.2",)]
        acts.move("2.1", (), run.no("own-a"))
        path.write_text("not [toml", encoding="utf-8")
        with pytest.raises(StoreError, match="cannot be undone"):
            acts.undo()
        with pytest.raises(CourseError, match="patch-count cannot move"):
            acts.move("2.1", (), run.no("patch-count"))
        assert [action for (action,) in run.rows("SELECT action FROM review")] == ["move", "undo", "move"]


async def test_marks_outlive_a_filter_and_escape_takes_them_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 24)) as run:
        await run.press("b", "space", "slash")
        await run.type("latent")
        await run.press("enter", "A")
        assert "✓ 2 marked (1 not listed)" in run.text
        await run.press("A")
        assert "✓ 1 marked (1 not listed)" in run.text
        await run.press("escape")
        assert "marked" not in run.text
        assert run.screen == "BrowserScreen"


async def test_the_mouse_marks_in_the_first_column(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        await run.press("b")
        await run.pilot.click(CardTable, offset=(1, 2))
        await run.settle()
        await run.pilot.click(CardTable, offset=(30, 3), control=True)
        await run.settle()
        table = run.app.screen.query_one(CardTable)
        assert list(table.marked) == [run.no("patch-what"), run.no("attention-cloze")]
        await run.pilot.click(CardTable, offset=(1, 2))
        await run.settle()
        assert list(table.marked) == [run.no("attention-cloze")]


async def test_where_no_card_is_listed_no_key_for_one_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(140, 24)) as run:
        await run.press("b", "slash")
        await run.type("nothing")
        await run.press("enter")
        last = run.text.splitlines()[-1]
        assert "Suspend" not in last
        assert "Edit" not in last
        assert "Filter" in last

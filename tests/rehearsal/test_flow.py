"""The door, a whole rehearsal, the mock interview, the scorecard, the history; by their keys, aloud."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from textual.command import CommandList

from studytui.domain.settings import Settings
from studytui.store import StoreError, doctor
from tests.rehearsal.tiny_interview import INTERVIEW, flat, rehearsing, until, write_interview
from tests.ui.tiny_course import Running

QUIET = Settings(start_labs=False, ask_confidence_in_rehearsal=False, rehearsal_clock=False)


async def aloud(run: Running, *verdicts: str) -> None:
    """Answer the question on the screen aloud and judge its points by keys."""
    assert run.screen == "QuestionScreen"
    await run.press(*["f3"] * ("Notes" not in run.text), "ctrl+d")
    assert run.screen == "ResultScreen"
    await run.press(*verdicts, "enter")


async def test_the_door_shows_sets_counts_and_what_is_in_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, size=(160, 40)) as run:
        assert "Interview · 3 questions, 0 due" in flat(run)
        for line in ("0 Due today", "3 New questions", "1 The seven", "Mock interview: 5 questions in 15",
                     "2 Chapter 1 First [bold]things[/bold]", "1 Level: lead"):  # fmt: skip
            assert line in flat(run), line
        assert "Nothing is due. Take new questions, a chapter or a mock interview." in flat(run)
        await run.press("down")
        assert "What does attention cost?" in flat(run)
        await run.press("home", "enter")
        assert run.screen == "ChooserScreen"


async def test_a_course_without_questions_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, interview=None) as run:
        assert "This course has no interview questions. They belong in its file quizzes/interview.toml" in flat(run)
        await run.press("enter", "h")
        assert "No answers yet." in flat(run)


async def test_a_broken_file_is_said_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = '[[question]]\nid = "int-a"\nask = "Why?"\nmodel = "Because."\n'
    async with rehearsing(tmp_path, monkeypatch, interview=broken) as run:
        assert "The questions cannot be read: quizzes/interview.toml:1" in flat(run)
        await run.press("escape")
        assert run.screen == "HomeScreen"


async def test_a_file_that_goes_wrong_leaves_questions_and_drafts_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearsing(tmp_path, monkeypatch, "down", "down", "enter", "enter", size=(110, 50)) as run:
        await run.type("half an answer")
        broken = INTERVIEW.replace('need = "bonus"', 'patterns = ["(cut"]')
        write_interview(tmp_path / "course", broken)
        line = broken[: broken.index("patterns =")].count("\n") + 1
        await run.press("escape", "escape")
        assert run.screen == "ChooserScreen"
        assert f"quizzes/interview.toml:{line}" in flat(run)
        assert "stay as they were" in flat(run)
        assert "3 questions" in flat(run)
        assert "Answers under way" in flat(run)
        await run.press("home", "enter")
        assert "half an answer" in run.text


async def test_a_question_without_a_rubric_is_refused_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = (
        '[[question]]\nid = "int-a"\nsections = ["1.1"]\ncovers = ["1.1-01"]\nlevel = "lead"\nkind = "concept"\n'
        'think_seconds = 1\nanswer_seconds = 60\nask = "Why?"\nmodel = "Because."\npoint = []\n'
    )
    async with rehearsing(tmp_path, monkeypatch, interview=bare) as run:
        assert "[int-a] point" in flat(run)
        await run.press("down", "enter")
        assert run.screen == "ChooserScreen"


async def test_a_whole_rehearsal_ends_in_a_scorecard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, "down", "enter", settings=QUIET, size=(110, 50)) as run:
        assert "Question 1 of 3" in flat(run)
        await aloud(run, "1", "3", "3")
        assert "Follow-up" in flat(run)
        await aloud(run, "1")
        assert "Question 2 of 3" in flat(run)
        await aloud(run, "1")
        assert "Question 3 of 3" in flat(run)
        await aloud(run, "2")
        assert run.screen == "EndScreen"
        for text in ("3 questions · score 72%", "first time", "By chapter", "1 First [bold]things[/bold]", "By lens",
                     "Did the eye fail?", "Not covered", "int-patches", "A learned linear layer embeds each patch",
                     "Follow-ups", "100% int-patches: What turns a patch into a vector?"):  # fmt: skip
            assert text in flat(run), text
        await run.press("enter")
        assert run.screen == "ChooserScreen"
        assert run.rows("SELECT action, grade FROM review ORDER BY id") == [
            ("review", 3), ("cram", 5), ("review", 5), ("review", 2),
        ]  # fmt: skip
        assert "2 due" in flat(run)
        assert doctor.examine(run.workspace.store) == []


async def test_cards_come_forward_by_one_key_and_go_back_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearsing(tmp_path, monkeypatch, settings=QUIET) as run:
        run.review("latent-choice", 5)
        run.review("patch-count", 5)
        await run.press("down", "down", "enter")
        await aloud(run, "3", "1", "3")
        await run.press("escape", "escape")
        assert run.screen == "EndScreen"
        due = "SELECT key, due_on FROM card WHERE course_id = ? ORDER BY id"
        before = run.rows(due, run.workspace.course_no)
        assert "Missed, and due later: 3 cards of 2 objectives. f brings them to today." in flat(run)
        await run.press("f")
        assert dict(run.rows(due, run.workspace.course_no)) == {
            "patch-count": "2026-03-10", "patch-what": "2026-03-10", "attention-cloze": None,
            "latent-choice": "2026-03-10",
        }  # fmt: skip
        assert "✓ Due today: 3 cards of 2 objectives. f undoes it." in flat(run)
        await run.press("f")
        assert run.rows(due, run.workspace.course_no) == before
        await run.press("f", "enter", "escape")
        assert "3 due" in flat(run)
        assert doctor.examine(run.workspace.store) == []


async def test_one_key_exports_markdown_and_html(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with rehearsing(tmp_path, monkeypatch, "down", "down", "enter", settings=QUIET) as run:
        await aloud(run, "1", "1", "1")
        await run.press("x")
        names = sorted(path.name for path in (tmp_path / "studytui-rehearsals").iterdir())
        assert names == ["rehearsal-2026-03-10-0900.html", "rehearsal-2026-03-10-0900.md"]
        assert "Saved" in flat(run)
        for path in (tmp_path / "studytui-rehearsals").iterdir():
            path.unlink()
        (tmp_path / "studytui-rehearsals").rmdir()
        (tmp_path / "studytui-rehearsals").write_text("in the way")
        await run.press("x")
        assert "cannot be written" in flat(run)


async def test_undo_on_the_scorecard_and_at_the_door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, "down", "down", "enter", settings=QUIET) as run:
        await aloud(run, "1", "1", "1")
        await run.press("u")
        assert "No answers in this interview." in flat(run)
        assert run.rows("SELECT due_on FROM card WHERE key = 'int-patches'") == [(None,)]
        await run.press("u")
        assert "There is nothing to undo." in flat(run)
        await run.press("enter", "home", "enter")
        await run.press("1", "1", "1", "enter", "enter")
        assert run.rows("SELECT due_on FROM card WHERE key = 'int-patches'") == [("2026-03-11",)]
        await run.press("u")
        assert "Undone: int-patches, grade 5." in flat(run)
        assert run.rows("SELECT due_on FROM card WHERE key = 'int-patches'") == [(None,)]
        assert doctor.examine(run.workspace.store) == []


async def test_what_the_scorecard_has_to_say_leaves_its_keys_and_its_hint_in_sight(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with rehearsing(tmp_path, monkeypatch, settings=QUIET) as run:
        run.review("latent-choice", 5)
        run.review("patch-count", 5)
        await run.press("down", "down", "enter")
        await aloud(run, "3", "1", "3")
        await run.press("escape", "escape")
        assert run.screen == "EndScreen"
        hint = "Missed, and due later: 3 cards of 2 objectives. f brings them to today."
        for key, said in (("x", "Saved "), ("u", "Undone. The text waits")):
            assert hint in flat(run)
            await run.press(key)
            assert said in flat(run)
            assert not run.app._notifications


@pytest.mark.parametrize("keys", [(), ("f3", "ctrl+d")])
async def test_a_toast_lies_over_no_key_of_a_question_or_its_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: tuple[str, ...]
) -> None:
    async with rehearsing(tmp_path, monkeypatch, *("down", "down", "enter"), *keys, settings=QUIET) as run:
        bars = run.text.splitlines()[-2:]
        run.app.notify("The answer before this one is kept as a draft. " * 2, markup=False)
        await until(run, lambda: bool(run.app.screen.query("Toast")))
        assert "kept as a draft" in flat(run)
        assert run.text.splitlines()[-2:] == bars


async def test_a_mock_interview_shows_nothing_before_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, "m", settings=QUIET) as run:
        await run.press("backspace", "9", "9", "enter")
        assert "From 1 to 50 questions, in 1 to 240 minutes." in flat(run)
        await run.press("backspace", "backspace", "2", "down", "backspace", "backspace", "8", "enter")
        assert "Mock interview: 2 questions in 8 minutes" in flat(run)
        await run.press("enter")
        for number in (1, 2):
            assert f"Question {number} of 2" in flat(run)
            await run.press(*["f3"] * (number == 1), "ctrl+d")
        assert run.rows("SELECT count(*) FROM review") == [(0,)]
        for _ in range(2):
            assert run.screen == "ResultScreen"
            await run.press("1", "1", "1", "enter")
        assert run.screen == "EndScreen"
        assert run.rows("SELECT count(*) FROM review") == [(2,)]
        assert run.rows("SELECT json_extract(evidence, '$.rehearsal') FROM review")[0] == (
            '{"kind":"mock","value":"","minutes":8}',
        )


async def test_the_time_of_a_mock_interview_is_shown_and_ends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from studytui.study import rehearsal

    now = [0.0]
    monkeypatch.setattr(rehearsal, "monotonic", lambda: now[0])
    async with rehearsing(tmp_path, monkeypatch, "m") as run:
        await run.press("down", "backspace", "backspace", "1", "enter", "enter", "enter")
        assert "interview: 1:00 left" in flat(run)
        now[0] = 70
        await until(run, lambda: "over" in run.text)
        assert "interview: 0:10 over" in flat(run)
        assert "The time for this interview is over." in flat(run)
        await run.press("f3", "ctrl+d", "3")
        assert run.screen == "ResultScreen"
        assert "questions were not asked." in flat(run)


async def test_history_has_every_answer_and_compares_first_and_last(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearsing(tmp_path, monkeypatch, settings=QUIET, size=(140, 45)) as run:
        for day, (notes, keys) in enumerate((("first try", "333"), ("second", "133"), ("third try", "111"))):
            run.clock.moment += timedelta(days=day)
            await run.press("home", "down", "down", "enter", "f3")
            await run.type(notes)
            await run.press("ctrl+d", *keys, "enter")
            while run.screen != "ChooserScreen":
                await run.press("escape")
            if day == 1:
                await run.press("u")
        await run.press("h")
        assert run.screen == "HistoryScreen"
        for text in ("int-patches", "×3", "first try", "second", "third try", "undone", "100%", "aloud"):
            assert text in flat(run), text
        assert run.text.index("third try") < run.text.index("first try")
        await run.press("c")
        assert run.screen == "CompareScreen"
        assert "First and last of 2 answers · +100 points" in flat(run)
        assert any("first try" in line and "third try" in line for line in flat(run).split("\n"))
        assert "second" not in flat(run)
        assert "○ missed" in flat(run)
        assert "✓ covered" in flat(run)
        await run.press("escape", "escape")
        assert run.screen == "ChooserScreen"


async def test_two_answers_are_needed_to_compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, "down", "down", "enter", settings=QUIET) as run:
        await aloud(run, "1", "1", "1")
        await run.press("enter", "h", "enter")
        assert run.screen == "HistoryScreen"
        assert "two can be compared" in flat(run)


async def test_statistics_show_calibration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, "escape", "s", size=(110, 50)) as run:
        assert run.screen == "StatisticsScreen"
        assert "No confidence ratings yet." in flat(run)
        await run.press("escape", "i")
        for _ in range(5):
            await run.press("home", "down", "down", "enter", "enter", "f3", "ctrl+d", "5", "3", "3", "3", "enter")
            while run.screen != "ChooserScreen":
                await run.press("escape")
        await run.press("escape", "s")
        assert "Brier score 0.810 of 5 answers" in flat(run)
        assert "0 in reviews, 5 in interviews" in flat(run)
        assert "5 certain" in flat(run)
        assert "0% of 5" in flat(run)
        assert "too sure" in flat(run)
        assert "! too sure in 1.1 Patches" in flat(run)
        await run.press("pagedown", "pagedown", "pagedown")
        assert "The whole course" in flat(run)


async def test_reviews_ask_for_confidence_and_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(start_labs=False, ask_confidence=True)
    async with rehearsing(tmp_path, monkeypatch, "escape", "enter", settings=settings, size=(110, 50)) as run:
        await run.type("196")
        await run.press("enter", "4", "enter", "escape", "escape", "s")
        assert "1 in reviews, 0 in interviews" in flat(run)
        assert run.rows("SELECT confidence, correct FROM review") == [(4, 1)]


async def test_a_database_that_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise StoreError("The disk refused to read.", hint="Check the disk.")

    async with rehearsing(tmp_path, monkeypatch, "escape") as run:
        monkeypatch.setattr("studytui.store.reports.course_rows", broken)
        await run.press("i")
        assert "The questions cannot be read: The disk refused to read. Check the disk." in flat(run)


@pytest.mark.parametrize("typed", ["interview", "earlier answers", "statistics"])
async def test_the_palette_finds_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    async with rehearsing(tmp_path, monkeypatch, "escape") as run:
        await run.press("ctrl+p")
        await run.type(typed)
        await until(run, lambda: run.app.screen.query_one(CommandList).highlighted is not None)
        await run.press("enter")
        await run.settle()
        expected = {"interview": "ChooserScreen", "earlier answers": "HistoryScreen", "statistics": "StatisticsScreen"}
        assert run.screen == expected[typed]


async def test_the_home_screen_says_which_questions_are_due(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, "down", "down", "enter", settings=QUIET) as run:
        await aloud(run, "3", "3", "3")
        await run.press("escape", "escape", "enter", "escape")
        assert run.screen == "HomeScreen"
        assert "1 interview question due (i)" in flat(run)


@pytest.mark.parametrize("name", ["rehearsal", "rehearsal_result"])
def test_every_binding_has_an_id_and_a_tooltip(name: str) -> None:
    from importlib import import_module

    from textual.binding import Binding
    from textual.screen import Screen

    module = import_module(f"studytui.ui.screens.{name}")
    screens = [
        kind for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Screen) and kind.__module__ == module.__name__
    ]  # fmt: skip
    assert screens
    for screen in screens:
        for binding in vars(screen).get("BINDINGS", ()):
            assert isinstance(binding, Binding)
            assert binding.id
            assert binding.tooltip or not binding.show, binding.id

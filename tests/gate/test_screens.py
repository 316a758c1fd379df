"""The audit in the app, by its keys: board, parts in words and numbers, evidence, cards, report, home line."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from textual.widgets import Static

from studytui.errors import Busy
from studytui.study.gate import gate_line, gate_status
from studytui.study.labs import LabClient, Solved
from studytui.study.next_steps import next_steps
from tests.gate.course import (
    GATE,
    GOOD_LATENTS,
    GOOD_PATCHES,
    GOOD_WHY,
    POOR,
    answer,
    compute,
    gated,
    later,
    pass_all,
    recall,
)
from tests.ui.tiny_course import Running, running


def rows(run: Running) -> str:
    """The rows of a board or a list of points, with their signs."""
    from studytui.ui.widgets.markdown import Row

    return "\n".join(each.plain for each in run.app.screen.query(Row))


def row(run: Running, text: str) -> str:
    """The row that holds a text."""
    return next((line for line in rows(run).splitlines() if text in line), "")


async def to(run: Running, text: str) -> None:
    """Move the cursor of the board to a row."""
    await run.press("home")
    for _ in range(12):
        if "▸" in row(run, text):
            return
        await run.press("down")
    raise AssertionError(f"no row {text}: {rows(run)}")


async def write(run: Running, text: str) -> None:
    """Fill the page as pasting does, and hand it in."""
    from textual.widgets import TextArea

    run.app.screen.query_one(TextArea).text = text
    await run.press("ctrl+d")


# Home


async def test_home_tells_the_gates_state_in_a_line_and_a_opens_the_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        assert "Module 9" not in run.text, "nothing is said of what was not begun"
        answer(run.workspace, "patches/tell", POOR)
        await run.press("f5")
        assert gate_line(gate_status(run.workspace)) in run.text
        assert "1 shaky" in run.text
        await run.press("a")
        assert run.screen == "AuditScreen"
        await run.press("escape")
        assert run.screen == "HomeScreen"


async def test_a_course_without_gates_has_neither_line_nor_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch) as run:
        assert "Audit" not in run.text
        await run.press("a")
        assert run.screen == "HomeScreen"


async def test_a_gate_that_cannot_be_read_is_told_on_home_and_board(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch, audit="[[item]]\n") as run:
        assert "The gap audit cannot be read: quizzes/audit.toml:1" in run.text
        await run.press("a")
        assert "this field is missing" in run.text
        await run.press("escape")
        assert run.screen == "HomeScreen"


# The board


@pytest.mark.parametrize("size", [(80, 24), (140, 45)])
async def test_the_board_shows_every_part_by_sign_word_and_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with gated(tmp_path, monkeypatch, size=size) as run:
        answer(run.workspace, "patches/tell", GOOD_PATCHES)
        compute(run.workspace, "patches/count", right=False)
        await run.press("a")
        assert "◐ Module 9: locked" in rows(run)
        assert "◐ 1  What patches are  shaky: Count patches" in rows(run)
        assert "✓ explain  Explain patches  ready, 2026-03-10" in rows(run)
        assert "◐ compute  Count patches  shaky, 0 of 2 in a row, 2026-03-10" in rows(run)
        assert "○ reason   Why positions  not started" in rows(run)
        assert "○ recall   not started, 0 of 1 objectives; first on 2026-03-13" in rows(run)
        assert "Fastest route" in run.text
        await to(run, "Count patches")
        assert "You said: 1" in run.text
        assert "Measured:" in run.text


async def test_the_board_says_what_now_for_gate_and_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        await run.press("a")
        steps = next_steps(run.workspace)
        assert steps.now.do == "review"
        said = str(run.app.screen.query_one("#call", Static).render())
        assert "▶ a  Answer “" in said
        assert f"Today: {steps.now.words}" in said, "the words of home and of the summary"


async def test_the_board_by_mouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from studytui.ui.widgets.markdown import Row

    async with gated(tmp_path, monkeypatch) as run:
        await run.press("a")
        rows = list(run.app.screen.query(Row))
        await run.pilot.click(rows[2])
        await run.settle()
        assert "▸" in row(run, "Explain patches")
        await run.pilot.click(rows[2])
        await run.settle()
        assert run.screen == "WrittenScreen"


async def test_rereading_opens_the_items_section_and_the_lab_its_bench(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        await run.press("a")
        await to(run, "What latents are")
        await run.press("r")
        assert run.screen == "ReaderScreen"
        assert "2.1 Latents" in run.text
        await run.press("escape")
        await to(run, "Count patches")
        await run.press("l")
        assert run.screen == "LabScreen"


async def test_cards_come_forward_and_one_key_undoes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with gated(tmp_path, monkeypatch, size=(140, 45)) as run:
        await run.press("a")
        await to(run, "recall")
        assert "patch-count (new)" in run.text
        await run.press("f")
        assert "1 card brought forward, the first to 2026-03-10. u undoes it." in run.text
        due = run.rows("SELECT due_on FROM card WHERE key = 'patch-count'")
        assert due == [("2026-03-10",)]
        await run.press("f")
        assert "No card needs to be brought forward" in run.text
        await run.press("u")
        assert "1 card back on the old day." in run.text
        assert run.rows("SELECT due_on FROM card WHERE key = 'patch-count'") == [(None,)]
        await run.press("home", "f")
        assert "2 cards brought forward" in run.text


async def test_the_next_gate_is_a_key_away(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second = (
        GATE.replace('"first"', '"second"').replace('module = "9"', 'module = "10"').replace("Module 9", "Module 10")
    )
    async with gated(tmp_path, monkeypatch, declared=GATE + second) as run:
        await run.press("a")
        assert "Module 9: locked" in run.text
        await run.press("n")
        assert "Module 10: locked" in run.text


async def test_the_command_line_opens_the_board_and_home_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch, start_with="audit", gate="9") as run:
        assert run.screen == "AuditScreen"
        await run.press("escape")
        assert run.screen == "HomeScreen"


async def test_the_palette_finds_the_audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        await run.press("ctrl+p")
        await run.type("small audit")
        await run.pilot.pause(0.4)
        await run.press("enter")
        await run.settle()
        assert run.screen == "AuditScreen"


# Parts in words


async def test_an_answer_in_words_is_graded_shown_with_its_evidence_and_in_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        await run.press("a")
        await to(run, "Explain patches")
        await run.press("enter")
        assert "What is a patch?" in run.text
        await write(run, GOOD_PATCHES)
        assert "✓ Passed: 100% of the rubric, 75% needed" in run.text
        assert "① ✓ covered" in row(run, "A patch is a small square of the picture")
        assert "A model answer" in run.text
        ((evidence,),) = run.rows("SELECT evidence FROM review")
        assert json.loads(evidence)["answer"] == GOOD_PATCHES
        await run.press("enter")
        assert run.screen == "AuditScreen"
        assert "✓ explain  Explain patches  ready, 2026-03-10" in rows(run)


async def test_a_vague_answer_hides_the_model_answer_and_can_be_disputed_but_not_raised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        await run.press("a")
        await to(run, "Explain patches")
        await run.press("enter")
        await write(run, POOR)
        assert "◐ Not passed: 0% of the rubric" in run.text
        assert "Read 1.1 again (r)" in run.text
        assert "A model answer" not in run.text
        await run.press("1", "space", "c")  # what changes a point in the rehearsal changes nothing here
        assert "○ missed" in row(run, "A patch is a small square")
        await run.press("d")
        assert run.screen == "DisputeScreen"
        await run.type("I did say it")
        await run.press("enter")
        assert "disputed: I did say it" in run.text
        assert len(run.rows("SELECT id FROM review")) == 2
        await run.press("enter")
        assert "shaky" in row(run, "Explain patches")


async def test_a_draft_is_kept_when_the_part_is_left_and_gone_once_it_is_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        await run.press("a")
        await to(run, "Explain patches")
        await run.press("enter")
        await run.type("a patch is")
        await run.press("escape", "escape")
        assert run.screen == "AuditScreen"
        assert run.rows("SELECT id FROM review") == []
    async with gated(tmp_path, monkeypatch) as run:
        await run.press("a")
        await to(run, "Explain patches")
        await run.press("enter")
        assert "Your draft is back, 3 words." in run.text
        await write(run, GOOD_PATCHES)
        await run.press("enter")
        await to(run, "Explain patches")
        await run.press("enter")
        assert "0 words" in run.text


async def test_an_empty_page_is_not_graded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        await run.press("a")
        await to(run, "Explain patches")
        await run.press("enter", "ctrl+d")
        assert "Nothing is written yet." in run.text
        assert run.rows("SELECT id FROM review") == []


async def test_a_grader_that_fails_keeps_the_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import studytui.study.grader as grader  # noqa: PLR0402  the module itself is replaced in

    def broken(*_: object) -> None:
        raise RuntimeError("no weights")

    async with gated(tmp_path, monkeypatch) as run:
        await run.press("a")
        await to(run, "Explain patches")
        await run.press("enter")
        with monkeypatch.context() as patch:
            patch.setattr(grader, "grade", broken)
            await write(run, GOOD_PATCHES)
            assert "The grader failed (RuntimeError: no weights). Your answer is kept" in run.text
        await run.press("ctrl+d")
        assert "✓ Passed" in run.text


async def test_a_database_that_refuses_keeps_the_answer_until_it_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        answer(run.workspace, "patches/tell", POOR)
        await run.press("a")
        await to(run, "Explain patches")
        await run.press("enter")
        real = run.workspace.store.answer

        def refuse(*_: object) -> int:
            raise Busy("Another window holds the database.", hint="Close it.")

        run.workspace.store.answer = refuse  # type: ignore[method-assign, assignment]
        await write(run, GOOD_PATCHES)
        assert "Not saved: Another window holds the database. Close it. ctrl+d tries again." in run.text
        run.workspace.store.answer = real  # type: ignore[method-assign]
        await run.press("ctrl+d")
        assert "✓ Passed" in run.text
        assert len(run.rows("SELECT id FROM review")) == 2


# Parts in numbers, with the real lab


@pytest.fixture
async def labs() -> LabClient:
    return LabClient()


async def solved(run: Running) -> None:
    """Wait for the lab."""
    for _ in range(600):
        await run.pilot.pause(0.1)
        if not getattr(run.app.screen, "_computing", False):
            break
    await run.settle()


async def test_a_part_in_numbers_asks_until_enough_are_right_in_a_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch, size=(140, 45)) as run:
        run.app.lab_client = LabClient()
        await run.press("a")
        await to(run, "Count patches")
        await run.press("enter")
        assert "○○  0 of 2 right in a row" in run.text
        asked = []
        for right in (True, False, True, True):
            size, patch = map(
                int, re.findall(r"picture of (\d+) × \d+ pixels is cut into patches of (\d+)", flat(run))[0]
            )
            asked.append((size, patch))
            value = (size // patch) ** 2 if right else 7
            await run.type(str(value))
            await run.pilot.press("enter")
            await solved(run)
            assert ("✓ Right." if right else "✗ Not quite.") in run.text
            assert "How it is computed" in run.text
            await run.press("enter")
        assert run.screen == "AuditScreen"
        assert len(set(asked)) == 4
        assert "✓ compute  Count patches  ready, 2 of 2 in a row, 2026-03-10" in rows(run)
        logged = [json.loads(evidence) for (evidence,) in run.rows("SELECT evidence FROM review ORDER BY id")]
        assert [each["passed"] for each in logged] == [True, False, True, True]
        assert [each["value"] for each in logged] == [(size // patch) ** 2 for size, patch in asked]
        await run.press("e")
        assert "answer 4 of 4" in run.text
        assert "→ Newer" not in run.text
        await run.press("left", "left")
        assert "answer 2 of 4" in run.text
        assert "✗ Measured:" in run.text
        await run.press("p")
        await run.settle()
        assert "computed in" in run.text
        assert len(run.app.screen.query("PictureView")) == 1


def flat(run: Running) -> str:
    return " ".join(run.text.split())


async def test_leaving_a_part_keeps_what_was_answered_and_the_next_time_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        compute(run.workspace, "patches/count")
        await run.press("a")
        assert "in progress, 1 of 2 in a row" in row(run, "Count patches")
        await to(run, "Count patches")
        await run.press("enter")
        assert "●○  1 of 2 right in a row" in run.text
        await run.press("escape", "escape")
        assert run.screen == "AuditScreen"
        assert len(run.rows("SELECT id FROM review")) == 1


async def test_a_lab_that_gives_no_number_is_no_attempt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from studytui.study.labs import Crashed

    class Crashing:
        ready = True

        async def start(self) -> None: ...
        async def close(self) -> None: ...
        async def cancel(self) -> None: ...
        async def solve(self, *_: object, **__: object) -> Crashed:
            return Crashed("out of memory")

    async with gated(tmp_path, monkeypatch) as run:
        run.app.lab_client = Crashing()  # type: ignore[assignment]
        await run.press("a")
        await to(run, "Count patches")
        await run.press("enter", "1", "enter")
        assert "The lab crashed: out of memory." in run.text
        assert "Nothing was recorded." in " ".join(run.text.split())
        assert run.rows("SELECT id FROM review") == []
        assert isinstance(Solved, type)


# All of them


async def test_all_parts_are_asked_in_turn_and_leaving_one_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        compute(run.workspace, "patches/count")
        compute(run.workspace, "patches/count")
        await run.press("a", "a")
        assert "What patches are · Explain patches" in run.text
        assert "2 more to come" in run.text
        await write(run, GOOD_PATCHES)
        await run.press("enter")
        assert "What patches are · Why positions" in run.text
        await run.press("escape", "escape")
        assert run.screen == "AuditScreen"
        await run.press("a")
        assert "What patches are · Why positions" in run.text
        await write(run, GOOD_WHY)
        await run.press("enter")
        assert "What latents are · Explain latents" in run.text
        await write(run, GOOD_LATENTS)
        await run.press("enter")
        assert run.screen == "AuditScreen"
        assert "only retention is left" in run.text


async def test_the_second_day_of_testing_out_asks_for_what_it_still_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gated(tmp_path, monkeypatch) as run:
        pass_all(run.workspace)
        later(run.workspace, 1)
        answer(run.workspace, "patches/tell", GOOD_PATCHES)
        compute(run.workspace, "patches/count")
        compute(run.workspace, "patches/count")
        await run.press("a", "a")
        assert "What patches are · Why positions" in run.text
        await write(run, GOOD_WHY)
        await run.press("enter")
        await write(run, GOOD_LATENTS)
        await run.press("enter")
        assert run.screen == "AuditScreen"
        assert "Module 9: open" in rows(run)


async def test_what_faded_is_told_on_board_and_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with gated(tmp_path, monkeypatch, size=(140, 45)) as run:
        for day in range(2):
            answer(run.workspace, "latents/tell", GOOD_LATENTS)
            answer(run.workspace, "patches/tell", GOOD_PATCHES)
            answer(run.workspace, "patches/why", GOOD_WHY)
            for _ in range(2):
                compute(run.workspace, "patches/count")
            if not day:
                later(run.workspace, 1)
        await run.press("f5")
        assert "Module 9 is open: all 2 items of its gap audit are ready." in run.text
        recall(run.workspace, "latent-choice", 2)
        await run.press("f5")
        assert "The gap audit for Module 9 has faded: you missed 1 card; ready again from 2026-03-12." in run.text
        await run.press("a")
        assert "has faded: you missed latent-choice" in run.text
        await to(run, "1 card missed")
        await run.press("e")
        assert run.screen == "RetentionScreen"
        assert "2026-03-11 2" in run.text
        assert "All parts right on" not in run.text


# The report


async def test_the_report_is_written_from_the_board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with gated(tmp_path, monkeypatch, size=(140, 45)) as run:
        answer(run.workspace, "patches/tell", GOOD_PATCHES)
        await run.press("a", "p")
        assert "Saved studytui-audits/audit-first-2026-03-10-0900.md and audit-first-2026-03-10-0900.html." in run.text
        assert GOOD_PATCHES in (tmp_path / "studytui-audits/audit-first-2026-03-10-0900.md").read_text(encoding="utf-8")


async def test_the_report_has_the_labs_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with gated(tmp_path, monkeypatch, size=(140, 45)) as run:
        run.app.lab_client = LabClient()
        compute(run.workspace, "patches/count")
        await run.press("a", "p")
        assert "Saved" in run.text
        page = (tmp_path / "studytui-audits/audit-first-2026-03-10-0900.html").read_text(encoding="utf-8")
        assert 'src="data:image/png;base64,' in page

"""A review by its keys: every kind of card from the question to a durable grade, and all else one can do there."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from textual import events

from labs import catalog
from labs.protocol import Evidence, Problem
from studytui.domain.settings import Settings
from studytui.errors import DiskFull
from studytui.study.labs import BadOutput, Cancelled, Crashed, LabClient, MissingLibrary, Solved, TimedOut
from studytui.ui.keys import KeyRepeats
from studytui.ui.screens.review import MoreBelow, ReviewHeader
from studytui.ui.widgets.controls import BarButton
from tests.ui.tiny_course import HOSTILE, Running, running


def first_line(run: Running) -> str:
    """The line above a card: how far the review is, and why the card came."""
    return str(run.app.screen.query_one(ReviewHeader).render())


def card(kind: str, extra: str = "", *, front: str = "What?", key: str = "") -> str:
    text = front if kind != "cloze" else "A {{patch|image patch}} has {{3}} channels."
    return (
        f'\n[[card]]\nid = "{key or kind}"\nsection = "1.1"\ncovers = ["1.1-01"]\ngroup = "{key or kind}"\n'
        f'kind = "{kind}"\nfront = {json.dumps(text)}\nback = "Because."\nhints = ["Think of squares."]\n{extra}\n'
    )


NUMERIC = card("numeric", 'answer = 196\nunit = "patches"\nmistakes = [{ value = 14, why = "One side only." }]')
CHOICE = card("choice", 'options = [{ text = "right", correct = true }, { text = "wrong", why = "No good." }]')
ORDER = card("order", 'steps = ["first", "second", "third"]')
MATCH = card("match", 'pairs = [["one", "uno"], ["two", "due"]]\nextra = ["tre"]')
OPEN = card("open", 'points = ["It is small.", "It is square."]')
EXERCISE = card(
    "exercise", 'lab = { exercise = "patches.count", set = { image_size = 224, patch_size = 16 } }', front="Count."
)


def log(run: Running) -> list[tuple[Any, ...]]:
    return run.rows(
        "SELECT c.key, r.action, r.grade, r.suggested_grade, r.correct, r.hints_used"
        " FROM review r JOIN card c ON c.id = r.card_id ORDER BY r.id"
    )


async def opened(run: Running) -> Running:
    await run.press("enter")
    assert run.screen == "ReviewScreen"
    return run


# each kind


async def test_a_basic_card_is_revealed_and_graded_good_by_space_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=card("basic")) as run:
        await opened(run)
        assert "Because." not in run.text
        await run.press("space")
        assert "Because." in run.text
        for label in ("Again", "Hard", "Good", "Easy", "1 d"):
            assert label in run.text
        assert log(run) == []
        await run.press("space")
        assert log(run) == [("basic", "review", 4, None, None, 0)]


async def test_a_number_in_any_spelling_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC) as run:
        await opened(run)
        await run.type("14*14")
        await run.press("enter")
        assert "✓ Right" in run.text
        assert "Suggested: Good" in run.text
        await run.press("enter")
        assert log(run) == [("numeric", "review", 4, 4, 1, 0)]


async def test_what_was_learned_before_and_comes_at_once_is_easy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC) as run:
        run.review("numeric", 4, days_ago=1)
        await opened(run)
        await run.type("196")
        await run.press("enter")
        assert "Suggested: Easy" in run.text
        suggested = next(button for button in run.app.screen.query(BarButton) if button.offer.suggested)
        assert "is at once, for this card" in str(suggested.tooltip)


async def test_a_known_mistake_is_named_and_asked_again_today(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC) as run:
        await opened(run)
        await run.type("14")
        await run.press("enter")
        assert "One side only." in run.text
        assert "196 patches" in run.text
        await run.press("enter")
        assert log(run)[0][:3] == ("numeric", "review", 2)
        (state,) = run.rows("SELECT reask_on FROM card WHERE key = 'numeric'")
        assert state == ("2026-03-10",)


async def test_the_learner_overrides_the_suggestion_and_both_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC) as run:
        await opened(run)
        await run.type("196")
        await run.press("enter", "2")
        assert log(run) == [("numeric", "review", 3, 4, 1, 0)]


async def test_a_cloze_fills_its_blanks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=card("cloze")) as run:
        await opened(run)
        assert "patch" not in run.text
        await run.type("image patches")
        await run.press("enter")
        await run.type("3")
        await run.press("enter")
        assert "✓ Right" in run.text
        await run.press("enter")
        assert log(run)[0][4] == 1


async def test_a_choice_is_shuffled_picked_by_number_and_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=CHOICE) as run:
        await opened(run)
        wrong = next(line for line in run.text.split("\n") if "wrong" in line).split()[0]
        await run.press(wrong)
        assert "No good." in run.text
        await run.press("enter")
        response = run.rows("SELECT response, correct FROM review")
        assert response == [("1", 0)]  # the author's index, whatever the shuffle


async def test_options_stay_covered_until_there_is_an_answer_in_mind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=CHOICE, covered=True) as run:
        await opened(run)
        assert "What?" in run.text
        assert "wrong" not in run.text
        assert "Show options" in run.text
        await run.press("1")
        assert run.text.index("right")
        assert "wrong" in run.text
        assert log(run) == []
        shown = [line for line in run.text.splitlines() if "right" in line or "wrong" in line]
        await run.press("1" if "right" in shown[0] else "2")
        assert "✓ Right" in run.text
        await run.press("3")
        assert log(run) == [("choice", "review", 4, 4, 1, 0)]


async def test_who_does_not_know_sees_what_there_was_to_pick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=CHOICE, covered=True) as run:
        await opened(run)
        await run.press("x")
        assert "wrong" in run.text
        assert "Not quite" in run.text


async def test_a_question_about_its_options_shows_them_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=f"{CHOICE}needs_options = true\n", covered=True) as run:
        await opened(run)
        assert "wrong" in run.text


@pytest.mark.parametrize("needs", [False, True])
async def test_a_mature_choice_is_asked_from_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, needs: bool
) -> None:
    more = "needs_options = true\n" * needs
    async with running(tmp_path, monkeypatch, cards=CHOICE + more, covered=True) as run:
        for days_ago in (80, 79, 73, 56):
            run.review("choice", 5, days_ago=days_ago)
        await opened(run)
        assert ("wrong" in run.text) is needs
        if needs:
            return
        await run.press("space")
        assert "right" in run.text
        assert "wrong" not in run.text
        await run.press("1", "enter", "3")
        ((response, evidence),) = run.rows("SELECT response, evidence FROM review ORDER BY id DESC LIMIT 1")
        assert json.loads(response) == [0]
        assert json.loads(evidence)["from_memory"] is True


async def test_an_order_is_moved_into_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=ORDER) as run:
        await opened(run)
        before = [
            line.split()[-1] for line in run.text.split("\n") if line.split()[-1:] in (["first"], ["second"], ["third"])
        ]
        assert sorted(before) == ["first", "second", "third"]
        assert before != ["first", "second", "third"]
        await run.press("enter")
        assert "Nothing is in order yet" in run.text
        assert log(run) == []
        await run.press("1", "2", "3", "enter")
        assert "Not quite" in run.text or "Partly right" in run.text


async def test_a_match_is_given_pair_by_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=MATCH) as run:
        await opened(run)
        for text in ("one", "two", "uno", "due", "tre"):
            assert text in run.text
        await run.press("x")
        assert "Because." in run.text
        await run.press("1")
        assert log(run)[0][4] == 0


async def test_an_open_answer_is_ticked_point_by_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=OPEN) as run:
        await opened(run)
        assert "It is small." not in run.text
        await run.press("space", "1", "enter")
        assert "1 of 2 points said" in run.text
        await run.press("enter")
        assert log(run)[0][:4] == ("open", "review", 2, 2)


# labs


class LabOf:
    """A lab client whose outcome is given; the problem and what judges it are real."""

    ready = True

    def __init__(self, outcome: Any) -> None:
        self.outcome = outcome

    async def solve(self, problem: Problem, **_: Any) -> Any:
        assert catalog.exercise(problem.exercise)
        return self.outcome

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def cancel(self) -> None: ...


async def test_the_real_lab_decides_and_shows_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=EXERCISE, size=(140, 60)) as run:
        run.app.lab_client = LabClient()
        await opened(run)
        assert "224 × 224" in run.text
        await run.type("197")
        await run.press("enter")
        await run.settle()
        assert "Not quite" in run.text
        assert "class token" in run.text
        assert "(1, 3, 224, 224) -> (1, 768, 14, 14)" in run.text
        assert "▀" in run.text  # the picture, as half-block cells
        await run.press("enter")
        ((evidence,),) = run.rows("SELECT evidence FROM review")
        assert json.loads(evidence)["value"] == 196


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (Crashed("RuntimeError: boom"), "The lab crashed: RuntimeError: boom."),
        (TimedOut(20), "did not answer within 20 s"),
        (MissingLibrary("torch"), "The labs need torch, which is not installed."),
        (BadOutput("hello"), "something unreadable (hello)"),
        (Cancelled(), "The lab was stopped."),
        (Solved(Evidence(value="no number")), "could not judge"),
    ],
)
async def test_whatever_becomes_of_the_lab_the_review_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: Any, said: str
) -> None:
    async with running(tmp_path, monkeypatch, cards=EXERCISE, size=(100, 40)) as run:
        run.app.lab_client = LabOf(outcome)  # type: ignore[assignment]
        await opened(run)
        await run.type("196")
        await run.press("enter")
        assert said in " ".join(run.text.split())
        assert "Because." in run.text
        await run.press("3")
        assert log(run) == [("exercise", "review", 4, None, None, 0)]  # no verdict is no grade of 0


async def test_an_exercise_whose_numbers_cannot_be_posed_is_graded_by_the_learner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards = EXERCISE.replace("patch_size = 16", "patch_size = 5000")
    async with running(tmp_path, monkeypatch, cards=cards) as run:
        await opened(run)
        await run.press("space")
        assert "cannot ask a question" in " ".join(run.text.split())
        await run.press("3")
        assert log(run)[0][2] == 4


# hints, undo, setting aside


async def test_a_hint_costs_the_grade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC) as run:
        await opened(run)
        await run.press("f2")
        assert "Think of squares." in run.text
        await run.type("196")
        await run.press("enter")
        assert "Suggested: Hard" in run.text
        await run.press("enter")
        assert log(run)[0] == ("numeric", "review", 3, 3, 1, 1)


async def test_undo_goes_as_deep_as_one_likes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = card("basic", key="a") + card("basic", key="b") + card("basic", key="c")
    async with running(tmp_path, monkeypatch, cards=cards) as run:
        await opened(run)
        await run.press("space", "3", "space", "3", "space", "4")
        await run.press("u", "u", "u")
        assert "Undone: Good on “a” (section 1.1)." in run.text
        assert [row[:2] for row in log(run)][3:] == [("c", "undo"), ("b", "undo"), ("a", "undo")]
        assert run.rows("SELECT count(*) FROM card WHERE due_on IS NOT NULL") == [(0,)]
        await run.press("u")
        assert "nothing to undo" in run.text


@pytest.mark.parametrize(
    ("key", "column", "value"),
    [("minus", "buried_on", "2026-03-10"), ("at", "suspended", 1), ("asterisk", "flagged", 1)],
)
async def test_setting_a_card_aside_is_logged_and_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, column: str, value: object
) -> None:
    async with running(tmp_path, monkeypatch, cards=card("basic", key="a") + card("basic", key="b")) as run:
        await opened(run)
        await run.press(key)
        assert run.rows(f"SELECT {column} FROM card WHERE key = 'a'") == [(value,)]
        await run.press("u")
        assert run.rows(f"SELECT coalesce({column}, 0) FROM card WHERE key = 'a'") == [(0,)]


async def test_editing_jumps_to_the_line_and_reads_the_card_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=card("basic", key="a") + card("basic", key="b")) as run:
        await opened(run)
        called: list[list[str]] = []

        def edit(words: list[str], **_: Any) -> Any:
            called.append(words)
            path = Path(words[-1])
            path.write_text(path.read_text().replace('"What?"', '"Reworded?"', 1))
            return type("Done", (), {"returncode": 0})

        from contextlib import nullcontext

        monkeypatch.setenv("EDITOR", "vim")
        monkeypatch.delenv("VISUAL", raising=False)
        monkeypatch.setattr("studytui.ui.editing.subprocess.run", edit)
        monkeypatch.setattr(run.app, "suspend", nullcontext)
        await run.press("e")
        assert called[0][:2] == ["vim", "+2"]
        assert "Reworded?" in run.text
        await run.press("space", "3")
        assert log(run)[0][:3] == ("a", "review", 4)


# looking around


async def test_from_a_card_to_its_section_info_why_and_lab_and_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=EXERCISE, size=(100, 40)) as run:
        await opened(run)
        await run.press("escape")
        for key, screen in (("s", "ReaderScreen"), ("i", "CardInfoScreen"), ("w", "WhyDueScreen"), ("l", "LabScreen")):
            await run.press(key)
            assert run.screen == screen
            await run.press("escape")
            if run.screen != "ReviewScreen":
                await run.press("escape")
            assert run.screen == "ReviewScreen"


async def test_why_is_this_due_shows_the_derivation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 40)) as run:
        run.review("patch-what", 4, days_ago=7)
        run.review("patch-what", 5, days_ago=6)
        await run.press("enter", "w")
        text = " ".join(run.text.split())
        assert "It is due today: reviewed on 2026-03-04, interval 6 d. I(2) = 6 d. ease 2.50 → 2.60." in text
        cells = " ".join(text.replace("│", " ").split())
        assert "2026-03-03 4 2.50 2.50 1 d 2026-03-04" in cells
        assert "2026-03-04 5 2.50 2.60 6 d 2026-03-10" in cells


async def test_card_info_shows_objectives_state_and_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, size=(100, 40)) as run:
        run.review("patch-what", 3, days_ago=1)
        await run.press("enter", "space", "i")
        for text in ("1.1-01  Objective of 1.1.", "content/cards/01.toml:13", "2026-03-09", "review"):
            assert text in run.text


async def test_the_end_says_what_was_done_and_what_comes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cards = card("basic", key="a") + card("basic", key="b")
    async with running(tmp_path, monkeypatch, cards=cards, settings=Settings(start_labs=False, new_per_day=2)) as run:
        await opened(run)
        await run.press("space", "3", "space", "1", "space", "3")
        assert run.screen == "SummaryScreen"
        text = " ".join(run.text.split())
        assert "2 reviews · 2 of them new · 1 repeated" in text
        assert "50% recalled" in text
        assert "Tomorrow: 2 cards due." in text
        await run.press("u")
        assert run.screen == "ReviewScreen"
        await run.press("space", "3")
        await run.press("enter")
        assert run.screen == "HomeScreen"


async def test_an_empty_day_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, settings=Settings(start_labs=False, new_per_day=0)) as run:
        await run.press("enter")
        assert "Nothing was due here." in run.text


# safety


async def test_a_failing_write_keeps_the_card_and_the_grade(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=card("basic")) as run:
        await opened(run)
        await run.press("space")
        store = run.workspace.store
        real = store.answer

        def refuse(_: object) -> int:
            raise DiskFull("The disk is full.", hint="Free some space.")

        monkeypatch.setattr(store, "answer", refuse)
        await run.press("4")
        assert "Not saved: The disk is full. Free some space." in " ".join(run.text.split())
        assert "Because." in run.text
        monkeypatch.setattr(store, "answer", real)
        await run.press("r")
        assert log(run)[0][:3] == ("basic", "review", 5)


async def test_a_card_answered_in_another_window_counts_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=card("basic", key="a") + card("basic", key="b")) as run:
        await opened(run)
        run.review("a", 5)
        await run.press("space", "1")
        assert [row[:3] for row in log(run)] == [("a", "review", 5)]
        assert "answered in another window" in " ".join(run.text.split())


async def test_hostile_text_is_shown_not_obeyed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = json.dumps(HOSTILE, ensure_ascii=False)  # JSON escapes are those of TOML
    cards = card("basic", key="a").replace('"What?"', hostile).replace('"Because."', hostile)
    async with running(tmp_path, monkeypatch, cards=cards, size=(80, 24)) as run:
        await opened(run)
        assert "[bold red]not red[/]" in run.text
        assert "␛[31mESC" in run.text
        assert "\x1b" not in run.text
        assert "\u202e" not in run.text
        await run.press("space", "3")
        assert log(run)[0][2] == 4


async def test_the_six_grade_scale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(start_labs=False, grade_keys="six")
    async with running(tmp_path, monkeypatch, cards=card("basic"), settings=settings) as run:
        await opened(run)
        await run.press("space")
        assert "Blackout" in run.text
        await run.press("0")
        assert log(run)[0][2] == 0


async def test_confidence_is_asked_before_the_check_where_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(start_labs=False, ask_confidence=True)
    async with running(tmp_path, monkeypatch, cards=NUMERIC, settings=settings) as run:
        await opened(run)
        await run.type("196")
        await run.press("enter")
        assert "how sure?" in run.text
        assert "✓ Right" not in run.text
        await run.press("4", "enter")
        assert run.rows("SELECT confidence, grade FROM review") == [(4, 4)]


async def test_the_eighth_lapse_suspends_the_card_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(start_labs=False, leech_lapses=3)
    async with running(
        tmp_path, monkeypatch, cards=card("basic", key="a") + card("basic", key="b"), settings=settings
    ) as run:
        for days in (9, 8, 7):
            run.review("a", 4 if days == 9 else 1, days_ago=days)
        await opened(run)
        await run.press("space", "1")
        assert "is a leech now" in " ".join(run.text.split())
        assert run.rows("SELECT suspended, leech FROM card WHERE key = 'a'") == [(1, 1)]


async def test_the_mouse_answers_and_grades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=card("basic"), size=(80, 24)) as run:
        await opened(run)
        await run.pilot.click("GradeBar", offset=(40, 1))
        await run.settle()
        assert "Because." in run.text
        await run.pilot.click("GradeBar", offset=(50, 1))
        await run.settle()
        assert [row[2] for row in log(run)] == [4]


# held keys


@pytest.fixture
def guarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studytui.ui.keys.REPEAT_SECONDS", 0.12)


async def hold(run: Running, key: str, times: int) -> None:
    """As a terminal sends a key that is held down: the same key every 33 ms, however busy this machine is."""
    run.app._repeats = KeyRepeats()
    began = time.monotonic()
    for n in range(times):
        event = events.Key(key, {"space": " ", "enter": "\r"}.get(key, key))
        event.time = began + 0.033 * n
        run.app.post_message(event)
    await run.settle()
    run.app._repeats = KeyRepeats()


@pytest.mark.usefixtures("guarded")
@pytest.mark.parametrize("key", ["space", "enter"])
async def test_a_held_key_reveals_and_grades_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    cards = "".join(card("basic", key=f"basic-{n}") for n in range(6))
    async with running(tmp_path, monkeypatch, cards=cards) as run:
        await opened(run)
        await hold(run, key, 15)
        assert "Because." in run.text
        assert log(run) == []
        await run.pilot.pause(0.2)
        await run.press(key)
        assert len(log(run)) == 1


@pytest.mark.usefixtures("guarded")
async def test_a_held_number_picks_an_option_and_grades_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=CHOICE) as run:
        await opened(run)
        await hold(run, "1", 8)
        assert "right" in run.text.casefold()
        assert log(run) == []


@pytest.mark.usefixtures("guarded")
async def test_a_held_enter_in_a_field_hands_in_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC) as run:
        await opened(run)
        await run.type("196")
        await hold(run, "enter", 10)
        assert "✓ Right" in run.text
        assert log(run) == []


async def test_a_burst_of_grades_is_taken_back_as_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studytui.ui.screens.review.UNREAD_SECONDS", 60.0)  # however slow the machine is
    cards = "".join(card("basic", key=f"basic-{n}") for n in range(4))
    async with running(tmp_path, monkeypatch, cards=cards) as run:
        await opened(run)
        await run.press("space", "3", "space", "3", "space", "3")
        assert "U undoes all 3" in run.text
        await run.press("U")
        assert [action for _, action, *_ in log(run)] == ["review"] * 3 + ["undo"] * 3
        assert run.rows("SELECT count(*) FROM card WHERE due_on IS NOT NULL") == [(0,)]


@pytest.mark.parametrize("act", ["u", "minus", "at", "asterisk"])
async def test_after_another_act_a_burst_is_no_longer_taken_back_as_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    cards = "".join(card("basic", key=f"basic-{n}") for n in range(5))
    async with running(tmp_path, monkeypatch, cards=cards) as run:
        await opened(run)
        await run.press("space", "3", "space", "3", "space", "3", act)
        before = log(run)
        await run.press("U")
        assert log(run) == before


async def test_a_burst_that_cannot_be_taken_back_is_not_said_to_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studytui.ui.screens.review.UNREAD_SECONDS", 60.0)  # however slow the machine is
    cards = "".join(card("basic", key=f"basic-{n}") for n in range(4))
    async with running(tmp_path, monkeypatch, cards=cards) as run:
        await opened(run)
        await run.press("space", "3", "space", "3", "space", "3")

        def refuse(*_: object, **__: object) -> None:
            raise DiskFull("The disk is full.", hint="Free some space.")

        with monkeypatch.context() as patch:
            patch.setattr(run.workspace.store, "undo", refuse)
            await run.press("U")
        assert "Nothing was undone: The disk is full." in run.text
        await run.press("U")
        assert [action for _, action, *_ in log(run)] == ["review"] * 3 + ["undo"] * 3


# what is not an answer


@pytest.mark.parametrize("what", ["numeric", "cloze", "choice", "order", "match", "exercise"])
async def test_enter_on_nothing_leaves_the_question_and_logs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    cards = {
        "numeric": NUMERIC,
        "cloze": card("cloze"),
        "choice": CHOICE,
        "order": ORDER,
        "match": MATCH,
        "exercise": EXERCISE,
    }
    async with running(tmp_path, monkeypatch, cards=cards[what]) as run:
        await opened(run)
        await run.press("enter", "enter", "enter")
        assert "don't know" in run.text
        assert "Because." not in run.text
        assert log(run) == []


@pytest.mark.parametrize("typed", ["hhl", "x", "196 197", "  ", "e"])
async def test_letters_in_a_number_field_are_sent_back_and_may_be_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC) as run:
        await opened(run)
        await run.type(typed)
        await run.press("enter", "enter")
        assert "press F6 if you don't know" in " ".join(run.text.split())
        assert "Because." not in run.text
        await run.press("ctrl+u")
        await run.type("196")
        await run.press("enter")
        assert "✓ Right" in run.text
        assert log(run) == []


async def test_not_knowing_is_a_key_of_its_own_in_a_field_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC) as run:
        await opened(run)
        await run.press("f2")
        assert "Think of squares." in run.text
        await run.press("f6")
        assert "Because." in run.text
        await run.press("enter")
        assert log(run) == [("numeric", "review", 2, 2, 0, 1)]


async def test_a_lucky_guess_is_hard_and_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC) as run:
        await opened(run)
        await run.type("196")
        await run.press("enter", "g")
        assert log(run) == [("numeric", "review", 3, 3, 1, 0)]
        assert run.rows("SELECT reask_on FROM card WHERE key = 'numeric'") == [("2026-03-10",)]


async def test_the_key_bar_shows_only_keys_that_work_in_a_field(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(tmp_path, monkeypatch, cards=NUMERIC, size=(80, 24)) as run:
        await opened(run)
        assert key_line(run) == "F2 Hint   F6 Don't know   esc Back".ljust(71) + "F1 Help"
        await run.press("escape")
        assert key_line(run).startswith("h Hint   x Don't know   u Undo   esc Back")
        assert key_line(run).endswith("? Help")


def key_line(run: Running) -> str:
    """The last line of the screen."""
    return str(run.app.screen.query_one("KeyBar").render()).rstrip()


@pytest.mark.parametrize("what", ["basic", "cloze", "choice", "numeric"])
async def test_info_and_note_do_not_answer_the_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    cards = {"basic": card("basic"), "cloze": card("cloze"), "choice": CHOICE, "numeric": NUMERIC}
    async with running(tmp_path, monkeypatch, cards=cards[what]) as run:
        await opened(run)
        await run.press("escape")
        if run.screen == "HomeScreen":  # no field to leave
            await opened(run)
        for key in ("i", "n"):
            await run.press(key)
            await run.settle()
            assert run.screen in ("CardInfoScreen", "NoteScreen")
            for answer in ("Because.", "196", "image patch", "→ right"):
                assert answer not in run.text
            await run.press("escape")
        await run.press("x" if what != "basic" else "space", "i")
        await run.settle()
        assert "Because." in run.text


async def test_the_day_turns_under_a_card_that_lies_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=card("basic", key="a") + card("basic", key="b")) as run:
        run.review("a", 4, days_ago=2)
        run.clock.moment = run.clock.moment.replace(hour=3, minute=59)
        await opened(run)
        assert "due" in run.text
        await run.press("space")
        run.clock.moment = run.clock.moment.replace(hour=4, minute=1)
        run.app.screen.show_time()  # type: ignore[attr-defined]  # as it does each second
        await run.settle()
        assert "A new day has begun: what you answer now counts for it." in run.text
        assert "due · 1 day late" in run.text
        await run.press("3")
        assert run.rows("SELECT study_day FROM review ORDER BY id DESC LIMIT 1") == [("2026-03-10",)]


async def test_a_card_asked_for_the_last_time_today_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(start_labs=False, new_per_day=1)
    async with running(tmp_path, monkeypatch, cards=card("basic", key="a"), settings=settings) as run:
        await opened(run)
        for asked in range(4):
            await run.press("space")
            assert ("1 d ↻" in run.text) is (asked < 3)
            await run.press("1")
        assert run.screen == "SummaryScreen"
        assert "3 repeated" in run.text
        assert "All done for today." in run.text
        await run.press("enter")
        assert "0 to repeat" in run.text


async def test_what_is_left_is_told_in_cards_and_minutes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(tmp_path, monkeypatch, cards=card("basic", key="a") + card("basic", key="b")) as run:
        await opened(run)
        assert first_line(run).startswith("1 of 3  ────────────────────  about 1 min left  ")
        assert first_line(run).rstrip(" 0123456789:").endswith("● new · 1.1 Patches")
        await run.press("space", "1")
        assert first_line(run).startswith("2 of 4  ━━━━━───────────────  about ")
        await run.press("u")
        assert first_line(run).startswith("1 of 3  ────")
        await run.pilot.resize_terminal(44, 24)
        await run.settle()
        assert first_line(run).startswith("1 of 3  about 1 min left  ")


async def test_what_is_below_the_last_row_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = card("basic").replace('back = "Because."', f"back = {json.dumps('Because of this. ' * 160)}")
    async with running(tmp_path, monkeypatch, cards=long) as run:
        await opened(run)
        line = run.app.screen.query_one(MoreBelow)

        def told() -> str | None:
            return str(line.render()) if line.display else None

        assert told() is None
        await run.press("space")
        sheet = run.app.screen.query_one("#sheet")
        assert told() == f"▼ {sheet.max_scroll_y - sheet.scroll_y:.0f} more lines"
        await run.press("end")
        assert told() == ""
        await run.pilot.resize_terminal(80, 70)
        await run.settle()
        await run.pilot.pause()
        assert told() is None

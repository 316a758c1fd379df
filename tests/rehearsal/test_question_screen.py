"""One question by its keys: clocks, page, drafts, confidence."""

from __future__ import annotations

from pathlib import Path

import pytest

from studytui.domain.rubric import Submission
from studytui.domain.settings import Settings
from studytui.errors import DiskFull
from studytui.study import rehearsal
from studytui.study.learner_state import Draft, Drafts
from studytui.study.rehearsal import drafts_of
from studytui.ui.screens import page
from studytui.ui.screens import rehearsal as question_screen
from studytui.ui.widgets.judged_answer import AnswerArea
from tests.rehearsal.tiny_interview import drafts_at, flat, rehearsing, until
from tests.ui.tiny_course import HOSTILE, Running

SEVEN = ("down", "down", "enter")


class Time:
    """A monotonic clock that is moved by hand, and how often the screen has looked at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        self.looks = 0
        look = question_screen.QuestionScreen._tick

        def counted(screen: question_screen.QuestionScreen) -> None:
            look(screen)
            self.looks += 1

        monkeypatch.setattr(rehearsal, "monotonic", lambda: self.now)
        monkeypatch.setattr(question_screen.QuestionScreen, "_tick", counted)


async def passes(run: Running, time: Time, seconds: float) -> None:
    """Seconds go by, and the screen sees it by itself."""
    before = time.looks
    time.now += seconds
    await until(run, lambda: time.looks > before)


def draft(run: Running, question: str = "int-patches") -> Draft | None:
    return drafts_of(run.workspace).load(question)


async def test_think_then_write_then_say_how_sure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(monkeypatch)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        assert run.screen == "QuestionScreen"
        assert "What becomes of an image in a ViT?" in run.text
        assert "thinking 0:00 of 0:20" in run.text
        await passes(run, time, 7)
        assert "thinking 0:07 of 0:20" in run.text
        await run.press("enter")
        assert "answering 0:00 of 2:00" in run.text
        await run.type("it is cut")
        await passes(run, time, 30)
        assert "answering 0:30 of 2:00" in run.text
        assert "3 words" in run.text
        await run.press("ctrl+d")
        assert "how sure?" in run.text
        assert "score" not in run.text
        saved = draft(run)
        assert saved is not None
        assert (saved.text, saved.handed_in) == ("it is cut", False)
        await run.press("4")
        assert run.screen == "ResultScreen"
        saved = draft(run)
        assert saved is not None
        assert (saved.handed_in, saved.confidence) == (True, 4)
        assert (saved.seconds_thought, saved.seconds_answered, saved.seconds_given) == (7, 30, 120)


async def test_the_time_to_think_ends_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(monkeypatch)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await passes(run, time, 21)
        assert "Time to think is over: answer now." in run.text
        await run.type("ok")
        assert "answering" in run.text
        assert "1 word" in run.text


async def test_expiry_keeps_the_draft_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(monkeypatch)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("enter")
        await run.type("half a sentence")
        await passes(run, time, 125)
        assert "answering 2:05 of 2:00  0:05 over" in run.text
        assert "The time for this answer is over. What you wrote is kept" in run.text
        assert draft(run).text == "half a sentence"  # type: ignore[union-attr]
        await run.type(" ends")
        await run.press("ctrl+d", "3")
        assert run.screen == "ResultScreen"
        assert "half a sentence ends" in run.text
        assert "2:05 of 2:00" in run.text


async def test_a_pause_stops_the_clock_and_covers_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time(monkeypatch)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("enter")
        await run.type("secret")
        await passes(run, time, 10)
        await run.press("f4")
        assert "paused" in run.text
        assert "secret" not in run.text
        assert "What becomes of an image" not in run.text
        await passes(run, time, 500)
        await run.press("x", "ctrl+d", "enter")
        assert run.screen == "QuestionScreen"
        await run.press("p")
        assert "answering 0:10 of 2:00" in run.text
        assert "secret" in run.text
        await run.type("s")
        assert "secrets" in run.text


async def test_without_a_clock_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(start_labs=False, rehearsal_clock=False)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN, settings=settings) as run:
        assert "thinking" not in run.text
        assert "answering" not in run.text
        await run.type("at once")
        await run.press("ctrl+d", "enter")
        saved = draft(run)
        assert saved is not None
        assert (saved.seconds_given, saved.confidence) == (None, None)


async def test_confidence_is_not_asked_if_set_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(start_labs=False, ask_confidence_in_rehearsal=False)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN, settings=settings) as run:
        await run.press("enter", "x", "ctrl+d")
        assert run.screen == "ResultScreen"


async def test_an_empty_answer_is_asked_about_and_counts_as_nothing_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("enter", "space", "ctrl+d")
        assert "You wrote nothing. Hand it in empty?" in run.text
        await run.press("n")
        assert run.screen == "QuestionScreen"
        await run.press("ctrl+d", "y", "1")
        assert run.screen == "ResultScreen"
        assert "by nothing said" not in run.text
        assert run.text.count("○ missed") == 3
        await run.press("enter")
        assert run.rows("SELECT grade, correct FROM review") == [(0, 0)]


async def test_leaving_keeps_the_draft_and_opening_again_brings_it_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time(monkeypatch)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("enter")
        await run.type("first words")
        await passes(run, time, 40)
        await run.press("escape")
        assert run.screen == "QuestionScreen"
        await run.press("escape")
        assert run.screen == "ChooserScreen"
        assert "Answers under way" in run.text
        assert run.rows("SELECT count(*) FROM review") == [(0,)]
        await run.press("home", "enter")
        assert "Your draft of 10 Mar 09:00 is back, 2 words." in run.text
        assert "first words" in run.text
        assert "answering 0:40 of 2:00" in run.text
        await run.type(" and more")
        await run.press("ctrl+n")
        assert "first words" not in run.text
        await run.press("ctrl+z")
        assert "first words and more" in run.text


async def test_what_is_typed_is_saved_every_few_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "DRAFT_SECONDS", 0.1)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("enter")
        await run.type("one two")
        await until(run, lambda: (saved := draft(run)) is not None and saved.text == "one two")
        assert page.DRAFT_SECONDS < 5


async def test_quitting_the_app_in_the_middle_keeps_the_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("enter")
        await run.type("unsaved words")
        await run.press("ctrl+q")
    assert [(draft.question_id, draft.text) for draft in drafts_at(tmp_path / "home")] == [
        ("int-patches", "unsaved words")
    ]


async def test_a_disk_that_is_full_holds_the_screen_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise DiskFull("The disk is full.", hint="Make room and try again.")

    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("enter")
        await run.type("dear words")
        monkeypatch.setattr(Drafts, "save", full)
        await run.press("escape", "escape")
        assert run.screen == "QuestionScreen"
        assert "The draft is not saved: The disk is full." in run.text
        assert "dear words" in run.text
        await run.press("ctrl+d", "2")
        assert run.screen == "ResultScreen"
        await run.press("enter", "enter")
        assert run.rows("SELECT json_extract(evidence, '$.answer') FROM review") == [("dear words",)]


async def test_aloud_has_a_page_for_notes_and_every_point_is_judged_by_the_learner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    time = Time(monkeypatch)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("a")
        assert "judge each point yourself" in run.text.replace("\n", " ")
        await run.press("enter")
        assert "Notes" in run.text
        assert "answering 0:00 of 2:00" in run.text
        await passes(run, time, 55)
        await run.press("ctrl+d", "5")
        assert run.screen == "ResultScreen"
        assert run.text.count("? judge it") == 3
        assert "(said aloud; no notes)" in run.text
        await run.press("1", "2")
        assert "✓ covered" in run.text
        await run.press("enter")
        assert "1 point is not judged yet and would count as missed." in run.text
        assert run.rows("SELECT count(*) FROM review") == [(0,)]
        await run.press("4", "enter")
        ((grade, suggested, sure, mode, found, chosen),) = run.rows(
            "SELECT grade, suggested_grade, confidence, json_extract(evidence, '$.mode'),"
            " json_extract(evidence, '$.points[0].found'), json_extract(evidence, '$.points[0].chosen') FROM review"
        )
        assert (grade, suggested, sure, mode, found, chosen) == (4, None, 5, "aloud", "missed", "covered")


async def test_pasted_escapes_and_markup_are_signs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from textual import events

    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("enter")
        area = run.app.screen.query_one(AnswerArea)
        run.app.post_message(events.Paste(HOSTILE + "\r\nsecond line"))
        await run.settle()
        assert "\x1b" not in area.text
        assert "\u202e" not in area.text
        assert "[bold red]not red[/] [/nope] ␛[31mESC" in area.text
        assert area.text.endswith("\nsecond line")
        await run.press("ctrl+d", "3", "enter", "enter")
        assert "\x1b" not in run.rows("SELECT evidence FROM review")[0][0]


async def test_twenty_thousand_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from textual import events

    words = " ".join(f"word{number}" for number in range(20_000))
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.press("a", "enter")
        run.app.post_message(events.Paste(words))
        await until(run, lambda: "20000 words" in run.text)
        await run.press("ctrl+d", "3")
        assert run.screen == "ResultScreen"
        await run.press("pagedown", "1", "1", "1", "enter")
        assert run.rows("SELECT json_extract(evidence, '$.answer') FROM review")[0][0].split() == words.split()


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            "The image is cut into square patches. " + "We also spoke of many other things. " * 2900,
            "words were read",
        ),
        (
            "Zuerst zerlegt man das Bild; jedes Quadrat wird dann mit einer gelernten Matrix abgebildet.",
            "This does not read as English",
        ),
        ("def f(x):\n    return '\x1b[31m' + x  # [bold]\n```\n<script>alert(1)</script>", "○ missed"),
    ],
    ids=["20,000 words", "another language", "code"],
)
async def test_a_written_answer_that_is_hard_to_read_is_graded_or_said_to_be_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str, said: str
) -> None:
    from textual import events

    async with rehearsing(tmp_path, monkeypatch, *SEVEN, size=(110, 45)) as run:
        await run.press("enter")
        run.app.post_message(events.Paste(answer))
        await run.settle()
        await run.press("ctrl+d", "3")
        await until(run, lambda: run.screen == "ResultScreen" and "score" in run.text)
        assert said in flat(run)
        await run.press("enter")
        ((kept,),) = run.rows("SELECT json_extract(evidence, '$.answer') FROM review")
        assert kept.split() == answer.replace("\x1b", "␛").split()


async def test_skip_goes_on_and_keeps_the_draft(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with rehearsing(tmp_path, monkeypatch, "down", "enter") as run:
        assert "Question 1 of 3" in run.text
        await run.press("enter")
        await run.type("later")
        await run.press("escape", "s")
        assert "Question 2 of 3" in run.text
        assert draft(run).text == "later"  # type: ignore[union-attr]


async def test_a_handed_in_draft_of_another_set_is_offered_in_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with rehearsing(tmp_path, monkeypatch) as run:
        drafts_of(run.workspace).save(
            Draft.of("int-patches", Submission("from before"), run.clock.now(), handed_in=True)
        )
        await run.press(*SEVEN)
        assert "from before" in run.text


@pytest.mark.parametrize("size", [(80, 24), (140, 45), (60, 15)])
async def test_every_size_shows_question_clock_and_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with rehearsing(tmp_path, monkeypatch, *SEVEN, size=size) as run:
        await run.press("enter")
        await run.type("seen")
        for word in ("What becomes of an image", "answering", "seen", "Hand in"):
            assert word in run.text

"""What an answer covered: evidence, judged point by point, then recorded. A scripted judge gives the verdicts."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events

from studytui.domain.settings import Settings
from studytui.store import Store, StoreError, doctor
from studytui.study import llm_grader
from studytui.study.llm_grader import Judge
from studytui.study.rehearsal import drafts_of
from studytui.study.submissions import read_questions, sync_questions
from studytui.ui.widgets.judged_answer import MarkedAnswer
from tests.rehearsal import judge_server as server
from tests.rehearsal.judge_server import JudgeServer, Reply, judge_server, verdicts
from tests.rehearsal.tiny_interview import Desk, flat, rehearsing, until, write_interview
from tests.ui.tiny_course import Running, running

ANSWER = "it is cut into squares, nothing is learned"
SEVEN = ("down", "down", "enter", "enter")


def point(point_id: str, verdict: str, quote: str = "", why: str = "") -> dict[str, Any]:
    return {"id": point_id, "verdict": verdict, "quote": quote, "why": why}


MIXED = verdicts(
    point("split", "covered", "cut into squares", "says so"),
    point("embed", "contradicted", "nothing is learned"),
    point("cost", "missed"),
)


@pytest.fixture
def mixed() -> Iterator[JudgeServer]:
    with judge_server(MIXED) as at:
        yield at


def settings_for(at: JudgeServer, **more: Any) -> Settings:
    return Settings(start_labs=False, judge_url=at.url, judge_model="tiny", **more)


@asynccontextmanager
async def judged(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    at: JudgeServer,
    *,
    agreed: bool = True,
    answer: str = ANSWER,
    size: tuple[int, int] = (80, 24),
    **more: Any,
) -> AsyncIterator[Running]:
    """The first question answered and judged, with the consent given before."""
    settings = settings_for(at, **more)
    async with rehearsing(tmp_path, monkeypatch, settings=settings, size=size) as run:
        if agreed:
            llm_grader.give_consent(run.workspace, Judge.of(settings))  # type: ignore[arg-type]
        await run.press(*SEVEN)
        run.app.post_message(events.Paste(answer))
        await run.settle()
        await run.press("ctrl+d", "4")
        assert run.screen == ("ResultScreen" if agreed else "ConsentScreen")
        yield run


def marks(run: Running) -> list[tuple[str, str]]:
    """What is marked in the answer: the words and their style."""
    content = run.app.screen.query_one(MarkedAnswer).render()
    return [(content.plain[span.start : span.end], str(span.style)) for span in content.spans]


async def test_every_point_has_sign_word_and_the_words_that_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer
) -> None:
    async with judged(tmp_path, monkeypatch, mixed, size=(80, 40)) as run:
        for line in ("✓ covered", "✗ contradicted", "○ missed"):
            assert line in flat(run)
        assert "score 50%" in flat(run)
        assert "grade 2 of 5" in flat(run)
        assert "sure 4 of 5" in flat(run)
        assert f"by tiny at 127.0.0.1:{mixed.port}" in flat(run)
        assert "says so" in flat(run)
        assert "it is cut into squares①, nothing is learned②" in flat(run)
        for text in ("A model answer", "a learned layer embeds each of them", "Common mistakes", "Every pixel"):
            assert text in flat(run)
        assert "again today, then in 1 d" in flat(run)
        assert "follow-up comes next" in flat(run)


@pytest.mark.parametrize(("before", "says"), [(2, "again today, then in 1 d"), (3, "again in 1 d")])
async def test_only_as_many_answers_are_promised_as_a_day_has_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int, says: str
) -> None:
    write_interview(tmp_path / "course")
    async with running(tmp_path, monkeypatch, settings=Settings(start_labs=False), size=(80, 40)) as run:
        number, _ = sync_questions(run.workspace, read_questions(run.workspace))
        desk = Desk(run.workspace, number, run.clock)
        for _ in range(before):
            rehearsal = desk.rehearsal("one", "int-patches")
            step = rehearsal.next_step()
            assert step is not None
            desk.answer(rehearsal, step, "missed", "missed", "missed")
        await run.press("i", *SEVEN)
        run.app.post_message(events.Paste(ANSWER))
        await run.settle()
        await run.press("ctrl+d", "4")
        assert run.screen == "ResultScreen"
        assert says in flat(run)


async def test_moving_points_at_the_quote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer) -> None:
    async with judged(tmp_path, monkeypatch, mixed) as run:
        assert [text for text, style in marks(run) if "reverse" in style] == ["cut into squares"]
        await run.press("down")
        assert [text for text, style in marks(run) if "reverse" in style] == ["nothing is learned"]
        await run.press("down")
        assert [text for text, style in marks(run) if "reverse" in style] == []
        await run.press("k", "k")
        assert [text for text, style in marks(run) if "reverse" in style] == ["cut into squares"]


async def test_a_quote_far_down_is_brought_into_view(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    last = verdicts(point("split", "missed"), point("embed", "covered", "the last words"), point("cost", "missed"))
    with judge_server(last) as at:
        async with judged(tmp_path, monkeypatch, at, answer="filler " * 150 + "the last words") as run:
            assert "the last words②" not in flat(run)
            await run.press("down")
            assert "the last words②" in flat(run)


async def test_one_key_changes_a_point_and_both_words_are_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer
) -> None:
    async with judged(tmp_path, monkeypatch, mixed, size=(80, 40)) as run:
        await run.press("down", "2")
        assert "◐ partly" in flat(run)
        assert "grader: contradicted" in flat(run)
        assert "score 83%" in flat(run)
        await run.press("1")
        assert "score 93%" in flat(run)
        await run.press("up", "up", "3")
        assert "✓ covered" in flat(run)
        assert "grader: covered" in flat(run)
        await run.press("up", "space", "enter")
        ((given, suggested, correct, evidence),) = run.rows(
            "SELECT grade, suggested_grade, correct, evidence FROM review"
        )
        points = {p["id"]: (p["found"], p["chosen"]) for p in json.loads(evidence)["points"]}
        assert points["split"] == ("covered", None)
        assert points["embed"][0] == "contradicted"
        assert points["cost"] == ("missed", "covered")
        assert suggested == 2
        assert correct == (given >= 3)
        assert json.loads(evidence)["grader"].startswith("tiny at")
        assert doctor.examine(run.workspace.store) == []


async def test_keys_mean_covered_partly_missed_contradicted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer
) -> None:
    async with judged(tmp_path, monkeypatch, mixed) as run:
        for key, word in (("1", "covered"), ("2", "partly"), ("3", "missed"), ("4", "contradicted")):
            await run.press("home", *["up"] * 2, "k")
            await run.press(key, "up")
            assert f"① {'✓◐○✗'[int(key) - 1]} {word}" in flat(run)


async def test_recording_goes_on_to_the_follow_up_and_then_to_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer
) -> None:
    async with judged(tmp_path, monkeypatch, mixed) as run:
        await run.press("enter")
        assert run.screen == "QuestionScreen"
        assert "Follow-up" in flat(run)
        assert "What turns a patch into a vector?" in flat(run)
        mixed.reply = verdicts(point("embed", "covered", "a linear layer"))
        await run.press("enter")
        await run.type("a linear layer")
        await run.press("ctrl+d", "5")
        assert "schedule unchanged" in flat(run)
        await run.press("enter")
        assert run.screen == "EndScreen"
        assert run.rows("SELECT action, grade, confidence FROM review ORDER BY id") == [
            ("review", 2, 4),
            ("cram", 5, 5),
        ]
        assert drafts_of(run.workspace).all() == []


async def test_a_write_that_fails_keeps_answer_and_choices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer
) -> None:
    def full(*_: object) -> None:
        raise StoreError("The disk is full.", hint="Make room.")

    async with judged(tmp_path, monkeypatch, mixed, size=(80, 40)) as run:
        await run.press("down", "2")
        with monkeypatch.context() as patch:
            patch.setattr(Store, "answer", full)
            await run.press("enter")
            assert "Not saved: The disk is full. Make room. Enter tries again." in flat(run)
            assert "grader: contradicted" in flat(run)
        await run.press("enter")
        assert run.rows("SELECT json_extract(evidence, '$.points[1].chosen') FROM review") == [("partly",)]


async def test_leaving_without_a_grade_keeps_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer
) -> None:
    async with judged(tmp_path, monkeypatch, mixed) as run:
        await run.press("escape")
        assert run.screen == "ChooserScreen"
        assert "Answers under way" in flat(run)
        assert run.rows("SELECT count(*) FROM review") == [(0,)]
        await run.press("home", "enter")
        assert run.screen == "ResultScreen"
        assert ANSWER.split(",", 1)[0] in flat(run)
        await run.press("enter")
        assert run.rows("SELECT grade, confidence FROM review") == [(2, 4)]


async def test_what_would_be_sent_is_shown_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer
) -> None:
    monkeypatch.setenv("STUDYTUI_JUDGE_KEY", "sk-hidden")
    async with judged(tmp_path, monkeypatch, mixed, agreed=False, size=(100, 60)) as run:
        assert mixed.seen == []
        for text in (
            f"{mixed.url}/chat/completions",
            "Nothing leaves this machine.",
            "STUDYTUI_JUDGE_KEY",
            ANSWER,
            "tiny",
        ):
            assert text in flat(run), text
        assert "sk-hidden" not in flat(run)
        await run.press("y")
        assert run.screen == "ResultScreen"
        assert len(mixed.seen) == 1
        assert mixed.seen[0][1]["authorization"] == "Bearer sk-hidden"
        await run.press("enter", "enter", "x", "ctrl+d", "3")
        assert run.screen == "ResultScreen"
        assert len(mixed.seen) == 2
    assert b"sk-hidden" not in b"".join(path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file())


async def test_a_no_sends_nothing_and_is_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer
) -> None:
    async with judged(tmp_path, monkeypatch, mixed, agreed=False) as run:
        await run.press("n")
        assert run.screen == "ResultScreen"
        assert "Nothing was sent; graded offline." in flat(run)
        assert mixed.seen == []
        assert not llm_grader.has_consent(run.workspace, Judge.of(run.workspace.settings))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("reply", "said"),
    [(server.status(429), "(429). Graded offline."), (server.status(500), "(500). Graded offline."),
     (server.garbage, "far more than a verdict"), (server.hang, "did not answer within 2 s.")],
)  # fmt: skip
async def test_a_judge_that_fails_leaves_the_offline_grade_and_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: Reply, said: str
) -> None:
    with judge_server(reply) as at:
        async with judged(tmp_path, monkeypatch, at, judge_timeout_s=2) as run:
            assert said in flat(run)
            await run.press("enter", "enter")
            assert run.rows("SELECT json_extract(evidence, '$.answer') FROM review") == [(ANSWER,)]


async def test_escape_does_not_wait_for_the_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with judge_server(server.hang) as at:
        settings = settings_for(at, judge_timeout_s=60)
        async with rehearsing(tmp_path, monkeypatch, settings=settings) as run:
            llm_grader.give_consent(run.workspace, Judge.of(settings))  # type: ignore[arg-type]
            await run.press(*SEVEN)
            await run.type("x")
            await run.pilot.press("ctrl+d")
            await run.pilot.pause()
            await run.pilot.press("4")
            await until(run, lambda: "tiny reads your answer… Escape grades it offline." in flat(run), settle=False)
            await run.press("escape")
            assert run.screen == "ResultScreen"
            assert "You did not wait for the judge; graded offline." in flat(run)


async def test_the_texts_stand_side_by_side_where_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mixed: JudgeServer
) -> None:
    async with judged(tmp_path, monkeypatch, mixed, size=(140, 45)) as run:
        assert any("becomes of an image" in line and "A model answer" in line for line in flat(run).split("\n"))


async def test_a_grader_that_fails_leaves_the_learner_to_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "studytui.study.grader", None)
    async with rehearsing(tmp_path, monkeypatch, *SEVEN) as run:
        await run.type("words")
        await run.press("ctrl+d", "3")
        assert "The grader failed" in flat(run)
        assert "Judge each point yourself." in flat(run)
        await run.press("1", "1", "3", "enter")
        assert run.rows("SELECT grade, json_extract(evidence, '$.grader') FROM review") == [(5, "yourself")]

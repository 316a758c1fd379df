"""What comes of a rehearsal: scorecard, cards brought forward, export."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from studytui.errors import ReportError
from studytui.store import doctor
from studytui.study import rehearsal as forward
from studytui.study.card_actions import set_due_together, take_back
from studytui.study.document import Document, escaped, to_html, to_markdown
from studytui.study.rehearsal import QuestionChoice, scorecard, trend_bars, trend_words
from studytui.study.reports import rehearsal_document, save_rehearsal
from studytui.study.review import open_session
from tests.rehearsal.tiny_interview import INTERVIEW, Desk, desk
from tests.ui.tiny_course import HOSTILE


def rehearse(at: Desk, *coverages: str, **given: object) -> str:
    """All three questions; the verdicts are for the points of the first."""
    rehearsal = at.rehearsal("chapter", "1")
    while step := rehearsal.next_step():
        if step.task.is_probe:
            rehearsal.skip(step.task)
        elif step.task.question.id == "int-patches":
            at.answer(rehearsal, step, *coverages, **given)  # type: ignore[arg-type]
        else:
            at.answer(rehearsal, step, "covered", **given)
    return rehearsal.uid


def test_the_scorecard_adds_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearse(at, "missed", "missed", "missed")
        uid = rehearse(at, "covered", "missed", "missed", seconds_answered=45.0, seconds_given=60)
        card = scorecard(at.entries.values(), uid)
        assert [line.question.id for line in card.lines] == ["int-patches", "int-attention"]
        first, second = card.lines
        assert (round(first.attempt.score, 2), first.earlier) == (0.67, (0.0,))
        assert trend_words(first) == "+67 points"
        assert trend_words(second) == "as before"
        assert card.score == pytest.approx((2 / 3 + 1) / 2, abs=1e-3)
        assert [(mean.name, mean.count) for mean in card.chapters] == [("1", 2)]
        assert [(mean.name, round(mean.score, 2)) for mean in card.lenses] == [("eye", 0.67)]
        assert (card.seconds_used, card.seconds_given) == (90.0, 120)
        assert [(question.id, point.id) for question, point in card.missed] == [
            ("int-patches", "embed"),
            ("int-patches", "cost"),
        ]
        assert trend_bars([0.0, 0.5, 1.0]) == "▁▅█"


def test_cards_of_missed_objectives_come_forward_and_go_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        session = open_session(at.workspace)
        from studytui.study.review import Answer

        while turn := session.next():
            session.answer(turn, 5, Answer())
        suspended = at.workspace.store.card(at.workspace.course_no, "patch-what")
        assert suspended is not None
        uid = rehearse(at, "covered", "contradicted", "missed")
        attempts = scorecard(at.entries.values(), uid).attempts
        assert forward.missed_objectives(attempts) == ("1.1-01", "2.1-01")
        planned = forward.plan_reschedule(at.workspace, forward.missed_objectives(attempts))
        assert [key for _, key in planned.cards] == ["patch-count", "patch-what", "latent-choice"]
        assert planned.words == "3 cards of 2 objectives"
        due = "SELECT key, due_on FROM card WHERE course_id = ? ORDER BY id"
        before = at.rows(due, at.workspace.course_no)
        moved = set_due_together(at.workspace, planned.days)
        assert dict(at.rows(due, at.workspace.course_no))["latent-choice"] == "2026-03-10"
        assert dict(at.rows(due, at.workspace.course_no))["attention-cloze"] == "2026-03-11"
        assert forward.plan_reschedule(at.workspace, forward.missed_objectives(attempts)).cards == ()
        assert take_back(at.workspace, moved) == 3
        assert at.rows(due, at.workspace.course_no) == before
        assert doctor.examine(at.workspace.store) == []


def test_what_a_follow_up_covered_was_known_after_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("seven")
        at.answer(rehearsal, rehearsal.next_step(), "covered", "missed", "covered")
        at.answer(rehearsal, rehearsal.next_step(), "covered")
        assert forward.missed_objectives(scorecard(at.entries.values(), rehearsal.uid).attempts) == ()


def test_suspended_cards_stay_where_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from studytui.study.card_actions import CardActions

    with desk(tmp_path, monkeypatch) as at:
        card = at.workspace.store.card(at.workspace.course_no, "patch-count")
        assert card is not None
        CardActions(at.workspace).toggle_suspended(card.no)
        assert [key for _, key in forward.plan_reschedule(at.workspace, ["1.1-01"]).cards] == ["patch-what"]


class Parsed(HTMLParser):
    """The tags of a page, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.words += data


ATTACK = (
    "The image <script>alert(1)</script> <img src=x onerror=alert(1)> **bold** ```\n# head\n| a | b |\n"
    "</div></mark> &amp; \" ' ~~~ [link](javascript:alert(1))"
)


ALL = QuestionChoice("one", "<b>all</b>")


def report(at: Desk, uid: str) -> Document:
    return rehearsal_document(at.workspace, ALL, scorecard(at.entries.values(), uid))


def test_nothing_typed_becomes_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        uid = rehearse(at, "covered", "partly", "missed", answer=ATTACK)
        page = to_html(report(at, uid))
        parsed = Parsed(page)
        assert not {"script", "img", "a2"} & set(parsed.tags)
        assert ATTACK.split("\n", 1)[0] in parsed.words
        assert "onerror=alert(1)>" in parsed.words
        assert page.count("<b>all</b>") == 0
        assert "http" not in re.sub(r"<meta http-equiv[^>]*>", "", page)
        text = to_markdown(report(at, uid))
        fence = re.search(r"^(`{4,})text\n(.*?)\n\1$", text, re.DOTALL | re.MULTILINE)
        assert fence is not None
        assert fence[2] == ATTACK
        outside = text.replace(ATTACK, "")
        assert "<script" not in outside
        assert "\n# head" not in outside


def test_escapes_are_shown_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        uid = rehearse(at, "covered", "partly", "missed", answer=HOSTILE)
        for text in (to_html(report(at, uid)), to_markdown(report(at, uid))):
            assert "\x1b" not in text
            assert "\u202e" not in text
            assert "␛[31mESC" in text


def test_everything_of_the_rehearsal_is_in_both_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        rehearsal = at.rehearsal("seven")
        at.answer(rehearsal, rehearsal.next_step(), "covered", "missed", "missed", confidence=4)
        at.answer(rehearsal, rehearsal.next_step(), "covered", answer="A linear layer.")
        folder = tmp_path / "out"
        card = scorecard(at.entries.values(), rehearsal.uid)
        paths = save_rehearsal(at.workspace, ALL, card, folder)
        assert [path.name for path in paths] == ["rehearsal-2026-03-10-0900.md", "rehearsal-2026-03-10-0900.html"]
        assert [path.name for path in save_rehearsal(at.workspace, ALL, card, folder)] == [
            "rehearsal-2026-03-10-0900-2.md",
            "rehearsal-2026-03-10-0900-2.html",
        ]
        for path in paths:
            text = path.read_text(encoding="utf-8")
            text = Parsed(text).words if path.suffix == ".html" else text
            for word in (
                "The image is cut into square patches", "embeds each of them", "Every pixel is a token.",
                "What turns a patch into a vector?", "A linear layer.", "sure 4 of 5", "0:30 of 1:00", "✓", "○",
                "first time", "Did the eye fail?", "test grader",
            ):  # fmt: skip
                assert word in text, word


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with desk(tmp_path, monkeypatch) as at:
        uid = rehearse(at, "covered", "partly", "missed")
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(ReportError, match="cannot be written"):
            save_rehearsal(at.workspace, ALL, scorecard(at.entries.values(), uid), tmp_path / "file")


def test_an_authored_pipe_or_tag_breaks_no_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interview = INTERVIEW.replace("What does attention cost?", "What is p(a|b) <img src=x>?")
    with desk(tmp_path, monkeypatch, interview=interview) as at:
        uid = rehearse(at, "covered", "partly", "missed")
        text = to_markdown(report(at, uid))
        assert r"p(a\|b) \<img src=x>" in text
        assert "img" not in Parsed(to_html(report(at, uid))).tags


def test_escaped_markdown_reads_as_it_was_typed() -> None:
    assert escaped("a*b_c`d[e]|f\n# g") == r"a\*b\_c\`d\[e\]\|f \# g"

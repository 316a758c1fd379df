"""Answers in words on the screen: where they are written, their clock, their points with what was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Edit, EditResult

from studytui.domain.cards import Course
from studytui.domain.plain_text import clock_text, counted, visible
from studytui.domain.rubric import COVERAGES, SIGNS, Coverage, JudgedPoint, Question, marked
from studytui.study.gate import GateAnswer
from studytui.study.rehearsal import Phase, Scorecard, ScoreLine, ScoreMean, trend_bars, trend_words
from studytui.study.reports import (
    attempt_time,
    attempt_words,
    chapter_name,
    lens_name,
    time_words,
)
from studytui.study.submissions import QuestionEntry, RehearsedAnswer
from studytui.ui.host import host, safe
from studytui.ui.widgets.markdown import Block, MarkdownView, RowList, inline, layout

LONGEST_LINE: Final = 2000
_SENTENCE_END: Final = re.compile(r"[.!?] ")


class AnswerArea(TextArea):
    """A page for words. Tab leaves it; ctrl+d hands in."""

    KEYS_OF = "page"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+d", "hand_in", "Hand in", id="answer.hand_in", tooltip="The answer is complete"),
    ]

    @dataclass
    class HandedIn(Message):
        """The learner is done."""

        area: AnswerArea

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(
            soft_wrap=True, tab_behavior="focus", show_line_numbers=False, highlight_cursor_line=False, id=id
        )

    def action_hand_in(self) -> None:
        self.post_message(self.HandedIn(self))

    def edit(self, edit: Edit) -> EditResult:
        """Apply an edit, typed or pasted, with escapes as signs: they must not reach the terminal."""
        edit.text = unwound(visible(edit.text))
        return super().edit(edit)

    def load(self, text: str) -> None:
        """Show a text that was kept, with the cursor at its end."""
        self.load_text(unwound(visible(text)))
        self.move_cursor(self.document.end)


def unwound(text: str) -> str:
    """The text with line ends for some spaces of lines too long to be edited at a human's speed.

    A line ends after a sentence where there is one, and never within a word.
    """
    if len(text) <= LONGEST_LINE:
        return text
    return "\n".join(part for line in text.split("\n") for part in _parts(line))


def _parts(line: str) -> Iterator[str]:
    while len(line) > LONGEST_LINE:
        sentence = max((match.end() for match in _SENTENCE_END.finditer(line, 0, LONGEST_LINE)), default=0)
        cut = sentence or line.rfind(" ", 0, LONGEST_LINE) + 1 or line.find(" ", LONGEST_LINE) + 1
        if not cut:
            break
        yield line[: cut - 1]
        line = line[cut:]
    yield line


# The clock of a question: which phase, how much of its time is used, as a bar, in words and in colour


NEARLY: Final = 0.8
_BAR_CELLS: Final = 20


class ClockLine(Static):
    """One line; hidden where no clock runs."""

    DEFAULT_CSS = """
    ClockLine { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def show(self, phase: Phase, used: float, given: int, *, paused: bool = False, left: float | None = None) -> None:
        """Draw the time; `left` is what remains of a whole mock interview."""
        share = used / given if given else 1.0
        style = "$text-error" if share >= 1 else "$text-warning" if share >= NEARLY else "$text-success"
        filled = min(_BAR_CELLS, int(share * _BAR_CELLS))
        bar = Content.styled("▰" * filled + "▱" * (_BAR_CELLS - filled), style)
        over = f"  {clock_text(used - given)} over" if share >= 1 else ""
        words = f"{phase} {clock_text(used)} of {clock_text(given)}{over}"
        line = Content.assemble((f"{words:<26}", f"bold {style}" if over else ""), bar)
        if paused:
            line += Content.styled("  ‖ paused", "bold $text-warning")
        if left is not None:
            text = f"  interview: {clock_text(left)} left" if left > 0 else f"  interview: {clock_text(-left)} over"
            line += Content.styled(text, "$text-error" if left <= 0 else "")
        self.update(line)


# The model answer of a question, and below it what weak answers say


class ModelAnswer(Vertical):
    """Shown beside the learner's answer, or below it."""

    DEFAULT_CSS = """
    ModelAnswer { height: auto; }
    ModelAnswer MarkdownView { margin-bottom: 1; }
    """

    def __init__(self, question: Question) -> None:
        super().__init__()
        self._question = question

    def compose(self) -> ComposeResult:
        yield Static("A model answer", classes="heading", markup=False)
        yield MarkdownView(self._question.model)
        if self._question.mistakes:
            yield Static("Common mistakes", classes="heading", markup=False)
            face = MarkdownView()
            face.show_blocks(tuple(self._mistakes()))
            yield face

    def _mistakes(self) -> Iterator[Block]:
        for mistake in self._question.mistakes:
            yield Block(Content.styled("“", "$foreground-muted") + inline(mistake.says) + "”", "✗ ", "  ", spaced=False)
            yield Block(inline(mistake.correction), "→ ", "  ", spaced=False)


# Questions as lines of a list: when they are due, how they went last, what they ask


LONGEST_TREND = 6


def question_blocks(entries: Sequence[QuestionEntry], day: date) -> tuple[Block, ...]:
    """One block a question."""
    blocks = []
    for entry in entries:
        head = Content.styled(f"{when_text(entry, day):<11}", "$foreground-muted") + score_text(entry) + "  "
        blocks.append(Block(head + inline(entry.question.ask), rest=" " * 4, spaced=False))
    return tuple(blocks)


def when_text(entry: QuestionEntry, day: date) -> str:
    """When the question comes back, in a word or two."""
    due_on = entry.state.schedule.due_on
    if due_on is None:
        return "new"
    if entry.asks_again(day):
        return "again today"
    days = (due_on - day).days
    return "due" if days == 0 else f"{-days} d late" if days < 0 else f"in {days} d"


def score_text(entry: QuestionEntry) -> Content:
    """The last score with the trend before it; blank for a question never answered."""
    standing = entry.standing
    if not standing:
        return Content(" " * 4)
    scores = [attempt.score for attempt in standing[-LONGEST_TREND:]]
    bars = f" {trend_bars(scores)}" if len(scores) > 1 else ""
    return Content.styled(f"{standing[-1].score:>4.0%}", "bold") + Content.styled(bars, "$text-primary")


# How a verdict on a point looks: a sign and a word, and a colour besides


TONES: Final[dict[Coverage, str]] = {
    "covered": "$text-success",
    "partly": "$text-warning",
    "missed": "$foreground-muted",
    "contradicted": "$text-error",
    "unsure": "$text-accent",
}
MARKS: Final[dict[Coverage, str]] = {
    "covered": "bold $text-success on $success-muted",
    "partly": "italic $text-warning on $warning-muted",
    "missed": "$foreground-muted",
    "contradicted": "underline $text-error on $error-muted",
    "unsure": "$text-accent on $panel",
}
UNJUDGED: Final = "?"
WORD_CELLS: Final = max(len(word) for word in COVERAGES)
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩"


def number_sign(index: int) -> str:
    """① for the first point."""
    return _CIRCLED[index] if index < len(_CIRCLED) else f"({index + 1})"


def coverage_text(coverage: Coverage) -> Content:
    """Sign and word, as wide for each, so that what follows stands in a column."""
    return Content.styled(f"{SIGNS[coverage]} {coverage:<{WORD_CELLS}}", TONES[coverage])


# The learner's answer with the words that count for each point marked, numbered and coloured


class MarkedAnswer(MarkdownView):
    """An answer as evidence. The quote of the point under the cursor is turned round and can be scrolled to."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._before: Content = Content("")

    def show_answer(
        self, answer: str, points: Sequence[JudgedPoint], at: str = "", *, empty: str = "(nothing)"
    ) -> None:
        """Show an answer; `at` is the point whose quote is pointed at."""
        if not answer.strip():
            self._before = Content("")
            self.show_blocks((Block(Content.styled(empty, "italic $foreground-muted")),))
            return
        numbers = {point.id: number_sign(index) for index, point in enumerate(points)}
        ends: dict[int, str] = {}
        for point in points:
            if point.quote is not None and point.coverage != "missed":
                ends[point.quote.end] = ends.get(point.quote.end, "") + numbers[point.id]
        text, before, place = Content(""), None, 0
        for part, mark in marked(answer, points):
            place += len(part)
            shown = Content(safe(part))
            if mark is not None:
                style = MARKS[mark.coverage]
                if at in mark.points:
                    before = before or text
                    style = f"{style} reverse"
                shown = shown.stylize(style)
                shown += Content.styled(ends.get(place, ""), "bold")
            text += shown
        self._before = before or Content("")
        self._blocks, self._laid = (), None  # the same words with other marks are another answer
        self.show_blocks((Block(text),))

    @property
    def line_pointed_at(self) -> int:
        """The line on which the quote pointed at begins, counted from 0."""
        if not self._before.plain:
            return 0
        return layout((Block(self._before),), max(1, self.content_size.width)).plain.count("\n")


# An answer from the log: when, how well, in what time, the words that counted, the points, the follow-ups


class PastAnswer(Vertical):
    """One answer, nothing of which can be changed any more."""

    DEFAULT_CSS = """
    PastAnswer { height: auto; margin-bottom: 1; }
    PastAnswer > Static { text-style: bold; }
    PastAnswer > MarkedAnswer { margin: 0 0 1 2; }
    PastAnswer > PastAnswer { margin-left: 2; }
    """

    def __init__(self, attempt: RehearsedAnswer, *, with_points: bool = True, title: str = "") -> None:
        super().__init__()
        self._attempt = attempt
        self._with_points = with_points
        self._title = title

    def compose(self) -> ComposeResult:
        attempt = self._attempt
        when = attempt.at.astimezone(host(self).workspace.clock.now().tzinfo)
        head = f"{self._title}{when:%Y-%m-%d %H:%M} · {attempt_words(attempt)}"
        yield Static(safe(head + (" · undone" if attempt.undone else "")), markup=False)
        answer = MarkedAnswer()
        empty = "(said aloud; no notes)" if attempt.given.mode == "aloud" else "(nothing)"
        answer.show_answer(attempt.given.answer, attempt.points, empty=empty)
        yield answer
        if self._with_points:
            face = MarkdownView()
            face.show_blocks(tuple(self._points()))
            yield face
        for probe in attempt.probes:
            yield MarkdownView(probe.ask)
            yield PastAnswer(probe, title="Follow-up · ")

    def _points(self) -> Iterator[Block]:
        for index, point in enumerate(self._attempt.points):
            line = Content(f"{number_sign(index)} ") + coverage_text(point.coverage) + " " + inline(point.text)
            if point.is_changed:
                line += Content.styled(f"  (grader: {point.found})", "$foreground-muted")
            yield Block(line, "  ", " " * 20, spaced=False)


# The key points of a rubric with what was found; the learner accepts or changes each with one key


class Points(RowList):
    """One row a point, told by its sign and word."""

    KEYS_OF = "list of points"
    points: tuple[JudgedPoint, ...] = ()

    @property
    def at(self) -> str:
        """The id of the point under the cursor, or ""."""
        return self.points[self.cursor].id if self.points else ""

    async def show_points(self, points: Sequence[JudgedPoint]) -> None:
        """Show points; the cursor stays where it is while they are the same ones."""
        same = [point.id for point in points] == [point.id for point in self.points]
        self.points = tuple(points)
        if not same:
            await self.replace(Content("") for _ in points)
        for row, point in zip(self.rows, self.points, strict=True):
            bonus = Content("") if point.must else Content.styled("  (bonus)", "$foreground-muted")
            row.content = (inline(point.text) + bonus).stylize(self.tone(point))
        self.draw()

    def tone(self, point: JudgedPoint) -> str:
        """The colour of a point."""
        return TONES[point.coverage]

    def marker(self, place: int) -> str:
        coverage = self.points[place].coverage
        return f"{number_sign(place)} {SIGNS[coverage]} {coverage:<{WORD_CELLS}} "


class PointList(Vertical, Points, can_focus=True):
    """Points to be judged. Not a VerticalScroll, whose keys would scroll it instead of the texts."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous point", id="points.up", show=False, tooltip="The previous point"),
        Binding("down,j", "move(1)", "Next point", id="points.down", show=False, tooltip="The next point"),
        *(
            Binding(key, f"choose('{coverage}')", coverage.capitalize(), key_display=key, id=f"points.{coverage}",
                    tooltip=f"Say yourself that the point is {coverage}; the grader's word is kept beside yours")
            for key, coverage in zip("1234", COVERAGES, strict=True)
        ),
        Binding("space,a", "choose", "As found", key_display="space", id="points.accept",
                tooltip="Accept what the grader found, and go to the next point"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    PointList { height: auto; overflow-y: auto; scrollbar-size-vertical: 1; }
    PointList:focus { background-tint: transparent 0%; }
    """

    @dataclass
    class Chosen(Message):
        """The learner judged a point; None accepts what was found."""

        point_id: str
        coverage: Coverage | None

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = []
        self._unjudged: frozenset[str] = frozenset()

    async def show(self, points: Sequence[JudgedPoint], *, unjudged: frozenset[str] = frozenset()) -> None:
        """Show the points; `unjudged` ones still wait for the learner's word."""
        self._unjudged = unjudged
        await self.show_points(points)

    def action_choose(self, coverage: Coverage | None = None) -> None:
        """Judge the point under the cursor, or take the grader's word for it, and go to the next one."""
        if self.points:
            self.post_message(self.Chosen(self.at, coverage))
            self.go_to(min(self.cursor + 1, len(self.points) - 1))

    def tone(self, point: JudgedPoint) -> str:
        return "" if point.id in self._unjudged else super().tone(point)

    def marker(self, place: int) -> str:
        if self.points[place].id in self._unjudged:
            return f"{number_sign(place)} {UNJUDGED} {'judge it':<{WORD_CELLS}} "
        return super().marker(place)

    def note(self, place: int) -> str:
        point = self.points[place]
        found = [f"grader: {point.found}"] if point.is_changed else []
        if place == self.cursor and point.why and point.id not in self._unjudged:
            found.append(point.why)
        return safe("; ".join(found))


# The scorecard of a rehearsal as tables and lines


HEADS = ("question", "score", "grade", "time", "trend")
ASK_CELLS = 44
_SCORE_CELLS = 20


def score_blocks(course: Course, card: Scorecard) -> Iterator[Block]:
    """All of it, from the whole to the single point."""
    if not card.lines:
        yield Block(Content("No answers in this interview."))
        return
    head = f"{counted(len(card.lines), 'question')} · score {card.score:.0%}{time_words(card)}"
    yield Block(Content.styled(head, "bold"))
    titles = tuple(Content.styled(name, "bold") for name in HEADS)
    yield Block(Content(""), kind="table", rows=(titles, *(_row(line) for line in card.lines)))
    yield from _means("By chapter", card.chapters, lambda number: chapter_name(course, number))
    yield from _means("By lens", card.lenses, lambda lens_id: lens_name(course, lens_id))
    if card.missed:
        yield _heading("Not covered")
        question = None
        for asked, point in card.missed:
            if asked is not question:
                question = asked
                yield Block(Content.styled(safe(asked.id), "$foreground-muted"), spaced=False)
            bonus = "" if point.must else " (bonus)"
            yield Block(coverage_text(point.coverage) + " " + inline(point.text) + bonus, "  ", " " * 17, spaced=False)
    probes = [(line.question, probe) for line in card.lines for probe in line.attempt.probes]
    if probes:
        yield _heading("Follow-ups")
        for asked, probe in probes:
            text = Content.assemble((f"{probe.score:>4.0%}  ", "bold"), (f"{safe(asked.id)}: ", "$foreground-muted"))
            yield Block(text + inline(probe.ask), rest="      ", spaced=False)


def _row(line: ScoreLine) -> tuple[Content, ...]:
    attempt = line.attempt
    asked = inline(line.question.ask).truncate(ASK_CELLS, ellipsis=True)
    scores = [*line.earlier, attempt.score]
    trend = f"{trend_bars(scores[-6:])} {trend_words(line)}" if line.earlier else trend_words(line)
    return (
        asked,
        Content.styled(f"{attempt.score:.0%}", "bold"),
        Content(str(attempt.grade)),
        Content(attempt_time(attempt.given)),
        Content(trend),
    )


def _means(title: str, means: Sequence[ScoreMean], name: Callable[[str], str]) -> Iterator[Block]:
    if means:
        yield _heading(title)
    for mean in means:
        bar = "█" * round(mean.score * _SCORE_CELLS)
        text = Content.assemble((f"{bar:·<{_SCORE_CELLS}}", "$text-primary"), f" {mean.score:>4.0%} ")
        yield Block(
            text + Content(safe(name(mean.name))) + Content.styled(f"  ({mean.count})", "$foreground-muted"),
            spaced=False,
        )


def _heading(text: str) -> Block:
    return Block(Content.styled(text, "bold $text-primary"))


# The points of an answer with what the grader found: to be looked at and disputed, not to be changed


class JudgedPoints(VerticalScroll, Points, can_focus=True):
    """The quote of the point under the cursor is marked in the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Previous point", id="judged.up", show=False, tooltip="The previous point"),
        Binding("down,j", "move(1)", "Next point", id="judged.down", show=False, tooltip="The next point"),
        Binding("d", "dispute", "Dispute", id="judged.dispute",
                tooltip="Say why a point is judged wrongly. Your note is saved with the verdict; the verdict stays"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    JudgedPoints { height: auto; }
    JudgedPoints:focus { background-tint: transparent 0%; }
    """

    @dataclass
    class Disputed(Message):
        """The learner does not agree with the point under the cursor."""

        point: JudgedPoint

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = []
        self._disputes: dict[str, str] = {}

    async def show(self, answer: GateAnswer) -> None:
        """Show the points of an answer, with what was disputed of them."""
        self._disputes = {dispute.point_id: dispute.note for dispute in answer.disputes}
        await self.show_points(answer.points)

    def action_dispute(self) -> None:
        if self.points:
            self.post_message(self.Disputed(self.points[self.cursor]))

    def note(self, place: int) -> str:
        point = self.points[place]
        if point.id in self._disputes:
            return safe(f"disputed: {self._disputes[point.id]}")
        return safe(point.why) if place == self.cursor else ""

"""Where an answer is written: a text field that shows control characters instead of keeping them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ScreenResultType
from textual.widgets import Static, TextArea
from textual.widgets.text_area import Edit, EditResult

from studytui.domain.plain_text import visible
from studytui.domain.rubric import COVERAGES, AnswerGrade, Coverage, Question, Quote, Submission, is_changed
from studytui.errors import StoreError
from studytui.study.gate import GateAnswer, GatePoint
from studytui.study.learner_state import Draft, Drafts
from studytui.study.rehearsal import Phase, Scorecard, ScoreLine, ScoreMean, trend_bars, trend_words
from studytui.study.reports import (
    POINT_SIGNS,
    RehearsalReport,
    attempt_words,
    minutes,
    questions,
    time_words,
    used_of_given,
)
from studytui.study.submissions import QuestionEntry, RehearsedAnswer, marked
from studytui.ui.host import format_error, host, safe
from studytui.ui.screens import StudyScreen
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


DRAFT_SECONDS: Final = 2.0
"""How often what was typed is saved while it changes."""


class PageScreen(StudyScreen[ScreenResultType]):
    """Base of a screen with a page to write on. What stands there is a draft until it is handed in.

    Args:
        key: what the draft is of.
    """

    def __init__(self, drafts: Drafts, key: str) -> None:
        super().__init__()
        self._drafts = drafts
        self._key = key
        self._area = AnswerArea(id="page")
        self._unsaved = False

    @property
    def given(self) -> Submission:
        """What stands on the page, and how it came there."""
        return Submission(self._area.text)

    @property
    def is_kept(self) -> bool:
        """Whether what was written is safe elsewhere, so that no draft is needed any more."""
        raise NotImplementedError

    def count(self) -> None:
        """Say how much there is."""
        raise NotImplementedError

    def action_hand_in(self) -> None:
        raise NotImplementedError

    def on_mount(self) -> None:
        self.set_interval(DRAFT_SECONDS, self.save)

    def on_unmount(self) -> None:
        self.save()

    def on_screen_suspend(self) -> None:
        self.save()

    @on(AnswerArea.Changed)
    def _changed(self) -> None:
        self._unsaved = True
        self.count()

    @on(AnswerArea.HandedIn)
    def _handed_in(self) -> None:
        self.action_hand_in()

    def save(self) -> None:
        """Save what was typed since the last time."""
        if self._unsaved and not self.is_kept:
            self.keep()

    def keep(self) -> bool:
        """Write the draft now, or drop it if the page is empty. True if nothing can be lost any more."""
        given = self.given
        if given.answer.strip():
            try:
                self._drafts.save(Draft.of(self._key, given, host(self).workspace.clock.now()))
            except StoreError as error:
                self.say(f"The draft is not saved: {format_error(error)}", problem=True)
                return False
        else:
            self._drafts.drop(self._key)
        self._unsaved = False
        return True


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
        over = f"  {minutes(used - given)} over" if share >= 1 else ""
        words = f"{phase} {minutes(used)} of {minutes(given)}{over}"
        line = Content.assemble((f"{words:<26}", f"bold {style}" if over else ""), bar)
        if paused:
            line += Content.styled("  ‖ paused", "bold $text-warning")
        if left is not None:
            text = f"  interview: {minutes(left)} left" if left > 0 else f"  interview: {minutes(-left)} over"
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
            yield Block(Content.styled("“", "$text-muted") + inline(mistake.says) + "”", "✗ ", "  ", spaced=False)
            yield Block(inline(mistake.correction), "→ ", "  ", spaced=False)


# Questions as lines of a list: when they are due, how they went last, what they ask


LONGEST_TREND = 6


def question_blocks(entries: Sequence[QuestionEntry], day: date) -> tuple[Block, ...]:
    """One block a question."""
    blocks = []
    for entry in entries:
        head = Content.styled(f"{when_text(entry, day):<11}", "$text-muted") + score_text(entry) + "  "
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
    "missed": "$text-muted",
    "contradicted": "$text-error",
}
MARKS: Final[dict[Coverage, str]] = {
    "covered": "bold $text-success on $success-muted",
    "partly": "italic $text-warning on $warning-muted",
    "missed": "$text-muted",
    "contradicted": "underline $text-error on $error-muted",
}
UNJUDGED: Final = "?"
WORD_CELLS: Final = max(len(word) for word in COVERAGES)
_CIRCLED: Final = "①②③④⑤⑥⑦⑧⑨⑩"


@dataclass(frozen=True, slots=True)
class ShownPoint:
    """A point as the screens show it, from a grade that is being judged or from the log."""

    id: str
    text: str
    must: bool
    found: Coverage
    chosen: Coverage | None
    quote: Quote | None
    why: str
    is_changed: bool = False
    """The learner said otherwise than the grader."""

    @property
    def coverage(self) -> Coverage:
        return self.chosen or self.found


def points_of_grade(grade: AnswerGrade) -> tuple[ShownPoint, ...]:
    """The points of an answer that is being judged."""
    shown = []
    for verdict in grade.verdicts:
        point = grade.question.point(verdict.point_id)
        changed = is_changed(verdict.found, verdict.chosen, grade.grader)
        judged = (verdict.found, verdict.chosen, verdict.quote, verdict.why, changed)
        shown.append(ShownPoint(point.id, point.text, point.must, *judged))
    return tuple(shown)


def points_of_attempt(attempt: RehearsedAnswer) -> tuple[ShownPoint, ...]:
    """The points of an answer in the log."""
    shown = []
    for point in attempt.points:
        changed = is_changed(point.found, point.chosen, attempt.grader)
        judged = (point.found, point.chosen, point.quote, point.why, changed)
        shown.append(ShownPoint(point.id, point.text, point.must, *judged))
    return tuple(shown)


def number_sign(index: int) -> str:
    """① for the first point."""
    return _CIRCLED[index] if index < len(_CIRCLED) else f"({index + 1})"


def coverage_text(coverage: Coverage) -> Content:
    """Sign and word, as wide for each, so that what follows stands in a column."""
    return Content.styled(f"{POINT_SIGNS[coverage]} {coverage:<{WORD_CELLS}}", TONES[coverage])


# The learner's answer with the words that count for each point marked, numbered and coloured


class MarkedAnswer(MarkdownView):
    """An answer as evidence. The quote of the point under the cursor is turned round and can be scrolled to."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._before: Content = Content("")

    def show_answer(self, answer: str, points: Sequence[ShownPoint], at: str = "", *, empty: str = "(nothing)") -> None:
        """Show an answer; `at` is the point whose quote is pointed at."""
        if not answer.strip():
            self._before = Content("")
            self.show_blocks((Block(Content.styled(empty, "italic $text-muted")),))
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
        yield Static(safe(head + (" · taken back" if attempt.undone else "")), markup=False)
        answer = MarkedAnswer()
        empty = "(said aloud; no notes)" if attempt.given.mode == "aloud" else "(nothing)"
        answer.show_answer(attempt.given.answer, points_of_attempt(attempt), empty=empty)
        yield answer
        if self._with_points:
            face = MarkdownView()
            face.show_blocks(tuple(self._points()))
            yield face
        for probe in attempt.probes:
            yield MarkdownView(probe.ask)
            yield PastAnswer(probe, title="Follow-up · ")

    def _points(self) -> Iterator[Block]:
        for index, point in enumerate(points_of_attempt(self._attempt)):
            line = Content(f"{number_sign(index)} ") + coverage_text(point.coverage) + " " + inline(point.text)
            if point.is_changed:
                line += Content.styled(f"  (grader: {point.found})", "$text-muted")
            yield Block(line, "  ", " " * 20, spaced=False)


# The key points of a rubric with what was found; the learner accepts or changes each with one key


class Points(RowList):
    """One row a point, told by its sign and word."""

    KEYS_OF = "list of points"
    points: tuple[ShownPoint, ...] = ()

    @property
    def at(self) -> str:
        """The id of the point under the cursor, or ""."""
        return self.points[self.cursor].id if self.points else ""

    async def show_points(self, points: Sequence[ShownPoint]) -> None:
        """Show points; the cursor stays where it is while they are the same ones."""
        same = [point.id for point in points] == [point.id for point in self.points]
        self.points = tuple(points)
        if not same:
            await self.replace(Content("") for _ in points)
        for row, point in zip(self.rows, self.points, strict=True):
            bonus = Content("") if point.must else Content.styled("  (bonus)", "$text-muted")
            row.content = (inline(point.text) + bonus).stylize(self.tone(point))
        self.draw()

    def tone(self, point: ShownPoint) -> str:
        """The colour of a point."""
        return TONES[point.coverage]

    def marker(self, place: int) -> str:
        coverage = self.points[place].coverage
        return f"{number_sign(place)} {POINT_SIGNS[coverage]} {coverage:<{WORD_CELLS}} "


class PointList(Vertical, Points, can_focus=True):
    """Points to be judged. Not a VerticalScroll, whose keys would scroll it instead of the texts."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Point before", id="points.up", show=False, tooltip="The point before"),
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

    async def show(self, points: Sequence[ShownPoint], *, unjudged: frozenset[str] = frozenset()) -> None:
        """Show the points; `unjudged` ones still wait for the learner's word."""
        self._unjudged = unjudged
        await self.show_points(points)

    def action_choose(self, coverage: Coverage | None = None) -> None:
        """Judge the point under the cursor, or take the grader's word for it, and go to the next one."""
        if self.points:
            self.post_message(self.Chosen(self.at, coverage))
            self.go_to(min(self.cursor + 1, len(self.points) - 1))

    def tone(self, point: ShownPoint) -> str:
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


def score_blocks(card: Scorecard, report: RehearsalReport) -> tuple[Block, ...]:
    """All of it, from the whole to the single point."""
    return tuple(_blocks(card, report))


def _blocks(card: Scorecard, report: RehearsalReport) -> Iterator[Block]:
    if not card.lines:
        yield Block(Content("No answer of this rehearsal stands."))
        return
    head = f"{questions(len(card.lines))} · score {card.score:.0%}{time_words(card)}"
    yield Block(Content.styled(head, "bold"))
    titles = tuple(Content.styled(name, "bold") for name in HEADS)
    yield Block(Content(""), kind="table", rows=(titles, *(_row(line) for line in card.lines)))
    yield from _means("By chapter", card.chapters, report.chapter_name)
    yield from _means("By lens", card.lenses, report.lens_name)
    if card.missed:
        yield _heading("Not covered")
        question = None
        for asked, point in card.missed:
            if asked is not question:
                question = asked
                yield Block(Content.styled(safe(asked.id), "$text-muted"), spaced=False)
            bonus = "" if point.must else " (bonus)"
            yield Block(coverage_text(point.coverage) + " " + inline(point.text) + bonus, "  ", " " * 17, spaced=False)
    probes = [(line.question, probe) for line in card.lines for probe in line.attempt.probes]
    if probes:
        yield _heading("Follow-ups")
        for asked, probe in probes:
            text = Content.assemble((f"{probe.score:>4.0%}  ", "bold"), (f"{safe(asked.id)}: ", "$text-muted"))
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
        Content(used_of_given(attempt)),
        Content(trend),
    )


def _means(title: str, means: Sequence[ScoreMean], name: Callable[[str], str]) -> Iterator[Block]:
    if means:
        yield _heading(title)
    for mean in means:
        bar = "█" * round(mean.score * _SCORE_CELLS)
        text = Content.assemble((f"{bar:·<{_SCORE_CELLS}}", "$text-primary"), f" {mean.score:>4.0%} ")
        yield Block(
            text + Content(safe(name(mean.name))) + Content.styled(f"  ({mean.count})", "$text-muted"), spaced=False
        )


def _heading(text: str) -> Block:
    return Block(Content.styled(text, "bold $text-primary"))


# The points of an answer with what the grader found: to be looked at and disputed, not to be changed


class JudgedPoints(VerticalScroll, Points, can_focus=True):
    """The quote of the point under the cursor is marked in the answer."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Point before", id="judged.up", show=False, tooltip="The point before"),
        Binding("down,j", "move(1)", "Next point", id="judged.down", show=False, tooltip="The next point"),
        Binding("d", "dispute", "Dispute", id="judged.dispute",
                tooltip="Say why a point is judged wrongly. It is noted beside the verdict, which stays as it is"),
    ]  # fmt: skip
    DEFAULT_CSS = """
    JudgedPoints { height: auto; }
    JudgedPoints:focus { background-tint: transparent 0%; }
    """

    @dataclass
    class Disputed(Message):
        """The learner does not agree with the point under the cursor."""

        point: ShownPoint

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = []
        self._disputes: dict[str, str] = {}

    async def show(self, answer: GateAnswer) -> None:
        """Show the points of an answer, with what was disputed of them."""
        self._disputes = {dispute.point_id: dispute.note for dispute in answer.disputes}
        await self.show_points(shown_points(answer.points))

    def action_dispute(self) -> None:
        if self.points:
            self.post_message(self.Disputed(self.points[self.cursor]))

    def note(self, place: int) -> str:
        point = self.points[place]
        if point.id in self._disputes:
            return safe(f"disputed: {self._disputes[point.id]}")
        return safe(point.why) if place == self.cursor else ""


def shown_points(points: Sequence[GatePoint]) -> tuple[ShownPoint, ...]:
    """The points as the marked answer takes them."""
    return tuple(
        ShownPoint(point.id, point.text, point.must, point.coverage, None, point.quote, point.why) for point in points
    )

"""Reading and judging what was typed or picked: the domain's rules with the labs' readers of numbers and options."""

from __future__ import annotations

import asyncio
import difflib
import re
import time
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from studytui.domain import judging
from studytui.domain.cards import AnswerForm, Body, Card, Cloze, Kind, Match, Numeric, Open, odds_among
from studytui.domain.judging import Circumstances, Suggestion, suggestion, words_in
from studytui.domain.verdict import Response, Verdict
from studytui.study.review import Answer, QueueItem

if TYPE_CHECKING:
    from labs.protocol import Evidence, Look, Problem
    from studytui.study.labs import LabClient


BLANKS_APART: Final = "|"
"""What parts the blanks of a cloze, and the right sides of a match, in one line of text."""


@dataclass(frozen=True, slots=True)
class Option:
    """Something to pick, to order or to match with: the author's index and the text."""

    index: int
    text: str


class NoCard(LookupError):
    """The course has no card of that id; the text names the ones that look like it."""


def judge(
    card: Card, response: Response, words: Container[str] = frozenset(), *, dont_know: bool = False
) -> Verdict | None:
    """The verdict on a response, or None where the learner judges (basic) or the lab does (exercise).

    `words` are the course's: a slip that makes one of them is not forgiven.

    Raises:
        TypeError: if the response is not of the card's kind.
    """
    from labs import numbers  # at the first answer, not before the first card

    return judging.check_response(card, response, numbers=numbers, course_words=words, dont_know=dont_know)


def read(
    form: AnswerForm, texts: Sequence[str], options: Sequence[Option] = (), lefts: Sequence[str] = ()
) -> tuple[Response, str]:
    """A response from typed lines: one a blank or a left side, else one line; with '' or what to type instead.

    An option is named by its place in `options`, from 1, by its letter or by its text.
    """
    line = texts[0] if texts else ""
    match form:
        case "number":
            return line, ""
        case "blanks":
            return list(texts), ""
        case "choice":
            picked = _option(line, options)
            return picked, "" if picked is not None else _no_option(line, len(options))
        case "order":
            return _order(line, options)
        case "match":
            rights = [_option(text, options) for text in texts]
            missing = next((at for at, right in enumerate(rights) if right is None), None)
            if missing is None:
                return [right for right in rights if right is not None], ""
            return None, f"{lefts[missing]}: {_no_option(texts[missing], len(options))}"
    return None, ""


def judge_line(card: Card, line: str, words: Container[str] = frozenset()) -> Verdict | None:
    """The verdict on one line of text, or None where the learner or the lab judges.

    Options are numbered in the author's order; blanks and right sides are parted by `|`, one for each. What cannot be
    an answer is not judged.
    """
    body = card.body
    form = body.form
    if form in ("reveal", "points"):
        return None
    texts, refusal = _parts(body, line)
    response: Response = None
    if not refusal:
        options = [Option(index, text) for index, text in enumerate(body.listed)]
        response, refusal = read(form, texts, options, body.lefts)
    return Verdict(False, 0.0, refusal, asks=True) if refusal else judge(card, response, words)


def _parts(body: Body, line: str) -> tuple[list[str], str]:
    """A line as one text for each blank or left side; with '' or what to type where it has more or fewer."""
    match body:
        case Cloze() if len(body.blanks) > 1:
            count, what = len(body.blanks), "blanks"
            texts = line.split(BLANKS_APART)
        case Match():
            count, what = len(body.pairs), "right sides, in the order of the left ones,"
            texts = line.split(BLANKS_APART) if BLANKS_APART in line else re.split(r"[;,\s]+", line.strip())
        case _:
            return [line], ""
    is_whole = len(texts) == count
    return [text.strip() for text in texts], "" if is_whole else f"Type the {count} {what} with {BLANKS_APART} between."


def _option(text: str, options: Sequence[Option]) -> int | None:
    """The author's index of the option that was named."""
    from labs.options import read_option

    named = read_option(text, [option.text for option in options])
    return next((option.index for option in options if option.text == named), None)


def _order(line: str, options: Sequence[Option]) -> tuple[Response, str]:
    from labs.options import read_order

    named = read_order(line, [option.text for option in options])
    if named is None:
        numbers = " ".join(str(place) for place in range(1, len(options) + 1))
        return None, f"Type the {len(options)} numbers in the right order, for example {numbers}."
    index_of = {option.text: option.index for option in options}
    return [index_of[text] for text in named], ""


def _no_option(text: str, count: int) -> str:
    what = f"type a number from 1 to {count}."
    return f"“{text.strip()[:40]}” is not one of the options: {what}" if text.strip() else what.capitalize()


def find_card(root: Path, own: Path | None, card_id: str) -> Card:
    """The card of that id, from the course's files and the learner's own; no database is opened.

    Raises:
        NoCard: there is none; CourseError: a file cannot be read.
    """
    from studytui.course.loader import card_files, load_course
    from studytui.course.user_cards import own_files
    from studytui.study.course_sync import load_file

    known: list[str] = []
    for path in card_files(load_course(root)) + (own_files(own) if own else []):
        for card in load_file(root, own or root, path):
            if card.id == card_id:
                return card
            known.append(card.id)
    close = difflib.get_close_matches(card_id[:100], known, n=3)
    hint = f"Did you mean {' or '.join(close)}?" if close else "See `studytui cards`."
    raise NoCard(f"There is no card “{' '.join(card_id.split())[:60]}”. {hint}")


# One attempt at a card or a lab's problem: asked, hinted, timed, answered, judged, and what the log keeps of it


PATIENCE_SECONDS: Final = 0.15
"""A lab that answers within this time shows no progress: a flash would only distract."""
SAY_SO: Final = "say that you don't know"
"""How a refusal names what every front has a key of its own for."""
CURVE_POINTS: Final = 6
"""Places of a curve that are told in words."""
NO_LABS: Final = "The labs are not running in this window."


class Stopwatch:
    """Seconds spent on a question, from those spent `before` on; stands still while something covers the question."""

    def __init__(
        self, monotonic: Callable[[], float] = time.monotonic, *, before: float = 0.0, running: bool = True
    ) -> None:
        self._monotonic = monotonic
        self._before = before
        self._since: float | None = monotonic() if running else None

    @property
    def is_running(self) -> bool:
        """Whether it counts."""
        return self._since is not None

    @property
    def seconds(self) -> float:
        """What counts."""
        running = self._monotonic() - self._since if self._since is not None else 0.0
        return self._before + running

    def pause(self) -> None:
        """Stop counting."""
        self._before, self._since = self.seconds, None

    def resume(self) -> None:
        """Count on from where it stands."""
        if self._since is None:
            self._since = self._monotonic()


@dataclass(slots=True)
class Attempt:
    """What is asked and what the learner did with it so far.

    Attributes:
        asked: the card on the table; None where a problem is asked by itself (bench, audit, command line).
        words: those of the course: a slip of the finger that makes one is not forgiven.
        problem: what the lab asks with this showing's numbers, if a lab decides.
        covered: the options are not in sight yet: an answer is thought of first.
        trouble: why nothing can be judged ('' if it can): the learner compares and grades alone.
        answered_after: seconds until the answer was given, None before; the suggested grade rests on it.
        suggested: the grade suggested on the learner's own scale, None before the check or without a verdict;
            `reason` says why, in a sentence.
        measured: what the lab computed.
        look: what the question shows before the answer; None until it is drawn, or where it shows nothing. Where it
            cannot be drawn, `look_trouble` says why.
        played: what a round on a screen of its own was worth; it is suggested in place of the usual rule.
    """

    asked: QueueItem | None = None
    words: Container[str] = frozenset()
    problem: Problem | None = None
    covered: bool = False
    trouble: str = ""
    watch: Stopwatch = field(default_factory=Stopwatch)
    response: Response = None
    gave_up: bool = False
    guessed: bool = False
    written: str = ""
    verdict: Verdict | None = None
    suggested: int | None = None
    reason: str = ""
    confidence: int | None = None
    hints_used: int = 0
    answered_after: float | None = None
    measured: Evidence | None = None
    look: Look | None = None
    look_trouble: str = ""
    played: Suggestion | None = None

    @classmethod
    def at(cls, turn: QueueItem, words: Container[str] = frozenset()) -> Self:
        """An attempt at a card. A lab that cannot pose leaves a card that is only revealed, and says why."""
        attempt = cls(turn, words, covered=turn.covered)
        if turn.card.kind == "exercise":
            from studytui.study import labs

            try:
                attempt.problem = labs.pose(turn.card, turn.showing.review_uid)
            except (ValueError, LookupError, TypeError) as error:
                attempt.trouble = f"This card's lab cannot ask a question: {_words(error)}"
        return attempt

    # What is asked

    @property
    def turn(self) -> QueueItem:
        """The card on the table; only asked for where there is one."""
        assert self.asked is not None
        return self.asked

    @turn.setter
    def turn(self, turn: QueueItem) -> None:
        self.asked = turn

    @property
    def kind(self) -> Kind:
        """The card's kind; a problem by itself is an exercise."""
        return "exercise" if self.asked is None else self.asked.card.kind

    @property
    def form(self) -> AnswerForm:
        """How the answer is given."""
        if self.problem is not None:
            match self.problem.answer_type:
                case "choice" | "order" as listed:
                    return listed
            return "number"
        return self.asked.card.body.form if self.asked is not None else "reveal"

    @property
    def question(self) -> str:
        """Everything that is asked, as Markdown: the author's line, what the lab asks, how close counts."""
        parts = [self.asked.showing.question] if self.asked is not None else []
        if self.problem is not None:
            parts.append(self.problem.prompt)
        if self.tolerance:
            parts.append(f"*{self.tolerance}*")
        return "\n\n".join(part for part in parts if part)

    @property
    def told(self) -> str:
        """The same for a reader that shows no pictures: each of them in words."""
        if self.asked is None or self.asked.card.scene is None:
            return self.question
        from studytui.study.pictures import scene_in_words

        return f"{self.question}\n\n{scene_in_words(self.asked.card)}"

    @property
    def options(self) -> tuple[Option, ...]:
        """What can be picked or ordered, and the right sides of a match, in the order of this showing."""
        if self.problem is not None:
            return tuple(Option(index, text) for index, text in enumerate(self.problem.options))
        if self.asked is None:
            return ()
        texts = self.asked.card.body.listed
        return tuple(Option(index, texts[index]) for index in self.turn.showing.permutation)

    @property
    def lefts(self) -> tuple[str, ...]:
        """The left sides of a match, in the author's order."""
        body = self.asked.card.body if self.asked is not None and self.problem is None else None
        return body.lefts if body is not None else ()

    @property
    def points(self) -> tuple[str, ...]:
        """The points of an open card, to be ticked after the answer."""
        body = self.asked.card.body if self.asked is not None else None
        return body.points if isinstance(body, Open) else ()

    @property
    def blanks(self) -> int:
        """How many blanks there are to fill."""
        body = self.asked.card.body if self.asked is not None else None
        return len(body.blanks) if isinstance(body, Cloze) else 0

    @property
    def unit(self) -> str:
        """What a number is asked for in; '' for a bare one."""
        if self.problem is not None:
            return self.problem.unit
        body = self.asked.card.body if self.asked is not None else None
        return body.unit if isinstance(body, Numeric) else ""

    @property
    def tolerance(self) -> str:
        """How close counts as right, in a sentence; '' where the exact value is asked for."""
        if self.problem is not None:
            how = _within(self.problem.tolerance, self.problem.tolerance_percent, self.problem.unit)
            return f"{how}: {self.problem.tolerance_reason or 'the measurement is that fine'}" if how else ""
        body = self.asked.card.body if self.asked is not None else None
        if not isinstance(body, Numeric):
            return ""
        how = _within(body.tolerance, body.tolerance_percent, body.unit)
        return f"{how}." if how else ""

    def uncover(self) -> None:
        """Bring the options into sight."""
        self.covered = False

    @property
    def shows_something(self) -> bool:
        """Whether the lab's problem is asked with pictures or curves, so that `draw` has something to draw."""
        if self.problem is None:
            return False
        from labs.catalog import UnknownExercise, exercise

        try:
            return exercise(self.problem.exercise).looker is not None
        except UnknownExercise:
            return False

    async def draw(self, client: LabClient | None) -> None:
        """Have drawn what the question shows; the clock stands still meanwhile.

        Afterwards there is a `look`, or `look_trouble` says why there is none: never an exception.
        """
        assert self.problem is not None
        if client is None:
            self.look_trouble = NO_LABS
            return
        from studytui.study.labs import Looked

        ran = self.watch.is_running
        self.watch.pause()
        outcome = await client.look(self.problem)
        if ran:
            self.watch.resume()
        if isinstance(outcome, Looked):
            self.look = outcome.look
        else:
            self.look_trouble = f"The question's pictures cannot be shown. {outcome.message}"

    # Hints

    @property
    def hints(self) -> tuple[str, ...]:
        """The author's hints, then those of the lab's problem."""
        return (self.asked.card.hints if self.asked else ()) + (self.problem.hints if self.problem else ())

    @property
    def hints_shown(self) -> tuple[str, ...]:
        """Those that were taken."""
        return self.hints[: self.hints_used]

    def next_hint(self) -> str | None:
        """One more hint, counted; None when there is none left."""
        if self.hints_used >= len(self.hints):
            return None
        self.hints_used += 1
        return self.hints[self.hints_used - 1]

    # The answer

    @property
    def is_answered(self) -> bool:
        """Whether the answer may be shown: back, note, right answer."""
        return self.answered_after is not None

    @property
    def needs_lab(self) -> bool:
        """Whether a lab decides, so that `measure` and not `check` gives the verdict."""
        return self.problem is not None

    def read(self, texts: Sequence[str]) -> tuple[Response, str]:
        """A response from typed lines: one a blank or a left side, else one line; with '' or what to type instead.

        Places are numbers as they were shown, from 1; an option may be named by its text too.
        """
        return read(self.form, texts, self.options, self.lefts)

    def answer(self, response: Response) -> str:
        """Take an answer and stop the clock: '', or a line that says what to type where this cannot be an answer.

        Nothing is noted of what is sent back.
        """
        if refusal := self._refusal(response):
            return refusal
        self.response = response
        self.answered_after = self.watch.seconds
        return ""

    def give_up(self) -> None:
        """The learner does not know; the clock stops."""
        self.gave_up = True
        self.response = None
        self.answered_after = self.watch.seconds

    def withdraw(self) -> None:
        """Back to the question: what was given counts no more, and the clock goes on."""
        self.gave_up = self.guessed = False
        self.response, self.answered_after, self.confidence, self.played = None, None, None, None

    @property
    def may_be_guessed(self) -> bool:
        """Whether there is a right answer that may have been luck."""
        return self.verdict is not None and self.verdict.correct

    def guess(self) -> None:
        """The learner only guessed right: Hard is suggested, so that the card is asked again today."""
        self.guessed = True
        if self.verdict is not None:
            self._judged(self.verdict)

    # The verdict

    def check(self) -> Verdict | None:
        """Judge the answer: the verdict, or None where the learner judges."""
        if self.asked is not None and self.problem is None and self.form not in ("reveal", "points"):
            self._judged(judge(self.asked.card, self.response, self.words, dont_know=self.gave_up))
        return self.verdict

    def tick(self, points: Sequence[int]) -> Verdict | None:
        """The points of an open card that were said, by the author's index."""
        self.response = list(points)
        self._judged(judge(self.turn.card, self.response))
        return self.verdict

    async def measure(self, client: LabClient | None, on_progress: Callable[[float, str], None]) -> str:
        """Let the lab compute and judge. Afterwards there is a verdict, or `trouble` says why there is none.

        `on_progress` hears nothing of a lab that answers within `PATIENCE_SECONDS`. Returns '', or a line that says
        what to type where the lab cannot take the answer for one: then nothing was judged. A lab that fails, hangs or
        is missing leaves `trouble`, never an exception.
        """
        problem = self.problem
        assert problem is not None
        if self.look_trouble:  # who cannot see the question cannot be wrong
            self.trouble = self.look_trouble
            return ""
        evidence, self.trouble = await _solve(client, problem, on_progress)
        if evidence is None:
            return ""
        from studytui.study import labs

        self.measured = evidence
        answer = labs.in_words(problem, self.response)
        if not answer.strip() and not self.gave_up:
            return ""
        try:
            verdict = labs.judge(problem, answer, evidence, dont_know=self.gave_up)
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            right = labs.show_value(evidence)
            self.trouble = f"The lab computed {right}, but it could not judge the answer ({_words(error)})."
            return ""
        if verdict.asks:
            self.measured = None
            return verdict.message
        self._judged(verdict)
        return ""

    @property
    def right_answer(self) -> str:
        """The right answer in a line of plain text; '' where only the back says it, or nothing was measured."""
        if self.problem is None:
            return self.asked.card.body.right_answer if self.asked is not None else ""
        if self.measured is None:
            return ""
        from studytui.study import labs

        return labs.show_value(self.measured)

    @property
    def default_grade(self) -> int:
        """What Enter gives: the suggestion, or Good where the learner alone judges."""
        return 4 if self.suggested is None else self.suggested

    def as_answer(self) -> Answer:
        """What goes into the log besides the grade."""
        return Answer(
            response=self._logged_response(),
            verdict=self.verdict,
            suggested_grade=self.suggested,
            confidence=self.confidence,
            duration_ms=round(self.watch.seconds * 1000),
            hints_used=self.hints_used,
            evidence=self._evidence(),
        )

    def _judged(self, verdict: Verdict | None) -> None:
        """A verdict: suggest a grade that the learner's keys can give."""
        self.verdict = verdict
        if verdict is None:
            return
        found = self.played or suggestion(verdict, **self._circumstances())
        lowest = min(self.asked.grades, default=0) if self.asked is not None else 0
        self.suggested, self.reason = max(found.grade, lowest), found.reason

    def _circumstances(self) -> Circumstances:
        seconds = self.answered_after or 0.0
        # To look through pictures takes about as long as to read what they show.
        seen = words_in(*(picture.alt for picture in self.look.pictures)) if self.look else 0
        if self.asked is not None:
            found = self.asked.circumstances(
                seconds, problem=self.problem, hints_used=self.hints_used, guessed=self.guessed
            )
            found["words"] = found.get("words", 0) + seen
            return found
        assert self.problem is not None
        return Circumstances(
            kind="exercise",
            seconds=seconds,
            words=words_in(self.problem.prompt, *self.problem.options) + seen,
            hints_used=self.hints_used,
            guessed=self.guessed,
            odds=odds_among(len(self.problem.options), in_order=self.problem.answer_type == "order"),
        )

    def _refusal(self, response: Response) -> str:
        if self.problem is not None:
            from studytui.study import labs

            return labs.refusal(self.problem, labs.in_words(self.problem, response))
        if self.asked is None or self.form in ("reveal", "points"):
            return ""
        verdict = judge(self.asked.card, response, self.words)
        return verdict.message if verdict is not None and verdict.asks else ""

    def _logged_response(self) -> Response:
        if self.problem is None:
            return self.response
        from studytui.study import labs

        return labs.in_words(self.problem, self.response)

    def _evidence(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.asked is not None and self.asked.showing.numbers:
            found["numbers"] = self.asked.showing.numbers
        if self.asked is not None and self.asked.showing.from_memory:
            found["from_memory"] = True
        if self.problem is not None and self.measured is not None:
            from studytui.study import labs

            found |= labs.for_log(self.problem, self.measured)
        if self.written:
            found["written"] = self.written
        if self.gave_up:
            found["gave_up"] = True
        if self.guessed:
            found["guessed"] = True
        return found


async def _solve(
    client: LabClient | None, problem: Problem, on_progress: Callable[[float, str], None]
) -> tuple[Evidence | None, str]:
    """The evidence, or None and a sentence on why there is none."""
    if client is None:
        return None, NO_LABS
    from studytui.study.labs import Solved

    latest = (0.0, "starting the lab")
    impatient = False

    def lose_patience() -> None:
        nonlocal impatient
        impatient = True
        on_progress(*latest)

    def advanced(fraction: float, words: str) -> None:
        nonlocal latest
        latest = (fraction, words)
        if impatient:
            on_progress(fraction, words)

    patience = asyncio.get_running_loop().call_later(PATIENCE_SECONDS, lose_patience)
    try:
        outcome = await client.solve(problem, on_progress=advanced)
    finally:
        patience.cancel()
    return (outcome.evidence, "") if isinstance(outcome, Solved) else (None, outcome.message)


def evidence_lines(evidence: Evidence) -> Iterator[str]:
    """What a lab showed, line by line: how it is computed, its tables, and pictures and curves in words."""
    yield from evidence.derivation
    for table in evidence.tables:
        yield ""
        yield table.title
        rows = (table.columns, *table.rows)
        widths = [max(len(row[at]) for row in rows) for at in range(len(table.columns))]
        for row in rows:
            yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
    for picture in evidence.pictures:
        yield f"[{picture.caption}: {picture.alt}]" if picture.alt else f"[{picture.caption}]"
    for curve in evidence.curves:
        yield f"[{curve.title}: {', '.join(curve.series)} over {curve.x_label}]"


def look_lines(look: Look) -> Iterator[str]:
    """What a question shows, line by line in words: what is to be seen, and not the answer."""
    for picture in look.pictures:
        caption = f"{picture.caption}: " if picture.caption else ""
        yield f"[{caption}{picture.alt}]"
    for curve in look.curves:
        yield f"[{curve.title}: {curve.y_label} over {curve.x_label}]"
        for name, values in curve.series.items():
            places = [round(at * (len(values) - 1) / (CURVE_POINTS - 1)) for at in range(CURVE_POINTS)]
            told = ", ".join(f"{curve.x[at]:.4g}: {values[at]:.3g}" for at in dict.fromkeys(places))
            yield f"  {name}: {told}"


def _within(tolerance: float, percent: float, unit: str) -> str:
    if tolerance:
        return f"Accepted within ±{tolerance:.3g} {unit}".rstrip()
    return f"Accepted within ±{percent:.2g} %" if percent else ""


def _words(error: Exception) -> str:
    """An exception's sentence; a plain KeyError would put quotes round its own."""
    return str(error.args[0]) if type(error) is KeyError and error.args else str(error)

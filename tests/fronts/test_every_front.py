"""Every kind of card and every type of answer through every front: the same question, help, verdict and log row.

One real lab worker a front. A front is walked once; each kind is then looked for on the pages it left.
"""

from __future__ import annotations

import asyncio
import io
import json
import re
import sys
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from labs.catalog import exercise
from labs.protocol import Problem
from studytui.__main__ import main
from studytui.domain.settings import Settings
from studytui.study.attempt import Attempt
from studytui.study.labs import LabClient
from studytui.study.review import QueueItem
from tests.gate.course import GATE, gated
from tests.ui.tiny_course import Running, running

HINT = "Think of squares."


@dataclass(frozen=True)
class Case:
    """A card, what must stand on its page before and after the answer, and what is typed."""

    kind: str
    toml: str
    typed: tuple[str, ...] = ()
    """What is typed for the right answer; options by their text."""
    asked: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    exercise: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    suggested: int | None = 4


def lab(name: str, exercise: str, asked: tuple[str, ...], told: tuple[str, ...], *typed: str, **params: Any) -> Case:
    fixed = ", ".join(f"{key} = {json.dumps(value)}" for key, value in params.items())
    toml = f"lab = {{ exercise = {json.dumps(exercise)}, set = {{ {fixed} }} }}"
    return Case(name, f'kind = "exercise"\nfront = "The {name} card."\n{toml}', typed, asked, told, exercise, params)


def noted_attempts(monkeypatch: pytest.MonkeyPatch) -> list[Attempt]:
    """Every attempt that a front makes of a card from now on, as it makes it."""
    posed: list[Attempt] = []
    pose = Attempt.at

    def noted(turn: QueueItem, words: Container[str] = frozenset()) -> Attempt:
        posed.append(pose(turn, words))
        return posed[-1]

    monkeypatch.setattr(Attempt, "at", noted)
    return posed


CASES = (
    Case("basic", 'kind = "basic"\nfront = "What is a patch?"', asked=("What is a patch?",), suggested=None),
    Case(
        "cloze",
        'kind = "cloze"\nfront = "A {{patch}} has {{3}} channels."',
        ("patch", "3"),
        ("channels.",),
        ("patch", "Right"),
    ),
    Case(
        "choice",
        'kind = "choice"\nfront = "Which one?"\noptions = '
        '[{ text = "this", correct = true }, { text = "that", why = "No." }, { text = "none", why = "Nor that." }]',
        ("this",),
        ("Which one?", "this", "that", "none"),
        ("this", "Right"),
    ),
    Case(
        "order",
        'kind = "order"\nfront = "Put in order."\nsteps = ["one", "two", "three"]',
        ("one", "two", "three"),
        ("one", "two", "three"),
        ("Right",),
    ),
    Case(
        "match",
        'kind = "match"\nfront = "What belongs?"\npairs = [["red", "rosso"], ["blue", "blu"]]\nextra = ["verde"]',
        ("rosso", "blu"),
        ("red", "blue", "rosso", "blu", "verde"),
        ("Right",),
    ),
    Case(
        "numeric",
        'kind = "numeric"\nfront = "How many patches?"\nanswer = 196\nunit = "patches"\ntolerance_percent = 2',
        ("14 x 14",),
        ("How many patches?", "patches", "Accepted within ±2 %"),
        ("196", "Right"),
    ),
    Case(
        "fresh",
        'kind = "numeric"\nfront = "Cut {side} px into patches of {patch} px: how many to a side?"\n'
        'vary = [{ side = 336, patch = 14 }, { side = 336, patch = 14 }]\nanswer = "side / patch"\nunit = "patches"',
        ("24",),
        ("Cut 336 px into patches of 14 px", "patches"),
        ("24", "Right"),
    ),
    Case(
        "open",
        'kind = "open"\nfront = "Why?"\npoints = ["It is small.", "It is square."]',
        ("1", "2"),
        ("Why?",),
        ("It is small.", "It is square."),
        suggested=None,
    ),
    lab(
        "integer",
        "patches.count",
        ("224 × 224", "patches"),
        ("196 patches", "rows × columns = 14 × 14 = 196 patches"),
        "196",
        image_size=224,
        patch_size=16,
    ),
    lab(
        "percent",
        "patches.compute",
        ("multiply-adds", "Accepted within ±5 %"),
        ("17.5", "FlopCounterMode"),
        "17.56",
        model="ViT-B",
        image_size=224,
        patch_size=16,
    ),
    lab("number", "denoising.recover_x0", ("Accepted within ±",), ("x_0",), "__value__"),
    lab(
        "pick",
        "patches.shuffle",
        ("the same vectors in another order", "it stays the same", "it changes"),
        ("Without position embeddings",),
        "the same vectors in another order",
        positions="without",
        readout="the patch tokens",
    ),
    lab(
        "watch",
        "video.fault",
        ("What is wrong with it?",),
        ("largest jump",),
        "the ball teleports",
        frames=7,
        fault="the ball teleports",
    ),
    lab("look", "denoising.more_signal", ("Which of the two carries more signal?",), ("Signal left",), "__value__"),
    lab("sort", "denoising.order_by_signal", ("One picture is noised",), ("Signal left",), "__value__", count=3),
)
LOOKED_AT = {
    ("watch", False): ("▀", "frame 0, of 0 to 6"),
    ("watch", True): ("[frame 0: the ball at x =", "[frame 6: the ball at x ="),
    ("look", False): ("▀", "picture Apicture B"),
    ("look", True): ("[picture A: A drawn circuit board, under noise]", "[picture B: "),
}
"""What is shown before the answer, on screens and in words."""
BY_KIND = {case.kind: case for case in CASES}
LABS = tuple(case for case in CASES if case.exercise)


@dataclass
class Seen:
    """What one front showed of one case, before and after the answer, and the row it wrote (None: it writes none)."""

    before: str
    after: str
    hinted: str = HINT
    row: tuple[Any, ...] | None = None


def cards() -> str:
    return "\n".join(
        f'[[card]]\nid = "{case.kind}"\nsection = "1.1"\ncovers = ["1.1-01"]\ngroup = "{case.kind}"\n{case.toml}\n'
        f'back = "Because of {case.kind}."\nhints = ["{HINT}"]\n'
        for case in CASES
    )


def flat(text: str) -> str:
    return " ".join(text.split())


LOG = (
    "SELECT c.key, r.action, r.grade, r.suggested_grade, r.correct, r.hints_used, r.response, r.evidence FROM review r"
    " JOIN card c ON c.id = r.card_id ORDER BY r.id DESC LIMIT 1"
)


def answers(case: Case, attempt: Attempt) -> list[str]:
    """What is typed for this showing: numbers of places for options, the measured value where only the lab knows it."""
    if case.typed == ("__value__",):
        assert attempt.problem is not None
        value = measured(attempt.problem)
        texts = value if isinstance(value, list) else [value]
        return [place(attempt, text) for text in texts] if attempt.options else [str(value)]
    if attempt.options:
        return [place(attempt, text) for text in case.typed]
    return list(case.typed)


def place(attempt: Attempt, text: str) -> str:
    return str(1 + [option.text for option in attempt.options].index(text))


def measured(problem: Problem) -> Any:
    """What the lab computes, in this process."""
    return exercise(problem.exercise).solve(problem, lambda *_: None).value


# The fronts


async def on_screen(run: Running, case: Case, attempt: Attempt) -> Seen:
    """Answer what stands on the screen by its keys."""
    before = run.text
    await run.press("f2")
    hinted = run.text
    typed = answers(case, attempt)
    match attempt.form:
        case "reveal":
            await run.press("space")
        case "points":
            await run.press("space", *typed, "enter")
        case "choice" | "order" | "match":
            await run.press(*typed, *(["enter"] if attempt.form != "choice" else []))
        case _:
            for text in typed:
                await run.type(text)
                await run.press("enter")
    await run.settle()
    return Seen(flat(before), flat(run.text), flat(hinted))


async def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, cram: bool) -> dict[str, Seen]:
    seen: dict[str, Seen] = {}
    client = LabClient()
    async with running(
        tmp_path, monkeypatch, cards=cards(), size=(150, 130), settings=Settings(start_labs=False, new_per_day=99)
    ) as run:
        run.app.lab_client = client
        if cram:
            from studytui.study.cram import CramChoice

            run.app.open_cram(CramChoice(section="1.1"))
            await run.settle()
        else:
            await run.press("enter")
        for _ in CASES:
            attempt = run.app.screen.attempt  # type: ignore[attr-defined]
            case = BY_KIND[attempt.turn.card.id]
            seen[case.kind] = await on_screen(run, case, attempt)
            await run.press("3")
            (seen[case.kind].row,) = run.rows(LOG)
        await client.close()
    return seen


async def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Seen]:
    seen: dict[str, Seen] = {}
    client = LabClient()
    async with running(tmp_path, monkeypatch, size=(150, 130)) as run:
        run.app.lab_client = client
        for case in LABS:
            run.app.open_lab(case.exercise, dict(case.params))
            await run.settle()
            attempt = run.app.screen._attempt  # type: ignore[attr-defined]
            seen[case.kind] = await on_screen(run, case, attempt)
            seen[case.kind].hinted = HINT if attempt.problem.hints[0][:20] in seen[case.kind].hinted else "no hint"
            run.app.screen.dismiss()
            await run.settle()
        await client.close()
    return seen


async def audit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Seen]:
    """A gate gives no hints."""
    parts = "\n".join(
        f'[[item.compute]]\nid = "{case.kind}"\ntitle = "{case.kind}"\nexercise = "{case.exercise}"\n'
        f"set = {{ {', '.join(f'{key} = {json.dumps(value)}' for key, value in case.params.items())} }}\ncount = 1\n"
        for case in LABS
    )
    item = '[[item]]\nid = "all"\ntitle = "All"\nobjectives = ["1.1-01"]\nsections = ["1.1"]\n\n'
    seen: dict[str, Seen] = {}
    client = LabClient()
    async with gated(tmp_path, monkeypatch, declared=GATE, audit=item + parts, size=(150, 130)) as run:
        from studytui.ui.screens.gate_part import ComputedScreen
        from tests.gate.course import recorder_of

        run.app.lab_client = client
        recorder = recorder_of(run.workspace)
        for item_, part in recorder.gate.parts():
            run.app.push_screen(ComputedScreen(recorder, item_, part))  # type: ignore[arg-type]
            await run.settle()
            attempt = run.app.screen._attempt  # type: ignore[attr-defined]
            seen[part.id] = await on_screen(run, BY_KIND[part.id], attempt)
            seen[part.id].hinted = HINT
            (row,) = run.rows(LOG)
            seen[part.id].row = (part.id, *row[1:])
            run.app.screen.dismiss()
            await run.settle()
        await client.close()
    return seen


class Reader(io.TextIOBase):
    """Standard input that is typed when it is asked for, by what was printed before."""

    def __init__(self, out: io.StringIO, reply: Callable[[str], str]) -> None:
        self._out, self._reply = out, reply

    def readline(self, _: int | None = -1) -> str:  # type: ignore[override]
        return self._reply(self._out.getvalue()) + "\n"

    def isatty(self) -> bool:
        return False


def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Seen]:
    import sqlite3

    from tests.ui.tiny_course import write_course

    home = tmp_path / "home"
    home.mkdir()
    (home / "settings.toml").write_text('new_per_day = 99\noptions = "shown"\n')
    monkeypatch.setenv("STUDYTUI_HOME", str(home))
    root = write_course(tmp_path / "course", cards=cards())
    out = io.StringIO()
    seen: dict[str, Seen] = {}
    posed = noted_attempts(monkeypatch)
    script: Iterator[str] = iter(())

    def reply(text: str) -> str:
        nonlocal script
        page = text[text.rfind("\n[") :]
        if "Grade:" in page.rsplit("\n", 1)[-1]:
            return "3"
        if "Numbers of the points" in page.rsplit("\n", 1)[-1]:
            return "1 2"
        if posed[-1].hints_used == 0:
            case = BY_KIND.get(posed[-1].turn.card.id)
            if case is None:
                return ":q"
            seen[case.kind] = Seen(flat(page), "")
            typed = answers(case, posed[-1])
            script = iter([" ".join(typed)] if posed[-1].form == "order" else typed)
            return ":h"
        return next(script, "")

    monkeypatch.setattr(sys, "argv", ["studytui", "--course", str(root), "review", "--plain"])
    monkeypatch.setattr(sys, "stdin", Reader(out, reply))
    monkeypatch.setattr(sys, "stdout", out)
    with pytest.raises(SystemExit):
        main()
    pages = re.split(r"\n(?=\[[a-z-]+\] 1\.1)", out.getvalue())
    connection = sqlite3.connect(home / "study.db")
    rows = {row[0]: row for row in connection.execute(LOG.replace("DESC LIMIT 1", ""))}
    connection.close()
    for page in pages[1:]:
        kind = page[1 : page.index("]")]
        if kind in seen:
            seen[kind] = Seen(seen[kind].before, flat(page), flat(page), rows[kind])
    return seen


def lab_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Seen]:
    """One command; it says the question and the outcome, and gives no hints."""
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path))
    seen: dict[str, Seen] = {}
    for case in LABS:
        out = io.StringIO()
        attempt = Attempt(problem=exercise(case.exercise).pose(dict(case.params), 5))
        typed = " ".join(answers(case, attempt))
        sets = [word for key, value in case.params.items() for word in ("--set", f"{key}={value}")]
        with monkeypatch.context() as patch:
            patch.setattr(
                sys, "argv", ["studytui", "lab", "run", case.exercise, *sets, "--seed", "5", "--answer", typed]
            )
            patch.setattr(sys, "stdout", out)
            with pytest.raises(SystemExit):
                main()
        seen[case.kind] = Seen(flat(out.getvalue()), flat(out.getvalue()))
    return seen


FRONTS = ("review", "cram", "plain", "bench", "audit", "lab run")


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], dict[str, Seen]]]:
    """What a front showed; each is walked once."""
    found: dict[str, dict[str, Seen]] = {}
    monkeypatch = pytest.MonkeyPatch()

    def walk(front: str) -> dict[str, Seen]:
        if front not in found:
            folder = tmp_path_factory.mktemp("front")
            with monkeypatch.context() as patch:
                patch.setenv("STUDYTUI_PICTURES", "cells")
                match front:
                    case "review" | "cram":
                        found[front] = asyncio.run(review(folder, patch, cram=front == "cram"))
                    case "bench":
                        found[front] = asyncio.run(bench(folder, patch))
                    case "audit":
                        found[front] = asyncio.run(audit(folder, patch))
                    case "plain":
                        found[front] = plain(folder, patch)
                    case _:
                        found[front] = lab_run(folder, patch)
        return found[front]

    yield walk
    monkeypatch.undo()


@pytest.mark.parametrize(
    ("front", "kind"),
    [(front, case.kind) for front in FRONTS for case in CASES if case.exercise or front in ("review", "cram", "plain")],
)
def test_question_help_verdict_and_row_are_the_same_everywhere(
    front: str, kind: str, walked: Callable[[str], dict[str, Seen]]
) -> None:
    case, seen = BY_KIND[kind], walked(front)[kind]
    for text in case.asked:
        assert text in seen.before
    for text in LOOKED_AT.get((kind, front in ("plain", "lab run")), ()):
        assert text in seen.before
    assert HINT in seen.hinted
    for text in case.told:
        assert text in seen.after
    if case.exercise:
        assert "Right" in seen.after
    if seen.row is None:
        return
    key, action, grade, suggested, correct, hints, response, evidence = seen.row
    assert key == kind
    assert action == ("cram" if front in ("cram", "audit") else "review")
    assert json.loads(response) == json.loads(walked("plain")[kind].row[6]) or case.exercise or kind == "basic"  # type: ignore[index]
    if front != "audit":
        assert (grade, hints) == (4, 1)
        assert correct == (None if kind == "basic" else 1)
        assert (suggested is None) == (kind == "basic")
    if case.exercise:
        assert json.loads(evidence)["value"] is not None


@pytest.mark.parametrize("says", [("", "1"), (":x",)], ids=["answered", "not known"])
def test_plain_text_tells_the_options_once_there_is_an_answer_in_mind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], says: tuple[str, ...]
) -> None:
    from tests.ui.tiny_course import write_course

    (tmp_path / "home").mkdir()
    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path / "home"))
    only = 'id = "choice"\nsection = "1.1"\ncovers = ["1.1-01"]\nback = "Because."\n'
    root = write_course(tmp_path / "course", cards=f"[[card]]\n{only}{BY_KIND['choice'].toml}\n")
    monkeypatch.setattr(sys, "argv", ["studytui", "--course", str(root), "review", "--plain"])
    monkeypatch.setattr(sys, "stdin", io.StringIO("\n".join((*says, "3", ":q"))))
    with pytest.raises(SystemExit):
        main()
    page = capsys.readouterr().out
    asked = page.index("Have an answer in mind")
    assert "Which one?" in page[:asked]
    assert "1. " not in page[page.index("[choice]") : asked]
    assert ("1. " in page[asked:]) is (len(says) > 1)
    assert "Answer: this" in page[asked:]


def test_every_lab_card_of_the_course_is_asked_whole_in_plain_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is answered once, right or wrong: nothing that was needed to answer was left out, and the lab computed."""
    import sqlite3

    monkeypatch.setenv("STUDYTUI_HOME", str(tmp_path))
    monkeypatch.setattr("studytui.study.labs._seconds_allowed", lambda _: 300.0)  # however busy the machine is
    out = io.StringIO()
    posed = noted_attempts(monkeypatch)
    asked: dict[str, str] = {}

    def reply(text: str) -> str:
        if "Grade:" in text.rsplit("\n", 1)[-1]:
            return "3"
        attempt = posed[-1]
        asked[attempt.turn.card.id] = flat(text[text.rfind("\n[") :])
        return " ".join(str(at) for at in range(1, len(attempt.options) + 1)) if attempt.form == "order" else "1"

    monkeypatch.setattr(sys, "argv", ["studytui", "cram", "kind:exercise", "--plain"])
    monkeypatch.setattr(sys, "stdin", Reader(out, reply))
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", out)
        with pytest.raises(SystemExit) as end:
            main()
    assert end.value.code in (None, 0)
    for attempt in posed:
        page = asked[attempt.turn.card.id]
        assert attempt.problem is not None
        for text in (attempt.problem.prompt, attempt.tolerance, attempt.unit, *(one.text for one in attempt.options)):
            assert flat(text.replace("*", "")) in page.replace("*", ""), attempt.turn.card.id
    connection = sqlite3.connect(tmp_path / "study.db")
    rows = connection.execute("SELECT count(DISTINCT card_id) FROM review WHERE evidence LIKE '%\"value\"%'").fetchone()
    connection.close()
    assert len(posed) == len(asked)
    uncomputed = [(attempt.turn.card.id, attempt.trouble) for attempt in posed if attempt.measured is None]
    assert uncomputed == []
    assert rows == (len(posed),)
    assert len(posed) >= 96

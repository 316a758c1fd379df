"""Foreign text at every command's exit: no byte of it may be a command to the terminal.

A try puts a text full of escape sequences in one place (a string of a course file, a name, a path, an option, a
plug-in, a database) and runs the real command on it. It fails on a raw control character or direction mark in what was
printed, on a line of ours that the text faked, on a traceback (but for what a damaged database brings about, which is
another attack), on JSON that is none, and on an exit code that is no command's.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final

from tests.faults.attack import Attack
from tests.gate.course import write_gated
from tests.rehearsal.tiny_interview import INTERVIEW
from tests.store.surroundings import with_root
from tests.terminal import OnTerminal

FAKE: Final = "studytui: all is well"
PAYLOAD: Final = f"x\x1b]52;c;UFdO\x07\x9b31m\x7f\u202e\u2066\u200f\u061c\u2028\x85\r\n{FAKE}\r\x1b[2J\ty"
IN_TOML: Final = json.dumps(PAYLOAD)
AS_WORD: Final = f"{PAYLOAD}\udcff"
"""For options and paths: bytes that are no UTF-8 besides."""
_RAW: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_LITERAL: Final = re.compile(r'(?<!")"(?!")((?:[^"\\\n]|\\.)*)"(?!")')
"""A string of a TOML file on one line, not one of three quotes."""
_SECONDS: Final = 120
LISTING: Final[tuple[tuple[str, ...], ...]] = (
    ("check",), ("check", "--json"), ("check", "--wanted"), ("due",), ("due", "--json"), ("cards",),
    ("cards", "--json"), ("stats",), ("stats", "--json"), ("doctor",), ("doctor", "--json"), ("doctor", "--repair"),
    ("audit", "--status"), ("audit", "--json"),
    ("module", "9"), ("module", "9", "--json"), ("rehearse", "--list"), ("rehearse", "--list", "--json"),
    ("review", "--plain"), ("cram", "--plain"), ("rehearse", "--plain"), ("rehearse", "--plain", "--minutes", "5"),
)  # fmt: skip
ANSWERS: Final = b"1\n\n196\n\n2\n\nsoftmax\n\n" + b"It is cut into patches.\n.\n\n" * 2
Prepare = Callable[[Path], None]


@dataclass(frozen=True)
class Case:
    """One injection: what is done to the folder (which holds course/ and home/), and the command that is run then."""

    name: str
    words: tuple[str, ...]
    prepare: Prepare = lambda folder: None
    stdin: bytes = ANSWERS
    environment: dict[str, str] = field(default_factory=dict)
    course: str = "course"
    is_damage: bool = False

    @property
    def is_one_line_each(self) -> bool:
        """Whether every line printed begins with words of ours, so that none of the text may begin one."""
        return "--plain" not in self.words and self.words[:2] != ("lab", "run")


def literals() -> Iterator[Case]:
    """Every string of every file of a course, with each listing command in turn."""
    with TemporaryDirectory() as folder:
        root = course_at(Path(folder))
        places = [
            (str(file.relative_to(root)), number)
            for file in sorted(root.rglob("*.toml"))
            for number, _ in enumerate(_LITERAL.finditer(file.read_text(encoding="utf-8")))
        ]
    for turn, (file, number) in enumerate(places):
        words = LISTING[turn % len(LISTING)]
        yield Case(f"string {number} of {file}", words, replaced(file, number))


def course_at(folder: Path) -> Path:
    """A course with a gate and interview questions."""
    root = write_gated(folder / "course")
    (root / "quizzes" / "interview.toml").write_text(INTERVIEW, encoding="utf-8")
    return root


def replaced(file: str, number: int) -> Prepare:
    def prepare(folder: Path) -> None:
        path = folder / "course" / file
        text = path.read_text(encoding="utf-8")
        literal = list(_LITERAL.finditer(text))[number]
        path.write_text(text[: literal.start()] + IN_TOML + text[literal.end() :], encoding="utf-8")

    return prepare


def appended(file: str, text: str) -> Prepare:
    def prepare(folder: Path) -> None:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_bytes((before + text).encode("utf-8", "surrogateescape"))

    return prepare


def edited(file: str, old: str, new: str) -> Prepare:
    def prepare(folder: Path) -> None:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, (file, old)
        path.write_bytes(text.replace(old, new, 1).encode("utf-8", "surrogateescape"))

    return prepare


def in_database(sql: str) -> Prepare:
    """A change in the database of a learner who answered one card."""

    def prepare(folder: Path) -> None:
        studytui(folder, ("review", "--plain"), stdin=b"196\n\nq\n")
        with sqlite3.connect(folder / "home" / "study.db") as connection:
            connection.execute(sql, {"text": PAYLOAD})

    return prepare


def other_database(folder: Path) -> None:
    (folder / "home").mkdir(exist_ok=True)
    with sqlite3.connect(folder / "home" / "study.db") as connection:
        connection.execute(f'CREATE TABLE "{PAYLOAD}" (a)')


def moved(name: str) -> Prepare:
    def prepare(folder: Path) -> None:
        (folder / "course").rename(folder / name)

    return prepare


def plug_in(**parts: str) -> Prepare:
    """A lab package that says something hostile."""

    def prepare(folder: Path) -> None:
        from tests.labs.test_plugins import bad_lab

        bad_lab(folder / "bad", **parts)

    return prepare


def backup_with(name: str) -> Prepare:
    def prepare(folder: Path) -> None:
        studytui(folder, ("backup", str(folder / name)))

    return prepare


def explicit() -> Iterator[Case]:
    """The other ways in, one by one."""
    words: tuple[str, ...]
    yield Case(
        "an unknown key",
        ("check",),
        edited("course/content/cards/01.toml", 'id = "patch-count"', f'{IN_TOML} = 1\nid = "p"'),
    )
    yield Case("an unknown table", ("check",), appended("course/content/cards/01.toml", f"\n[[{IN_TOML}]]\na = 1\n"))
    yield Case("a key twice", ("due",), appended("course/content/course.toml", f"\n[{IN_TOML}]\n[{IN_TOML}]\n"))
    yield Case("raw controls in a file", ("check",), appended("course/content/cards/01.toml", f"\n{PAYLOAD} = 1\n"))
    yield Case("bytes that are no text", ("check",), appended("course/content/cards/01.toml", "\udcff\udcfe"))
    yield Case("a lab's name", ("check",), edited("course/quizzes/audit.toml", '"patches.count"', IN_TOML))
    yield Case("a lab's parameter", ("check",), edited("course/quizzes/audit.toml", "image_size =", f"{IN_TOML} ="))
    yield Case(
        "a pattern",
        ("check",),
        edited("course/quizzes/interview.toml", 'need = "bonus"', f"patterns = [{json.dumps('(' + PAYLOAD)}]"),
    )
    yield Case(
        "a wording's question",
        ("check",),
        appended("course/quizzes/wordings/chapter-1.toml", f"[[wording]]\nquestion = {IN_TOML}\n"),
    )
    yield Case("a chapter's heading", ("check",), appended("course/content/chapters/01.md", f"\n## 9.9 {PAYLOAD}\n"))
    yield Case(
        "a chapter's text",
        ("check",),
        appended("course/content/chapters/01.md", f"\n<!-- dated: 2020-01-01 -->{PAYLOAD}\n"),
    )
    for words in (("check",), ("due",), ("review", "--plain"), ("cards", "--json")):
        yield Case(f"the course's folder, {words[0]}", words, moved(f"c{AS_WORD[:20]}"), course=f"c{AS_WORD[:20]}")
    # settings and own files
    for key, value in (
        (IN_TOML, "1"),
        ("theme", IN_TOML),
        ("grade_keys", IN_TOML),
        ("new_per_day", IN_TOML),
        ("judge_url", IN_TOML),
    ):
        yield Case(f"settings, {key[:12]}", ("due",), appended("home/settings.toml", f"{key} = {value}\n"))
    yield Case("settings that are no TOML", ("stats",), appended("home/settings.toml", PAYLOAD))
    for words in (("check",), ("due",), ("review", "--plain"), ("new-card", "--kind", "basic")):
        yield Case(
            f"an own card, {words[0]}",
            words,
            appended("home/own/tiny/cards/own.toml", f"[[card]]\nid = {IN_TOML}\n{IN_TOML} = 1\n"),
        )
    yield Case(
        "a note on a card there is not",
        ("check",),
        appended("home/own/tiny/overrides.toml", f"[[override]]\ncard = {IN_TOML}\nnote = {IN_TOML}\n"),
    )
    yield Case(
        "a note",
        ("review", "--plain"),
        appended("home/own/tiny/overrides.toml", f'[[override]]\ncard = "patch-count"\nnote = {IN_TOML}\n'),
    )
    # options and arguments
    for words in (
        ("--" + AS_WORD,),
        (AS_WORD,),
        ("review", "--plain", "--section", AS_WORD),
        ("cram", "--plain", "--tag", AS_WORD),
        ("cram", "--plain", AS_WORD),
        ("cram", "--plain", "--helper", AS_WORD),
        ("cram", "--plain", "--lens", AS_WORD),
        ("cram", "--hardest", AS_WORD),
        ("cram", "--forgotten", AS_WORD),
        ("cards", f"kind:{AS_WORD}"),
        ("cards", AS_WORD, "--json"),
        ("cards", f"{AS_WORD}:x"),
        ("cards", f"state:{AS_WORD}"),
        ("schedule", AS_WORD),
        ("schedule", "4", "--start", AS_WORD),
        ("audit", AS_WORD, "--status"),
        ("module", AS_WORD),
        ("module", "9", "--override", AS_WORD, "--json"),
        ("module", "9", "--override", AS_WORD),
        ("module", "9", "--next", AS_WORD),
        ("audit", "--report", f"/dev/null/{AS_WORD}"),
        ("rehearse", "--grade", AS_WORD),
        ("rehearse", "--plain", "--question", AS_WORD),
        ("rehearse", "--plain", "--chapter", AS_WORD),
        ("rehearse", "--level", AS_WORD),
        ("rehearse", "--grade", "int-patches", "--answer-file", AS_WORD),
        ("rehearse", "--list", "--question", AS_WORD),
        ("new-card", "--kind", "basic", "--section", AS_WORD, "--front", "a", "--covers", "1"),
        ("new-card", "--kind", AS_WORD),
        ("new-card", "--kind", "numeric", "--section", "1.1", "--covers", "01", "--front", "a", "--answer", AS_WORD),
        ("new-card", "--section", "1.1", "--covers", AS_WORD, "--front", "b", "--back", "c"),
        ("lab", "run", AS_WORD),
        ("new-card", "--section", "1.1", "--covers", "01", "--front", AS_WORD, "--back", AS_WORD, "--json"),
        ("new-card", "--section", "1.1", "--covers", "01", "--front", "d", "--back", "e", "--id", AS_WORD),
        ("new-card", "--section", "1.1", "--covers", "01", "--front", "d", "--back", "e", "--lab", AS_WORD),
        ("lab", "run", "patches.count", "--set", AS_WORD),
        ("lab", "run", "patches.count", "--set", f"{AS_WORD}=1"),
        ("lab", "run", "patches.count", "--set", f"image_size={AS_WORD}"),
        ("lab", "run", "patches.count", "--seed", AS_WORD),
        ("lab", AS_WORD),
        ("backup", f"/dev/null/{AS_WORD}"),
        ("restore", "--yes", AS_WORD),
        ("restore", AS_WORD),
        ("--version", AS_WORD),
        ("try", AS_WORD, "--answer", "1"),
        ("try", "patch-count", "--answer", AS_WORD),
        ("try", "patch-count", "--answer", AS_WORD, "--json"),
        ("merge", AS_WORD),
        ("merge", "--yes", AS_WORD),
    ):
        shown = " ".join("…" if AS_WORD in word else word for word in words)
        yield Case(f"words: {shown}", words, stdin=b"")
    yield Case("a course that is not there", ("due",), course=AS_WORD)
    yield Case("a home that is a file", ("due",), appended("home", "x"))
    yield Case("an odd home", ("due",), environment={"STUDYTUI_HOME": f"/dev/null/{AS_WORD}"})
    yield Case("a home of somebody unknown", ("due",), environment={"STUDYTUI_HOME": "~" + AS_WORD.replace("/", "")})
    yield Case(
        "completion",
        (),
        environment={"_STUDYTUI_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": f"studytui re{PAYLOAD}"},
    )
    yield Case(
        "completion of fish",
        (),
        environment={"_STUDYTUI_COMPLETE": "complete_fish", "_TYPER_COMPLETE_ARGS": f"studytui {PAYLOAD} --"},
    )
    # answers
    for words in (("review", "--plain"), ("cram", "--plain"), ("rehearse", "--plain")):
        yield Case(f"answers, {words[0]}", words, stdin=(PAYLOAD + "\n" + PAYLOAD + "\n.\n\n").encode() * 4 + b"\xff\n")
    yield Case(
        "an answer to grade", ("rehearse", "--grade", "int-patches", "--answer-file", "-"), stdin=PAYLOAD.encode()
    )
    yield Case(
        "an answer as JSON",
        ("rehearse", "--grade", "int-patches", "--answer-file", "-", "--json"),
        stdin=PAYLOAD.encode(),
    )
    # databases and backups
    yield Case("a database of another program", ("due",), other_database)
    for words in (("doctor",), ("doctor", "--json"), ("stats",), ("cards",), ("review", "--plain")):
        for table, column in (
            ("card_text", "payload"),
            ("card", "key"),
            ("review", "response"),
            ("review", "study_day"),
            ("review", "action"),
            ("card", "due_on"),
        ):
            sql = f"UPDATE OR IGNORE {table} SET {column} = :text"
            yield Case(f"{table}.{column}, {words[0]}", words, in_database(sql), is_damage=True)
    yield Case(
        "a backup's name", ("restore", "--yes", f"{{folder}}/b{AS_WORD[:12]}.db"), backup_with(f"b{AS_WORD[:12]}.db")
    )
    yield Case("a backup to an odd name", ("backup", f"{{folder}}/b{AS_WORD[:12]}.db"))
    yield Case(
        "a file that is no backup",
        ("restore", "--yes", f"{{folder}}/n{AS_WORD[:12]}"),
        appended(f"n{AS_WORD[:12]}", PAYLOAD),
    )
    # plug-ins and the worker
    said = json.dumps(PAYLOAD)
    for words in (("lab", "list"), ("lab", "list", "--json"), ("check",)):
        yield Case(
            f"a plug-in that fails, {' '.join(words)}",
            words,
            plug_in(before=f"raise ValueError({said})"),
            environment={"PLUG_IN": "1"},
        )
        yield Case(
            f"a plug-in that prints, {' '.join(words)}",
            words,
            plug_in(before=f"print({said}, flush=True)"),
            environment={"PLUG_IN": "1"},
        )
    yield Case(
        "a plug-in's title",
        ("lab", "list"),
        plug_in(offer=_offer("title='Bad'", f"title={said}")),
        environment={"PLUG_IN": "1"},
    )
    yield Case(
        "a plug-in's name",
        ("lab", "list"),
        plug_in(offer=_offer("name='bad.lab'", f"name={said}")),
        environment={"PLUG_IN": "1"},
    )
    run = ("lab", "run", "bad.lab", "--answer", "3")
    yield Case(
        "a plug-in that cannot pose", run, plug_in(pose=f"raise ValueError({said})"), environment={"PLUG_IN": "1"}
    )
    yield Case(
        "a plug-in's prompt",
        run,
        plug_in(pose=f"return Problem('bad.lab', {{}}, seed, {said}, 'integer', unit='x')"),
        environment={"PLUG_IN": "1"},
    )
    yield Case("a lab that fails", run, plug_in(solve=f"raise ValueError({said})"), environment={"PLUG_IN": "1"})
    yield Case(
        "a worker's garbage",
        run,
        plug_in(solve=f"import os; os.write(2, {said}.encode()); os._exit(3)"),
        environment={"PLUG_IN": "1"},
    )
    yield Case(
        "a lab's evidence",
        run,
        plug_in(
            solve=f"text = {said}; table = Table(text, (text,), ((text,),)); "
            "return Evidence(3, unit=text, derivation=(text,), tables=(table,))"
        ),
        environment={"PLUG_IN": "1"},
    )
    yield Case(
        "a lab's evidence as JSON",
        (*run, "--json"),
        plug_in(solve=f"return Evidence(3, unit={said}, derivation=({said},))"),
        environment={"PLUG_IN": "1"},
    )
    yield Case("a lab's verdict", run, plug_in(check=f"return Verdict(False, {said})"), environment={"PLUG_IN": "1"})


def _offer(old: str, new: str) -> str:
    from tests.labs.test_plugins import OFFER

    return OFFER.replace('"', "'").replace(old, new)


def studytui(
    folder: Path,
    words: tuple[str, ...],
    *,
    course: str = "course",
    stdin: bytes = b"",
    environment: dict[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """The command on the folder's course and home, in pipes."""
    environ = with_root() | {"STUDYTUI_HOME": str(folder / "home")} | (environment or {})
    if environ.pop("PLUG_IN", ""):
        environ["PYTHONPATH"] = os.pathsep.join((str(folder / "bad"), environ["PYTHONPATH"]))
    given = [word.replace("{folder}", str(folder)) for word in words]
    command = [sys.executable, "-m", "studytui", "--course", str(folder / course), *given]
    return subprocess.run(
        [os.fsencode(word) for word in command],
        input=stdin,
        capture_output=True,
        check=False,
        env=environ,
        timeout=_SECONDS,
    )


def run_case(case: Case) -> list[str]:
    """What went wrong."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        course_at(folder)
        case.prepare(folder)
        try:
            done = studytui(folder, case.words, course=case.course, stdin=case.stdin, environment=case.environment)
        except subprocess.TimeoutExpired:
            return [f"{case.name}: {' '.join(case.words)!a} did not end"]
    wrong = []
    for stream, printed in (("stdout", done.stdout), ("stderr", done.stderr)):
        text = printed.decode("utf-8", "surrogateescape")
        if found := _RAW.search(text) or re.search("[\ud800-\udfff]", text):
            wrong.append(f"{stream} holds {found[0]!a}")
        if (case.is_one_line_each or stream == "stderr") and re.search(f"^{FAKE}", text, re.MULTILINE):
            wrong.append(f"{stream} has a line that the text faked")
        if "Traceback (most recent call last)" in text and not case.is_damage:
            wrong.append(f"a traceback: {text.strip().splitlines()[-1]!a:.120}")
    if done.returncode not in (0, 1, 2):
        wrong.append(f"exit code {done.returncode}")
    if "--json" in case.words and done.stdout:
        try:
            json.loads(done.stdout)
        except ValueError as error:
            wrong.append(f"no JSON: {error}")
    return [f"{case.name} ({' '.join(case.words)!a:.60}): {each}" for each in wrong]


def exits(tries: int, seed: int) -> list[str]:
    """Some of the injections, those that are drawn first by the seed."""
    cases = [*literals(), *explicit()]
    Random(seed).shuffle(cases)
    return [wrong for case in cases[:tries] for wrong in run_case(case)]


STARTS: Final[tuple[tuple[str, bool, Prepare], ...]] = (
    ("the course's title", False, edited("course/content/course.toml", '"Tiny course"', f"[{IN_TOML}]")),
    ("raw controls", False, appended("course/content/course.toml", PAYLOAD)),
    ("a database of another program", False, other_database),
    ("a card's id", True, edited("course/content/cards/01.toml", '"patch-count"', IN_TOML)),
    ("settings", True, appended("home/settings.toml", f"{IN_TOML} = 1\n")),
    ("settings that are no TOML", True, appended("home/settings.toml", PAYLOAD)),
)
"""What is wrong at a start, and whether the app opens all the same."""
_OBEYED: Final = re.compile("\x1b\\]52|\x9b|\x7f|\u202e|\u2066|\u200f|\u061c|\u2028")


def starts(tries: int, seed: int) -> list[str]:
    """The app itself on a terminal, on what is wrong at its start: words, and nothing of the text is obeyed."""
    drawn = list(STARTS)
    Random(seed).shuffle(drawn)
    wrong = []
    for name, opens, prepare in drawn[:tries]:
        with TemporaryDirectory() as temporary:
            folder = Path(temporary)
            course_at(folder)
            prepare(folder)
            terminal = OnTerminal("--course", str(folder / "course"), home=folder / "home")
            try:
                wrong += [f"{name}: {each}" for each in (_opened(terminal) if opens else _refused(terminal))]
            finally:
                terminal.kill()
    return wrong


def _opened(terminal: OnTerminal) -> list[str]:
    """What is wrong where the app must open, name the file and end at `q`."""
    wrong = [] if terminal.shows(".toml", _SECONDS) else ["the file is not named"]
    terminal.send("q")
    if (code := terminal.ends(_SECONDS)) != 0:
        wrong.append(f"ends with {code}")
    if found := _OBEYED.search(terminal.printed.decode("utf-8", "replace")):
        wrong.append(f"prints {found[0]!a}")
    return wrong


def _refused(terminal: OnTerminal) -> list[str]:
    """What is wrong where the app must end with one sentence."""
    code = terminal.ends(_SECONDS)
    text = terminal.printed.decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    wrong = []
    if code != 2 or not text.startswith("studytui: ") or text.count("\n") != 1:
        wrong.append(f"ends with {code}, {text!a:.200}")
    if found := _RAW.search(text):
        wrong.append(f"prints {found[0]!a}")
    return wrong


ATTACKS = (
    Attack("foreign text at every command's exit", sum(1 for _ in (*literals(), *explicit())), 3, exits),
    Attack("foreign text at a start, on a terminal", len(STARTS), 1, starts),
)

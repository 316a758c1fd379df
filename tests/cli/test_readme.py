"""Every command in README.md and docs/scripts.md is run as it stands there; what installs is checked short of that.

On all other pages it is at least one that there is, and links lead somewhere.
"""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import typer

from studytui.__main__ import main
from studytui.cli.main import app
from tests.cli.command import run_here
from tests.store.surroundings import with_root

ROOT = Path(__file__).parents[2]
SECONDS = 60
"""No command that is run here takes longer, even on a busy machine."""
RUN = ("README.md", "docs/scripts.md")
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")),
)
PROGRAMS = ("studytui", "make", "pip", "python", "python3")
ANSWER_IS_NO = ("studytui audit --status --json", "studytui module 14 --json")
"""These end with 1 before anything was studied, as the pages say of exit codes."""
INTERACTIVE = {"studytui": "Progress", "studytui cram": "practice"}
"""Commands that open the full screen, and what stands on it."""
TYPED = {"restore": "y\n", "lab diagnose": "eye\n", "--export": "It is cut into patches.\n.\n3\n\n" * 6}
"""What some commands ask for: a yes; the lens of a round;
an answer, its end, how sure, Enter to record, for each question and follow-up."""


@cache
def commands(pages: tuple[str, ...] = RUN) -> tuple[str, ...]:
    """The lines of shell blocks and the spans of code that begin with a program, in their order, each once."""
    found: list[str] = []
    for block, text in _of_all(pages):
        if block == "sh":
            found += [line.split("  #")[0].strip() for line in text.splitlines() if line.strip()]
        elif not block:
            found += [span for span in _spans(text) if span.split()[0] in PROGRAMS]
    return tuple(dict.fromkeys(line.removeprefix(".venv/bin/") for line in found))


def options() -> list[str]:
    """Options that stand in the text without their command."""
    text = "".join(text for block, text in _of_all(RUN) if not block)
    return [span.split()[0] for span in _spans(text) if span.startswith("--")]


def _of_all(pages: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for page in pages:
        yield from _parts((ROOT / page).read_text(encoding="utf-8"))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """(language of a fenced block, its text); the text between blocks has the language ''."""
    for number, part in enumerate(re.split(r"^```", text, flags=re.MULTILINE)):
        if number % 2:
            language, _, block = part.partition("\n")
            yield language.strip() or "text", block
        else:
            yield "", part


def _spans(text: str) -> list[str]:
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text) if span.strip()]


def of(program: str, pages: tuple[str, ...] = RUN) -> list[str]:
    """The commands of one program."""
    return [command for command in commands(pages) if command.split()[0] == program]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for all commands, as the reader's is one; it has been used before."""
    home = tmp_path_factory.mktemp("home")
    assert run(["studytui", "due"], home, home).returncode == 0
    return home


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder the reader works in, with an answer in a file."""
    folder = tmp_path_factory.mktemp("desk")
    (folder / "answer.txt").write_text("The picture is cut into a grid of square patches.", encoding="utf-8")
    return folder


def run(words: list[str], home: Path, desk: Path, *, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """A module run as a program; its standard input ends after `stdin`."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=desk, env=with_root() | {"STUDYTUI_HOME": str(home)}, input=stdin,
        capture_output=True, text=True, encoding="utf-8", timeout=SECONDS, check=False,
    )  # fmt: skip


def filled_in(command: str, home: Path, desk: Path) -> list[str]:
    """The words of a command with something real for FILE, FOLDER and QUESTION."""
    if command.startswith(("studytui restore", "studytui merge")):
        assert run(["studytui", "backup"], home, desk).returncode == 0
    backup = next(iter(sorted(home.glob("backups/*.db*"))), "")
    words = shlex.split(command)
    if "new-course" in words:
        shutil.rmtree(desk / words[2], ignore_errors=True)
    elif "--course" in words and not (desk / "my-course").exists():
        assert run(["studytui", "new-course", "my-course"], home, desk).returncode == 0
    real = {
        "QUESTION": "int-vit-tokens",
        "FILE": str(backup) if command.startswith(("studytui restore", "studytui merge")) else "answer.txt",
        "FOLDER": "reports",
        "DATE": (datetime.now(UTC).date() + timedelta(days=60)).isoformat(),
    }
    return [real.get(word, word) for word in words]


def test_the_pages_are_read() -> None:
    assert len(of("studytui")) >= 30
    assert {"make study", "make test", "make check", "make bench"} <= set(of("make", PAGES))
    assert any(command.startswith("pip install") for command in commands())
    assert {command.split()[0] for command in commands()} <= set(PROGRAMS)


def test_every_command_is_on_the_page() -> None:
    """And with --json where it takes that; its keys stand there too."""
    page = (ROOT / "docs/scripts.md").read_text(encoding="utf-8")
    for name, command in _leaves(typer.main.get_command(app)):
        run_there = [one for one in of("studytui") if one.startswith(f"studytui {name}")]
        assert run_there, name
        if any("--json" in one.opts for one in command.params) and name != "rehearse":
            assert any("--json" in one for one in run_there), name
            assert f"`{name}" in page or name == "doctor"


@pytest.mark.parametrize("command", of("studytui", PAGES))
def test_a_command_that_is_named_is_one(command: str) -> None:
    known = dict(_leaves(typer.main.get_command(app)))
    words = [word for word in command.split()[1:] if not word.startswith("-")]
    for option in re.findall(r"(?<=\s)--[a-z-]+", command):
        assert option in {*_names(), "--help"}
    if words and "--course" not in command:
        assert words[0] in known or " ".join(words[:2]) in known


def _names() -> set[str]:
    params = [one for command in _commands(typer.main.get_command(app)) for one in command.params]
    return {name for one in params for name in (*one.opts, *one.secondary_opts)}


def _leaves(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _leaves(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


@pytest.mark.parametrize("page", PAGES)
def test_a_link_leads_somewhere(page: str) -> None:
    for target, heading in re.findall(
        r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)", (ROOT / page).read_text(encoding="utf-8")
    ):
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), target
        if heading:
            titles = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert heading in [re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles]


@pytest.mark.parametrize("command", [one for one in of("studytui") if one not in INTERACTIVE and "--course" not in one])
def test_a_command_does_what_it_says(
    command: str, home: Path, desk: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = next((text for word, text in TYPED.items() if word in command), "")
    monkeypatch.setenv("STUDYTUI_HOME", str(home))
    monkeypatch.chdir(desk)
    done = run_here(filled_in(command, home, desk)[1:], monkeypatch, capsys, stdin=typed)
    assert done.code == (1 if command in ANSWER_IS_NO else 0), done.err
    assert done.out.strip()
    assert done.err == ""
    for option in ("--export", "--report"):
        if option in command:
            words = filled_in(command, home, desk)
            written = desk / words[words.index(option) + 1]
            assert {file.suffix for file in written.iterdir()} == {".md", ".html"}
    if "--json" in command:
        assert isinstance(json.loads(done.out), dict | list)


@pytest.mark.skipif(sys.platform == "win32", reason="a pseudo-terminal of Unix")
@pytest.mark.parametrize("command", [one for one in of("studytui") if one in INTERACTIVE])
def test_a_command_that_opens_the_app_opens_it(command: str, home: Path, desk: Path) -> None:
    from tests.terminal import OnTerminal

    shown = INTERACTIVE[command].encode()
    terminal = OnTerminal(*filled_in(command, home, desk)[1:], home=home)
    try:
        terminal.listen(SECONDS, until=shown)
        assert shown in terminal.printed, terminal.printed[-2000:]
        terminal.send("\x11")  # ctrl+q
        assert terminal.ends(SECONDS) == 0
    finally:
        terminal.kill()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize("command", of("make", PAGES))
def test_make_knows_what_to_do(command: str) -> None:
    done = subprocess.run(
        ["make", "-n", *shlex.split(command)[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


@pytest.mark.parametrize("command", of("pip"))
def test_pip_is_asked_for_what_there_is(command: str) -> None:
    """Nothing is installed: extras, files and versions are those of the project."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    for before, word in zip(["", *shlex.split(command)], shlex.split(command), strict=False):
        if before == "-c":
            assert (ROOT / word).is_file()
        if extra := re.fullmatch(r"\.\[(\w+)\]", word):
            assert extra[1] in project["optional-dependencies"]
        if "==" in word:
            assert word in constraints


@pytest.mark.parametrize("command", [*of("python", PAGES), *of("python3", PAGES)])
def test_python_finds_the_module(command: str) -> None:
    """It is not run: most of them measure, train or attack for minutes."""
    _, dash_m, module, *_ = shlex.split(command)
    assert dash_m == "-m"
    assert find_spec(module) is not None


def test_an_option_that_is_named_is_one() -> None:
    assert options()
    assert set(options()) <= {*_names(), "--help"}


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from _commands(inner)


def test_the_script_is_the_module() -> None:
    """What is run here as a module is what `studytui` runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"]["studytui"] == f"{main.__module__}:{main.__name__}"

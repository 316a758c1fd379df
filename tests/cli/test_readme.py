"""Every command in README.md is run as it stands there; what installs, or takes minutes, is checked short of that."""

from __future__ import annotations

import importlib
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
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
"""No command of the README that is run here takes longer, even on a busy machine."""
PROGRAMS = ("studytui", "make", "pip", "python", "python3")
ANSWER_IS_NO = ("studytui audit --status", "studytui module 14")
"""These end with 1 before anything was studied, as the README says of exit codes."""
INTERACTIVE = {"studytui": "Progress", "studytui cram": "extra"}
"""Commands that open the full screen, and what stands on it."""
TYPED = {"restore": "y\n", "--export": "It is cut into patches.\n.\n3\n\n" * 6}
"""What some commands ask for: a yes; an answer, its end, how sure, Enter to record, for each question and follow-up."""
TOO_LONG = ("python -m labs.models.train NAME",)


@cache
def commands() -> tuple[str, ...]:
    """The lines of shell blocks and the spans of code that begin with a program, in their order, each once."""
    found: list[str] = []
    for block, text in _parts((ROOT / "README.md").read_text(encoding="utf-8")):
        if block == "sh":
            found += [line.split("  #")[0].strip() for line in text.splitlines() if line.strip()]
        elif not block:
            found += [span for span in _spans(text) if span.split()[0] in PROGRAMS]
    return tuple(dict.fromkeys(line.removeprefix(".venv/bin/") for line in found))


def options() -> list[str]:
    """Options that stand in the text without their command."""
    text = "".join(text for block, text in _parts((ROOT / "README.md").read_text(encoding="utf-8")) if not block)
    return [span.split()[0] for span in _spans(text) if span.startswith("--")]


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


def of(program: str) -> list[str]:
    """The commands of one program."""
    return [command for command in commands() if command.split()[0] == program]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home for all commands, as the reader's is one."""
    return tmp_path_factory.mktemp("home")


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
    real = {
        "QUESTION": "int-vit-tokens",
        "FILE": str(backup) if command.startswith(("studytui restore", "studytui merge")) else "answer.txt",
        "FOLDER": str(ROOT) if "--course" in command else "reports",
    }
    return [real.get(word, word) for word in shlex.split(command)]


def test_the_readme_is_read() -> None:
    assert len(of("studytui")) >= 20
    assert {"make study", "make test", "make check", "make bench"} <= set(commands())
    assert any(command.startswith("pip install") for command in commands())
    assert {command.split()[0] for command in commands()} <= set(PROGRAMS)


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
@pytest.mark.parametrize("command", [one for one in of("studytui") if one in INTERACTIVE or "--course" in one])
def test_a_command_that_opens_the_app_opens_it(command: str, home: Path, desk: Path) -> None:
    from tests.terminal import OnTerminal

    shown = INTERACTIVE.get(command, INTERACTIVE["studytui"]).encode()
    terminal = OnTerminal(*filled_in(command, home, desk)[1:], home=home)
    try:
        terminal.listen(SECONDS, until=shown)
        assert shown in terminal.printed, terminal.printed[-2000:]
        terminal.send("\x11")  # ctrl+q
        assert terminal.ends(SECONDS) == 0
    finally:
        terminal.kill()


@pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
@pytest.mark.parametrize("command", of("make"))
def test_make_knows_what_to_do(command: str) -> None:
    done = subprocess.run(
        ["make", "-n", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
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


@pytest.mark.parametrize("command", [*of("python"), *of("python3")])
def test_python_finds_the_module(command: str, home: Path, desk: Path) -> None:
    _, dash_m, module, *words = shlex.split(command)
    assert dash_m == "-m"
    if module.startswith("tests.benchmarks."):  # what they measure has tests of its own
        assert callable(importlib.import_module(module).main)
        return
    if command in TOO_LONG:
        words = ["--help"]
    done = run([module, *(["--without-pip"] if module == "venv" else []), *words], home, desk)
    assert done.returncode == 0, done.stderr


def test_an_option_that_is_named_is_one() -> None:
    known = {name for command in _commands(typer.main.get_command(app)) for one in command.params for name in one.opts}
    assert options()
    assert set(options()) <= known


def _commands(command: Any) -> Iterator[Any]:
    yield command
    for inner in getattr(command, "commands", {}).values():
        yield from _commands(inner)


def test_the_script_is_the_module() -> None:
    """What is run here as a module is what `studytui` runs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["scripts"]["studytui"] == f"{main.__module__}:{main.__name__}"

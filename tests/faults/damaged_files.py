"""A database of the shipped course with a bit turned, cut short, or with a page emptied or copied over another.

Of each damaged copy every reader is tried: none may raise anything but a sentence, none may answer otherwise than from
the whole file unless doctor says that the file is damaged, and doctor says so if, and only if, anything stored differs.
Then it is repaired: the log stays as it is, and a database that is called sound again answers as the whole one does.
"""

from __future__ import annotations

import gc
import io
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from studytui.__main__ import main
from studytui.domain.settings import Settings
from studytui.errors import StoreError
from studytui.store.connection import TABLES
from studytui.study import submissions
from studytui.study.cards import card_story, listing
from studytui.study.gate import gate_status
from studytui.study.maintenance import Checkup
from studytui.study.progress import statistics, today_overview
from studytui.study.review import open_session
from studytui.study.workspace import DATABASE, Workspace
from tests.benchmarks.databases import write_studied
from tests.faults.attack import Attack

ROWS: Final = 2_000
NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
COMMANDS: Final = (["due"], ["stats", "--json"], ["cards"], ["review", "--plain"], ["audit", "--status"], ["doctor"])

Damage = Callable[[bytearray, random.Random], str]
"""Does it to the file's bytes and says what it did."""


class _Clock:
    def now(self) -> datetime:
        return NOW


@dataclass(frozen=True)
class Whole:
    """The undamaged database: its bytes, everything stored in it, and what readers say of it."""

    content: bytes
    stored: dict[str, Any]
    said: dict[str, str]


@cache
def home() -> Path:
    """A learner's folder of its own for this run."""
    folder = Path(tempfile.mkdtemp(prefix="studytui-faults-"))
    write_studied(folder, ROWS, now=NOW)
    return folder


@cache
def whole() -> Whole:
    database = home() / DATABASE
    with at_home(home()):
        said = {name: json.dumps(read()) for name, read in _readers()}
    for leftover in ("-wal", "-shm"):
        database.with_name(database.name + leftover).unlink(missing_ok=True)
    stored = _stored(database)
    assert stored is not None
    return Whole(database.read_bytes(), stored, said)


def turn_a_bit(content: bytearray, chance: random.Random) -> str:
    at, bit = chance.randrange(len(content)), chance.randrange(8)
    content[at] ^= 1 << bit
    return f"bit {bit} of byte {at} turned"


def cut_short(content: bytearray, chance: random.Random) -> str:
    size = chance.randrange(1, len(content))
    if chance.random() < 0.5:
        size = max(_PAGE, size // _PAGE * _PAGE)
    del content[size:]
    return f"cut at {size}"


def empty_a_page(content: bytearray, chance: random.Random) -> str:
    page = chance.randrange(len(content) // _PAGE)
    content[page * _PAGE : (page + 1) * _PAGE] = bytes(_PAGE)
    return f"page {page + 1} emptied"


def copy_a_page(content: bytearray, chance: random.Random) -> str:
    source, target = (chance.randrange(len(content) // _PAGE) for _ in range(2))
    content[target * _PAGE : (target + 1) * _PAGE] = content[source * _PAGE : (source + 1) * _PAGE]
    return f"page {source + 1} copied over page {target + 1}"


_PAGE: Final = 2048


def _attack(damage: Damage, *more: Damage) -> Callable[[int, int], list[str]]:
    def run(tries: int, seed: int) -> list[str]:
        failures = []
        for number in range(tries):
            kind = (damage, *more)[number % (1 + len(more))]
            content = bytearray(whole().content)
            done = kind(content, random.Random(f"{seed} {kind.__name__} {number}"))
            failures += [f"try {number}, {done}: {failure}" for failure in _survives(bytes(content), number)]
        return failures

    return run


def _survives(content: bytes, number: int) -> Iterator[str]:
    """What went wrong with a damaged copy."""
    database = home() / DATABASE
    _write(database, content)
    stored = _stored(database)
    is_same = stored == whole().stored
    with at_home(home()):
        verdict = _verdict()
        if verdict not in ("sound", "damaged"):
            yield f"doctor ended in {verdict}"
        elif (verdict == "sound") is not is_same:
            yield f"doctor says {verdict}, and what is stored is {'the same' if is_same else 'not the same'}"
        yield from _readers_agree(verdict)
        _write(database, content)
        yield from _command_ends_well(COMMANDS[number % len(COMMANDS)])
        if verdict == "damaged":
            _write(database, content)
            yield from _repair_is_right(stored)


def _readers_agree(verdict: str) -> Iterator[str]:
    for name, read in _readers():
        try:
            said = json.dumps(read())
        except StoreError as error:
            if verdict == "sound":
                yield f"{name} refuses ({error}), and doctor says sound"
        except Exception:
            yield f"{name} ended in {_last_line()}"
        else:
            if said != whole().said[name] and verdict == "sound":
                yield f"{name} says something else, and doctor says sound"


def _readers() -> Iterator[tuple[str, Callable[[], Any]]]:
    """Each opens the database anew, as a command does."""

    def opened(read: Callable[[Workspace], Any]) -> Callable[[], Any]:
        def run() -> Any:
            with Workspace.open(clock=_Clock(), settings=Settings()) as workspace:
                return read(workspace)

        return run

    yield "due", opened(lambda workspace: str(today_overview(workspace)))
    yield "stats", opened(lambda workspace: statistics(workspace).to_json())
    yield "cards", opened(listing)
    yield "history", opened(_stories)
    yield "review", opened(_first_card)
    yield "rehearse", opened(_questions)
    yield "audit", opened(lambda workspace: str(gate_status(workspace).verdict))


def _stories(workspace: Workspace) -> list[str]:
    numbers = [no for no in range(1, 700, 50) if workspace.store.card_by_no(no) is not None]
    return [f"{no} {card_story(workspace, no).events}" for no in numbers]


def _first_card(workspace: Workspace) -> str:
    session = open_session(workspace)
    turn = session.next()
    return "" if turn is None else f"{turn.card} {turn.stored.state} {session.previews(turn)}"


def _questions(workspace: Workspace) -> list[str]:
    number = workspace.interview_no
    return [] if number is None else [repr(entry) for entry in submissions.question_entries(workspace, number)]


def _verdict() -> str:
    try:
        findings = _checkup().findings()
    except StoreError:
        return "damaged"
    except Exception:
        return _last_line()
    if any("Run `studytui doctor`" in str(finding) for finding in findings):
        return "advice to run itself"
    return "damaged" if any(finding.level != "info" for finding in findings) else "sound"


@cache
def _checkup() -> Checkup:
    """The course's files are read once; the database is examined anew each time."""
    return Checkup.of(clock=_Clock())


def _command_ends_well(words: list[str]) -> Iterator[str]:
    before = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["studytui", *words], io.StringIO("")
    try:
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as told:
            main()
        code: Any = 0
    except SystemExit as end:
        code = end.code or 0
    except BaseException:
        yield f"{' '.join(words)} ended in {_last_line()}"
        return
    finally:
        sys.argv, sys.stdin = before
        gc.enable()  # a command lives too short for it
    if code == 2 and not told.getvalue().startswith("studytui: "):
        yield f"{' '.join(words)} ended without a sentence: {told.getvalue()[-200:]}"
    if code not in (0, 1, 2) or "Traceback" in out.getvalue() + told.getvalue():
        yield f"{' '.join(words)} ended with {code}"


def _repair_is_right(stored: dict[str, Any] | None) -> Iterator[str]:
    database = home() / DATABASE
    try:
        repaired = _checkup().repair()
    except StoreError:
        return
    except Exception:
        yield f"repair ended in {_last_line()}"
        return
    finally:
        shutil.rmtree(home() / "backups", ignore_errors=True)
    after = _stored(database)
    if stored is not None and (after is None or after["review"] != stored["review"]):
        yield "repair changed the log"
    if any(finding.level != "info" for finding in repaired.findings):
        return
    for name, read in _readers():
        if json.dumps(read()) != whole().said[name]:
            yield f"after the repair all is called sound, and {name} says something else ({repaired.done})"


def _stored(database: Path) -> dict[str, Any] | None:
    """Everything in the file, by table, and what SQLite says of its pages; None if it cannot all be read."""
    try:
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            connection.text_factory = lambda raw: ("text", raw)  # told from a blob of the same bytes
            found: dict[str, Any] = {
                table: connection.execute(f"SELECT rowid, * FROM {table} NOT INDEXED ORDER BY rowid").fetchall()
                for table in (*TABLES, "alembic_version")
            }
            found["schema"] = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
            found["pages"] = connection.execute("PRAGMA integrity_check").fetchall()
            return found
    except (sqlite3.Error, UnicodeDecodeError):
        return None


def _write(database: Path, content: bytes) -> None:
    for ending in ("-wal", "-shm", ""):
        database.with_name(database.name + ending).unlink(missing_ok=True)
    database.write_bytes(content)


@contextmanager
def at_home(folder: Path) -> Iterator[None]:
    """This folder is the learner's."""
    before = os.environ.get("STUDYTUI_HOME")
    os.environ["STUDYTUI_HOME"] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ["STUDYTUI_HOME"]
        else:
            os.environ["STUDYTUI_HOME"] = before


def _last_line() -> str:
    return traceback.format_exc().strip().splitlines()[-1]


ATTACKS: Final = (
    Attack("bits of the database turned", 400, 4, _attack(turn_a_bit)),
    Attack("database cut short", 100, 2, _attack(cut_short)),
    Attack("pages of the database emptied or copied", 100, 2, _attack(empty_a_page, copy_a_page)),
)

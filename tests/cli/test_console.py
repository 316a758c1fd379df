"""What the command line lets in and out: any encoding, closed and full streams, and no command to the terminal."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from studytui.cli import console
from studytui.domain.plain_text import json_text, on_one_line, storable, visible
from tests.rehearsal.tiny_interview import write_interview
from tests.store.surroundings import with_root
from tests.ui.tiny_course import write_course

HOSTILE = "a\x1b]52;c;UFdO\x07\x9b31m\x7f\u202eb\u2066c\u2028d\udcffe"
COMMANDS = set(map(chr, (*range(9), *range(11, 32), *range(127, 160), 0x061C, 0x200E, 0x200F, 0x2028, 0x2029)))
COMMANDS |= set(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xD800, 0xE000))))


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course")


def run(
    course: Path, *words: str, stdin: bytes = b"", redirect: str = "", **environment: str
) -> subprocess.CompletedProcess[bytes]:
    """studytui in a shell that may close or redirect its streams."""
    environ = with_root() | {"STUDYTUI_HOME": str(course.parent / "home")} | environment
    command = ["sh", "-c", f'exec "$@" {redirect}', "sh", sys.executable, "-m", "studytui", "--course", str(course)]
    return subprocess.run(
        [os.fsencode(word) for word in (*command, *words)], input=stdin, capture_output=True, check=False, env=environ
    )


def answers(course: Path) -> list[str]:
    path = course.parent / "home" / "study.db"
    with sqlite3.connect(path) as connection:
        return [row[0] for row in connection.execute("SELECT response FROM review ORDER BY id")]


def test_what_a_terminal_would_obey_is_shown_as_signs() -> None:
    shown = visible(HOSTILE)
    assert not COMMANDS & set(shown)
    assert shown == "a␛]52;c;UFdO␇�31m␡⍇b⍇c␤d�e"
    assert len(shown) == len(HOSTILE)
    assert visible("kept:\tone\ntwo") == "kept:\tone\ntwo"


def test_a_text_of_several_lines_can_be_put_on_one() -> None:
    assert on_one_line("a\nstudytui: all is well\r\n\tb") == "a␊studytui: all is well␊␉b"


def test_json_is_read_back_as_it_was_and_holds_no_control_character() -> None:
    data = {HOSTILE: [HOSTILE, "größer ≠ 𝄞", 1.5, None]}
    for ascii_only in (False, True):
        text = json_text(data, ascii_only=ascii_only)
        assert json.loads(text) == data
        assert not COMMANDS & set(text)
    assert "größer ≠ 𝄞" in json_text(data)
    assert json_text(data, ascii_only=True).isascii()


def test_halves_of_characters_become_replacement_characters_and_pairs_become_whole() -> None:
    assert storable("a\ud800b\ud834\udd1e") == "a�b𝄞"


@pytest.mark.parametrize("words", [("cards",), ("cards", "--json"), ("stats",), ("due",)])
def test_a_full_output_is_a_sentence_and_exit_code_2(course: Path, words: tuple[str, ...]) -> None:
    done = run(course, *words, redirect=">/dev/full")
    assert done.returncode == 2
    assert done.stderr == b"studytui: standard output cannot be written (No space left on device).\n"


@pytest.mark.parametrize("words", [("cards",), ("due", "--json")])
def test_a_closed_output_is_a_sentence_and_exit_code_2(course: Path, words: tuple[str, ...]) -> None:
    done = run(course, *words, redirect=">&-")
    assert done.returncode == 2
    assert done.stderr == b"studytui: standard output cannot be written (it is closed).\n"


def test_a_closed_standard_error_costs_no_output(course: Path) -> None:
    assert run(course, "due", redirect="2>&-").stdout.startswith(b"0 due, ")
    assert run(course, "cram", "--plain", "--section", "9", redirect="2>/dev/full").returncode == 2


def test_closed_streams_are_never_opened_again_as_a_file_of_ours(course: Path) -> None:
    run(course, "review", "--plain", stdin=b"q\n")
    database = (course.parent / "home" / "study.db").read_bytes()
    run(course, "cards", redirect=">&- 2>&- <&-")
    assert (course.parent / "home" / "study.db").read_bytes() == database


@pytest.mark.parametrize("command", ["review", "cram"])
def test_a_closed_standard_input_is_a_sentence_and_exit_code_2(course: Path, command: str) -> None:
    done = run(course, command, "--plain", redirect="<&-")
    assert done.returncode == 2
    assert done.stderr.startswith(b"studytui: standard input is closed;")


def test_restoring_asks_nobody_where_standard_input_is_closed(course: Path) -> None:
    run(course, "backup", str(course.parent / "copy.db"))
    done = run(course, "restore", str(course.parent / "copy.db"), redirect="<&-")
    assert done.returncode == 2
    assert b"standard input is closed" in done.stderr


@pytest.mark.parametrize("words", [("due",), ("cards",), ("stats", "--json")])
def test_a_reader_that_leaves_is_met_with_silence(course: Path, words: tuple[str, ...]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "studytui", "--course", str(course), *words],
        stdout=write, stderr=subprocess.PIPE, check=False,
        env=with_root() | {"STUDYTUI_HOME": str(course.parent / "home")},
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-16"])
def test_an_output_without_all_letters_gets_escapes(course: Path, encoding: str) -> None:
    listed = run(course, "cards", "--json", PYTHONIOENCODING=encoding)
    assert listed.returncode == 0
    assert json.loads(listed.stdout.decode(encoding)) == json.loads(run(course, "cards", "--json").stdout)
    assert run(course, "stats", PYTHONIOENCODING=encoding).returncode == 0
    tried = ("try", "patch-count", "--answer", "9 ’ł", "--json")
    shown = run(course, *tried, PYTHONIOENCODING=encoding)
    assert json.loads(shown.stdout.decode(encoding)) == json.loads(run(course, *tried).stdout)


@pytest.mark.parametrize("junk", [b"\xf6", b"\xff\xfe3\0", b"caf\xe9 \x80", b"3\0", b"\xed\xa0\x80"])
def test_an_answer_that_is_no_text_is_asked_for_again_and_not_graded(course: Path, junk: bytes) -> None:
    done = run(course, "review", "--plain", stdin=junk + b"\n")
    assert done.returncode == 0
    assert b"no UTF-8 text" in done.stdout
    assert b"Stopped after 0 answers" in done.stdout
    assert answers(course) == []


def test_an_answer_after_one_that_is_no_text_counts(course: Path) -> None:
    done = run(course, "review", "--plain", stdin=b"\xf6\n1\n\xf6\n\nq\n")
    assert b"Saved: " in done.stdout
    assert len(answers(course)) == 1


def test_an_answer_in_an_encoding_that_was_named_is_read(course: Path) -> None:
    done = run(course, "review", "--plain", stdin=b"\xf6\n\nq\n", PYTHONIOENCODING="latin-1")
    assert b"no LATIN-1 text" not in done.stdout


def test_a_byte_order_mark_is_no_part_of_an_answer(course: Path) -> None:
    done = run(course, "review", "--plain", stdin=b"\xef\xbb\xbfq\n")
    assert b"Stopped after 0 answers" in done.stdout


def test_an_error_stands_on_one_line_and_commands_nothing(course: Path) -> None:
    done = run(course, "review", "--plain", "--section", HOSTILE + "\nstudytui: all is well")
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert not COMMANDS & set(done.stderr.decode())


def test_findings_stand_one_a_line(course: Path) -> None:
    path = next((course / "content" / "cards").glob("*.toml"))
    path.write_text(
        path.read_text(encoding="utf-8") + '\n[[card]]\nid = "x\\u001b[2J\\nall is well"\n', encoding="utf-8"
    )
    done = run(course, "check")
    assert done.returncode != 0
    said = (done.stdout + done.stderr).decode()
    assert not COMMANDS & set(said)
    assert "\nall is well" not in said


def test_a_traceback_commands_nothing(tmp_path: Path) -> None:
    script = (
        "import sys; from studytui.cli import console; console.open_doors(); import threading\n"
        f"boom = lambda: 1 / {{}}[{HOSTILE[:-2]!r}]\n"
        "thread = threading.Thread(target=lambda: (_ for _ in ()).throw(ValueError('\\x1b]52;\\x07')))\n"
        "thread.start(); thread.join()\n"
        "raise ValueError('\\x1b[2J\\x9b' + chr(0x202e))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, env=with_root())
    assert done.returncode == 1
    assert done.stderr.count(b"ValueError") >= 2
    assert not COMMANDS & set(done.stderr.decode())


def test_completion_commands_nothing(course: Path) -> None:
    done = run(
        course, _STUDYTUI_COMPLETE="complete_bash", COMP_WORDS="studytui re\x1b]52;\x07", COMP_CWORD="1",
        _TYPER_COMPLETE_ARGS="studytui re\x1b]52;\x07",
    )  # fmt: skip
    assert not COMMANDS & set((done.stdout + done.stderr).decode())


def test_a_course_in_a_folder_whose_name_is_no_text_is_studied(course: Path) -> None:
    odd = course.parent / os.fsdecode(b"caf\xe9")
    course.rename(odd)
    done = run(odd, "review", "--plain", stdin=b"q\n")
    assert done.returncode == 0


def test_what_an_option_brings_is_stored_as_text(course: Path) -> None:
    done = run(
        course, "new-card", "--kind", "basic", "--section", "1.1", "--covers", "01", "--front", "What is \udcff?",
        "--back", "b\udcff", "--id", "odd",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    own = next((course.parent / "home" / "own").rglob("*.toml"))
    assert "What is �?" in own.read_text(encoding="utf-8")


def test_a_line_of_a_rehearsal_that_is_no_text_is_typed_again(course: Path) -> None:
    write_interview(course)
    stdin = b"caf\xe9\nThe image is cut into square patches.\n.\n\n\n\n"
    done = run(course, "rehearse", "--plain", "--question", "int-patches", stdin=stdin)
    assert b"no UTF-8 text" in done.stdout
    assert b"7 words" in done.stdout
    assert b"Saved: grade" in done.stdout


def test_what_was_saved_stays_saved_when_the_reader_leaves(course: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "studytui", "--course", str(course), "review", "--plain"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=with_root() | {"STUDYTUI_HOME": str(course.parent / "home")},
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdin.write(b"196\n\n")
    process.stdin.flush()
    while b"Saved: " not in (line := process.stdout.readline()):
        assert line
    process.stdout.close()
    process.stdin.write(b"\n\n" * 20)
    process.stdin.close()
    assert process.stderr.read() == b""
    assert process.wait(60) == 1
    process.stderr.close()
    assert answers(course) == ['"196"']


def test_the_evidence_of_a_lab_is_written_whatever_a_pictures_name_is(tmp_path: Path) -> None:
    from labs.protocol import Evidence, Problem
    from studytui.cli import lab
    from studytui.study.attempt import Attempt

    problem = Problem("patches.count", {"picture": os.fsdecode(b"/a\xff.png")}, 1, "How many?", "integer")
    lab._write(tmp_path / os.fsdecode(b"caf\xe9"), Attempt(problem=problem, measured=Evidence(196)))
    (written,) = tmp_path.rglob("evidence.json")
    assert json.loads(written.read_text(encoding="utf-8"))["params"] == {"picture": "/a�.png"}


def test_a_line_without_end_is_no_answer(course: Path) -> None:
    done = run(course, "review", "--plain", stdin=b"9" * 2_500_000 + b"\n1\n\nq\n")
    assert b"longer than 1,000,000 characters" in done.stdout
    assert b"Saved: " in done.stdout
    assert answers(course) == ['"1"']


def test_a_home_whose_name_is_no_text_is_lived_in(course: Path) -> None:
    home = os.fsdecode(os.fsencode(course.parent) + b"/caf\xe9")
    done = run(course, "review", "--plain", stdin=b"196\n\nq\n", STUDYTUI_HOME=home)
    assert b"Saved: " in done.stdout
    for words in (("stats",), ("doctor",), ("backup",), ("cards",)):
        done = run(course, *words, STUDYTUI_HOME=home)
        assert done.returncode == 0, done.stderr


def test_only_the_door_moves_the_cursor_and_writes_json() -> None:
    folder = Path(console.__file__).parent
    for file in sorted(folder.glob("*.py")):
        if file.name != "console.py":
            source = file.read_text(encoding="utf-8")
            for way_past in (r"\r", r"\x1b", r"\033", "json.dumps", "sys.stdout.write", "sys.stdin.read", ".buffer"):
                assert way_past not in source, f"{file.name} has {way_past}; use studytui.cli.console"

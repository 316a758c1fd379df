"""The worker's own promises: a clean protocol, an end with its parent, errors in plain words."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import textwrap

import pytest

from labs import catalog, worker
from labs.protocol import (
    Advanced,
    Failed,
    Looked,
    ParamError,
    Problem,
    Solved,
    SolveRequest,
    event_from_line,
)


def run(code: str, *, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        check=False,
        capture_output=True,
        text=True,
        input=stdin,
        timeout=30,
    )


def test_nothing_but_the_protocol_reaches_standard_output() -> None:
    done = run(
        """
        import os, sys
        from labs import worker
        requests, answers = worker._take_over_streams()
        print("a library that prints", flush=True)
        os.write(1, b"a library in C that prints\\n")
        os.system("echo a child that prints; cat")
        answers.write("protocol\\n")
        answers.flush()
        answers.write(requests.readline())
        """,
        stdin="request\n",
    )
    assert done.stdout == "protocol\nrequest\n"
    assert "a library that prints" in done.stderr
    assert "a library in C that prints" in done.stderr
    assert "a child that prints" in done.stderr


def test_it_ends_with_its_standard_input_even_while_computing() -> None:
    done = run(
        """
        import sys
        from labs import worker
        lines = worker._read_ahead(sys.stdin)
        while True:
            pass
        """
    )
    assert done.returncode == 0


def served(line: str) -> list[object]:
    answers = io.StringIO()
    worker._serve(line, worker._Sender(answers))
    return [event_from_line(answer) for answer in answers.getvalue().splitlines()]


def test_a_look_is_drawn_before_the_answer_and_old_lines_ask_to_solve() -> None:
    problem = catalog.exercise("denoising.more_signal").pose({}, 1)
    (looked,) = served(SolveRequest("7", problem, "look").to_line())
    assert isinstance(looked, Looked)
    assert [picture.name for picture in looked.look.pictures] == ["picture A", "picture B"]
    line = json.loads(SolveRequest("8", problem).to_line())
    assert line.keys() == {"request_id", "problem"}
    assert SolveRequest.from_line(json.dumps(line)).stage == "solve"
    (failed,) = served(json.dumps({**line, "stage": "guess"}))
    assert isinstance(failed, Failed)
    assert failed.kind == "ProtocolError"


def test_a_request_is_answered_with_progress_and_evidence() -> None:
    problem = catalog.exercise("patches.count").pose({"image_size": 64, "patch_size": 16}, 1)
    advanced, solved = served(SolveRequest("7", problem).to_line())
    assert isinstance(advanced, Advanced)
    assert isinstance(solved, Solved)
    assert (advanced.request_id, solved.request_id) == ("7", "7")
    assert solved.evidence.value == 16


@pytest.mark.parametrize("line", ["", "junk", "[]", '{"request_id": "1"}', '{"request_id": "1", "problem": {"a": 1}}'])
def test_a_line_that_is_no_request_is_said_to_be_none(line: str) -> None:
    (failed,) = served(line)
    assert isinstance(failed, Failed)
    assert failed.kind == "ProtocolError"


def test_an_unknown_exercise_is_a_failure_of_that_request_alone() -> None:
    (failed,) = served(SolveRequest("7", Problem("patches.cuont", {}, 1, "", "integer")).to_line())
    assert isinstance(failed, Failed)
    assert (failed.request_id, failed.kind) == ("7", "UnknownExercise")
    assert "patches.count" in failed.text


def test_a_burst_of_progress_is_thinned_out() -> None:
    answers = io.StringIO()
    advance = worker._Sender(answers).progress_of("1")
    for step in range(1_000):
        advance(step / 1_000, "sampling")
    assert 1 <= len(answers.getvalue().splitlines()) < 100


@pytest.mark.parametrize(
    ("error", "missing"),
    [
        (ModuleNotFoundError("No module named 'PIL'", name="PIL"), "pillow"),
        (ModuleNotFoundError("No module named 'torch.nn'", name="torch.nn"), "torch"),
        (ModuleNotFoundError("No module named 'sympy'", name="sympy"), "sympy"),
        (ModuleNotFoundError("No module named 'labs.cilp'", name="labs.cilp"), ""),
        (ImportError("libgomp.so.1"), ""),
        (ParamError("picture", "is no picture"), ""),
        (MemoryError(), ""),
    ],
)
def test_a_failure_names_what_is_missing(error: Exception, missing: str) -> None:
    failed = worker._failed("1", error)
    assert failed.missing == missing
    assert failed.text

"""The lab worker seen from the app: whatever it does, an outcome comes back and the next problem is answered."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from labs import catalog
from labs.protocol import Evidence, Problem
from studytui.study.labs import (
    BadOutput,
    Cancelled,
    Crashed,
    LabClient,
    LabOutcome,
    MissingLibrary,
    Refused,
    Solved,
    TimedOut,
)

PROBLEM = catalog.exercise("patches.count").pose({"image_size": 224, "patch_size": 16}, 1)

PREAMBLE = """
import json, os, sys, time
from pathlib import Path
from labs.protocol import *
def send(event):
    sys.stdout.write(event_to_line(event)); sys.stdout.flush()
def requests():
    for line in sys.stdin:
        yield SolveRequest.from_line(line)
def first_time(here=Path(__file__).with_suffix(".once")):
    if here.exists():
        return False
    here.touch()
    return True
def answer(request, value=196):
    send(Solved(request.request_id, Evidence(value=value)))
"""
WELL = """
send(Ready({"torch": "0"}, 0.0))
for request in requests():
    answer(request)
"""


@pytest.fixture
async def scripted(tmp_path: Path) -> AsyncIterator[Callable[..., LabClient]]:
    """Makes a client whose worker is a script; its worker is gone after the test."""
    clients: list[LabClient] = []

    def make(body: str, *, start_seconds: float = 10) -> LabClient:
        script = tmp_path / f"worker{len(clients)}.py"
        script.write_text(PREAMBLE + textwrap.dedent(body), encoding="utf-8")
        clients.append(LabClient([sys.executable, str(script)], start_seconds=start_seconds))
        return clients[-1]

    yield make
    for client in clients:
        await client.close()


def is_sentence(outcome: LabOutcome) -> bool:
    text = outcome.message
    return text[:1].isupper() and "\n" not in text and (text.endswith(".") or "pip install" in text)


def has_ended(pid: int) -> bool:
    """Whether a process is gone, or dead and only not yet waited for."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return True
    return state in "ZX"


def is_ready(client: LabClient) -> bool:
    """Asked anew each time: a type checker does not know that it changes."""
    return client.ready


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)


async def test_the_real_worker_answers_reports_and_survives_a_bad_problem(tmp_path: Path) -> None:
    client = LabClient()
    try:
        assert not is_ready(client)
        await client.start()
        assert is_ready(client)
        assert {"torch", "transformers"} <= set(client.versions)
        pid = client.pid
        steps: list[tuple[float, str]] = []
        outcome = await client.solve(PROBLEM, on_progress=lambda fraction, text: steps.append((fraction, text)))
        assert isinstance(outcome, Solved), outcome.message
        assert outcome.evidence.value == 196
        assert outcome.evidence.pictures[0].png.startswith(b"\x89PNG")
        assert is_sentence(outcome)
        assert steps
        assert 0 < steps[0][0] < 1

        damaged = tmp_path / "damaged.png"
        damaged.write_bytes(b"nothing")
        problem = catalog.exercise("patches.count").pose({"picture": str(damaged)}, 1)
        refused = await client.solve(problem)
        assert isinstance(refused, Refused)
        assert "damaged.png cannot be read" in refused.message
        assert is_sentence(refused)

        unknown = await client.solve(Problem("no.lab", {}, 1, "?", "integer"))
        assert isinstance(unknown, Crashed)
        assert "no.lab" in unknown.message

        assert isinstance(await client.solve(PROBLEM), Solved)
        assert client.pid == pid, "none of this was a reason for a new worker"

        assert pid is not None
        os.kill(pid, signal.SIGINT)  # Ctrl+C in the terminal reaches the worker too; the app decides what it means
        assert isinstance(await client.solve(PROBLEM), Solved)
        assert client.pid == pid
    finally:
        await client.close()
    assert has_ended(pid)
    assert not is_ready(client)
    assert isinstance(await client.solve(PROBLEM), Cancelled)


@pytest.mark.parametrize("missing", ["torch", "transformers", "PIL"])
async def test_a_missing_library_is_said_in_one_line_with_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    for name in ("torch", "transformers", "numpy", "PIL"):
        lines = f"raise ModuleNotFoundError(\"No module named '{name}'\")" if name == missing else ""
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(lines, encoding="utf-8")
    (tmp_path / "torch" / "compiler.py").write_text("disable = None\n", encoding="utf-8")
    (tmp_path / "torch" / "distributed.py").write_text("is_available = None\n", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    client = LabClient()
    try:
        await client.start()
        assert not client.ready
        for _ in range(2):
            outcome = await client.solve(PROBLEM)
            assert isinstance(outcome, MissingLibrary)
            assert outcome.name == {"PIL": "pillow"}.get(missing, missing)
            assert outcome.how_to_install == "pip install 'studytui[labs]'"
            assert outcome.how_to_install in outcome.message
            assert is_sentence(outcome)
    finally:
        await client.close()


@pytest.mark.parametrize(
    "garbage",
    [
        r"print('Downloading: 100%', flush=True)",
        r"sys.stdout.buffer.write(b'\xff\xfe\n'); sys.stdout.flush()",
        r"print('{\"event\": \"ready\"}', flush=True)",
        r"print('[' * 100_000, flush=True)",
        r"print('{\"event\": [], \"request_id\": 1}', flush=True)",
        r"print('null', flush=True)",
        r"print('', flush=True)",
        r"send(Advanced('', 0.5, 'early'))",
    ],
)
async def test_garbage_instead_of_a_first_line_is_bad_output(scripted: Callable[..., LabClient], garbage: str) -> None:
    client = scripted(f"if first_time():\n    {garbage}\n    time.sleep(60)\n{WELL}")
    outcome = await client.solve(PROBLEM)
    assert isinstance(outcome, BadOutput)
    assert is_sentence(outcome)
    assert isinstance(await client.solve(PROBLEM), Solved)


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "solved"}',
        "not json",
        '{"event": "solved", "request_id": "1", "evidence": {"value": null}}',
        '{"event": "advanced", "request_id": "1", "fraction": 1, "text": "", "more": 1}',
    ],
)
async def test_garbage_instead_of_an_answer_is_bad_output(scripted: Callable[..., LabClient], line: str) -> None:
    client = scripted(
        f"""
        send(Ready({{}}, 0.0))
        for request in requests():
            if first_time():
                print({line!r}, flush=True)
            else:
                answer(request)
        """
    )
    outcome = await client.solve(PROBLEM)
    assert isinstance(outcome, BadOutput)
    assert is_sentence(outcome)
    assert isinstance(await client.solve(PROBLEM), Solved)


async def test_a_crash_brings_the_last_lines_and_the_next_problem_is_answered(
    scripted: Callable[..., LabClient],
) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for request in requests():
            if first_time():
                sys.stderr.write("x" * 1_000_000 + "\\n")
                raise RuntimeError("the tensor fell over")
            answer(request)
        """
    )
    outcome = await client.solve(PROBLEM)
    assert isinstance(outcome, Crashed)
    assert "status 1: RuntimeError: the tensor fell over" in outcome.message
    assert "Traceback" in outcome.text
    assert is_sentence(outcome)
    assert isinstance(await client.solve(PROBLEM), Solved)


async def test_a_lab_that_raises_is_a_crash_the_worker_survives(scripted: Callable[..., LabClient]) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for request in requests():
            if first_time():
                send(Failed(request.request_id, "RuntimeError", "shapes (3,) and (4,) differ"))
            else:
                answer(request)
        """
    )
    outcome = await client.solve(PROBLEM)
    assert outcome == Crashed("RuntimeError: shapes (3,) and (4,) differ")
    pid = client.pid
    assert isinstance(await client.solve(PROBLEM), Solved)
    assert client.pid == pid


async def test_a_worker_that_dies_before_it_is_ready_is_a_crash(scripted: Callable[..., LabClient]) -> None:
    client = scripted(f"if first_time():\n    sys.exit('libgomp.so.1: cannot open')\n{WELL}")
    outcome = await client.solve(PROBLEM)
    assert isinstance(outcome, Crashed)
    assert "libgomp" in outcome.message
    assert isinstance(await client.solve(PROBLEM), Solved)


async def test_a_command_that_does_not_exist_is_a_crash() -> None:
    client = LabClient(["/no/such/python"])
    await client.start()
    outcome = await client.solve(PROBLEM)
    assert isinstance(outcome, Crashed)
    assert "could not be started" in outcome.message
    await client.close()


async def test_a_hanging_computation_is_stopped_in_time(scripted: Callable[..., LabClient]) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for request in requests():
            if first_time():
                time.sleep(60)
            answer(request)
        """
    )
    await client.start()
    pid = client.pid
    started = time.monotonic()
    outcome = await client.solve(PROBLEM, timeout=0.2)
    assert time.monotonic() - started < 30, "of 60"
    assert outcome == TimedOut(0.2)
    assert is_sentence(outcome)
    assert pid is not None
    await until(lambda: has_ended(pid))
    assert isinstance(await client.solve(PROBLEM), Solved)


async def test_a_worker_that_is_never_ready_is_stopped(scripted: Callable[..., LabClient]) -> None:
    client = scripted(f"if first_time():\n    time.sleep(60)\n{WELL}", start_seconds=0.5)
    assert await client.solve(PROBLEM) == TimedOut(0.5)
    client._start_seconds = 10
    assert isinstance(await client.solve(PROBLEM), Solved)


async def test_a_worker_killed_in_the_middle_is_a_crash_that_names_the_signal(
    scripted: Callable[..., LabClient],
) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for request in requests():
            if first_time():
                send(Advanced(request.request_id, 0.5, "half way"))
                time.sleep(60)
            answer(request)
        """
    )
    await client.start()
    pid = client.pid
    assert pid is not None
    outcome = await client.solve(PROBLEM, on_progress=lambda fraction, text: os.kill(pid, signal.SIGKILL))
    assert isinstance(outcome, Crashed)
    assert "SIGKILL" in outcome.message
    assert is_sentence(outcome)
    assert isinstance(await client.solve(PROBLEM), Solved)


async def test_a_worker_that_died_while_nobody_asked_is_replaced(scripted: Callable[..., LabClient]) -> None:
    client = scripted(WELL)
    await client.start()
    pid = client.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not client.ready)
    assert isinstance(await client.solve(PROBLEM), Solved)


async def test_cancel_stops_the_computation_and_warms_a_new_worker(scripted: Callable[..., LabClient]) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for request in requests():
            if first_time():
                send(Advanced(request.request_id, 0.5, "half way"))
                time.sleep(60)
            answer(request)
        """
    )
    working = asyncio.Event()
    asking = asyncio.create_task(client.solve(PROBLEM, on_progress=lambda fraction, text: working.set()))
    await working.wait()
    pid = client.pid
    await client.cancel()
    outcome = await asking
    assert isinstance(outcome, Cancelled)
    assert is_sentence(outcome)
    await until(lambda: client.ready)
    assert client.pid != pid
    assert isinstance(await client.solve(PROBLEM), Solved)


async def test_cancel_leaves_an_idle_worker_alone(scripted: Callable[..., LabClient]) -> None:
    client = scripted(WELL)
    await client.cancel()
    await until(lambda: client.ready)
    pid = client.pid
    await client.cancel()
    assert isinstance(await client.solve(PROBLEM), Solved)
    assert client.pid == pid


async def test_a_caller_that_is_cancelled_takes_its_worker_along(scripted: Callable[..., LabClient]) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for request in requests():
            if first_time():
                send(Advanced(request.request_id, 0.5, "half way"))
                time.sleep(60)
            answer(request)
        """
    )
    working = asyncio.Event()
    asking = asyncio.create_task(client.solve(PROBLEM, on_progress=lambda fraction, text: working.set()))
    await working.wait()
    pid = client.pid
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert isinstance(await client.solve(PROBLEM), Solved)
    assert client.pid != pid


async def test_a_caller_that_is_cancelled_while_the_worker_starts_leaves_it_starting(
    scripted: Callable[..., LabClient],
) -> None:
    client = scripted(f"time.sleep(0.3)\n{WELL}")
    asking = asyncio.create_task(client.solve(PROBLEM))
    await until(lambda: client.pid is not None)
    pid = client.pid
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert isinstance(await client.solve(PROBLEM), Solved)
    assert client.pid == pid


async def test_problems_asked_at_once_are_answered_one_after_the_other(scripted: Callable[..., LabClient]) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for number, request in enumerate(requests()):
            answer(request, number)
        """
    )
    outcomes = await asyncio.gather(*(client.solve(PROBLEM) for _ in range(5)), client.start(), client.start())
    assert outcomes[:5] == [Solved(Evidence(value=number)) for number in range(5)]


async def test_an_answer_nobody_waits_for_is_passed_over(scripted: Callable[..., LabClient]) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for request in requests():
            send(Advanced("long ago", 0.5, ""))
            send(Solved("long ago", Evidence(value=1)))
            answer(request)
        """
    )
    assert await client.solve(PROBLEM) == Solved(Evidence(value=196))


async def test_a_line_of_megabytes_is_read(scripted: Callable[..., LabClient]) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for request in requests():
            png = bytes.fromhex("89504e470d0a1a0a0000000d49484452" + "00000001" * 2) + bytes(5_000_000)
            picture = Picture.from_png("large", png, caption="", alt="")
            send(Solved(request.request_id, Evidence(value=1, pictures=(picture,))))
        """
    )
    outcome = await client.solve(PROBLEM)
    assert isinstance(outcome, Solved)
    assert len(outcome.evidence.pictures[0].png) > 5_000_000


async def test_a_mistake_in_the_callers_progress_is_raised_to_the_caller(scripted: Callable[..., LabClient]) -> None:
    client = scripted(
        """
        send(Ready({}, 0.0))
        for request in requests():
            send(Advanced(request.request_id, 0.5, ""))
            answer(request)
        """
    )

    def broken(fraction: float, text: str) -> None:
        raise LookupError("no such widget")

    with pytest.raises(LookupError, match="no such widget"):
        await client.solve(PROBLEM, on_progress=broken)
    assert isinstance(await client.solve(PROBLEM), Solved)


async def test_closing_ends_what_is_being_computed(scripted: Callable[..., LabClient]) -> None:
    client = scripted("send(Ready({}, 0.0))\ntime.sleep(60)")
    asking = asyncio.create_task(client.solve(PROBLEM))
    await until(lambda: client.ready)
    pid = client.pid
    assert pid is not None
    await client.close()
    assert isinstance(await asking, Cancelled)
    assert has_ended(pid)
    await client.close()
    await client.start()
    await client.cancel()
    assert client.pid == pid, "nothing was started after the end"


def test_the_client_itself_loads_no_model_and_no_screen() -> None:
    code = "import sys, studytui.study.labs; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert set(done.stdout.split()) & {"torch", "transformers", "numpy", "PIL", "textual", "rich"} == set()


async def test_closing_a_client_that_never_started_is_fine() -> None:
    await LabClient().close()


def test_the_worker_dies_with_its_parent(tmp_path: Path) -> None:
    parent = textwrap.dedent(
        """
        import asyncio, os
        from studytui.study.labs import LabClient
        async def main():
            client = LabClient()
            asyncio.create_task(client.start())
            while client.pid is None:
                await asyncio.sleep(0.01)
            print(client.pid, flush=True)
            await asyncio.sleep(0.3)
            os.kill(os.getpid(), 9)
        asyncio.run(main())
        """
    )
    done = subprocess.run([sys.executable, "-c", parent], check=False, capture_output=True, text=True)
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid = int(done.stdout)
    deadline = time.monotonic() + 10
    while not has_ended(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert has_ended(pid)


async def test_a_device_that_is_not_there_falls_back_to_the_cpu() -> None:
    client = LabClient(device="cuda")
    try:
        await client.start()
        assert client.versions["device"] in ("cpu", "cuda")
        assert isinstance(await client.solve(PROBLEM), Solved)
    finally:
        await client.close()

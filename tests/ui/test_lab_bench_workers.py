"""The bench with a real process at the other end: however it ends, the app goes on and the next answer comes."""

from __future__ import annotations

import asyncio
import sys
import textwrap
from pathlib import Path

import pytest

from studytui.study import labs
from studytui.study.labs import LabClient
from tests.ui.tiny_course import Running, running

WORKER = """
import os, signal, sys, time
from pathlib import Path
from labs.protocol import *
def send(event):
    sys.stdout.write(event_to_line(event)); sys.stdout.flush()
once = Path(__file__).with_suffix(".once")
send(Ready({"torch": "0"}, 0.0))
for line in sys.stdin:
    request = SolveRequest.from_line(line)
    if not once.exists():
        once.touch()
        BADLY
    facts = {"rows": 14, "columns": 14, "embedding_width": 768}
    send(Solved(request.request_id, Evidence(value=196, unit="patches", facts=facts)))
"""
BADLY = {
    "killed": ("os.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL, perhaps for want of memory"),
    "hung": ("time.sleep(600)", "did not answer within 1 s and was stopped"),
    "out of memory": (
        'send(Failed(request.request_id, "MemoryError", "unable to allocate 8 GB")); continue',
        "The lab crashed: MemoryError: unable to allocate 8 GB.",
    ),
    "printing garbage": (
        'sys.stdout.write("\\x1b[31mWARNING[/] not JSON\\n"); sys.stdout.flush(); time.sleep(600)',
        "sent something unreadable",
    ),
}

BORDERS = str.maketrans("│▌", "  ")


async def until(run: Running, text: str) -> str:
    """The screen's text in one line, once it says this."""
    async with asyncio.timeout(20):
        while text not in (shown := " ".join(run.text.translate(BORDERS).split())):
            await run.pilot.pause(0.05)
    return shown


@pytest.mark.parametrize("how", BADLY)
async def test_a_worker_that_ends_badly_leaves_a_usable_app(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    does, said = BADLY[how]
    monkeypatch.setattr(labs, "_seconds_allowed", lambda _: 1.0)
    script = tmp_path / "worker.py"
    script.write_text(textwrap.dedent(WORKER).replace("BADLY", does), encoding="utf-8")
    client = LabClient([sys.executable, str(script)])
    async with running(tmp_path, monkeypatch, size=(220, 45)) as run:
        run.app.lab_client = client
        run.app.open_lab("patches.count", {"image_size": 224, "patch_size": 16})
        await run.settle()
        await run.type("196")
        await run.press("enter")
        text = await until(run, said)
        assert "Measured" not in text
        assert "Your prediction still counts" in text
        assert "grade yourself" not in text
        assert "\x1b" not in run.text
        await run.press("enter")  # the prediction still stands there
        await until(run, "Measured: 196 patches")
        await run.press("escape")
        if run.screen == "LabScreen":
            await run.press("escape")
        assert run.screen == "HomeScreen"
    await client.close()
    assert not client.ready

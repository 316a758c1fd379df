"""`python -m labs.worker`: one process that imports torch once and then answers requests, JSON lines in and out.

The first line out is Ready, or Failed with an empty request_id and exit status 3 if a library is missing. Standard
output is kept for the protocol alone: whatever a library prints goes to standard error. The worker ends when its
standard input does, at once, even in the middle of a computation, so that it never outlives the app. It computes on
one thread (two beside a busy neighbour are slower, and only one is repeatable to the bit) and loads from no network.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import queue
import signal
import sys
import threading
import time
import traceback
from dataclasses import replace
from typing import Final, TextIO

from labs import catalog, devices
from labs.bench.later import load_all
from labs.evidence import versions
from labs.lean_imports import lean_imports
from labs.protocol import (
    Advanced,
    Event,
    Failed,
    Looked,
    ParamError,
    Progress,
    ProtocolError,
    Ready,
    Solved,
    SolveRequest,
    event_to_line,
)

NEEDED: Final = {"torch": "torch", "transformers": "transformers", "numpy": "numpy", "PIL": "pillow"}
"""Modules every worker needs and the distributions they come in."""
EXIT_MISSING_LIBRARY: Final = 3
_SECONDS_BETWEEN_ADVANCES: Final = 0.05


def main() -> int:
    """Serve requests until standard input ends. Returns the exit status."""
    _settle_before_torch()
    requests, answers = _take_over_streams()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the app; it then closes our standard input
    lines = _read_ahead(requests)
    sender = _Sender(answers)
    started = time.perf_counter()
    try:
        found = _import_libraries()
    except ImportError as error:
        sender.send(_failed("", error))
        return EXIT_MISSING_LIBRARY
    sender.send(Ready(found, time.perf_counter() - started))
    while True:
        _serve(lines.get(), sender)


def answer(request: SolveRequest, sender: _Sender) -> Looked | Solved:
    """Run one computation.

    Raises:
        Exception: whatever the lab raises.
    """
    exercise = catalog.exercise(request.problem.exercise)
    devices.forget()
    if request.stage == "look":
        return Looked(request.request_id, exercise.look(request.problem))
    evidence = exercise.solve(request.problem, sender.progress_of(request.request_id))
    return Solved(request.request_id, replace(evidence, versions={**evidence.versions, "device": devices.used()}))


class _Sender:
    """The way out: one event a line."""

    def __init__(self, answers: TextIO) -> None:
        self._answers = answers
        self._advanced_at = 0.0

    def send(self, event: Event) -> None:
        """Write the event at once."""
        self._answers.write(event_to_line(event))
        self._answers.flush()

    def progress_of(self, request_id: str) -> Progress:
        """What a computation calls to say how far it is; calls in quick succession are thinned out."""

        def advance(fraction: float, text: str) -> None:
            now = time.monotonic()
            if now - self._advanced_at >= _SECONDS_BETWEEN_ADVANCES:
                self._advanced_at = now
                self.send(Advanced(request_id, fraction, text))

        return advance


def _serve(line: str, sender: _Sender) -> None:
    request_id = ""
    try:
        request = SolveRequest.from_line(line)
        request_id = request.request_id
        sender.send(answer(request, sender))
    except BaseException as error:  # the next request must find the worker alive, also after a lab's sys.exit
        if not isinstance(error, ParamError | ProtocolError):
            traceback.print_exc()
        sender.send(_failed(request_id, error))


def _failed(request_id: str, error: BaseException) -> Failed:
    missing = ""
    if isinstance(error, ModuleNotFoundError) and error.name:
        missing = error.name.partition(".")[0]
    if missing == "labs":  # our own mistake, not something to install
        missing = ""
    return Failed(request_id, type(error).__name__, str(error) or type(error).__name__, NEEDED.get(missing, missing))


def _import_libraries() -> dict[str, str]:
    """Import what the labs share and the labs themselves; returns the versions.

    The garbage collector rests meanwhile: an import makes no garbage, and looking for some takes half a second.

    Raises:
        ImportError: a library every lab needs is missing or broken.
    """
    gc.disable()
    try:
        _import_needed("torch")
        with lean_imports():
            for module in NEEDED:
                _import_needed(module)
            for module in dict.fromkeys(exercise.module for exercise in catalog.exercises()):
                if not module.startswith("labs."):  # another package's: imported by who asks, within the time allowed
                    continue
                try:
                    importlib.import_module(module)
                except Exception:  # one broken lab must not take the others along; solving with it says what is wrong
                    traceback.print_exc()
            load_all()
    finally:
        gc.freeze()
        gc.enable()
    import torch

    torch.set_num_threads(1)
    return {**versions(*NEEDED.values()), "device": str(devices.device())}


def _import_needed(module: str) -> None:
    try:
        importlib.import_module(module)
    except ModuleNotFoundError as error:
        error.name = error.name or module
        raise


def _take_over_streams() -> tuple[TextIO, TextIO]:
    """Private copies of standard input and output; what others read is empty, what they print goes to stderr."""
    requests = os.fdopen(os.dup(0), encoding="utf-8", errors="replace")
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return requests, answers


def _read_ahead(requests: TextIO) -> queue.SimpleQueue[str]:
    """Read requests on a thread of its own, which ends the process as soon as there can be no more of them."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        with contextlib.suppress(OSError, ValueError):
            for line in requests:
                lines.put(line)
        os._exit(0)

    threading.Thread(target=read, name="requests", daemon=True).start()
    return lines


def _settle_before_torch() -> None:
    """Settings that must stand before torch and the hub are imported."""
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["OMP_NUM_THREADS"] = "1"


if __name__ == "__main__":
    sys.exit(main())

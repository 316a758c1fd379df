"""The labs' worker process, seen from the app: problems go out, outcomes come back, and nothing it does can raise here.

One worker at a time answers one problem at a time. A worker that crashes, hangs or garbles its answers is killed, and
the next problem starts a new one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import uuid
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeAlias

from labs import catalog, protocol
from labs.protocol import Evidence, Look, Param, ParamError, Params, Problem, Progress
from studytui.domain.cards import Card
from studytui.domain.judging import seed_of
from studytui.domain.verdict import Part, Response, Verdict, format_number
from studytui.files import cache_folder

INSTALL_LABS: Final = "pip install 'studytui[labs]'"
START_SECONDS: Final = 60.0
"""Time a worker may take to import torch; a cold disk is slow."""
_LONGEST_LINE_BYTES: Final = 64 * 2**20
_STDERR_KEPT_BYTES: Final = 8_192
_STDERR_LINES_SHOWN: Final = 6


@dataclass(frozen=True, slots=True)
class Solved:
    """The computation ran; `evidence` has the measured value and how it came about."""

    evidence: Evidence

    @property
    def message(self) -> str:
        """A plain sentence for the screen."""
        return f"The lab answered in {self.evidence.seconds:.2g} s."


@dataclass(frozen=True, slots=True)
class Looked:
    """What the question shows before the answer."""

    look: Look
    message: ClassVar[str] = "The lab drew what the question shows."


@dataclass(frozen=True, slots=True)
class Refused:
    """The lab is well but cannot take this problem, for example because a picture is damaged; `text` says why."""

    text: str

    @property
    def message(self) -> str:
        """A plain sentence with what to do."""
        return f"The lab cannot take this: {_sentence(self.text)} Change it and try again."


@dataclass(frozen=True, slots=True)
class Crashed:
    """The computation failed or its process died; `text` is the error and the last lines it printed."""

    text: str

    @property
    def message(self) -> str:
        """A plain sentence with what to do."""
        return f"The lab crashed: {_sentence(self.text.partition(chr(10))[0])} Try again; it restarts."


@dataclass(frozen=True, slots=True)
class TimedOut:
    """No answer came within `seconds`; the worker was killed."""

    seconds: float

    @property
    def message(self) -> str:
        """A plain sentence with what to do."""
        return f"The lab did not answer within {self.seconds:g} s and was stopped. Try again, or with smaller numbers."


@dataclass(frozen=True, slots=True)
class MissingLibrary:
    """A library the labs need is not installed."""

    name: str
    how_to_install: str = INSTALL_LABS

    @property
    def message(self) -> str:
        """A plain sentence with what to do."""
        return f"The labs need {self.name}, which is not installed. Install it with: {self.how_to_install}"


@dataclass(frozen=True, slots=True)
class BadOutput:
    """The worker sent something that is no answer; `text` is how it begins."""

    text: str

    @property
    def message(self) -> str:
        """A plain sentence with what to do."""
        return f"The lab sent something unreadable ({self.text[:60]}). Try again; it restarts."


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The learner stopped it, or the app is closing."""

    message: ClassVar[str] = "The lab was stopped."


LabOutcome: TypeAlias = Looked | Solved | Refused | Crashed | TimedOut | MissingLibrary | BadOutput | Cancelled


class LabClient:
    """Starts, asks, watches and restarts the worker.

    `command` is the worker's command line; `start_seconds` how long it may take until it is ready; `device` where it
    computes: cpu, cuda, mps or auto; '' leaves that to the environment.
    """

    def __init__(
        self, command: Sequence[str] | None = None, *, start_seconds: float = START_SECONDS, device: str = ""
    ) -> None:
        self._command = tuple(command) if command else (sys.executable, "-P", "-m", "labs.worker")
        self._start_seconds = start_seconds
        chosen = {protocol.DEVICE_VARIABLE: device} if device else {}
        self._environment = {protocol.CACHE_VARIABLE: str(cache_folder()), **os.environ, **chosen}
        self._worker: _Worker | None = None
        self._turn = asyncio.Lock()
        self._background: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def ready(self) -> bool:
        """Whether a worker has imported what it needs and waits for a problem."""
        return self._worker is not None and self._worker.is_ready

    @property
    def versions(self) -> dict[str, str]:
        """The versions of the libraries a ready worker runs with; empty until then."""
        return dict(self._worker.versions) if self._worker is not None else {}

    @property
    def pid(self) -> int | None:
        """The process id of the current worker."""
        return self._worker.pid if self._worker is not None else None

    async def start(self) -> None:
        """Warm a worker up; returns when it is ready or has failed. Safe to call often; a failure does not raise."""
        if not self._closed:
            await self._current().warm(self._start_seconds)

    async def solve(
        self, problem: Problem, *, on_progress: Progress | None = None, timeout: float | None = None
    ) -> LabOutcome:
        """The evidence for a problem, or what went wrong; never raises for what the worker does.

        `timeout` in seconds counts from when the worker is ready; without it the exercise's own holds. A caller that
        is cancelled while its problem is computed takes the worker with it; a new one is warmed up.
        """
        return await self._ask(problem, "solve", on_progress, timeout)

    async def look(self, problem: Problem) -> LabOutcome:
        """What the question of a problem shows before the answer, or what went wrong; never raises.

        Drawn on a thread of this process where that takes no torch, else by the worker.
        """
        try:
            exercise = catalog.exercise(problem.exercise)
            if exercise.looker is None:
                return Looked(protocol.Look())
            if not exercise.looks_in_worker:
                return Looked(await asyncio.to_thread(exercise.look, problem))
        except ModuleNotFoundError as error:
            return MissingLibrary(error.name or "a library")
        except (ParamError, catalog.UnknownExercise) as error:
            return Refused(str(error))
        except Exception as error:  # a lab's own mistake
            return Crashed(f"{type(error).__name__}: {error}")
        return await self._ask(problem, "look", None, None)

    async def _ask(
        self, problem: Problem, stage: protocol.Stage, on_progress: Progress | None, timeout: float | None
    ) -> LabOutcome:
        async with self._turn:
            if self._closed:
                return Cancelled()
            worker = self._current()
            failure = await worker.warm(self._start_seconds)
            if failure is not None:
                return failure
            try:
                seconds = _seconds_allowed(problem) if timeout is None else timeout
                return await worker.ask(problem, stage, on_progress, seconds)
            except asyncio.CancelledError:
                if worker.is_busy:
                    worker.kill(Cancelled())
                    self._in_background(self.start())
                raise

    async def cancel(self) -> None:
        """Stop what is being computed: its `solve` returns Cancelled, and a new worker is warmed up.

        A worker that is ready and idle is left alone.
        """
        if self._worker is not None and (self._worker.is_busy or not self._worker.is_ready):
            self._worker.kill(Cancelled())
        self._in_background(self.start())

    async def close(self) -> None:
        """End the worker for good; safe to call twice. Returns when no process is left."""
        self._closed = True
        if self._worker is not None:
            self._worker.kill(Cancelled())
        while self._background:
            await asyncio.wait(self._background)

    def _current(self) -> _Worker:
        """The worker that lives, or a new one."""
        if self._worker is None or self._worker.is_dead:
            self._worker = _Worker(self._command, self._environment)
            self._in_background(self._worker.live())
        return self._worker

    def _in_background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


class _Worker:
    """One process from its start to its end. `_end` is why it is of no more use, as soon as that is known."""

    def __init__(self, command: Sequence[str], environment: dict[str, str]) -> None:
        self._environment = environment
        self.versions: dict[str, str] = {}
        self._command = command
        self._process: asyncio.subprocess.Process | None = None
        self._up: asyncio.Future[LabOutcome | None] = asyncio.get_running_loop().create_future()
        self._answer: asyncio.Future[LabOutcome] | None = None
        self._request_id = ""
        self._problem: Problem | None = None
        self._on_progress: Progress | None = None
        self._end: LabOutcome | None = None
        self._stderr = b""

    @property
    def is_ready(self) -> bool:
        return not self.is_dead and self._up.done()

    @property
    def is_dead(self) -> bool:
        return self._end is not None

    @property
    def is_busy(self) -> bool:
        return self._answer is not None and not self._answer.done()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None else None

    async def warm(self, seconds: float) -> LabOutcome | None:
        """Wait until it is ready: None, or why it never will be."""
        await asyncio.wait({self._up}, timeout=seconds)
        if not self._up.done():
            self.kill(TimedOut(seconds))
        return self._up.result()

    async def ask(
        self, problem: Problem, stage: protocol.Stage, on_progress: Progress | None, seconds: float
    ) -> LabOutcome:
        """Send a problem to a worker that is ready and wait for the answer."""
        if self._end is not None:
            return self._end
        self._answer = asyncio.get_running_loop().create_future()
        self._request_id = uuid.uuid4().hex
        self._problem = problem
        self._on_progress = on_progress
        assert self._process is not None
        assert self._process.stdin is not None
        # Not drained: a request is small, and a worker that does not read it is dealt with by the time-out.
        self._process.stdin.write(protocol.SolveRequest(self._request_id, problem, stage).to_line().encode())
        await asyncio.wait({self._answer}, timeout=seconds)
        if not self._answer.done():
            self.kill(TimedOut(seconds))
        return self._answer.result()

    def kill(self, why: LabOutcome) -> None:
        """End it now. Whoever waits is told why; `live` clears up."""
        if self._end is None:
            self._end = why
        if not self._up.done():
            self._up.set_result(self._end)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(self._end)
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                self._process.kill()

    async def live(self) -> None:
        """Run the process and pass on what it says, until it ends or is killed."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=_LONGEST_LINE_BYTES,
                env=self._environment,
            )
        except (OSError, ValueError) as error:
            self.kill(Crashed(f"its process could not be started: {error}"))
            return
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self._process = process
        if self._end is not None:  # killed while it was being started
            self.kill(self._end)
        listening = asyncio.create_task(self._listen(process.stderr))
        try:
            why = await self._converse(process.stdout)
            if why is not None:
                self.kill(why)
            await process.wait()
            await asyncio.wait({listening}, timeout=1)
            self.kill(Crashed(self._last_words(process.returncode)))
        finally:
            self.kill(Cancelled())
            listening.cancel()
            process.stdin.close()

    async def _converse(self, stdout: asyncio.StreamReader) -> LabOutcome | None:
        """Handle events until the worker is of no more use: why, or None where its output simply ended."""
        while True:
            try:
                line = await stdout.readline()
            except ValueError:
                return BadOutput(f"a line of more than {_LONGEST_LINE_BYTES / 1e6:.0f} MB")
            if not line.endswith(b"\n"):
                return None
            try:
                event = protocol.event_from_line(line.decode())
            except UnicodeDecodeError:
                return BadOutput(line[:80].decode(errors="replace").strip())
            except protocol.ProtocolError as error:
                return BadOutput(str(error))
            match event:
                case protocol.Ready():
                    self.versions = event.versions
                    if not self._up.done():
                        self._up.set_result(None)
                case protocol.Failed(request_id=""):
                    return _failure(event)
                case _ if not self._up.done():
                    return BadOutput(f"a {type(event).__name__} before it was ready")
                case _ if event.request_id == self._request_id:
                    self._tell(event)
                case _:  # the answer to a problem nobody waits for any more
                    continue

    def _tell(self, event: protocol.Advanced | protocol.Looked | protocol.Solved | protocol.Failed) -> None:
        if self._answer is None or self._answer.done():
            return
        match event:
            case protocol.Advanced():
                if self._on_progress is not None:
                    try:
                        self._on_progress(event.fraction, event.text)
                    except Exception as error:  # the caller's own mistake: raised where it called
                        self._answer.set_exception(error)
            case protocol.Looked():
                self._answer.set_result(Looked(event.look))
            case protocol.Solved():
                misfit = protocol.misfit(self._problem, event.evidence) if self._problem else ""
                self._answer.set_result(Crashed(misfit) if misfit else Solved(event.evidence))
            case protocol.Failed():
                self._answer.set_result(_failure(event))

    async def _listen(self, stderr: asyncio.StreamReader) -> None:
        """Keep the end of what it prints, so that a crash can be explained, and its pipe never fills."""
        while chunk := await stderr.read(65_536):
            self._stderr = (self._stderr + chunk)[-_STDERR_KEPT_BYTES:]

    def _last_words(self, status: int | None) -> str:
        lines = [line.rstrip() for line in self._stderr.decode(errors="replace").splitlines() if line.strip()]
        if status is not None and status < 0:
            name = signal.Signals(-status).name if -status in set(signal.Signals) else f"signal {-status}"
            how = f"its process was killed by {name}"
            if name == "SIGKILL":
                how += ", perhaps for want of memory"
        else:
            how = f"its process ended with status {status}"
            if lines:
                how += f": {lines[-1]}"
        return "\n".join((how, *lines[-_STDERR_LINES_SHOWN:]))


def _failure(event: protocol.Failed) -> LabOutcome:
    if event.missing:
        return MissingLibrary(event.missing)
    if event.kind == protocol.ParamError.__name__:
        return Refused(event.text)
    return Crashed(f"{event.kind}: {event.text}")


def _seconds_allowed(problem: Problem) -> float:
    try:
        return catalog.exercise(problem.exercise).seconds_allowed
    except catalog.UnknownExercise:
        return catalog.SECONDS_ALLOWED


def _sentence(text: str) -> str:
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."


# Cards decided by a lab: posing with fresh numbers and judging an answer by the evidence. No torch in this proc


NEAR: Final = 3.0
"""A prediction off by up to so many tolerances is half right; exact counts have no tolerance and no near miss."""


def pose(card: Card, review_uid: str) -> Problem:
    """The problem of this showing; the same review_uid gives the same numbers.

    Raises:
        ValueError: the card has no lab, or its parameters are out of range; the text names them.
    """
    salt = f"lab:{card.lab.exercise}" if card.lab else ""
    return posed(card, seed_of(review_uid, salt))


def posed(card: Card, seed: int) -> Problem:
    """The problem that a card's lab asks with a seed.

    Raises:
        ValueError: the card has no lab, or its parameters are out of range; the text names them.
    """
    if card.lab is None:
        raise ValueError(f"card {card.id} has no lab exercise")
    return catalog.exercise(card.lab.exercise).pose(card.lab.fixed, seed, card.lab.vary)


def refusal(problem: Problem, answer: str) -> str:
    """What to type, where this cannot be an answer whatever the lab measures; '' where it can.

    No lab needs to compute for it.
    """
    from labs.checking import refusal

    verdict = refusal(problem, answer)
    return verdict.message if verdict is not None else ""


def judge(problem: Problem, answer: str, evidence: Evidence, *, dont_know: bool = False) -> Verdict:
    """The lab's verdict in the app's terms. Whoever says `dont_know` is wrong, and is told what was measured."""
    if dont_know:
        right = show_value(evidence)
        return Verdict(False, 0.0, f"Right answer: {right}", (Part("", right, False),))
    verdict = catalog.exercise(problem.exercise).check(problem, answer, evidence)
    if verdict.asks:
        return Verdict(False, 0.0, verdict.message, asks=True, read_as=verdict.read_as)
    right = show_value(evidence)
    near = not verdict.correct and verdict.error is not None and verdict.error <= NEAR * _slack(problem, evidence)
    return Verdict(
        verdict.correct,
        1.0 if verdict.correct else 0.5 if near else 0.0,
        verdict.message,
        (Part(answer, right, verdict.correct, note=verdict.mistake),),
        read_as=verdict.read_as,
    )


def read_params(knobs: Sequence[Param], texts: Mapping[str, str]) -> Params:
    """What was typed for each knob, read as the knob's type; names without a knob are passed on for the lab to refuse.

    Raises:
        ParamError: a text is not a number where one is wanted.
    """
    kinds = {knob.name: knob.kind for knob in knobs}
    given: Params = {}
    for name, text in texts.items():
        kind = kinds.get(name, "text")
        try:
            given[name] = int(text) if kind == "integer" else float(text) if kind == "number" else text
        except ValueError:
            noun = "a whole number" if kind == "integer" else "a number"
            raise ParamError(name, f"must be {noun}, not {text!r}") from None
    return given


def in_words(problem: Problem, response: Response) -> str:
    """A response as the words a lab expects: options by their text."""
    if isinstance(response, int):
        return problem.options[response]
    if isinstance(response, list):
        return "; ".join(problem.options[int(at)] for at in response)
    return response or ""


def show_value(evidence: Evidence) -> str:
    """The measured value as a person writes it."""
    value = evidence.value
    if isinstance(value, list):
        return " → ".join(value)
    if isinstance(value, str):
        return value
    return format_number(float(value), evidence.unit)


def _slack(problem: Problem, evidence: Evidence) -> float:
    value = evidence.value
    size = abs(float(value)) if isinstance(value, int | float) else 0.0
    return max(problem.tolerance, size * problem.tolerance_percent / 100)


def for_log(problem: Problem, evidence: Evidence) -> dict[str, Any]:
    """What the log keeps of a lab's work: all but the pictures and the code, which can be made again from the seed."""
    return {
        "exercise": problem.exercise,
        "params": problem.params,
        "seed": problem.seed,
        "value": evidence.value,
        "unit": evidence.unit,
        "derivation": list(evidence.derivation),
        "versions": evidence.versions,
        "seconds": evidence.seconds,
    }

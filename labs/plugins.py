"""Labs of other packages, held at arm's length: whatever one does here, the app goes on and says which it was.

Their code runs in a thread that is waited for a while and then left behind, and what it prints is thrown away. That
keeps out exceptions of every kind, `sys.exit` and endless loops; it is no cell for code that means harm.
"""

from __future__ import annotations

import contextlib
import io
import itertools
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from labs.checked import ProtocolError, items, number, shown, text
from labs.exercise import Exercise, Vary
from labs.protocol import (
    Evidence,
    Param,
    ParamError,
    Params,
    PluginError,
    Problem,
    Verdict,
    checked_problem,
    checked_verdict,
    scalar,
)

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

Result = TypeVar("Result")
GROUP: Final = "studytui.labs"
LOAD_SECONDS: Final = 5.0
POSE_SECONDS: Final = 2.0
MOST_EXERCISES: Final = 1_000
_SECONDS_ALLOWED: Final = 600.0
_hung: set[str] = set()
"""Packages with code that never came back; it may still run, so no more of it is started."""


class PluginFailed(Exception):
    """A package's code failed; the text says how."""


def entry_points() -> Iterator[EntryPoint]:
    """What installed packages offer; none of it is loaded yet."""
    import importlib.metadata

    yield from importlib.metadata.entry_points(group=GROUP)


def load(point: EntryPoint) -> list[Exercise]:
    """The exercises of an entry point, each checked, and each posing and judging under guard from now on.

    Raises:
        PluginFailed: it cannot be loaded, takes too long, or offers something else than exercises.
    """
    return _run(point.name, LOAD_SECONDS, lambda: _offered(point))


def _offered(point: EntryPoint) -> list[Exercise]:
    found = list(itertools.islice(point.load(), MOST_EXERCISES + 1))
    if len(found) > MOST_EXERCISES:
        raise ProtocolError(f"it offers more than {MOST_EXERCISES:,} exercises")
    return [_guarded(point.name, one) for one in found]


def _guarded(package: str, one: object) -> Exercise:
    entry = getattr(one, "entry", None)  # a class of labs.bench
    if isinstance(one, type) and callable(entry):
        one = entry()
    if not isinstance(one, Exercise):
        raise ProtocolError(f"it offers {shown(one)}, which is no exercise")
    name = text(one.name, "name", 100)
    if not name or not all(letter.isalnum() or letter in "._-" for letter in name):
        raise ProtocolError(f"the name of an exercise must be letters, digits, dots and dashes, not {shown(name)}")
    if not (callable(one.poser) and callable(one.checker)):
        raise ProtocolError(f"{name} cannot be posed or checked")
    seconds = float(number(one.seconds_allowed, f"{name}: seconds_allowed"))
    if not 0 < seconds <= _SECONDS_ALLOWED:
        raise ProtocolError(f"{name}: seconds_allowed must be more than 0 and at most {_SECONDS_ALLOWED:g}")
    return Exercise(
        name=name,
        title=text(one.title, f"{name}: title", 200),
        sections=items(one.sections, f"{name}: sections", text),
        covers=items(one.covers, f"{name}: covers", text),
        params=items(one.params, f"{name}: params", _param, 50),
        module=text(one.module, f"{name}: module", 200),
        seconds_allowed=seconds,
        truth=text(one.truth, f"{name}: truth", 200),
        measured_on=text(one.measured_on, f"{name}: measured_on", 500),
        poser=partial(_pose, package, one),
        varied=None if one.varied is None else partial(_varied, package, one),
        solver=one.solver,
        looker=one.looker,
        looks_in_worker=True,  # another package draws nothing in this process
        checker=partial(_check, package, one),
    )


def _param(value: object, where: str) -> Param:
    if not isinstance(value, Param):
        raise ProtocolError(f"{where} must be a Param, not {shown(value)}")
    if value.kind not in ("integer", "number", "text", "path"):
        raise ProtocolError(f"{where}.kind is {shown(value.kind)}")
    for bound in (value.low, value.high):
        if bound is not None:
            number(bound, f"{where}.low and .high")
    return replace(
        value,
        name=text(value.name, f"{where}.name", 100),
        help=text(value.help, f"{where}.help"),
        default=scalar(value.default, f"{where}.default"),
        choices=items(value.choices, f"{where}.choices", scalar),
        vary=items(value.vary, f"{where}.vary", scalar),
    )


def _pose(package: str, one: Exercise, params: Params, seed: int) -> Problem:
    return _told(package, one, lambda: checked_problem(one.poser(params, seed), one.name))


def _varied(package: str, one: Exercise, params: Params, seed: int, vary: Vary) -> Problem:
    assert one.varied is not None
    varied = one.varied
    return _told(package, one, lambda: checked_problem(varied(params, seed, vary), one.name))


def _check(package: str, one: Exercise, problem: Problem, answer: str, evidence: Evidence) -> Verdict:
    return _told(package, one, lambda: checked_verdict(one.checker(problem, answer, evidence)))


def _told(package: str, one: Exercise, work: Callable[[], Result]) -> Result:
    """What the work gives.

    Raises:
        ParamError: the package says that parameters do not go.
        PluginError: it failed otherwise.
    """
    try:
        return _run(package, POSE_SECONDS, work)
    except ParamError:
        raise
    except PluginFailed as error:
        raise PluginError(one.name, f"The lab package “{package}” failed at {one.name}: {error}.") from None


def _run(package: str, seconds: float, work: Callable[[], Result]) -> Result:
    """What the work gives, if it comes back in time.

    Raises:
        ParamError: it raised that.
        PluginFailed: it raised anything else, or did not come back.
    """
    if package in _hung:
        raise PluginFailed("it hangs, and is not asked again before the next start")
    results: list[Result] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:  # sys.exit and KeyboardInterrupt are a package's mistakes too
            errors.append(error)

    thread = threading.Thread(target=run, name=f"lab package {package}", daemon=True)
    with contextlib.redirect_stdout(io.StringIO()):
        thread.start()
        thread.join(seconds)
    if results:
        return results[0]
    if not errors:
        _hung.add(package)
        raise PluginFailed(f"it did not come back within {seconds:g} s")
    if isinstance(errors[0], ParamError):
        raise errors[0]
    raise PluginFailed(_words(errors[0])) from None


def _words(error: BaseException) -> str:
    if isinstance(error, ProtocolError):
        return str(error)
    try:
        said = str(error)
    except Exception:  # an exception's own words may fail as well
        said = ""
    return f"{type(error).__name__}: {said[:500]}".removesuffix(": ")

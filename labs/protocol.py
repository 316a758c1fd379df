"""What crosses the border between the app and the labs: problems, evidence, verdicts and the worker's JSON lines.

Standard library only, so that the app can import it at start-up. Pictures travel as base64 PNG, curves as numbers.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeAlias

Scalar: TypeAlias = int | float | str | bool
Params: TypeAlias = dict[str, Scalar]
Value: TypeAlias = int | float | str | list[str]
AnswerType: TypeAlias = Literal["integer", "number", "choice", "order"]
DEVICE_VARIABLE: Final = "STUDYTUI_LAB_DEVICE"
"""Environment of the worker: `cpu` (default), `cuda`, `mps`, or `auto` for the best there is."""
Progress: TypeAlias = Callable[[float, str], None]
"""Called with the fraction done (0 to 1) and a few words on what is being done."""


class ParamError(ValueError):
    """A lab parameter is unknown, of the wrong type or out of range; the text names it and the range."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class ProtocolError(ValueError):
    """A line from the worker is not an event of this protocol."""


@dataclass(frozen=True, slots=True)
class Param:
    """One knob of an exercise: its type, default and range, and the values a card may vary it over.

    `low` and `high` are inclusive and apply to numbers; `choices` restricts to listed values.
    """

    name: str
    kind: Literal["integer", "number", "text", "path"]
    default: Scalar
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[Scalar, ...] = ()
    vary: tuple[Scalar, ...] = ()
    """Values drawn from when neither the card nor the learner sets the knob; empty: the default."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One showing of an exercise: what is asked, with this showing's numbers.

    `tolerance` is absolute, in `unit`; 0 asks for the exact value. `tolerance_reason` says why it is that wide.
    """

    exercise: str
    params: Params
    seed: int
    prompt: str
    answer_type: AnswerType
    unit: str = ""
    options: tuple[str, ...] = ()
    tolerance: float = 0.0
    tolerance_percent: float = 0.0
    tolerance_reason: str = ""
    hints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG with a name, a caption for the screen and a text that stands for it where no picture can be shown."""

    name: str
    caption: str
    alt: str
    png_base64: str

    @classmethod
    def from_png(cls, name: str, png: bytes, *, caption: str, alt: str) -> Picture:
        return cls(name=name, caption=caption, alt=alt, png_base64=base64.b64encode(png).decode("ascii"))

    @property
    def png(self) -> bytes:
        return base64.b64decode(self.png_base64)


@dataclass(frozen=True, slots=True)
class Table:
    """A small table: a title, the column heads and the rows as text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Points to plot; `x_label` and `y_label` carry the units."""

    title: str
    x_label: str
    y_label: str
    x: tuple[float, ...]
    series: dict[str, tuple[float, ...]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the computation showed. `value` is measured from the model's own tensors."""

    value: Value
    unit: str = ""
    derivation: tuple[str, ...] = ()
    """Lines a learner can follow, shapes included: `(1, 3, 224, 224) -> (1, 196, 768)`."""
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    curves: tuple[Curve, ...] = ()
    code: str = ""
    """The source lines that produced the value, as they stand in the lab's file."""
    versions: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    facts: dict[str, Value] = field(default_factory=dict)
    """Further measured numbers that `check` may compare an answer with to name a known mistake."""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Evidence:
        """Rebuild from decoded JSON.

        Raises:
            ProtocolError: if a field is missing or of the wrong shape.
        """
        try:
            return cls(
                value=_checked_value(data["value"]),
                unit=data["unit"],
                derivation=tuple(data["derivation"]),
                tables=tuple(
                    Table(t["title"], tuple(t["columns"]), tuple(tuple(r) for r in t["rows"])) for t in data["tables"]
                ),
                pictures=tuple(Picture(**p) for p in data["pictures"]),
                curves=tuple(
                    Curve(
                        title=c["title"],
                        x_label=c["x_label"],
                        y_label=c["y_label"],
                        x=tuple(c["x"]),
                        series={name: tuple(ys) for name, ys in c["series"].items()},
                    )
                    for c in data["curves"]
                ),
                code=data["code"],
                versions=dict(data["versions"]),
                seconds=float(data["seconds"]),
                facts=dict(data["facts"]),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ProtocolError(f"evidence lacks or mistypes a field: {error!r}") from error


def _checked_value(value: Any) -> Value:
    if isinstance(value, int | float | str | list):
        return value
    raise TypeError(f"{value!r} is no value")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an answer is right, how far off it was, and which known mistake it looks like.

    Where `asks` is true nothing was judged: what was typed cannot be an answer, and `message` says what to type.
    """

    correct: bool
    message: str
    error: float | None = None
    """Absolute distance from the measured value in the problem's unit, where that has a meaning."""
    mistake: str = ""
    asks: bool = False
    read_as: str = ""
    """How a number was read ("86,000,000"); '' where there is nothing to say."""


@dataclass(frozen=True, slots=True)
class SolveRequest:
    """Ask the worker to run the real computation of a problem."""

    request_id: str
    problem: Problem

    def to_line(self) -> str:
        return json.dumps({"request_id": self.request_id, "problem": asdict(self.problem)}) + "\n"

    @classmethod
    def from_line(cls, line: str) -> SolveRequest:
        """Raises ProtocolError if the line is not a request."""
        try:
            data = json.loads(line)
            problem = dict(data["problem"])
            for name in ("options", "hints"):
                problem[name] = tuple(problem[name])
            return cls(request_id=data["request_id"], problem=Problem(**problem))
        except (KeyError, TypeError, ValueError) as error:
            raise ProtocolError(f"not a request: {error!r}") from error


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker has imported what it needs; `versions` names the libraries, `seconds` the time it took."""

    versions: dict[str, str]
    seconds: float


@dataclass(frozen=True, slots=True)
class Advanced:
    """Progress of one request: fraction from 0 to 1 and a few words."""

    request_id: str
    fraction: float
    text: str


@dataclass(frozen=True, slots=True)
class Solved:
    """A request is done."""

    request_id: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Failed:
    """A request raised: the exception's class, its message in plain words, the name of a missing library."""

    request_id: str
    kind: str
    text: str
    missing: str = ""


Event: TypeAlias = Ready | Advanced | Solved | Failed
_EVENTS: dict[str, type[Ready | Advanced | Solved | Failed]] = {
    "ready": Ready,
    "advanced": Advanced,
    "solved": Solved,
    "failed": Failed,
}


def event_to_line(event: Event) -> str:
    """One JSON line for an event."""
    name = type(event).__name__.lower()
    return json.dumps({"event": name, **asdict(event)}) + "\n"


def event_from_line(line: str) -> Event:
    """Raises ProtocolError if the line is not an event, whatever else a library may have printed."""
    try:
        data = json.loads(line)
        kind = _EVENTS[data.pop("event")]
        if kind is Solved:
            data["evidence"] = Evidence.from_json(data["evidence"])
        return kind(**data)
    except ProtocolError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ProtocolError(f"not an event: {line[:80]!r}") from error

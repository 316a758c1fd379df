"""What crosses the border between the app and the labs: problems, evidence, verdicts and the worker's JSON lines.

Standard library only, so that the app can import it at start-up. Pictures travel as base64 PNG, curves as numbers.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Final, Literal, TypeAlias, get_args

from labs.checked import LARGEST as LARGEST  # noqa: PLC0414  the largest number there is, for everybody else
from labs.checked import LINE, MANY, TEXT, fields, items, mapping, number, shown, text, whole
from labs.checked import ProtocolError as ProtocolError  # noqa: PLC0414  its name for everybody else

Scalar: TypeAlias = int | float | str | bool
Params: TypeAlias = dict[str, Scalar]
Value: TypeAlias = int | float | str | list[str]
AnswerType: TypeAlias = Literal["integer", "number", "choice", "order"]
Stage: TypeAlias = Literal["look", "solve"]
DEVICE_VARIABLE: Final = "STUDYTUI_LAB_DEVICE"
"""Environment of the worker: `cpu` (default), `cuda`, `mps`, or `auto` for the best there is."""
CACHE_VARIABLE: Final = "STUDYTUI_LAB_CACHE"
"""Environment of the worker: the folder in which labs keep what is large and made once."""
MOST_PIXELS: Final = 16_000_000
"""Pixels of a picture at most; that many take 48 MB on the screen's way."""
MOST_PICTURES: Final = 50
"""Pictures, and curves, that one computation shows at most."""
_MOST_BASE64: Final = 24_000_000
_MOST_CURVE_POINTS: Final = 20_000
_MOST_TEXT: Final = 1_000_000
"""Characters of all that is written in one evidence."""
_PNG: Final = b"\x89PNG\r\n\x1a\n"
Progress: TypeAlias = Callable[[float, str], None]
"""Called with the fraction done (0 to 1) and a few words on what is being done."""


class ParamError(ValueError):
    """A lab parameter is unknown, of the wrong type or out of range; the text names it and the range."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class PluginError(ParamError):
    """The lab of another package failed here, in this process, at an exercise; the text names the package."""

    def __str__(self) -> str:
        return self.reason


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
    """A PNG with a name, a caption for the screen and a text that stands for it where no picture can be shown.

    Frames that follow each other carry the name of their `clip`; '' for a picture that is none.
    """

    name: str
    caption: str
    alt: str
    png_base64: str
    clip: str = ""

    @classmethod
    def from_png(cls, name: str, png: bytes, *, caption: str, alt: str, clip: str = "") -> Picture:
        return cls(name=name, caption=caption, alt=alt, png_base64=base64.b64encode(png).decode("ascii"), clip=clip)

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
class Look:
    """What a question shows before the answer. Its words say what is to be seen, and not what follows from it."""

    pictures: tuple[Picture, ...] = ()
    curves: tuple[Curve, ...] = ()

    @classmethod
    def from_json(cls, data: object) -> Look:
        """Rebuild from decoded JSON.

        Raises:
            ProtocolError: a field is missing, of the wrong type, too large or out of range; the text names it.
        """
        data = fields(data, "look", tuple(cls.__dataclass_fields__))
        return cls(
            items(data["pictures"], "pictures", _picture, MOST_PICTURES),
            items(data["curves"], "curves", _curve, MOST_PICTURES),
        )


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
        """Rebuild from decoded JSON, field by field.

        Raises:
            ProtocolError: a field is missing, of the wrong type, too large or out of range; the text names it.
        """
        data = fields(data, "evidence", tuple(cls.__dataclass_fields__))
        found = cls(
            value=_value(data["value"], "value"),
            unit=text(data["unit"], "unit", 100),
            derivation=items(data["derivation"], "derivation", text),
            tables=items(data["tables"], "tables", _table, 50),
            pictures=items(data["pictures"], "pictures", _picture, MOST_PICTURES),
            curves=items(data["curves"], "curves", _curve, MOST_PICTURES),
            code=text(data["code"], "code", 200_000),
            versions=mapping(data["versions"], "versions", text),
            seconds=float(number(data["seconds"], "seconds")),
            facts=mapping(data["facts"], "facts", _value),
        )
        if found.characters > _MOST_TEXT:
            raise ProtocolError(f"evidence holds more than {_MOST_TEXT:,} characters")
        return found

    @property
    def characters(self) -> int:
        """How much is written in it, all in all, without its code."""
        cells = (cell for table in self.tables for row in (table.columns, *table.rows) for cell in row)
        return sum(map(len, (*self.derivation, *cells)))


def _value(value: object, where: str) -> Value:
    """A number, a text or a list of texts, as an answer is."""
    if isinstance(value, str):
        return text(value, where)
    if isinstance(value, list | tuple):
        return list(items(value, where, text))
    return number(value, where)


def _table(value: object, where: str) -> Table:
    data = fields(value, where, ("title", "columns", "rows"))
    columns = items(data["columns"], f"{where}.columns", text, 100)
    if not columns:
        raise ProtocolError(f"{where} has no columns")
    rows = items(data["rows"], f"{where}.rows", lambda row, at: items(row, at, text, 100))
    if any(len(row) != len(columns) for row in rows):
        raise ProtocolError(f"{where} has rows of another length than its {len(columns)} columns")
    return Table(text(data["title"], f"{where}.title"), columns, rows)


def _picture(value: object, where: str) -> Picture:
    # A picture of an older package says nothing of a clip.
    value = {"clip": "", **value} if isinstance(value, Mapping) else value
    data = fields(value, where, tuple(Picture.__dataclass_fields__))
    name = text(data["name"], f"{where}.name", 100)
    if not name or not all(letter.isalnum() or letter in "-_. " for letter in name) or name.startswith("."):
        raise ProtocolError(f"{where}.name must be the name of a file, without folders, not {shown(name)}")
    encoded = text(data["png_base64"], f"{where}.png_base64", _MOST_BASE64)
    try:
        png = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise ProtocolError(f"{where}.png_base64 is not base64") from None
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    if not (png.startswith(_PNG) and png[12:16] == b"IHDR" and width and height):
        raise ProtocolError(f"{where} is no PNG")
    if width * height > MOST_PIXELS:
        raise ProtocolError(f"{where} has {width:,} × {height:,} pixels, more than {MOST_PIXELS:,}")
    caption, alt = text(data["caption"], f"{where}.caption"), text(data["alt"], f"{where}.alt")
    return Picture(name, caption, alt, encoded, text(data["clip"], f"{where}.clip", 100))


def _curve(value: object, where: str) -> Curve:
    data = fields(value, where, ("title", "x_label", "y_label", "x", "series"))
    xs = items(data["x"], f"{where}.x", number, _MOST_CURVE_POINTS)
    series = mapping(data["series"], f"{where}.series", lambda ys, at: items(ys, at, number, _MOST_CURVE_POINTS), 50)
    if not xs or not series:
        raise ProtocolError(f"{where} has no point")
    if any(len(ys) != len(xs) for ys in series.values()):
        raise ProtocolError(f"{where} has series of another length than its {len(xs)} places")
    title, x_label, y_label = (text(data[name], f"{where}.{name}", 500) for name in ("title", "x_label", "y_label"))
    return Curve(title, x_label, y_label, xs, series)


def checked_problem(problem: object, exercise: str) -> Problem:
    """A problem that another package posed, with every field as this protocol says.

    Raises:
        ProtocolError: it is not; the text names the field.
    """
    if type(problem) is not Problem:
        raise ProtocolError(f"the problem is {shown(problem)}")
    if problem.exercise != exercise:
        raise ProtocolError(f"the problem is of the exercise {shown(problem.exercise)}")
    if problem.answer_type not in get_args(AnswerType):
        raise ProtocolError(f"answer_type must be one of {', '.join(get_args(AnswerType))}")
    options = items(problem.options, "options", text, 50)
    if problem.answer_type in ("choice", "order") and (len(options) < 2 or len(set(options)) < len(options)):
        raise ProtocolError("options must be two or more that differ")
    prompt = text(problem.prompt, "prompt", TEXT)
    if not prompt.strip():
        raise ProtocolError("prompt is empty")
    if min(number(problem.tolerance, "tolerance"), number(problem.tolerance_percent, "tolerance_percent")) < 0:
        raise ProtocolError("a tolerance is less than 0")
    return replace(
        problem,
        params=mapping(problem.params, "params", scalar),
        seed=whole(problem.seed, "seed"),
        prompt=prompt,
        unit=text(problem.unit, "unit", 100),
        options=options,
        tolerance_reason=text(problem.tolerance_reason, "tolerance_reason"),
        hints=items(problem.hints, "hints", text, 50),
    )


def scalar(value: object, where: str) -> Scalar:
    """What a knob holds: a number, a text, true or false."""
    if isinstance(value, bool):
        return value
    return text(value, where) if isinstance(value, str) else number(value, where)


def misfit(problem: Problem, evidence: Evidence) -> str:
    """Why the measured value is no answer to the problem, or ''."""
    value = evidence.value
    match problem.answer_type:
        case "integer" | "number" if isinstance(value, str | list):
            return f"{problem.exercise} was solved with {value!r:.60}, which is no number"
        case "choice" if value not in problem.options:
            return f"{problem.exercise} was solved with {value!r:.60}, which is no option"
        case "order" if not isinstance(value, list) or sorted(value) != sorted(problem.options):
            return f"{problem.exercise} was solved with {value!r:.60}, which is no order of its options"
    return ""


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


def checked_verdict(verdict: object) -> Verdict:
    """A verdict that another package gave, with every field as this protocol says.

    Raises:
        ProtocolError: it is not; the text names the field.
    """
    if type(verdict) is not Verdict:
        raise ProtocolError(f"the verdict is {shown(verdict)}")
    if not isinstance(verdict.correct, bool) or not isinstance(verdict.asks, bool):
        raise ProtocolError("a verdict says true or false")
    return replace(
        verdict,
        message=text(verdict.message, "message", TEXT),
        error=None if verdict.error is None else float(number(verdict.error, "error")),
        mistake=text(verdict.mistake, "mistake"),
        read_as=text(verdict.read_as, "read_as"),
    )


def _stage(value: object) -> Stage:
    match value:
        case "look" | "solve" as stage:
            return stage
    raise ValueError(f"no stage is called {shown(value)}")


@dataclass(frozen=True, slots=True)
class SolveRequest:
    """Ask the worker to run the real computation of a problem, or, before the answer, what its question shows."""

    request_id: str
    problem: Problem
    stage: Stage = "solve"

    def to_line(self) -> str:
        """One JSON line; a request to solve is written as it was before there were stages."""
        stage = {} if self.stage == "solve" else {"stage": self.stage}
        return json.dumps({"request_id": self.request_id, "problem": asdict(self.problem), **stage}) + "\n"

    @classmethod
    def from_line(cls, line: str) -> SolveRequest:
        """Raises ProtocolError if the line is not a request."""
        try:
            data = json.loads(line)
            problem = dict(data["problem"])
            for name in ("options", "hints"):
                problem[name] = tuple(problem[name])
            return cls(data["request_id"], Problem(**problem), _stage(data.get("stage", "solve")))
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
class Looked:
    """What a question shows is drawn."""

    request_id: str
    look: Look


@dataclass(frozen=True, slots=True)
class Failed:
    """A request raised: the exception's class, its message in plain words, the name of a missing library."""

    request_id: str
    kind: str
    text: str
    missing: str = ""


Event: TypeAlias = Ready | Advanced | Looked | Solved | Failed


def event_to_line(event: Event) -> str:
    """One JSON line for an event."""
    name = type(event).__name__.lower()
    return json.dumps({"event": name, **asdict(event)}) + "\n"


def event_from_line(line: str) -> Event:
    """An event, each of its fields checked.

    Raises:
        ProtocolError: the line is none, whatever else a library may have printed; or a field is not as it should be.
    """
    try:
        data = json.loads(line)
    except (ValueError, RecursionError):
        raise ProtocolError(f"not an event: {line[:80]!r}") from None
    kind = data.pop("event", None) if isinstance(data, dict) else None
    match kind:
        case "ready":
            data = fields(data, kind, ("versions", "seconds"))
            return Ready(mapping(data["versions"], "versions", text), float(number(data["seconds"], "seconds")))
        case "advanced":
            data = fields(data, kind, ("request_id", "fraction", "text"))
            done = min(1.0, max(0.0, float(number(data["fraction"], "fraction"))))
            return Advanced(text(data["request_id"], "request_id"), done, text(data["text"], "text"))
        case "looked":
            data = fields(data, kind, ("request_id", "look"))
            return Looked(text(data["request_id"], "request_id"), Look.from_json(data["look"]))
        case "solved":
            data = fields(data, kind, ("request_id", "evidence"))
            return Solved(text(data["request_id"], "request_id"), Evidence.from_json(data["evidence"]))
        case "failed":
            data = fields(data, kind, ("request_id", "kind", "text", "missing"))
            # The message of an exception may be as long as what it is about; its beginning says enough.
            said = text(data["text"], "text", MANY * LINE)[:LINE]
            name, missing = text(data["kind"], "kind"), text(data["missing"], "missing")
            return Failed(text(data["request_id"], "request_id"), name, said, missing)
    raise ProtocolError(f"not an event: {line[:80]!r}")

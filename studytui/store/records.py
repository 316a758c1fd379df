"""What goes in and out of the store, as plain data; importing this costs nothing."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from hashlib import blake2b, sha256
from operator import attrgetter
from types import UnionType
from typing import Any, Final, Literal, TypeAlias

from studytui.domain.queue import Origin, ReviewOrder, Scope
from studytui.domain.sm2 import Schedule
from studytui.errors import DamagedText

Action: TypeAlias = Literal[
    "review", "reask", "undo", "suspend", "unsuspend", "bury", "unbury", "flag", "unflag", "set_due", "reset", "cram",
    "tag", "untag", "move",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class CardState:
    """All that may change about a card: its schedule and the learner's marks.

    `tags` are the learner's own: words with a blank between, each once, in order.
    """

    schedule: Schedule = field(default_factory=Schedule)
    suspended: bool = False
    buried_on: date | None = None
    flagged: bool = False
    leech: bool = False
    tags: str = ""

    def to_json(self) -> str:
        """The state as the log keeps it; one without tags is written as it was before there were any."""
        # Two of these go into every answer: json.dumps takes twice as long.
        *values, tags = map(_json_value, _values(self))
        return _STATE_JSON % tuple(values) + (f',"tags":{tags}}}' if self.tags else "}")

    @classmethod
    def from_json(cls, text: str) -> CardState:
        """Raises ValueError or KeyError if the text is no state."""
        data: dict[str, Any] = {"tags": ""} | json.loads(text)
        return _state([text_day(data[name]) if kind == DAY else data[name] for name, kind in STATE_COLUMNS.items()])

    def at(self, schedule: Schedule) -> CardState:
        """The same marks with another schedule."""
        return CardState(schedule, *_marks(self))


WHOLE, TRUTH, DAY, TEXT = "int", "bool", "date | None", "str"
STATE_COLUMNS: Final = {
    each.name: str(each.type) for each in (*fields(Schedule), *fields(CardState)) if each.name != "schedule"
}
"""The columns of `card` that hold its state, as Schedule and CardState name them; each is WHOLE, TRUTH, DAY or TEXT.

From them follow all statements, checks and texts of a state."""
_SCHEDULED: Final = len(fields(Schedule))
_schedule: Final = attrgetter(*list(STATE_COLUMNS)[:_SCHEDULED])
_marks: Final = attrgetter(*list(STATE_COLUMNS)[_SCHEDULED:])
_STATE_JSON: Final = "{" + ",".join(f'"{name}":%s' for name in list(STATE_COLUMNS)[:-1])


def _state(values: Sequence[Any]) -> CardState:
    return CardState(Schedule(*values[:_SCHEDULED]), *values[_SCHEDULED:])


def _values(state: CardState) -> tuple[int | str | date | None, ...]:
    return *_schedule(state.schedule), *_marks(state)


@lru_cache(4096, typed=True)
def _json_value(value: int | str | date | None) -> str:
    """Remembered, as the same days and counts come again and again."""
    return f'"{value.isoformat()}"' if isinstance(value, date) else json.dumps(value)


def state_values(state: CardState) -> tuple[int | str | None, ...]:
    """The values of STATE_COLUMNS."""
    return tuple([value.isoformat() if isinstance(value, date) else value for value in _values(state)])


def card_state(row: Sequence[Any]) -> CardState:
    """From the values of STATE_COLUMNS.

    Raises:
        ValueError, TypeError: the row is damaged.
    """
    return _state([_READ[kind](value) for value, kind in zip(row, STATE_COLUMNS.values(), strict=True)])


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"{value!r:.60} stands where a number belongs")
    return value


def text_day(text: str | None) -> date | None:
    """The day of an ISO text, or None."""
    return None if text is None else date.fromisoformat(text)


@dataclass(frozen=True, slots=True)
class StoredCard:
    """A card's row: `no` is the database's key, `key` the author's id, `payload` the compiled text."""

    no: int
    key: str
    payload: str
    state: CardState
    last_review_id: int | None
    has_siblings: bool
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class CompiledCard:
    """An authored card, ready to be stored."""

    key: str
    position: int
    chapter: str
    section: str
    kind: str
    sibling_group: str
    path: str
    line: int
    sha256: str
    payload: str


@dataclass(frozen=True, slots=True)
class FileStamp:
    """A course file as it was when its cards were compiled."""

    path: str
    size: int
    mtime_ns: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CardPlace:
    """Where a card stood when it was compiled, and the hash of what was made of it."""

    path: str
    line: int
    sha256: str


@dataclass(frozen=True, slots=True)
class CourseCopy:
    """What the database holds of a course's files: the course under its key there, the stamps and the cards."""

    key: str
    title: str
    version: str
    files: tuple[FileStamp, ...]
    cards: tuple[CompiledCard, ...]


@dataclass(frozen=True, slots=True)
class SyncReport:
    """How many cards an update of the course added, changed, archived and brought back."""

    added: int
    changed: int
    archived: int
    restored: int


@dataclass(frozen=True, slots=True)
class Done:
    """Scheduled reviews of a study day: of cards that were new, and of cards that were not."""

    new: int
    reviews: int


def uid_at(at: datetime) -> str:
    """A unique id that sorts by time, so that the index it goes into grows at one end only."""
    return f"{max(0, int(at.timestamp() * 1000)):012x}{secrets.token_hex(8)}"


@dataclass(frozen=True, slots=True)
class Stamp:
    """When something happens: an aware moment, the study day it is on, and the uid of the session it belongs to."""

    at: datetime
    day: date
    session_uid: str

    def uid(self) -> str:
        """A new one for each row of the log."""
        return uid_at(self.at)


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """One graded answer to `card` as it was shown, complete; `duration_ms` in milliseconds.

    An answer of action "cram" was given beside the schedule and moves nothing, whatever `after` says.
    `grade` is None where something is noted that no answer was. `response` and `evidence` are what JSON can hold.
    """

    review_uid: str
    card: StoredCard
    action: Literal["review", "reask", "cram"]
    stamp: Stamp
    grade: int | None
    after: CardState
    suggested_grade: int | None = None
    confidence: int | None = None
    duration_ms: int = 0
    hints_used: int = 0
    correct: bool | None = None
    response: Any = None
    evidence: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo took back, and of which card; of several `cards` that were changed together, of the last.

    `was_spread`: it was what was overdue that moved, after a break.
    """

    action: Action
    card_no: int
    grade: int | None
    review_id: int
    key: str
    section: str
    cards: int = 1
    was_spread: bool = False


@dataclass(frozen=True, slots=True)
class TimedAnswer:
    """How long an answer took, in milliseconds; `grade` is what it got, `was_new` whether the card was."""

    kind: str
    action: Literal["review", "reask"]
    was_new: bool
    grade: int
    duration_ms: int


@dataclass(frozen=True, slots=True)
class ComingCard:
    """A card that is due by some day; `is_hidden` and `gives_way` hold it back on the day that was asked for."""

    no: int
    group: str
    due_on: date
    is_hidden: bool
    gives_way: bool
    chapter: str
    section: str


@dataclass(frozen=True, slots=True)
class LiveCard:
    """A card of the course that is not archived, without its text. Siblings share their `group`."""

    no: int
    key: str
    chapter: str
    section: str
    kind: str
    group: str
    schedule: Schedule
    leech: bool
    suspended: bool
    buried_on: date | None = None


# The statements of the way from one card to the next, in plain SQL; a test explains each against the schema


CARD_COLUMNS: Final = (
    f"c.id, c.key, t.payload, {', '.join(f'c.{column}' for column in STATE_COLUMNS)},"
    " c.last_review_id, c.has_siblings, t.path, t.line, t.sha256"
)
CARD_BY_NO: Final = f"SELECT {CARD_COLUMNS} FROM card c JOIN card_text t ON t.card_id = c.id WHERE c.id = ?"
CARD_BY_KEY: Final = (
    f"SELECT {CARD_COLUMNS} FROM card c JOIN card_text t ON t.card_id = c.id WHERE c.course_id = ? AND c.key = ?"
)
STATE_BY_NO: Final = f"SELECT {', '.join(STATE_COLUMNS)}, last_review_id FROM card WHERE id = ?"
COURSE_FILES: Final = (
    "SELECT f.path, f.size, f.mtime_ns, f.sha256 FROM source_file f JOIN course c ON c.id = f.course_id WHERE c.key = ?"
)
LOG_COLUMNS: Final = (
    "review_uid", "card_id", "action", "undoes", "session_uid", "at_utc", "utc_offset_minutes", "study_day", "grade",
    "suggested_grade", "confidence", "duration_ms", "hints_used", "correct", "response", "evidence", "state_before",
    "state_after",
)  # fmt: skip
INSERT_REVIEW: Final = (
    f"INSERT INTO review ({', '.join(LOG_COLUMNS)}, digest) VALUES ({', '.join('?' for _ in LOG_COLUMNS)}, ?)"
)
SET_STATE: Final = f"UPDATE card SET {' = ?, '.join(STATE_COLUMNS)} = ?, last_review_id = ? WHERE id = ?"
UPDATE_STATE: Final = f"{SET_STATE} AND last_review_id IS ?"
NEW_STATE: Final = ", ".join(
    "NULL" if value is None else "''" if value == "" else str(int(value)) for value in state_values(CardState())
)
"""The values of STATE_COLUMNS for a card that was never seen."""
STANDS: Final = "NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = r.id AND u.undoes IS NOT NULL)"
"""That no later row takes back row `r` of the log."""
# CROSS JOIN is SQLite's word for "in this order": from the log, not from the cards.
LAST_LIVE: Final = (
    "SELECT r.id, r.card_id, r.action, r.grade, r.state_before, c.key, c.section"
    " FROM review r CROSS JOIN card c ON c.id = r.card_id"
    f" WHERE c.course_id = ? AND r.action <> 'undo' AND {STANDS} ORDER BY r.id DESC LIMIT 1"
)
LAST_ANSWERED: Final = (
    "SELECT r.at_utc, c.section FROM review r CROSS JOIN card c ON c.id = r.card_id"
    " WHERE c.course_id = ? AND r.grade IS NOT NULL ORDER BY r.id DESC LIMIT 1"
)
UID_OF: Final = "SELECT review_uid FROM review WHERE id = ?"
NEWEST: Final = "SELECT max(id) FROM review"
ANSWERED_BEFORE: Final = (
    "SELECT 1 FROM review r CROSS JOIN card c ON c.id = r.card_id WHERE r.study_day < ? AND c.course_id = ?"
    " AND r.grade IS NOT NULL LIMIT 1"
)
LAST_BEFORE_DAY: Final = "SELECT id FROM review WHERE study_day < ? ORDER BY id DESC LIMIT 1 OFFSET ?"
DAY_SINCE: Final = (
    "SELECT r.id, r.undoes, d.card_id, d.action, d.state_before LIKE '%\"due_on\":null%' FROM review r"
    " CROSS JOIN review d ON d.id = coalesce(r.undoes, r.id) CROSS JOIN card c ON c.id = d.card_id"
    " WHERE r.id > :seen AND r.id <= :newest AND d.id > :start AND d.action IN ('review', 'reask', 'cram')"
    " AND d.study_day = :day AND c.course_id = :course ORDER BY r.id"
)
RECENT_TIMES: Final = (
    "SELECT c.kind, r.action, r.state_before LIKE '%\"due_on\":null%', r.grade, r.duration_ms FROM review r"
    " CROSS JOIN card c ON c.id = r.card_id WHERE r.id > (SELECT max(id) FROM review) - :reach"
    " AND c.course_id = :course AND r.action IN ('review', 'reask') AND r.duration_ms > 0"
    " ORDER BY r.id DESC LIMIT :most"
)
LIVE_CARDS: Final = (
    "SELECT id, key, chapter, section, kind, CASE WHEN has_siblings = 1 THEN sibling_group ELSE id END,"
    f" {', '.join(STATE_COLUMNS)} FROM card WHERE course_id = ? AND archived = 0 ORDER BY position"
)
KINDS_OF: Final = "SELECT kind, count(*) FROM card WHERE id IN (SELECT value FROM json_each(?)) GROUP BY kind"

_SHOWN: Final = "c.suspended = 0 AND c.archived = 0 AND c.buried_on IS NOT :day"
_ORIGIN: Final[dict[Origin, str]] = {
    "due": f"c.due_on IS NOT NULL AND c.due_on <= :day AND c.reask_on IS NOT :day AND {_SHOWN}",
    "new": f"c.due_on IS NULL AND {_SHOWN} AND c.section NOT IN (SELECT value FROM json_each(:unread))",
    "reask": f"c.reask_on IS NOT NULL AND c.reask_on = :day AND {_SHOWN}",
}
_ORDER: Final[dict[Origin, str]] = {"due": "c.due_on, c.position", "new": "c.position", "reask": "c.last_review_id"}
# A line modulo a prime alone would only turn the same circle further each day; its square makes another order.
_SCATTERED: Final = "((c.id * 2654435761 + :salt) % 2147483647)"
_OTHER_ORDER: Final[dict[ReviewOrder, str]] = {
    "hardest": "c.ease_factor, c.due_on, c.position",
    "shuffled": f"{_SCATTERED} * {_SCATTERED} % 2147483629, c.id",
}
# The index is named because the one on due days looks as good to the planner, and reads them all.
_SIBLING: Final = (
    "SELECT 1 FROM card s INDEXED BY ix_card_siblings WHERE s.has_siblings = 1 AND s.course_id = c.course_id"
    " AND s.sibling_group = c.sibling_group AND s.id <> c.id AND {}"
)
_SEEN_TODAY: Final = f"EXISTS ({_SIBLING.format('s.reviewed_on = :day')})"
_SIBLING_DUE: Final = "EXISTS ({})".format(
    _SIBLING.format("s.due_on <= :day AND s.suspended = 0 AND s.archived = 0 AND s.buried_on IS NOT :day")
)
# The few groups whose new card goes before its due sibling today are a JSON list, :first.
_GOES_FIRST: Final = "c.sibling_group IN (SELECT value FROM json_each(:first))"
# A new card waits while a sibling is due, whatever the limits and the order: what is promised in the morning then does
# not depend on what is answered first.
_ONE_SIBLING: Final[dict[Origin, str]] = {
    "due": f" AND (c.has_siblings = 0 OR NOT ({_GOES_FIRST} OR {_SEEN_TODAY}))",
    "new": f" AND (c.has_siblings = 0 OR NOT {_SEEN_TODAY} AND ({_GOES_FIRST} OR NOT {_SIBLING_DUE}))",
    "reask": "",
}
_GROUP: Final = "CASE WHEN c.has_siblings = 1 THEN c.sibling_group ELSE c.id END"

# The groups, :limit at most, whose new card waits for nothing but a due sibling; in the order of the new cards.
NEW_BEHIND_DUE: Final = (
    f"SELECT c.sibling_group FROM card c WHERE c.course_id = :course AND {_ORIGIN['new']} AND c.has_siblings = 1"
    f" AND NOT {_SEEN_TODAY} AND {_SIBLING_DUE} GROUP BY c.sibling_group ORDER BY min(c.position) LIMIT :limit"
)
# The cards due before :until in the order in which they come: whether :day hides them, or a sibling goes first on it.
COMING: Final = (
    f"SELECT c.id, {_GROUP}, c.due_on, c.buried_on IS :day OR c.reask_on IS :day,"
    f" c.has_siblings AND ({_GOES_FIRST} OR {_SEEN_TODAY}), c.chapter, c.section FROM card c"
    " WHERE c.course_id = :course AND c.due_on IS NOT NULL AND c.due_on < :until"
    " AND c.suspended = 0 AND c.archived = 0 ORDER BY c.due_on, c.position"
)


def pick(origin: Origin, *, order: ReviewOrder, scope: Scope, bury_siblings: bool) -> str:
    """The next card of an origin."""
    ordering = _OTHER_ORDER[order] if origin == "due" and order != "due" else _ORDER[origin]
    return (
        f"SELECT {CARD_COLUMNS} FROM card c JOIN card_text t ON t.card_id = c.id WHERE c.id = (SELECT c.id FROM card c"
        f" WHERE c.course_id = :course AND {_conditions(origin, scope, bury_siblings)} ORDER BY {ordering} LIMIT 1)"
    )


def waiting(origin: Origin, *, scope: Scope, bury_siblings: bool) -> str:
    """Number and kind of the cards of an origin in their order, :limit at most."""
    return (
        f"SELECT c.id, c.kind FROM card c WHERE c.course_id = :course AND {_conditions(origin, scope, bury_siblings)}"
        f" ORDER BY {_ORDER[origin]} LIMIT :limit"
    )


def count(origin: Origin, *, scope: Scope, bury_siblings: bool) -> str:
    """How many cards of an origin there are, :limit at most; siblings count once, as one is shown a day."""
    what = f"DISTINCT {_GROUP}" if bury_siblings else "c.id"
    return (
        f"SELECT count(*) FROM (SELECT {what} FROM card c WHERE c.course_id = :course"
        f" AND {_conditions(origin, scope, bury_siblings)} LIMIT :limit)"
    )


def _conditions(origin: Origin, scope: Scope, bury_siblings: bool) -> str:
    return _ORIGIN[origin] + _within(scope) + (_ONE_SIBLING[origin] if bury_siblings else "")


def _within(scope: Scope) -> str:
    if scope.section:
        return " AND c.section = :section"
    return " AND c.chapter = :chapter" if scope.chapter else ""


# What tells a stored row from a changed one: a digest of its values, kept in the row itself


Value: TypeAlias = int | float | str | None

CARD_DIGEST_OF: Final = (
    "t.card_id, c.course_id, c.key, c.position, c.chapter, c.section, c.kind, c.sibling_group, c.archived, t.path,"
    " t.line, t.sha256"
)
"""What a card's digest covers, of `card c` and `card_text t`; t.sha256 covers the payload."""

# One encoder for all rows: json.dumps makes a new one at each call, which takes as long as the row.
_canonical: Final = json.JSONEncoder(separators=(",", ":"), check_circular=False).encode


def seal(values: Sequence[Value]) -> str:
    """BLAKE2b (16 bytes, in hex) of values, as SQLite gives them back, written as JSON in ASCII.

    Raises:
        TypeError: there are bytes among them; no row of the app holds any.
    """
    return blake2b(_canonical(values).encode(), digest_size=16).hexdigest()


def text_sha256(payload: str) -> str:
    """Of a card's compiled text, in hex."""
    return sha256(payload.encode()).hexdigest()


def card_digest(no: int, course_no: int, card: CompiledCard) -> str:
    """Of a card that is in its course; see `CARD_DIGEST_OF`."""
    return seal(
        (
            no, course_no, card.key, card.position, card.chapter, card.section, card.kind, card.sibling_group, 0,
            card.path, card.line, card.sha256,
        )
    )  # fmt: skip


def course_digest(no: int, key: str, title: str, version: str) -> str:
    """Of a row of `course`."""
    return seal((no, key, title, version))


def stamp_digest(course_no: int, stamp: FileStamp) -> str:
    """Of a row of `source_file`."""
    return seal((course_no, stamp.path, stamp.size, stamp.mtime_ns, stamp.sha256))


def state_digest(scope: str, name: str, value: str, changed_at: str) -> str:
    """Of a row of `learner_state`; a row whose digest is '' is not proven."""
    return seal((scope, name, value, changed_at))


def identity_digest(uid: str) -> str:
    """Of the one row of `identity`."""
    return seal((1, uid))


# Between the records of the store and the columns of its rows: days and moments as ISO text, truth as 0 and 1


def moment(at: datetime) -> tuple[str, int]:
    """An aware moment as UTC ISO text to the millisecond, and the minutes its zone was ahead of UTC.

    In the first and the last hours that dates know, the moment in UTC is held within them.

    Raises:
        ValueError: the moment has no time zone.
    """
    offset = at.utcoffset()
    if offset is None:
        raise ValueError("a moment in the log needs a time zone")
    try:
        utc = at.astimezone(UTC)
    except OverflowError:
        utc = datetime.min.replace(tzinfo=UTC) if offset > timedelta(0) else datetime.max.replace(tzinfo=UTC)
    return utc.isoformat(timespec="milliseconds"), int(offset.total_seconds() // 60)


def stored_card(row: Sequence[Any]) -> StoredCard:
    """From the columns of `CARD_COLUMNS`.

    Raises:
        DamagedText: the text is not as it was compiled.
        ValueError, TypeError: the row is damaged.
    """
    no, key, payload, *state, last, has_siblings, path, line, sha256 = row
    of_types((key, path, line), str, str, int)
    require_whole_text(payload, sha256, key=key, path=path, line=line, card_no=no)
    return StoredCard(no, key, payload, card_state(state), last, bool(has_siblings), path, line)


def require_whole_text(payload: Any, sha256: Any, *, key: str, path: str, line: int, card_no: int) -> None:
    """Raises DamagedText unless the text is the one that was compiled: it decides which answer is right."""
    if type(payload) is not str or text_sha256(payload) != sha256:
        raise DamagedText(key, path, line, card_no)


def of_types(values: Iterable[Any], *types: type | UnionType) -> None:
    """Raises TypeError unless each value is of its type; SQLite itself keeps anything in any column."""
    for value, expected in zip(values, types, strict=True):
        if not isinstance(value, expected):
            raise TypeError(f"{value!r:.60} stands where {getattr(expected, '__name__', expected)} belongs")


def truth(value: Any) -> bool:
    """Raises ValueError unless the value is 0 or 1."""
    if value not in (0, 1):
        raise ValueError(f"{value!r:.60} is neither 0 nor 1")
    return bool(value)


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError(f"{value!r:.60} stands where a text belongs")
    return value


_READ: Final[dict[str, Callable[[Any], Any]]] = {WHOLE: _whole, TRUTH: truth, DAY: text_day, TEXT: _text}


# What each act that is no answer may change about a card


def changed(action: Action, present: CardState, wanted: CardState) -> CardState:
    """The card's present state with what `action` is about taken from `wanted`.

    `wanted` was made from what a screen showed. Another window may have answered the card since, so nothing else is
    taken from it.

    Raises:
        ValueError: an answer or an undo is no such act.
    """
    match action:
        case "suspend":
            return replace(present, suspended=wanted.suspended)
        case "unsuspend":
            return replace(present, suspended=wanted.suspended, leech=wanted.leech)
        case "bury" | "unbury":
            return replace(present, buried_on=wanted.buried_on)
        case "flag" | "unflag":
            return replace(present, flagged=wanted.flagged)
        case "set_due":
            schedule = replace(present.schedule, due_on=wanted.schedule.due_on, reask_on=wanted.schedule.reask_on)
            return replace(present, schedule=schedule)
        case "reset":
            return replace(present, schedule=wanted.schedule, buried_on=wanted.buried_on, leech=wanted.leech)
        case "tag":
            # Tags that another window or machine gave stay: this act only adds, and the other one only takes away.
            return replace(present, tags=joined_tags({*present.tags.split(), *wanted.tags.split()}))
        case "untag":
            return replace(present, tags=joined_tags(set(present.tags.split()) & set(wanted.tags.split())))
        case "cram" | "move":
            return present
    raise ValueError(f"{action!r} is no act on a card")


def joined_tags(tags: Iterable[str]) -> str:
    """Tags as a card's state has them."""
    return " ".join(sorted(set(tags)))


# The schema


FINGERPRINTS: Final = {
    "0001": "7832784c50605693ca0ead787953d7ba",
    "0002": "2df62f8b0b6f46b6ecba56356b2d029b",
    "0003": "c8a955b8c170ab95e73e209d00898c8f",
    "0004": "7aa26010dc9edd4684f28f43ff7f487f",
}
"""What the migrations make, by revision, so that opening a database need not run them; a test makes them anew."""
HEAD: Final = max(FINGERPRINTS)
"""Schema version this code reads and writes."""

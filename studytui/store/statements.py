"""The statements of the way from one card to the next, in plain SQL; a test explains each against the schema.

They are text because they run some thousand times a session and must not wait for a mapper to be imported. The partial
indexes in `tables` carry the same conditions word for word, which is what lets SQLite use them.
"""

from __future__ import annotations

from typing import Final

from studytui.domain.queue import Origin, ReviewOrder, Scope

STATE_COLUMNS: Final = (
    "ease_factor", "interval_days", "repetitions", "lapses", "due_on", "reviewed_on", "reask_on",
    "suspended", "buried_on", "flagged", "leech",
)  # fmt: skip
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
UPDATE_STATE: Final = (
    f"UPDATE card SET {', '.join(f'{column} = ?' for column in STATE_COLUMNS)}, last_review_id = ?"
    " WHERE id = ? AND last_review_id IS ?"
)
# CROSS JOIN is SQLite's word for "in this order": from the log, not from the cards.
LAST_LIVE: Final = (
    "SELECT r.id, r.card_id, r.action, r.grade, r.state_before FROM review r CROSS JOIN card c ON c.id = r.card_id"
    " WHERE c.course_id = ? AND r.action <> 'undo'"
    " AND NOT EXISTS (SELECT 1 FROM review u WHERE u.undoes = r.id AND u.undoes IS NOT NULL)"
    " ORDER BY r.id DESC LIMIT 1"
)
NEWEST: Final = "SELECT max(id) FROM review"
LAST_BEFORE_DAY: Final = "SELECT id FROM review WHERE study_day < ? ORDER BY id DESC LIMIT 1"
DONE_SINCE: Final = (
    "SELECT r.action = 'undo', d.state_before LIKE '%\"due_on\":null%' FROM review r"
    " CROSS JOIN review d ON d.id = coalesce(r.undoes, r.id) CROSS JOIN card c ON c.id = d.card_id"
    " WHERE r.id > :seen AND r.id <= :newest AND d.id > :start AND d.action = 'review' AND d.study_day = :day"
    " AND c.course_id = :course"
)

_SHOWN: Final = "c.suspended = 0 AND c.archived = 0 AND c.buried_on IS NOT :day"
_ORIGIN: Final[dict[Origin, str]] = {
    "due": f"c.due_on IS NOT NULL AND c.due_on <= :day AND c.reask_on IS NOT :day AND {_SHOWN}",
    "new": f"c.due_on IS NULL AND {_SHOWN}",
    "reask": f"c.reask_on IS NOT NULL AND c.reask_on = :day AND {_SHOWN}",
}
_ORDER: Final[dict[Origin, str]] = {"due": "c.due_on, c.position", "new": "c.position", "reask": "c.last_review_id"}
# A line modulo a prime alone would only turn the same circle further each day; its square makes another order.
_SCATTERED: Final = "((c.id * 2654435761 + :salt) % 2147483647)"
_OTHER_ORDER: Final[dict[ReviewOrder, str]] = {
    "hardest": "c.ease_factor, c.due_on, c.position",
    "shuffled": f"{_SCATTERED} * {_SCATTERED} % 2147483629, c.id",
}
_NO_SIBLING_TODAY: Final = (
    " AND (c.has_siblings = 0 OR NOT EXISTS (SELECT 1 FROM card s WHERE s.has_siblings = 1"
    " AND s.course_id = c.course_id AND s.sibling_group = c.sibling_group AND s.id <> c.id AND s.reviewed_on = :day))"
)


def pick(origin: Origin, *, order: ReviewOrder, scope: Scope, bury_siblings: bool, skip: int) -> str:
    """The next card of an origin; `skip` is the number of card numbers passed as :skip0, :skip1, …"""
    ordering = _OTHER_ORDER[order] if origin == "due" and order != "due" else _ORDER[origin]
    skipped = f" AND c.id NOT IN ({', '.join(f':skip{i}' for i in range(skip))})" if skip else ""
    return (
        f"SELECT {CARD_COLUMNS} FROM card c JOIN card_text t ON t.card_id = c.id WHERE c.id = (SELECT c.id FROM card c"
        f" WHERE c.course_id = :course AND {_conditions(origin, scope, bury_siblings)}{skipped}"
        f" ORDER BY {ordering} LIMIT 1)"
    )


def count(origin: Origin, *, scope: Scope, bury_siblings: bool) -> str:
    """How many cards of an origin there are, :limit at most; siblings count once, as one is shown a day."""
    one = "CASE WHEN c.has_siblings = 1 THEN c.sibling_group ELSE c.id END" if bury_siblings else "c.id"
    what = "c.id" if origin == "reask" else f"DISTINCT {one}"
    return (
        f"SELECT count(*) FROM (SELECT {what} FROM card c WHERE c.course_id = :course"
        f" AND {_conditions(origin, scope, bury_siblings)} LIMIT :limit)"
    )


def _conditions(origin: Origin, scope: Scope, bury_siblings: bool) -> str:
    conditions = _ORIGIN[origin]
    if scope.section:
        conditions += " AND c.section = :section"
    elif scope.chapter:
        conditions += " AND c.chapter = :chapter"
    return conditions + (_NO_SIBLING_TODAY if bury_siblings and origin != "reask" else "")
